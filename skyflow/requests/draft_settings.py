"""The part of a draft that needs no other thing: the draft itself, the settings that apply to a shot, its prompt and its takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from skyflow.contract import ASPECT_RATIOS, RESOLUTIONS
from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, Rule
from skyflow.requests.cues import BrokenCue, find_broken_cues
from skyflow.requests.prompts import PromptText, compose
from skyflow.requests.rules import CUE_UNBALANCED
from skyflow.requests.sources import ResultUse, Sources, read_seconds, with_cell
from skyflow.source import Files, Span
from skyflow.storyboard import Asset
from skyflow.syntax import tree
from skyflow.variants import (
    VALUE_TYPE,
    Environment,
    Evaluated,
    NoText,
    Rendered,
    ShotInstance,
    Unevaluated,
    evaluate,
    kind_of,
    to_text,
    with_cell_of,
)

Path = tuple[str | int, ...]

_YES_NO = {
    **dict.fromkeys(("yes", "on", "y", "1", "enabled"), "write true"),
    **dict.fromkeys(("no", "off", "n", "0", "disabled"), "write false"),
}
_WRITE = re.compile(r"write (\w+)")  # what to do instead is one word, which a fix can put there
MODEL_WORDS = {"fast": "skyreels-v4-fast", "std": "skyreels-v4-std"}
MAX_TAKES = 100  # nobody looks at more tries of one shot; 1000 is a slip of the hand that would be paid for

FIELD_ORDER = (
    "model",
    "prompt",
    "duration",
    "resolution",
    "aspect_ratio",
    "prompt_optimizer",
    "first_frame_image",
    "end_frame_image",
    "mid_frame_images",
    "ref_images",
    "ref_videos",
)


@dataclass(slots=True, eq=False)
class Draft:
    """What a shot asks for. `request` has the contract's field order. `failed` are fields whose value could not be made out:
    a diagnostic has said so, and nobody may say that they are missing. `complete` is False where there is nothing to send."""

    name: str
    request: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Span] = field(default_factory=dict)
    prompt: PromptText | None = None
    takes: int = 1
    pick: int | None = None
    results: list[ResultUse] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    lengths: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    used: set[Asset] = field(default_factory=set)
    written: dict[Path, tuple[tree.Value, Environment]] = field(default_factory=dict)
    """What the settings, the prompt and the times of keyframes were written as, and with which names in sight."""
    addresses: dict[str, tuple[tree.Value, Environment]] = field(default_factory=dict)
    """What each URL of the request was written as, and with which names in sight."""
    ambiguous: set[str] = field(default_factory=set)
    """URLs that two different sources happen to share in this variant."""
    notes: set[str] = field(default_factory=set)
    reference_mentions: dict[Path, Span] = field(default_factory=dict)
    """Where the prompt first mentions each reference, by the path of its element."""

    @property
    def complete(self) -> bool:
        return not self.failed


class DraftingSettings:
    """The state of drafting one request: the draft itself, its sources, and the frames that decide the mode."""

    def __init__(
        self, instance: ShotInstance, files: Files, damaged_words: frozenset[str], everywhere: Mapping[str, Asset]
    ) -> None:
        self.instance = instance
        self.everywhere = everywhere
        self.shot = instance.shot
        self.scope = instance.shot.scope
        self.environment = instance.environment
        self.damaged_words = damaged_words
        self.draft = Draft(instance.name)
        self.sources = Sources(files, instance.shot, damaged_words)
        self.inherited: set[str] = set()
        self.broken: list[tree.Text] = []  # prompt and look, where they cannot be computed

    # --- settings -------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, tree.Setting]:
        """What applies to the shot: its own statements, else the nearest defaults."""
        found: dict[str, tree.Setting] = {}
        for scope in reversed(self.scope.chain()):
            found.update(scope.defaults)
        self.inherited = set(found) - set(self.shot.settings)
        found.update(self.shot.settings)
        return found

    def report(
        self,
        rule: Rule,
        message: str,
        span: Span,
        *,
        help: str = "",
        subject: str = "",
        label: str = "",
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> None:
        self.draft.diagnostics.append(
            Diagnostic(
                rule,
                message,
                span,
                help=help,
                subject=subject,
                label=label,
                related=related,
                fix=fix,
                shot=self.draft.name,
            )
        )

    def add(self, diagnostic: Diagnostic, expression: tree.Expression | None) -> None:
        """Adds a diagnostic about text that was computed by an expression, with the cell that it may have come from."""
        if expression is not None:
            diagnostic = with_cell_of(diagnostic, [expression], self.environment)
        self.draft.diagnostics.append(replace(diagnostic, shot=self.draft.name))

    def problem(self, problem: Unevaluated, failed: str) -> None:
        self.draft.failed.add(failed)
        if problem.diagnostic is not None:
            self.draft.diagnostics.append(replace(problem.diagnostic, shot=self.draft.name))

    def field(self, name: str, setting: tree.Setting) -> None:
        """One of the general fields, read as its kind; `none` leaves it out."""
        try:
            found = evaluate(setting.value, self.environment)
            if found.value is None:
                return
            value = self.read(name, found)
        except Unevaluated as problem:
            self.problem(Unevaluated(with_cell(problem.diagnostic, setting.value, self.environment)), name)
            return
        self.put((name,), value, setting.value.span)
        self.draft.origins["setting", name] = setting.span
        self.draft.written[name,] = (setting.value, self.environment)

    def read(self, name: str, found: Evaluated) -> Any:
        match name:
            case "duration":
                seconds = read_seconds(found)
                if isinstance(seconds, str):
                    raise self.unreadable(name, found, seconds)
                return seconds
            case "prompt_optimizer":
                if isinstance(found.value, bool):
                    return found.value
                if isinstance(found.value, str) and found.value.strip().lower() in ("true", "false"):
                    return found.value.strip().lower() == "true"
                raise self.unreadable(name, found, _YES_NO.get(str(found.value).strip().lower(), "write true or false"))
            case "model":
                if isinstance(found.value, str):
                    return MODEL_WORDS.get(found.value.strip(), found.value.strip())
                raise self.unreadable(name, found, f"write {' or '.join(MODEL_WORDS)}")
            case _:
                if isinstance(found.value, str):
                    return found.value.strip()
                if isinstance(found.value, int) and not isinstance(found.value, bool):
                    return str(found.value)
                known = RESOLUTIONS if name == "resolution" else ASPECT_RATIOS
                raise self.unreadable(name, found, f"write {', '.join(known[:-1])} or {known[-1]}")

    def unreadable(self, name: str, found: Evaluated, help: str) -> Unevaluated:
        if found.value == "" and isinstance(found.written, tree.Template):
            shown, help = "an empty text", f"{help}; where a cell may be empty, write `{{{{ … or none }}}}`"
        elif not isinstance(found.written, tree.Text | tree.Template):
            shown = f"`{found.span.text}`"
        elif isinstance(found.value, str | int | float):
            shown = f"`{to_text(found.value)}`"
        else:
            shown = kind_of(found.value)
        word = _WRITE.fullmatch(help)
        fix = None
        if (
            word is not None
            and not isinstance(found.written, tree.Template)
            and found.span.text == found.written.span.text
        ):
            fix = Fix(help, (Edit(found.span, word[1]),))
        message = f"{shown} cannot be read as `{name}`"
        return Unevaluated(Diagnostic(VALUE_TYPE, message, found.span, help=help, fix=fix, subject=name))

    def put(self, path: Path, value: Any, span: Span) -> None:
        """Sets a top-level field and remembers where it came from."""
        self.draft.request[str(path[0])] = value
        self.draft.origins[path] = span

    def takes(self, settings: Mapping[str, tree.Setting]) -> None:
        takes = self.count(settings.get("takes"), "takes", MAX_TAKES)
        pick = self.count(settings.get("pick"), "pick", MAX_TAKES)
        self.draft.takes = takes or 1
        if pick is not None and pick > self.draft.takes and "takes" not in self.draft.failed:
            many = "is one take" if self.draft.takes == 1 else f"are {self.draft.takes} takes"
            message = f"take {pick} is picked, but there {many}"
            help = f"write takes = {pick}, or pick another"
            span = settings["pick"].value.span
            self.problem(Unevaluated(Diagnostic(VALUE_TYPE, message, span, help=help, subject="pick")), "pick")
            pick = None
        self.draft.pick = pick

    def count(self, setting: tree.Setting | None, name: str, limit: int) -> int | None:
        if setting is None:
            return None
        try:
            found = evaluate(setting.value, self.environment)
        except Unevaluated as problem:
            self.problem(problem, name)
            return None
        value = found.value
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer() and isinstance(setting.value, tree.Template):
            value = int(value)  # what is computed has no `.0` (language, Templates)
        if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < 10:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= limit:
            return value
        self.problem(self.unreadable(name, found, f"write a whole number from 1 to {limit}"), name)
        return None

    # --- prompt ---------------------------------------------------------------------------------------------------

    def prompt(self, settings: Mapping[str, tree.Setting]) -> None:
        prompt = self.text(settings.get("prompt"), "prompt")
        look = self.text(settings.get("look"), "look")
        if "note" in settings:
            self.text(settings["note"], "note")
        if prompt is None:
            return
        composed = compose(prompt, look)
        self.draft.prompt = composed
        self.put(("prompt",), composed.text, prompt.span)
        setting = settings["prompt"]
        self.draft.written["prompt",] = (setting.value, self.environment)
        for broken in find_broken_cues(composed.text):
            self.broken_cue(broken, composed)

    def broken_cue(self, broken: BrokenCue, prompt: PromptText) -> None:
        span = prompt.span_at(broken.start, broken.end)
        found = Diagnostic(
            CUE_UNBALANCED, broken.message, span, help=broken.help, subject=prompt.text[broken.start : broken.end]
        )
        places = [(prompt.span_at(start, end), prompt.text[start:end], text) for start, end, text in broken.edits]
        if places and all(place.text == written for place, written, _ in places):  # not where a `{{ }}` made it
            title = " and ".join(f"write `{text}`" for _, _, text in places)
            fix = Fix(title, tuple(Edit(place, text) for place, _, text in places), broken.certain)
            found = replace(found, fix=fix)
        self.add(found, prompt.expression_at(broken.start))

    def text(self, setting: tree.Setting | None, name: str) -> Rendered | None:
        """A setting that is text; numbers and true/false are written as text too. None where it is not given."""
        if setting is None:
            return None
        try:
            found = evaluate(setting.value, self.environment)
            if found.value is None:
                return None
            if not isinstance(setting.value, tree.Text | tree.Template) or isinstance(found.value, list):
                help = f'write text in quotes: {name} = "{setting.value.span.text[:40]}"'
                raise self.unreadable(name, found, "one text holds it all" if isinstance(found.value, list) else help)
            if found.rendered is not None:
                return found.rendered
            return Rendered(to_text(found.value), found.span)
        except NoText as reason:
            self.problem(
                Unevaluated(
                    Diagnostic(VALUE_TYPE, f"`{name}` needs text, but {reason}", setting.value.span, help=reason.help)
                ),
                name,
            )
        except Unevaluated as problem:
            self.problem(problem, name)
            if isinstance(setting.value, tree.Text) and name != "note":
                self.broken.append(setting.value)
        return None
