"""The edits of certain fixes, applied to a text: as many at once as do not touch each other."""

from __future__ import annotations

from collections.abc import Iterable

from skyflow.diagnostics.diagnostic import Diagnostic, Edit, Fix
from skyflow.source import SourceFile


def certain_fixes(diagnostics: Iterable[Diagnostic], source: SourceFile) -> list[tuple[Diagnostic, Fix]]:
    """The certain fixes that lie in one source, with what each mends, without those that would touch an earlier one."""
    chosen: list[tuple[Diagnostic, Fix]] = []
    taken: list[Edit] = []
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not fix.certain or any(edit.span.source is not source for edit in fix.edits):
            continue
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            chosen.append((diagnostic, fix))
            taken.extend(fix.edits)
    return chosen


def edits_of(fixes: Iterable[tuple[Diagnostic, Fix]]) -> list[Edit]:
    """All edits of fixes, in order."""
    return sorted((edit for _, fix in fixes for edit in fix.edits), key=lambda edit: edit.span.start)


def _touch(edit: Edit, other: Edit) -> bool:
    return edit.span.start <= other.span.end and other.span.start <= edit.span.end


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap and stand in order."""
    pieces: list[str] = []
    at = 0
    for edit in edits:
        pieces += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    return "".join((*pieces, text[at:]))
