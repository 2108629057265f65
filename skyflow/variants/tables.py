"""Rows from .csv, .json and .jsonl: every cell with its place, every fault of shape diagnosed at its row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from skyflow.diagnostics import Diagnostic, Related
from skyflow.source import SourceFile, Span
from skyflow.variants.rules import TABLE_SHAPE
from skyflow.variants.values import Row

# One fault of each kind says enough of a table of 100,000 rows; the message counts the others.
MAX_CELL = 20_000  # characters; a prompt has at most 1280 tokens


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, and which columns they have, in the order of the header."""

    path: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def naming_column(self) -> str | None:
        """The column that names rows: `name` where it is, else the first whose cells are all different and none empty."""
        for column in (["name"] if "name" in self.columns else []) + [c for c in self.columns if c != "name"]:
            cells = [row.columns.get(column) for row in self.rows]
            if column == "name" or (
                all(cell not in (None, "") for cell in cells) and len(set(map(str, cells))) == len(cells)
            ):
                return column
        return None


def read_table(source: SourceFile, used_at: Span) -> tuple[Table, list[Diagnostic]]:
    """The table of a file; faulty rows are left out of it and diagnosed. `used_at` is the statement that names the file."""
    diagnostics: list[Diagnostic] = []
    suffix = source.path.lower().rsplit(".", 1)[-1] if "." in source.path else ""
    if suffix == "csv":
        table = _read_csv(source, used_at, diagnostics)
    elif suffix == "json":
        table = _read_json(source, used_at, diagnostics)
    elif suffix == "jsonl":
        table = _read_jsonl(source, used_at, diagnostics)
    else:
        _fault(diagnostics, f"`{source.path}` is no table", used_at, used_at, "a table is a .csv, .json or .jsonl file")
        return Table(source.path, (), ()), diagnostics
    if not table.rows and not diagnostics:
        _fault(
            diagnostics,
            f"{source.path} has no rows",
            Span(source, 0, 0),
            used_at,
            "write at least one row under the header",
        )
    return table, diagnostics


def _fault(
    diagnostics: list[Diagnostic], message: str, span: Span, used_at: Span, help: str, subject: str = ""
) -> None:
    related = () if span is used_at else (Related(used_at, "the table is used here"),)
    diagnostics.append(Diagnostic(TABLE_SHAPE, message, span, help=help, related=related, subject=subject or message))


# --- csv ------------------------------------------------------------------------------------------------------------


def _read_csv(source: SourceFile, used_at: Span, diagnostics: list[Diagnostic]) -> Table:
    records = _csv_records(source, used_at, diagnostics)
    first = next(records, None)
    if first is None:
        _fault(diagnostics, f"{source.path} is empty", Span(source, 0, 0), used_at, "the first line names the columns")
        return Table(source.path, (), ())
    header, *header_lines = first
    header_span = _lines_span(source, *header_lines)
    columns = tuple(cell.strip() for cell in header)
    if not _judge_header(columns, header_span, used_at, diagnostics):
        return Table(source.path, (), ())
    rows: list[Row] = []
    ragged: list[tuple[int, int, Span]] = []
    lines_of: list[tuple[int, int]] = []
    width = len(columns)

    def spans_of(number: int) -> CellSpans:
        return CellSpans(_lines_span(source, *lines_of[number - 1]), columns)

    for number, (cells, first_line, last_line) in enumerate(records, 1):
        lines_of.append((first_line, last_line))
        if len(cells) != width:
            ragged.append((number, len(cells), _lines_span(source, first_line, last_line)))
            continue
        rows.append(Row(dict(zip(columns, cells, strict=True)), number, spans_of))
    if ragged:
        number, count, span = ragged[0]
        more = f" (and {len(ragged) - 1:,} more rows)" if len(ragged) > 1 else ""
        _fault(
            diagnostics,
            f"row {number:,} of {source.path} has {count} cell{'' if count == 1 else 's'}, but the header has {width}{more}",
            span,
            used_at,
            'a cell with a comma in it stands in double quotes: "Hot coffee, now"',
        )
    return Table(source.path, columns, tuple(rows))


def _judge_header(columns: tuple[str, ...], span: Span, used_at: Span, diagnostics: list[Diagnostic]) -> bool:
    twice = sorted({column for column in columns if columns.count(column) > 1 and column})
    if twice:
        named = ", ".join(f"`{column}`" for column in twice)
        _fault(diagnostics, f"the header names {named} twice", span, used_at, "give each column a name of its own")
    if "" in columns:
        at = columns.index("") + 1
        _fault(
            diagnostics,
            f"column {at} of the header has no name",
            span,
            used_at,
            "name every column, or remove the empty one",
        )
    if len(columns) == 1 and re.search(r"[;\t]", columns[0]):
        mark = ";" if ";" in columns[0] else "a tab"
        _fault(
            diagnostics,
            f"the columns are separated by {mark}",
            span,
            used_at,
            "save the table with commas between the columns",
        )
        return False
    return not twice and "" not in columns


