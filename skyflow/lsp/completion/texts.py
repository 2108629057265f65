"""What could be typed inside quotes: tags, sound cues, and in `{{ }}` variables, columns, filters and tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from skyflow.lsp.completion.sight import SeenTag, SeenVariable, Sight
from skyflow.lsp.completion.suggestions import Suggestion
from skyflow.lsp.words import CUES, FILTERS, OBJECTS, TESTS

_TAG = re.compile(r"(?<![A-Za-z0-9_@])@[\w-]*$")
_CUE = re.compile(r"</?(\w*)$")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_COLUMN = re.compile(r"([^\W\d]\w*)\s*\.\s*(\w*)$")
_INDEX = re.compile(r"([^\W\d]\w*)\s*\[\s*[\"']([^\"']*)$")
_FILTER = re.compile(r"\|\s*(\w*)$")
_TEST = re.compile(r"\bis\s+(?:not\s+)?(\w*)$")
_NAME = re.compile(r"(?<![\w.])(\w*)$")


def expression_before(written: str) -> str | None:
    """What stands between the last open `{{` and the cursor; None where no expression is open."""
    opened = written.rfind("{{")
    if opened == -1:
        return None
    expression = written[opened + 2 :]
    return None if "}}" in _QUOTED.sub("", expression) else expression


def complete_text(written: str, offset: int, sights: Sequence[Sight]) -> Iterator[Suggestion]:
    """In a text: tags behind an `@`, cues behind a `<`."""
    if found := _TAG.search(written):
        yield from _tags(offset - len(found[0]), offset, sights)
    elif found := _CUE.search(written):
        start = offset - len(found[0])
        for cue, about in CUES.items():
            if found[0].startswith("</"):
                yield Suggestion(f"</{cue}>", "text", f"</{cue}>", start, offset, f"Ends {about}.")
            else:
                yield Suggestion(f"<{cue}>", "text", f"<{cue}>$1</{cue}>", start, offset, f"Says {about}.", True)


def complete_expression(expression: str, offset: int, sights: Sequence[Sight]) -> Iterator[Suggestion]:
    """In `{{ }}`: `expression` is what stands there up to the cursor."""
    outside = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), expression)
    if "'" in outside or '"' in outside:
        yield from _in_quotes(expression, offset, sights)
    elif found := _COLUMN.search(outside):
        yield from _columns(found[1], found[2], offset, sights)
    elif found := _FILTER.search(outside):
        yield from _known(FILTERS, "filter", found[1], offset)
    elif found := _TEST.search(outside):
        yield from _known(TESTS, "test", found[1], offset)
    elif found := _NAME.search(outside):
        yield from _names(found[1], offset, sights)


def _in_quotes(expression: str, offset: int, sights: Sequence[Sight]) -> Iterator[Suggestion]:
    if found := _INDEX.search(expression):
        yield from _columns(found[1], found[2], offset, sights)
    elif found := _TAG.search(expression):
        yield from _tags(offset - len(found[0]), offset, sights)


def _tags(start: int, offset: int, sights: Sequence[Sight]) -> Iterator[Suggestion]:
    seen: dict[str, SeenTag] = {}
    for sight in reversed(sights):
        seen.update(sight.tags)
    return (Suggestion(tag, "tag", tag, start, offset, found.about) for tag, found in seen.items())


def _columns(name: str, written: str, offset: int, sights: Sequence[Sight]) -> Iterator[Suggestion]:
    columns = next((found for sight in sights if (found := sight.columns(name))), ())
    start = offset - len(written)
    for number, column in enumerate(columns):
        yield Suggestion(column, "column", column, start, offset, f"A column of {name}.", order=number)


def _known(words: Mapping[str, str], kind: str, written: str, offset: int) -> Iterator[Suggestion]:
    start = offset - len(written)
    for name, about in words.items():
        yield Suggestion(name, "filter" if kind == "filter" else "test", name, start, offset, about)


def _names(written: str, offset: int, sights: Sequence[Sight]) -> Iterator[Suggestion]:
    start = offset - len(written)
    variables: dict[str, SeenVariable] = {}
    for sight in reversed(sights):
        variables.update(sight.variables)
    for number, (name, found) in enumerate(variables.items()):
        yield Suggestion(name, "variable", name, start, offset, found.about, order=number)
    objects = dict.fromkeys(name for sight in sights[:1] for name in sight.objects())
    for name in objects:
        yield Suggestion(name, "variable", name, start, offset, OBJECTS[name], order=500)
