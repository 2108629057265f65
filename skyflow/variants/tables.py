"""Rows from .csv, .json and .jsonl: every cell with its place, every fault of shape diagnosed at its row."""

from __future__ import annotations

import csv
import json
import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from skyflow.diagnostics import Diagnostic, Related
from skyflow.source import SourceFile, Span
from skyflow.variants.rules import TABLE_SHAPE
from skyflow.variants.values import Row

MAX_CELL = 200_000  # characters; a prompt has at most 1280 tokens
MAX_ROWS = 1_000_000  # ten times the variants that a storyboard may have unless it says otherwise


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
    """The table of a file. One whose shape is faulty has no rows, and no columns where its header cannot be trusted: nobody is to draw conclusions.

    `used_at` is the place that names the file.
    """
    reading = _Reading(source, used_at)
    suffix = source.path.lower().rsplit(".", 1)[-1] if "." in source.path else ""
    try:
        if suffix == "csv":
            _read_csv(reading)
        elif suffix in ("json", "jsonl"):
            _read_json(reading, _lines_of_jsonl(reading) if suffix == "jsonl" else _items_of_json(reading))
        else:
            raise reading.fault(f"`{source.path}` is no table", used_at, "a table is a .csv, .json or .jsonl file")
        if not reading.rows:
            help = "write at least one row under the header" if suffix == "csv" else "write at least one object"
            raise reading.fault(f"{source.path} has no rows", Span(source, 0, 0), help)
    except _Faulty as faulty:
        return Table(source.path, reading.columns, ()), [faulty.diagnostic]
    return Table(source.path, reading.columns, tuple(reading.rows)), []


