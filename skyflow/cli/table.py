"""Rows of text as an aligned table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from skyflow.diagnostics.cells import shown, width

_WIDEST = 60  # cells, half of the line of a log


def align(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), has_heading: bool = True) -> list[str]:
    """The rows with their columns as wide as their widest cell and two spaces between; `right` are the columns of figures.

    A column in which every row but the heading, which is the first one, is empty is left out. Below a heading a name that would push all
    that follows off the screen loses its middle; the last column, which pushes nothing, and commands, which are copied, stay whole.
    """
    cells = [[shown(cell) for cell in row] for row in rows]
    if has_heading:
        cells = [[*(map(_without_middle, row[:-1])), *row[-1:]] for row in cells]
    kept = [column for column in range(len(cells[0])) if any(row[column] for row in cells[has_heading:])]
    widths = {column: max(width(row[column]) for row in cells) for column in kept}
    lines = []
    for row in cells:
        parts = []
        for column in kept:
            space = " " * (widths[column] - width(row[column]))
            parts.append(space + row[column] if column in right else row[column] + space)
        lines.append("  ".join(parts).rstrip())
    return lines


def _without_middle(cell: str) -> str:
    """A cell of at most `_WIDEST` cells. Names of variants are told apart by either end, so both are kept."""
    if width(cell) <= _WIDEST:
        return cell
    first = _fitting(cell, _WIDEST * 2 // 3)
    last = _fitting(reversed(cell), _WIDEST - 1 - width(first))
    return f"{first}…{last[::-1]}"


def _fitting(characters: Iterable[str], room: int) -> str:
    """The first of them that fit into so many cells."""
    kept, used = "", 0
    for character in characters:
        used += width(character)
        if used > room:
            break
        kept += character
    return kept
