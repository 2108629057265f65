"""What formatting changes, as few and small edits as lines allow: so the cursor stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from skyflow.diagnostics import Edit
from skyflow.formatter import format_text
from skyflow.source import SourceFile

MAX_LINES = 1_000  # that changed; comparing more of them line by line takes too long


def formatting_edits(source: SourceFile) -> list[Edit]:
    """The edits that make of a text what `skyflow fmt` makes of it."""
    formatted = format_text(source)
    if formatted == source.text:
        return []
    before, after = source.text.splitlines(keepends=True), formatted.splitlines(keepends=True)
    return list(_line_edits(source, before, after))


def _line_edits(source: SourceFile, before: list[str], after: list[str]) -> Iterator[Edit]:
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(old), len(new)) > MAX_LINES:
        yield Edit(source.span(starts[head], starts[head + len(old)]), "".join(new))
        return
    for kind, first, last, new_first, new_last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            span = source.span(starts[head + first], starts[head + last])
            yield Edit(span, "".join(new[new_first:new_last]))