class _Faulty(Exception):
    """The shape of a table is broken; the diagnostic says where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Reading:
    """A table on its way from text to rows."""

    source: SourceFile
    used_at: Span
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    places: array[int] = field(default_factory=lambda: array("q"))
    """Start and end of each record, also of those that do not fit."""

    def fault(self, message: str, span: Span, help: str) -> _Faulty:
        related = () if span is self.used_at else (Related(self.used_at, "the table is used here"),)
        return _Faulty(Diagnostic(TABLE_SHAPE, message, span, help=help, related=related, subject=message))

    def note_place(self, start: int, end: int) -> None:
        if len(self.places) >= 2 * MAX_ROWS:
            message = f"{self.source.path} has more than {MAX_ROWS:,} rows"
            raise self.fault(message, Span(self.source, 0, 0), "split it into several tables")
        self.places.append(start)
        self.places.append(end)

    def place(self, number: int) -> Span:
        """The place of a record, counted from 1."""
        return Span(self.source, self.places[2 * number - 2], self.places[2 * number - 1])


# --- csv ------------------------------------------------------------------------------------------------------------


def _read_csv(reading: _Reading) -> None:
    path = reading.source.path
    records = _csv_records(reading)
    header = next(records, None)
    if header is None:
        raise reading.fault(f"{path} is empty", Span(reading.source, 0, 0), "the first line names the columns")
    names, start, end = header
    columns = tuple(name.strip() for name in names)
    _judge_header(reading, columns, Span(reading.source, start, end))
    reading.columns = columns
    ragged: list[tuple[int, int]] = []

    def spans_of(number: int) -> _CellSpans:
        return _CellSpans(reading.place(number), columns)

    for number, (cells, start, end) in enumerate(records, 1):
        reading.note_place(start, end)
        if len(cells) == len(columns):
            reading.rows.append(Row(dict(zip(columns, cells, strict=True)), number, spans_of))
        else:
            ragged.append((number, len(cells)))
    if ragged:
        number, count = ragged[0]
        span = reading.place(number)
        more = f" (not the only one: {len(ragged):,} rows do not fit)" if len(ragged) > 1 else ""
        message = f"row {number:,} of {path} has {_counted(count, 'cell')}, but the header has {len(columns)}{more}"
        raise reading.fault(message, span, 'a cell with a comma in it stands in double quotes: "Hot coffee, now"')


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _judge_header(reading: _Reading, columns: tuple[str, ...], span: Span) -> None:
    if len(columns) == 1 and (mark := re.search(r"[;\t]", columns[0])):
        sign = "`;`" if mark[0] == ";" else "tabs"
        raise reading.fault(
            f"the columns are separated by {sign}", span, "save the table with commas between the columns"
        )
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        named = ", ".join(f"`{column}`" for column in twice)
        raise reading.fault(f"the header names {named} twice", span, "give each column a name of its own")
    if "" in columns:
        message = f"column {columns.index('') + 1} of the header has no name"
        raise reading.fault(message, span, "name every column, or remove the empty one")


_CSV_SAID = (
    ("unexpected end of data", "a double quote is opened and never closed"),
    ("expected after", "text follows behind a closing double quote"),
    ("field larger than", f"a cell has more than {MAX_CELL:,} characters"),
)


def _csv_records(reading: _Reading) -> Iterator[tuple[list[str], int, int]]:
    """The records of a CSV file with their range. Empty ones are skipped, as spreadsheets write them at the end."""
    lines = _Lines(reading.source.text)
    csv.field_size_limit(MAX_CELL)
    number = start = 0  # the header
    try:
        for record in csv.reader(iter(lines), strict=True):
            if any(record):
                yield record, start, lines.end
                number += 1
            start = lines.at
    except csv.Error as error:
        said = next((words for part, words in _CSV_SAID if part in str(error)), str(error))
        row = f"row {number:,}" if number else "the header"
        end = min(start + len(reading.source.text[start : start + 500].split("\n")[0].rstrip("\r")), lines.end)
        help = 'a cell that holds a double quote stands in double quotes and doubles it: "the ""best"" mug"'
        message = f"{row} of {reading.source.path} cannot be read: {said}"
        raise reading.fault(message, Span(reading.source, start, end), help) from None


class _Lines:
    """The lines of a text with their line ends, whichever kind these are. `at` is where the next one starts, `end` where the last one's text ended."""

    _BREAK = re.compile(r"\r\n?|\n")

    def __init__(self, text: str) -> None:
        self.at = self.end = 0
        self._text = text

    def __iter__(self) -> Iterator[str]:
        text, start = self._text, 0
        for found in self._BREAK.finditer(text):
            self.end, self.at = found.span()
            # One kind of line end for the reader, which takes a lone CR for a mistake.
            yield text[start : self.end] + "\n"
            start = self.at
        if start < len(text):
            self.end = self.at = len(text)
            yield text[start:]


class _Spans(Mapping[str, Span]):
    """The places of the cells of one record, found when somebody asks: most cells never err."""

    def __init__(self, record: Span, columns: tuple[str, ...]) -> None:
        self._source, self._start, self._end = record.source, record.start, record.end
        self._columns = columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class _CellSpans(_Spans):
    _CELL = re.compile(r'"(?:[^"]|"")*"[^,]*|[^,]*')

    def __getitem__(self, column: str) -> Span:
        text = self._source.text
        at = end = self._start
        for index in range(self._columns.index(column) + 1):
            at = end + 1 if index else self._start
            found = self._CELL.match(text, at, self._end)
            end = found.end() if found else self._end
        return Span(self._source, min(at, self._end), end)


# --- json -----------------------------------------------------------------------------------------------------------

_BLANK = re.compile(r"[ \t\r\n]*")
_HALF = re.compile("[\ud800-\udfff]")  # JSON can spell it, and no text can be sent that holds it


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"`{next(name for name in names if names.count(name) > 1)}` stands twice in one object")
    return found


_decoder = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_no_twins)


def _decode(reading: _Reading, at: int, end: int) -> tuple[Any, int]:
    """The JSON value at an offset, and where it ends. Raises _Faulty."""
    source = reading.source
    try:
        return _decoder.raw_decode(source.text, at)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(end - 1, 0))
        words = error.msg[:1].lower() + error.msg[1:]
    except ValueError as error:
        words = "a number in it is too long" if "digits" in str(error) else str(error)
    except RecursionError:
        words = "it is nested too deeply"
    place = Span(source, at, min(at + 1, len(source.text)))
    raise reading.fault(
        f"{source.path} is not JSON: {words}",
        place,
        "texts stand in double quotes, commas between columns and between rows",
    )


