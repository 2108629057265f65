"""What a picture, clip or sound is taken from → the URL that stands for it in the request: public, local file, or another shot's result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from skyflow.diagnostics import Diagnostic, Edit, Fix, did_you_mean
from skyflow.requests.other_files import MEDIA_NOUNS, OTHER_FILES, no_medium
from skyflow.requests.rules import ASSET_KIND
from skyflow.source import Files, FilesError, MediaFacts, MediaKind, Span
from skyflow.storyboard import ReferenceProblem, Scope, Shot, ShotReference, file_diagnostic, find_shot
from skyflow.storyboard.rules import FILE_TYPE, NAME_UNKNOWN
from skyflow.syntax import tree
from skyflow.variants import VALUE_TYPE, Environment, Evaluated, Unevaluated, evaluate, expressions_in, with_cell_of

ResultKind = Literal["clip", "first_frame", "last_frame", "frame"]
_RESULTS: Mapping[str, MediaKind] = {"clip": "video", "first_frame": "image", "last_frame": "image", "frame": "image"}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|data:")
_SECONDS = re.compile(r"\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*s?\s*")
# Names of one format; what is on the left is what we write into URLs.
_SAME_FORMAT = {
    "jpeg": "jpg",
    "jpe": "jpg",
    "m4v": "mp4",
    "qt": "mov",
    "wave": "wav",
    "oga": "ogg",
    "aif": "aiff",
    "tif": "tiff",
}
# The upload endpoint takes neither (contract, Endpoints and Request fields): these pictures are sent as PNG.
_SENT_AS_PNG = ("webp", "bmp")


@dataclass(frozen=True, slots=True)
class ResultUse:
    """A shot's result that a request uses: `reference` is None for `previous`. `slot` is the number that stands for its key meanwhile."""

    slot: int
    kind: ResultKind
    reference: ShotReference | None
    written: str
    span: Span
    seconds: float = 0.0

    def url(self, key: str) -> str:
        tail = f"frame@{float(self.seconds)!r}" if self.kind == "frame" else self.kind
        return f"skyflow:shot/{key}/{tail}"

    @property
    def slot_key(self) -> str:
        """64 hex digits, as a key has, that no SHA-256 will ever be."""
        return f"{self.slot:064x}"


