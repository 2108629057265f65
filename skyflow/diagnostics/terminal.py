"""Diagnostics for people in front of a terminal: the form at the end of the language reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skyflow.diagnostics.cells import shown, width
from skyflow.diagnostics.diagnostic import Diagnostic
from skyflow.diagnostics.excerpt import Mark, MarkedLine, Underline, mark_lines
from skyflow.diagnostics.rule import Severity
from skyflow.source import Span

_COLORS: dict[Severity, str] = {"error": "1;31", "warning": "1;33", "hint": "1;36"}
_QUIET = "1;34"
_STRONG = "1"


def render_terminal(diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int = 120) -> str:
    """All diagnostics in the order given, a blank line between two; every line ends with a line break.

    `color` writes ANSI colours. `width` is in cells; source lines are cut to it, messages are not.
    """
    return "\n".join(_Page(diagnostic, color, width).render() for diagnostic in diagnostics)


class _Page:
    """One diagnostic on its way to text."""

    def __init__(self, diagnostic: Diagnostic, color: bool, width: int) -> None:
        self._diagnostic = diagnostic
        self._color = color
        self._width = width
        spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
        last_lines = [span.end_position.line for span in spans if span is not None]
        self._gutter = len(str(max(last_lines, default=1)))

    def render(self) -> str:
        return "".join(f"{line.rstrip()}\n" for line in (self._title(), *self._places(), *self._notes()))

    def _title(self) -> str:
        diagnostic = self._diagnostic
        head = self._paint(f"{diagnostic.severity}[{diagnostic.rule.id}]", _COLORS[diagnostic.severity])
        return head + self._paint(f": {_one_line(diagnostic.message)}", _STRONG)

    def _places(self) -> Iterator[str]:
        """The excerpt of the file where the mistake is, then those of the other files that belong to it."""
        diagnostic = self._diagnostic
        if diagnostic.span is None:
            if diagnostic.file:
                yield self._arrow("-->", shown(diagnostic.file))
            return
        others = [Mark(related.span, related.label, False) for related in diagnostic.related]
        yield from self._excerpt("-->", [Mark(diagnostic.span, diagnostic.label, True), *others])
        elsewhere = [mark for mark in others if mark.span.source is not diagnostic.span.source]
        for source in dict.fromkeys(mark.span.source for mark in elsewhere):
            yield from self._excerpt(":::", [mark for mark in elsewhere if mark.span.source is source])

    def _excerpt(self, arrow: str, marks: list[Mark]) -> Iterator[str]:
        first = marks[0].span
        yield self._arrow(arrow, _place(first))
        yield self._bar("")
        same_source = [mark for mark in marks if mark.span.source is first.source]
        for line in mark_lines(same_source, self._width - self._gutter - 3):
            yield self._paint(f"{line.number:>{self._gutter}} |", _QUIET) + f" {line.text}"
            for row in self._underlines(line):
                yield self._bar(row)

    def _underlines(self, line: MarkedLine) -> Iterator[str]:
        """A row for each underline that has words, and one before them for those that have none."""
        wordless = [underline for underline in line.underlines if not underline.label]
        for underline in wordless:
            yield " " * underline.start + self._ink(underline, _sign(underline) * underline.length)
        for underline in line.underlines:
            if underline.label:
                yield from self._labelled(underline)

    def _labelled(self, underline: Underline) -> Iterator[str]:
        label = _one_line(underline.label)
        signs = _sign(underline) * underline.length
        room = self._width - self._gutter - 3
        if underline.start + underline.length + 1 + width(label) <= room:
            yield " " * underline.start + self._ink(underline, f"{signs} {label}")
            return
        yield " " * underline.start + self._ink(underline, signs)
        yield " " * max(0, min(underline.start, room - width(label))) + self._ink(underline, label)

    def _notes(self) -> Iterator[str]:
        diagnostic = self._diagnostic
        if diagnostic.pointer and not diagnostic.path.endswith(".sky"):
            yield self._note("at", [diagnostic.pointer])
        if where := _where(diagnostic):
            yield self._note("in", [where])
        text = diagnostic.help or (diagnostic.fix.title if diagnostic.fix else "")
        if text:
            yield self._note("help", text.splitlines())

    def _note(self, word: str, lines: list[str]) -> str:
        margin = " " * (self._gutter + 1)
        first = margin + self._paint("=", _QUIET) + self._paint(f" {word}:", _STRONG)
        return f"\n{margin}{' ' * (len(word) + 3)} ".join([f"{first} {shown(lines[0])}", *map(shown, lines[1:])])

    def _arrow(self, arrow: str, place: str) -> str:
        return " " * self._gutter + self._paint(arrow, _QUIET) + f" {place}"

    def _bar(self, row: str) -> str:
        return " " * (self._gutter + 1) + self._paint("|", _QUIET) + f" {row}"

    def _ink(self, underline: Underline, text: str) -> str:
        return self._paint(text, _COLORS[self._diagnostic.severity] if underline.primary else _QUIET)

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text else text


def _sign(underline: Underline) -> str:
    return "^" if underline.primary else "-"


def _place(span: Span) -> str:
    at = span.start_position
    return f"{shown(span.source.path)}:{at.line}:{at.column}"


def _where(diagnostic: Diagnostic) -> str:
    """Shot and variant where the place alone does not tell them: one pass of a loop, one variant of several."""
    parts = []
    if diagnostic.variant or any(part.isdigit() for part in diagnostic.shot.split(".")):
        parts = [f"shot {diagnostic.shot}"] if diagnostic.shot else []
    if diagnostic.variant:
        parts.append(f"variant {diagnostic.variant}")
    where = shown(", ".join(parts))
    if diagnostic.also:
        more = f"… and in {diagnostic.also:,} more variant{'' if diagnostic.also == 1 else 's'}"
        where = f"{where} {more}" if where else more
    return where


def _one_line(text: str) -> str:
    return shown(" ".join(text.split("\n")).strip())
