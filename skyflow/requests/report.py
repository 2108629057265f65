"""A broken constraint of the contract → a diagnostic at the place in the storyboard that caused it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from skyflow.contract import Violation
from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, nearest
from skyflow.diagnostics.suggest import is_slip
from skyflow.requests.draft_settings import MODEL_WORDS, Draft, Path
from skyflow.requests.sources import with_cell
from skyflow.source import Span
from skyflow.syntax import tree
from skyflow.variants import Environment

# The API takes these settings and does nothing with them.
_IGNORED = frozenset({"aspect-ratio-ignored", "duration-overridden"})
# A prompt's unknown @names are errors of the language, reported where they are found.
SAID_BY_THE_LANGUAGE = frozenset({"tag-undeclared"})
# What stands for a local file in a compiled request means nothing to the person who wrote its path.
_UPLOAD = re.compile(r'"skyflow:upload/[^"]*"')
_FRAMES = ("first_frame_image", "end_frame_image", "mid_frame_images")
_REFERENCES = ("ref_images", "ref_videos")


def explain_violations(violations: Iterable[Violation], draft: Draft, *, damaged: bool = False) -> list[Diagnostic]:
    """The diagnostics of one draft; what follows from a mistake that was reported already is left out.

    `damaged`: a syntax error dropped something around the shot, so nothing can be said to be missing.
    """
    found: list[Diagnostic] = []
    for violation in violations:
        if violation.rule.id in SAID_BY_THE_LANGUAGE or _follows(violation, draft):
            continue
        if damaged and _is_missing(violation, draft):
            continue
        if violation.rule.id == "modes-exclusive":
            found.append(_explain_modes(violation, draft))
        else:
            found.append(_explain(violation, draft))
    return found


def _is_missing(violation: Violation, draft: Draft) -> bool:
    """Whether a violation speaks of what is not there."""
    if violation.rule.id == "time-stamp-range":
        return "duration" not in draft.request
    return violation.rule.id in ("model-required", "prompt-required", "tag-not-in-prompt")


def _follows(violation: Violation, draft: Draft) -> bool:
    """Whether a violation only shows because a value could not be made out before."""
    if len(violation.path) == 1 and violation.path[0] in draft.failed:
        return True
    if violation.rule.id.startswith("tag-") and draft.failed & {"prompt", "look", "tags"}:
        return True
    return violation.rule.id == "time-stamp-range" and "duration" in draft.failed


def span_of(path: Path, draft: Draft) -> Span:
    """The place of a field, or of the nearest thing around it that was written down."""
    while path not in draft.origins:
        path = path[:-1]
    return draft.origins[path]


def _place_of(violation: Violation, draft: Draft) -> Span:
    """Where to look: of too many elements the first one too many; what makes references clash is that the prompt mentions both."""
    path, limit = violation.path, violation.facts.get("limit")
    if len(path) == 1 and isinstance(limit, int) and (*path, limit) in draft.origins:
        return _mention_or_place((*path, limit), draft)
    if violation.rule.id in ("ref-images-mixed-types", "reference-with-grid"):
        return _mention_or_place(path[:2], draft)
    return span_of(path, draft)


def _mention_or_place(path: Path, draft: Draft) -> Span:
    """The mention that made a reference, else the place of a field."""
    return draft.reference_mentions.get(path[:2]) or span_of(path, draft)


def _explain(violation: Violation, draft: Draft) -> Diagnostic:
    span = _place_of(violation, draft)
    label = ""
    related = tuple(Related(_mention_or_place(path, draft), words) for path, words in violation.related)
    text_range = violation.facts.get("range")
    if isinstance(text_range, tuple) and draft.prompt is not None:
        span = draft.prompt.span_at(*text_range)
    fix = None
    help = violation.help
    if violation.rule.id == "tag-not-in-prompt":
        label = "its tag must stand in the prompt"
        fix = _append_mention(violation, draft)
    elif violation.rule.id == "model-required":
        help = "write defaults { model = fast } at the top, or model = fast in the shot"
    elif violation.rule.id == "model-unknown":
        words = {**MODEL_WORDS, **dict.fromkeys(MODEL_WORDS.values(), "")}
        found = str(violation.facts.get("found"))
        begun = [word for word in words if found and word.startswith(found.lower())]
        meant = nearest(found, words) if len(begun) < 2 else None  # `skyreels-v4` may be either
        help = f"did you mean `{meant}`?" if meant else "write model = fast or model = std"
        fix = _write_meant(span, found, meant, certain=is_slip(found, words))
    elif violation.rule.id in _IGNORED:
        fix = _leave_out(draft.origins.get(("setting", violation.path[0])), draft)
    elif violation.facts.get("meant"):
        fix = _write_meant(span, str(violation.facts.get("found")), str(violation.facts["meant"]))
    elif violation.rule.id == "prompt-required":
        help = 'write prompt = "…": describe what should be seen'
    message = _UPLOAD.sub(
        lambda _: f"`{draft.paths.get(str(violation.facts.get('found')), 'this file')}`", violation.message
    )
    diagnostic = Diagnostic(
        violation.rule,
        message,
        span,
        label=label,
        help=help,
        related=related,
        pointer=violation.pointer,
        shot=draft.name,
        fix=fix,
        subject=str(violation.facts.get("tag", "")),
        severity_override=violation.severity_override,
    )
    written = _written_for(violation.path, draft)
    return diagnostic if written is None else with_cell(diagnostic, *written) or diagnostic


def _written_for(path: Path, draft: Draft) -> tuple[tree.Value, Environment] | None:
    """What the value of a field was written as, and with which names in sight."""
    written = draft.written.get(path) or draft.written.get(path[:1])
    if written is not None:
        return written
    value: Any = draft.request
    for part in path:
        value = value.get(part) if isinstance(value, dict) else value[part]
        if not isinstance(value, dict | list):
            break
    return draft.addresses.get(value) if isinstance(value, str) else None


def _leave_out(setting: Span | None, draft: Draft) -> Fix | None:
    """Removes a setting, with its line where nothing else stands there. Where a `{{ }}` may mention other clips in other variants, that is a guess."""
    if setting is None:
        return None
    text, start, end = setting.source.text, setting.start, setting.end
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if line_end != -1 and not text[line_start:start].strip() and not text[end:line_end].strip():
        start, end = line_start, line_end + 1
    texts = [part.span.text for _, part in draft.prompt.parts] if draft.prompt is not None else []
    certain = not any("{{" in written for written in texts)
    return Fix(f"remove `{setting.text}`", (Edit(Span(setting.source, start, end), ""),), certain)


def _write_meant(span: Span, found: str, meant: str | None, *, certain: bool = True) -> Fix | None:
    """The word that was meant, where the other one is written there itself and no expression makes it."""
    if meant is None or span.text not in (found, f'"{found}"'):
        return None
    return Fix(f"write `{meant}`", (Edit(span, meant),), certain)


def _append_mention(violation: Violation, draft: Draft) -> Fix | None:
    """The missing mention, put at the end of a prompt that stands in quotes."""
    tag = violation.facts.get("tag")
    if not isinstance(tag, str) or draft.prompt is None:
        return None
    written = draft.prompt.parts[0][1].span
    if written.text.startswith('"""') or not written.text.endswith('"'):
        return None
    end = Span(written.source, written.end - 1, written.end - 1)
    return Fix(f"mention {tag} at the end of the prompt", (Edit(end, f" {tag}"),))