@dataclass(slots=True)
class Sources:
    """The sources of one shot's request, as they are found. Problems are raised as Unevaluated."""

    files: Files
    shot: Shot
    damaged_words: frozenset[str]
    results: list[ResultUse] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    """Project path of each `skyflow:upload/` URL."""
    lengths: dict[str, float] = field(default_factory=dict)
    facts: dict[str, MediaFacts] = field(default_factory=dict)
    addresses: dict[str, tuple[tree.Value, Environment]] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)

    def url(self, value: tree.Value, wanted: MediaKind, environment: Environment, declared_in: Scope) -> str:
        """The URL of a source. Raises Unevaluated."""
        url = self._url(value, wanted, environment, declared_in)
        other = self.addresses.setdefault(url, (value, environment))[0]
        if other is not value and (expressions_in(value) or expressions_in(other)):
            self.ambiguous.add(url)
        return url

    def _url(self, value: tree.Value, wanted: MediaKind, environment: Environment, declared_in: Scope) -> str:
        found = evaluate(value, environment)
        if isinstance(found.value, tree.Call):
            return self._result(found.value, wanted, environment, declared_in)
        if not isinstance(found.value, str) or isinstance(
            value, tree.Word | tree.TagValue | tree.Quantity | tree.Ratio
        ):
            raise Unevaluated(self._no_source(found, wanted))
        if is_address(found.value):
            return found.value
        try:
            if not found.value.strip():
                raise Unevaluated(_no_path(found, wanted))
            return self.local_file(found, wanted)
        except Unevaluated as problem:
            raise Unevaluated(with_cell(problem.diagnostic, value, environment)) from None

    def _no_source(self, found: Evaluated, wanted: MediaKind) -> Diagnostic | None:
        written, fix = found.span.text, None
        help = f'write a path or an address in quotes: "{"voice.mp3" if wanted == "audio" else "street.jpg"}"'
        if isinstance(found.written, tree.ListValue) and written.startswith("[") and written.endswith("]"):
            items = written[1:-1].strip()
            help, fix = "write the items without brackets", Fix("remove the brackets", (Edit(found.span, items),))
        elif isinstance(found.value, list):
            help = f"name its items one by one: {_item(written, 0)}, {_item(written, 1)}"
        elif isinstance(found.written, tree.Word):
            if written in self.damaged_words:
                return None
            shot, call = _result_meant(written, wanted)
            target = find_shot(shot, self.shot, self.shot.scope)
            if shot == "previous" or isinstance(target, ShotReference):
                help = f"of a shot take a result: {call}({shot})"
                fix = Fix(f"write `{call}({shot})`", (Edit(found.span, f"{call}({shot})"),), certain=shot != written)
        elif isinstance(found.written, tree.TagValue):
            help = "name the file itself here"
        message = f"`{written}` is no source for {MEDIA_NOUNS[wanted]}"
        return Diagnostic(VALUE_TYPE, message, found.span, help=help, fix=fix, subject=written)

    # --- local files ----------------------------------------------------------------------------------------------

    def local_file(self, found: Evaluated, wanted: MediaKind) -> str:
        """The URL that stands for the upload of a local file. Raises Unevaluated."""
        written = str(found.value)
        base = found.span.source.path
        try:
            path = self.files.resolve(base, written)
            facts = self.files.media(path)
        except FilesError as error:
            raise Unevaluated(file_diagnostic(error, found.span, written)) from None
        name_says = _format(path.rsplit(".", 1)[-1].lower()) if "." in path.rsplit("/", 1)[-1] else ""
        content = _format(facts.format)
        if facts.kind is None and (not content or content in OTHER_FILES):  # an editor may not have looked yet
            raise Unevaluated(_unreadable(written, facts, wanted, found))
        if facts.kind is not None and facts.kind != wanted:
            self._wrong_kind(written, facts, wanted, name_says, found)
        if name_says and content and name_says != content and {name_says, content} != {"mp4", "mov"}:
            self._wrong_name(written, name_says, content, found)
        extension = "png" if content in _SENT_AS_PNG else content or name_says
        url = f"skyflow:upload/{facts.sha256}" + (f".{extension}" if extension else "")
        self.paths[url] = path
        self.facts[url] = facts
        if facts.seconds is not None:
            self.lengths[url] = facts.seconds
        return url

    def _wrong_kind(self, written: str, facts: MediaFacts, wanted: MediaKind, name_says: str, found: Evaluated) -> None:
        assert facts.kind is not None
        if wanted != "audio" and name_says == _format(facts.format):
            return  # the extension in the URL breaks image-format or video-format, and the contract's id wins
        message = f"`{written}` holds {MEDIA_NOUNS[facts.kind]}, but {MEDIA_NOUNS[wanted]} is needed here"
        rule = ASSET_KIND if name_says == _format(facts.format) else FILE_TYPE
        raise Unevaluated(Diagnostic(rule, message, found.span, help=f"name {MEDIA_NOUNS[wanted]}", subject=written))

    def _wrong_name(self, written: str, name_says: str, content: str, found: Evaluated) -> None:
        message = f"`{written}` is named .{name_says}, but its content is {content.upper()}"
        help = f"rename it: {written.rsplit('.', 1)[0]}.{content}"
        raise Unevaluated(Diagnostic(FILE_TYPE, message, found.span, help=help, subject=written))

    # --- other shots' results -------------------------------------------------------------------------------------

    def _result(self, call: tree.Call, wanted: MediaKind, environment: Mapping[str, Any], declared_in: Scope) -> str:
        name = call.name.text
        if name not in _RESULTS:
            help = (
                did_you_mean(name, _RESULTS)
                or "there are clip(shot), first_frame(shot), last_frame(shot) and frame(shot, 2s)"
            )
            raise Unevaluated(
                Diagnostic(NAME_UNKNOWN, f"there is no `{name}(…)`", call.name.span, help=help, subject=name)
            )
        if _RESULTS[name] != wanted:
            self._wrong_result(call, wanted)
        wanted_arguments = 2 if name == "frame" else 1
        if len(call.arguments) != wanted_arguments:
            message = f"`{name}` takes {'a shot and a time' if name == 'frame' else 'one shot'}"
            help = _call_meant(name, call.arguments)
            raise Unevaluated(Diagnostic(VALUE_TYPE, message, call.span, help=help, subject=name))
        written = self._shot_name(call.arguments[0], environment)
        seconds = self._time(call.arguments[1], environment) if name == "frame" else 0.0
        reference = None if written == "previous" else self._reference(written, call.arguments[0].span, declared_in)
        kind: ResultKind = name  # type: ignore[assignment]  # it is a key of _RESULTS
        use = ResultUse(len(self.results), kind, reference, written, call.span, seconds)
        self.results.append(use)
        return use.url(use.slot_key)

    def _wrong_result(self, call: tree.Call, wanted: MediaKind) -> None:
        argument = call.arguments[0].span.text if call.arguments else "previous"
        help = {
            "image": f"take a frame of it: last_frame({argument})",
            "video": f"take the whole clip: clip({argument})",
            "audio": "a voice is a sound file",
        }[wanted]
        message = (
            f"`{call.span.text}` is {MEDIA_NOUNS[_RESULTS[call.name.text]]}, but {MEDIA_NOUNS[wanted]} is needed here"
        )
        raise Unevaluated(Diagnostic(ASSET_KIND, message, call.span, help=help, subject=call.span.text))

    def _shot_name(self, argument: tree.Value, environment: Mapping[str, Any]) -> str:
        if isinstance(argument, tree.Word):
            return argument.text
        if isinstance(argument, tree.Template):
            found = evaluate(argument, environment)
            if isinstance(found.value, str):
                return found.value
        help = "write the shot's name without quotes" if isinstance(argument, tree.Text) else "write a shot's name"
        if isinstance(argument, tree.Number | tree.Quantity):
            help += "; it starts with a letter"
        raise Unevaluated(Diagnostic(VALUE_TYPE, f"`{argument.span.text}` names no shot", argument.span, help=help))

    def _time(self, argument: tree.Value, environment: Mapping[str, Any]) -> float:
        found = evaluate(argument, environment)
        seconds = read_seconds(found)
        if isinstance(seconds, str) or seconds < 0:
            help = seconds if isinstance(seconds, str) else "the first frame is at 0s"
            raise Unevaluated(Diagnostic(VALUE_TYPE, f"`{found.span.text}` is no time", found.span, help=help))
        return float(seconds)

    def _reference(self, written: str, span: Span, declared_in: Scope) -> ShotReference:
        target = find_shot(written, self.shot, declared_in)
        if isinstance(target, ReferenceProblem):
            if any(part in self.damaged_words for part in written.split(".")):
                raise Unevaluated(None)
            raise Unevaluated(Diagnostic(NAME_UNKNOWN, target.message, span, help=target.help, subject=written))
        return target


