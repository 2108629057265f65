"""Where a column gets its name: in the header of its table, or in the first object that has it."""

from __future__ import annotations

import json
import re

from skyflow.lsp.names.index import Symbol
from skyflow.source import Files, FilesError, SourceFile, Span

_CELL = re.compile(r'\s*(?P<quoted>"(?:[^"]|"")*")?[^,\r\n]*')


def find_column(symbol: Symbol, files: Files) -> Span | None:
    """The place of a column's name; None where its table cannot be read or has no such column."""
    try:
        source = files.read(symbol.path)
    except FilesError:
        return None
    if symbol.path.lower().endswith(".csv"):
        return _in_header(source, symbol.name)
    key = re.search(re.escape(json.dumps(symbol.name, ensure_ascii=False)) + r"\s*:", source.text)
    return source.span(key.start() + 1, key.start() + 1 + len(symbol.name)) if key is not None else None


def _in_header(source: SourceFile, name: str) -> Span | None:
    first = re.search(r"\S", source.text)
    at = first.start() if first is not None else 0
    while (cell := _CELL.match(source.text, at)) is not None:
        written = cell["quoted"][1:-1].replace('""', '"') if cell["quoted"] else cell[0]
        if written.strip() == name:
            start = cell.start() + len(cell[0]) - len(cell[0].lstrip())
            return source.span(start, start + len(cell[0].strip()))
        if source.text[cell.end() : cell.end() + 1] != ",":
            return None
        at = cell.end() + 1
    return None