def _items_of_json(reading: _Reading) -> Iterator[tuple[Any, int, int]]:
    """The elements of the list that a .json file holds, with their ranges."""
    text = reading.source.text
    at = _skip(text, 0)
    if not text.startswith("[", at):
        _, end = _decode(reading, at, len(text))
        place = Span(reading.source, at, min(at + 1, end))
        raise reading.fault(
            f"{reading.source.path} is no list", place, 'a .json table is a list of objects: [{"name": "mug"}, …]'
        )
    at = _skip(text, at + 1)
    while not text.startswith("]", at):
        item, end = _decode(reading, at, len(text))
        yield item, at, end
        at = _skip(text, end)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
            if not text.startswith("]", at):
                continue
        elif text.startswith("]", at):
            break
        place = Span(reading.source, min(at, len(text)), min(at + 1, len(text)))
        message = f"{reading.source.path} is not JSON: rows stand between commas, the last one before `]`"
        raise reading.fault(message, place, "texts stand in double quotes, commas between columns and between rows")
    rest = _skip(text, at + 1)
    if rest < len(text):
        place = Span(reading.source, rest, rest + 1)
        raise reading.fault(f"{reading.source.path} goes on behind its list", place, "a .json table is one list")


def _lines_of_jsonl(reading: _Reading) -> Iterator[tuple[Any, int, int]]:
    text = reading.source.text
    lines = _Lines(text)
    start = 0
    for line in lines:
        if line.strip():
            item, end = _decode(reading, _skip(text, start), lines.end)
            if _skip(text, end) < lines.end:
                place = Span(reading.source, _skip(text, end), lines.end)
                raise reading.fault(
                    f"{reading.source.path} has more than one value in a line", place, "one object a line"
                )
            yield item, start, lines.end
        start = lines.at


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _read_json(reading: _Reading, items: Iterator[tuple[Any, int, int]]) -> None:
    def spans_of(number: int) -> _ValueSpans:
        return _ValueSpans(reading.place(number), reading.columns)

    for number, (item, start, end) in enumerate(items, 1):
        reading.note_place(start, end)
        problem = _row_problem(item, reading.columns)
        if problem:
            place = Span(reading.source, start, end if "\n" not in reading.source.text[start:end] else start + 1)
            message = f"row {number:,} of {reading.source.path} {problem}"
            raise reading.fault(
                message, place, "all rows are objects with the same columns, each a text, a number, true, false or null"
            )
        reading.columns = reading.columns or tuple(item)
        reading.rows.append(Row(item, number, spans_of))


def _row_problem(item: Any, columns: tuple[str, ...]) -> str:
    if not isinstance(item, dict):
        return "is no object"
    if not item:
        return "has no columns"
    for name, cell in item.items():
        if isinstance(cell, dict | list):
            return f"has {'a list' if isinstance(cell, list) else 'an object'} in `{name}`"
        if isinstance(cell, str) and _HALF.search(cell):
            return f"has half a character (a lone surrogate) in `{name}`"
    missing = [name for name in columns if name not in item]
    if missing:
        return f"lacks `{missing[0]}`"
    extra = [name for name in item if columns and name not in columns]
    return f"has `{extra[0]}`, which the first row has not" if extra else ""


class _ValueSpans(_Spans):
    def __getitem__(self, column: str) -> Span:
        text = self._source.text
        at = _skip(text, self._start) + 1
        while (at := _skip(text, at)) < self._end:
            name, at = _decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
            _, end = _decoder.raw_decode(text, at)
            if name == column:
                return Span(self._source, at, end)
            at = _skip(text, end) + 1
        return Span(self._source, self._start, self._end)
