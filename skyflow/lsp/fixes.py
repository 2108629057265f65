"""Quick fixes: the edits that diagnostics offer, one by one or all certain ones of a file together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skyflow.diagnostics import Diagnostic, Edit
from skyflow.lsp.analysis import Analysis
from skyflow.lsp.tree_search import statement_at
from skyflow.source import Span
from skyflow.storyboard.allowances import ALLOWED_ERRORS
from skyflow.storyboard.rules import ALLOW_UNUSED


@dataclass(frozen=True, slots=True)
class Mend:
    """`title` is what the editor's menu says; `diagnostic` is what it mends, None where it mends several."""

    title: str
    edits: tuple[Edit, ...]
    diagnostic: Diagnostic | None = None
    preferred: bool = False


def mends_at(analysis: Analysis, start: int, end: int) -> Iterator[Mend]:
    """The fixes of what is wrong between two offsets."""
    for diagnostic in analysis.diagnostics:
        span, fix = diagnostic.span, diagnostic.fix
        if fix is None or span is None or span.source is not analysis.source:
            continue
        if span.start <= end and start <= span.end:
            title = fix.title[:1].upper() + fix.title[1:]
            yield Mend(title, fix.edits, diagnostic, preferred=fix.certain)


def allowances_at(analysis: Analysis, start: int, end: int) -> Iterator[Mend]:
    """For each warning between two offsets the comment that says it is meant, on a line above its statement."""
    for diagnostic in analysis.diagnostics:
        span = diagnostic.span
        if span is None or span.source is not analysis.source or not (span.start <= end and start <= span.end):
            continue
        if diagnostic.severity == "error" and diagnostic.rule.id not in ALLOWED_ERRORS:
            continue
        trail = statement_at(analysis.file.statements, span.start)
        place = trail[-1].span.start if trail else -1
        line_start = analysis.source.text.rfind("\n", 0, max(place, 0)) + 1
        indent = analysis.source.text[line_start : max(place, 0)]
        if place >= 0 and not indent.strip() and diagnostic.rule.id != ALLOW_UNUSED.id:
            line_end = "\r\n" if "\r\n" in analysis.source.text else "\n"
            comment = f"# allow: {diagnostic.rule.id}{line_end}{indent}"
            yield Mend(
                f"Allow {diagnostic.rule.id} here", (Edit(Span(span.source, place, place), comment),), diagnostic
            )


def mend_all(analysis: Analysis) -> Mend | None:
    """Everything in the file that can be mended for certain; of two fixes that touch each other the first."""
    taken: list[Edit] = []
    count = 0
    for diagnostic in analysis.diagnostics:
        fix = diagnostic.fix
        if fix is None or not fix.certain or any(edit.span.source is not analysis.source for edit in fix.edits):
            continue
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            taken.extend(fix.edits)
            count += 1
    if not count:
        return None
    title = "Mend what can be mended for certain" + (f" ({count} places)" if count > 1 else "")
    return Mend(title, tuple(taken))


def _touch(first: Edit, second: Edit) -> bool:
    return first.span.start <= second.span.end and second.span.start <= first.span.end


def without_repetitions(mends: Iterable[Mend]) -> list[Mend]:
    """One mistake may be told for several shots; its fix is offered once."""
    found: dict[tuple[str, tuple[tuple[int, int, str], ...]], Mend] = {}
    for mend in mends:
        found.setdefault((mend.title, tuple((e.span.start, e.span.end, e.text) for e in mend.edits)), mend)
    return list(found.values())
