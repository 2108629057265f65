"""Rows of text as an aligned table."""

from __future__ import annotations

from collections.abc import Sequence

from skyflow.diagnostics.cells import shown, width


def align(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), has_heading: bool = True) -> list[str]:
    """The rows with their columns as wide as their widest cell and two spaces between; `right` are the columns of figures.

    A column in which every row but the heading, which is the first one, is empty is left out.
    """
    cells = [[shown(cell) for cell in row] for row in rows]
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
