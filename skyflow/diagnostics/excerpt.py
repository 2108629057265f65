"""Lines of a source with ranges marked beneath them: which lines, which part of a long one, which cells. Knows no colours and no messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from skyflow.diagnostics.cells import TAB_STOP, lay_out, shown_character, width
from skyflow.source import Span

_LEAST_ROOM = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A range to be marked, with the words that stand behind the mark."""

    span: Span
    label: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Underline:
    """`length` cells from cell `start` of the shown line on; `length` is at least 1."""

    start: int
    length: int
    label: str
    primary: bool


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One line as shown (cut where it is long) and its underlines from left to right. `number` counts from 1."""

    number: int
    text: str
    underlines: tuple[Underline, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a mark that lies in one line, in characters of that line."""

    line: int
    start: int
    end: int
    label: str
    primary: bool


def mark_lines(marks: list[Mark], room: int) -> list[MarkedLine]:
    """The lines that the marks of one source touch, in line order, each at most `room` cells wide.

    Of a range over several lines the first and the last are shown. Of a long line, the part around a primary mark is shown, and once
    more the part around each mark that lies outside of it.
    """
    room = max(room, _LEAST_ROOM)
    pieces = sorted((piece for mark in marks for piece in _pieces(mark)), key=lambda piece: piece.line)
    lines: list[MarkedLine] = []
    for number, group in groupby(pieces, key=lambda piece: piece.line):
        lines.extend(_show_line(number, marks[0].span.source.line_text(number), list(group), room))
    return lines


def _pieces(mark: Mark) -> Iterator[_Piece]:
    first, last = mark.span.start_position, mark.span.end_position
    line_text = mark.span.source.line_text
    last_line, last_end = last.line, last.column - 1
    while last_line > first.line and not line_text(last_line)[:last_end].strip():
        last_line -= 1  # a range that ends with line breaks and indentation has nothing to mark there
        last_end = len(line_text(last_line))
    if last_line == first.line:
        yield _Piece(first.line, first.column - 1, last_end, mark.label, mark.primary)
        return
    last_text = line_text(last_line)
    indent = len(last_text) - len(last_text.lstrip())
    yield _Piece(first.line, first.column - 1, len(line_text(first.line).rstrip()), "", mark.primary)
    yield _Piece(last_line, indent, last_end, mark.label, mark.primary)


def _show_line(number: int, text: str, pieces: list[_Piece], room: int) -> Iterator[MarkedLine]:
    for window in _windows(text, pieces, room):
        yield _show_part(number, text, window, [piece for piece in pieces if _touches(piece, window)])


def _touches(piece: _Piece, window: tuple[int, int]) -> bool:
    return piece.start <= window[1] and max(piece.end, piece.start + 1) > window[0]


def _windows(text: str, pieces: list[_Piece], room: int) -> list[tuple[int, int]]:
    """The parts of a line that are worth showing, as character ranges from left to right: the whole line where it fits."""
    if len(text) <= room and sum(map(_cost, text)) <= room:
        return [(0, len(text))]
    windows: list[tuple[int, int]] = []
    for piece in sorted(pieces, key=lambda piece: (not piece.primary, piece.start)):
        if not any(_touches(piece, window) for window in windows):
            windows.append(_window_around(text, piece, room - 2))
    return sorted(windows)


def _window_around(text: str, piece: _Piece, room: int) -> tuple[int, int]:
    """As much of the piece as fits, then a third of what is left in front of it, the rest behind it."""
    start = end = min(piece.start, len(text))
    end, room = _grow_right(text, end, min(piece.end, len(text)), room)
    start, unused = _grow_left(text, start, room // 3)
    end, room = _grow_right(text, end, len(text), room - room // 3 + unused)
    start, _ = _grow_left(text, start, room)
    return start, end


def _grow_right(text: str, end: int, limit: int, room: int) -> tuple[int, int]:
    while end < limit and _cost(text[end]) <= room:
        room -= _cost(text[end])
        end += 1
    return end, room


def _grow_left(text: str, start: int, room: int) -> tuple[int, int]:
    while start > 0 and _cost(text[start - 1]) <= room:
        start -= 1
        room -= _cost(text[start])
    return start, room


def _cost(character: str) -> int:
    """The most cells that a character can take: a tab takes all of its stop only at the stop's beginning."""
    return TAB_STOP if character == "\t" else width(shown_character(character))


def _show_part(number: int, text: str, window: tuple[int, int], pieces: list[_Piece]) -> MarkedLine:
    start, end = window
    part, cells = lay_out(text[start:end])
    before, after = ("…" if start > 0 else ""), ("…" if end < len(text) else "")
    underlines = []
    for piece in pieces:
        first = cells[min(max(piece.start, start), end) - start] + len(before)
        last = cells[max(min(piece.end, end), start) - start] + len(before)
        underlines.append(Underline(first, max(last - first, 1), piece.label, piece.primary))
    underlines.sort(key=lambda underline: (underline.start, not underline.primary))
    return MarkedLine(number, before + part.rstrip() + after, tuple(underlines))