def _lines_span(source: SourceFile, first: int, last: int) -> Span:
    """The text of some lines, counted from 0, without the last line's end."""
    starts = source.line_starts
    return Span(source, starts[first], starts[last] + len(source.line_text(last + 1)))


def _csv_records(
    source: SourceFile, used_at: Span, diagnostics: list[Diagnostic]
) -> Iterator[tuple[list[str], int, int]]:
    """The records of a CSV file, each with its first and last line, counted from 0. Empty lines are skipped, as spreadsheets write them at the end."""
    starts = source.line_starts
    reader = csv.reader(_lines(source), strict=True)
    before = 0
    csv.field_size_limit(max(MAX_CELL * 10, 131_072))
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = min(before, len(starts) - 1)
            end = starts[line] + len(source.line_text(line + 1))
            _fault(
                diagnostics,
                f"row {before:,} of {source.path} cannot be read: {error}",
                Span(source, starts[line], end),
                used_at,
                'a cell that holds a quote doubles it: "the ""best"" mug"',
            )
            return
        line, before = before, reader.line_num
        if record:
            yield record, line, before - 1


def _lines(source: SourceFile) -> Iterator[str]:
    starts, text = source.line_starts, source.text
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        if start < end:
            yield text[start:end]


class CellSpans(dict[str, Span]):
    """The place of each cell of one CSV record, found when somebody asks: most cells never err."""

    def __init__(self, record: Span, columns: tuple[str, ...]) -> None:
        super().__init__()
        self._record = record
        self._columns = columns

    def __missing__(self, column: str) -> Span:
        index = self._columns.index(column)
        cell = re.compile(r'\s*"(?:[^"]|"")*"[^,]*|[^,]*')
        at = self._record.start
        text = self._record.source.text
        for _ in range(index):
            found = cell.match(text, at, self._record.end)
            at = (found.end() if found else at) + 1
        found = cell.match(text, at, self._record.end)
        end = found.end() if found else self._record.end
        self[column] = span = Span(self._record.source, min(at, self._record.end), end)
        return span

    def get(self, column: str, default: Any = None) -> Any:
        return self[column] if column in self._columns else default


# --- json -----------------------------------------------------------------------------------------------------------


def _read_json(source: SourceFile, used_at: Span, diagnostics: list[Diagnostic]) -> Table:
    whole = Span(source, 0, min(len(source.text), 1))
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        _not_json(source, 0, error, used_at, diagnostics)
        return Table(source.path, (), ())
    if not isinstance(document, list):
        _fault(
            diagnostics,
            f"{source.path} is no list",
            whole,
            used_at,
            'a .json table is a list of objects: [{"name": "mug"}, …]',
        )
        return Table(source.path, (), ())
    return _objects_table(source, [(item, whole) for item in document], used_at, diagnostics)


def _read_jsonl(source: SourceFile, used_at: Span, diagnostics: list[Diagnostic]) -> Table:
    items: list[tuple[Any, Span]] = []
    starts = source.line_starts
    for line, start in enumerate(starts, 1):
        text = source.line_text(line)
        if not text.strip():
            continue
        try:
            items.append((json.loads(text), Span(source, start, start + len(text))))
        except (ValueError, RecursionError) as error:
            _not_json(source, start, error, used_at, diagnostics)
            break
    return _objects_table(source, items, used_at, diagnostics)


def _not_json(source: SourceFile, base: int, error: Exception, used_at: Span, diagnostics: list[Diagnostic]) -> None:
    at = base + (error.pos if isinstance(error, json.JSONDecodeError) else 0)
    words = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"
    _fault(
        diagnostics, f"{source.path} is not JSON: {words}", Span(source, at, min(at + 1, len(source.text))), used_at, ""
    )


def _objects_table(
    source: SourceFile, items: list[tuple[Any, Span]], used_at: Span, diagnostics: list[Diagnostic]
) -> Table:
    columns: tuple[str, ...] | None = None
    rows: list[Row] = []

    def spans_of(number: int) -> dict[str, Span]:
        item, span = items[number - 1]
        return dict.fromkeys(item, span)

    for number, (item, span) in enumerate(items, 1):
        problem = ""
        if not isinstance(item, dict):
            problem = "is no object"
        else:
            nested = next((key for key, cell in item.items() if isinstance(cell, dict | list)), None)
            if nested is not None:
                problem = f"has a {'list' if isinstance(item[nested], list) else 'nested object'} in `{nested}`"
            elif columns is not None and set(item) != set(columns):
                missing = sorted(set(columns) - set(item))
                extra = sorted(set(item) - set(columns))
                problem = f"lacks `{missing[0]}`" if missing else f"has `{extra[0]}`, which the first row has not"
        if problem:
            _fault(
                diagnostics,
                f"row {number:,} of {source.path} {problem}",
                span,
                used_at,
                "all rows have the same plain columns",
            )
            break
        columns = columns or tuple(item)
        rows.append(Row(item, number, spans_of))
    return Table(source.path, columns or (), tuple(rows))