def _explain_modes(violation: Violation, draft: Draft) -> Diagnostic:
    """The commonest mistake of all: an actor mentioned in a shot with frames. Both places are shown."""
    request = draft.request
    frame_field = next(name for name in _FRAMES if name in request)
    frame = span_of((frame_field,), draft)
    reference_field = next(name for name in _REFERENCES if name in request)
    path = next((path for path in draft.reference_mentions if path[0] == reference_field), None)
    mention = draft.reference_mentions.get(path) if path is not None else None
    if mention is None or path is None:
        extended = span_of((reference_field, 0), draft)
        return Diagnostic(
            violation.rule,
            "this shot has a frame and extends a clip; the API does one or the other",
            extended,
            related=(Related(frame, "the frame"),),
            help="remove one of them",
            pointer=violation.pointer,
            shot=draft.name,
        )
    tag = str(request[reference_field][path[1]]["tag"])
    fix = Fix(f"write {tag[1:]} without @", (Edit(mention, tag[1:]),), certain=False) if mention.text == tag else None
    return Diagnostic(
        violation.rule,
        f"{tag} is mentioned in a shot with frames; the API takes frames or references, not both",
        mention,
        label=f"this mention makes {tag} a reference",
        related=(Related(frame, "the frame is given here"),),
        help=f"write `{tag[1:]}` without the @ (the frame shows who it is), or remove the frame",
        pointer=violation.pointer,
        shot=draft.name,
        fix=fix,
        subject=tag,
    )