def is_address(written: str) -> bool:
    """Whether a source is written as an address; everything else is a path."""
    return _URL.match(written) is not None


def _format(extension: str) -> str:
    return _SAME_FORMAT.get(extension, extension)


def _unreadable(written: str, facts: MediaFacts, wanted: MediaKind, found: Evaluated) -> Diagnostic:
    if facts.remedy:
        message, help = f"`{written}` {facts.note}", facts.remedy
    else:
        message, help = no_medium(written, facts, wanted)
    return Diagnostic(FILE_TYPE, message, found.span, help=help, subject=written)


def _item(written: str, index: int) -> str:
    return (
        f"{written.removesuffix('}}').rstrip()}[{index}] }}}}" if written.endswith("}}") else f"{{{{ list[{index}] }}}}"
    )


def _no_path(found: Evaluated, wanted: MediaKind) -> Diagnostic:
    help = "write a path or an address"
    if isinstance(found.written, tree.Template):
        help = f"fill the cell; where {MEDIA_NOUNS[wanted]} may be missing, write `{{{{ … or none }}}}`"
    return Diagnostic(VALUE_TYPE, f"the path of {MEDIA_NOUNS[wanted]} is empty", found.span, help=help, subject="path")


def _call_meant(name: str, arguments: tuple[tree.Value, ...]) -> str:
    """What to write for a call with too few or too many arguments, with those that are there."""
    words = (argument.text for argument in arguments if isinstance(argument, tree.Word))
    times = (argument.span.text for argument in arguments if isinstance(argument, tree.Number | tree.Quantity))
    shot, time = next(words, "previous"), next(times, "")
    if name == "frame":
        return f"write frame({shot}, {time or '2s'})"
    other = f"; a frame in its middle is frame({shot}, {time.removesuffix('s')}s)" if time else ""
    return f"write {name}({shot}){other if name != 'clip' else ''}"


def _result_meant(written: str, wanted: MediaKind) -> tuple[str, str]:
    """The shot and the result that `street` or `street.first_frame` most likely means."""
    call = "clip" if wanted == "video" else "last_frame"
    shot, _, result = written.rpartition(".")
    if shot and (said := re.fullmatch(r"(first|start|last|end|clip|video)(?:_?frame)?", result.lower())):
        first = said[1] in ("first", "start") and wanted == "image"
        return shot, "first_frame" if first else call
    return written, call


def read_seconds(found: Evaluated) -> int | float | str:
    """Seconds from `5s`, `5`, `"5"` or `"5s"`; a text is what to do instead."""
    value, written = found.value, found.written
    if isinstance(written, tree.Quantity) and written.unit == "s" and not written.spaced:
        return written.value
    if isinstance(value, bool) or isinstance(written, tree.Quantity):
        return _seconds_meant(written.span.text)
    if isinstance(value, float) and value.is_integer() and isinstance(written, tree.Template):
        return int(value)  # what is computed has no `.0` (language, Templates)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and (match := _SECONDS.fullmatch(value)):
        return float(match[1]) if "." in match[1] else int(match[1])
    return _seconds_meant(str(value))


def _seconds_meant(written: str) -> str:
    """What to write instead of `5 sec`, `0:05` or `five`."""
    text = written.strip().lower()
    if (clock := _CLOCK.fullmatch(text)) is not None:
        return f"write {int(clock[1])}s"
    number = _SPELT_SECONDS.fullmatch(text)
    if number is None or (number[1].isalpha() and number[1] not in _NUMBER_WORDS):
        return "lengths are in seconds: 5s"
    return f"write {_NUMBER_WORDS.index(number[1]) + 1 if number[1].isalpha() else float(number[1]):g}s"


_CLOCK = re.compile(r"(?:0+:)+(\d{1,2})")
_SPELT_SECONDS = re.compile(r"(\d+(?:\.\d+)?|[a-z]+)[\s-]*(?:s|sec|secs|seconds?|秒)?\.?")


_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
)  # fmt: skip


def with_cell(diagnostic: Diagnostic | None, value: tree.Value, environment: Mapping[str, Any]) -> Diagnostic | None:
    """Adds the table cell that a value came from."""
    return with_cell_of(diagnostic, expressions_in(value), environment) if diagnostic is not None else None
