"""Character offsets ↔ the positions of the protocol: lines from 0, columns in code units of the encoding that client and server agreed on."""

from __future__ import annotations

import re
from bisect import bisect_right
from weakref import WeakKeyDictionary

from lsprotocol import types

from skyflow.source import SourceFile, Span

# Language Server Protocol 3.17, "Position": these three end a line. SourceFile counts only LF.
_LINE_END = re.compile(r"\r\n|\n|\r")
_UNIT_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


class Ruler:
    """Measures one text. A position that the text does not have is read as the nearest one before it."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self._text = text
        self._codec = _CODECS.get(encoding, _CODECS["utf-16"])
        self._unit = _UNIT_BYTES.get(encoding, 2)
        self._plain = text.isascii() or encoding == "utf-32"
        self._starts = [0]
        self._ends: list[int] = []  # of each line, before its line end
        for found in _LINE_END.finditer(text):
            self._ends.append(found.start())
            self._starts.append(found.end())
        self._ends.append(len(text))

    def position(self, offset: int) -> types.Position:
        """The position of a character offset; one between CR and LF is the end of the line."""
        line = bisect_right(self._starts, max(0, offset)) - 1
        start = self._starts[line]
        end = max(start, min(offset, self._ends[line]))
        return types.Position(line, self._units(start, end))

    def offset(self, position: types.Position) -> int:
        """The character offset of a position; a column past the end of the line is that end."""
        if position.line >= len(self._starts):
            return len(self._text)
        start, end = self._starts[position.line], self._ends[position.line]
        if self._plain:
            return min(start + position.character, end)
        return start + self._characters(self._text[start:end], position.character)

    def range(self, start: int, end: int) -> types.Range:
        return types.Range(self.position(start), self.position(end))

    def offsets(self, wanted: types.Range) -> tuple[int, int]:
        """Start and end as offsets, in ascending order."""
        first, second = self.offset(wanted.start), self.offset(wanted.end)
        return (first, second) if first <= second else (second, first)

    def lines_between(self, start: int, end: int) -> list[tuple[int, int]]:
        """The pieces of a range, one for each line that it touches, without line ends and without empty pieces."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, max(start, end - 1)) - 1
        pieces = []
        for line in range(first, last + 1):
            piece = (max(start, self._starts[line]), min(end, self._ends[line]))
            if piece[0] < piece[1]:
                pieces.append(piece)
        return pieces

    def units(self, start: int, end: int) -> int:
        """How long the characters from `start` to `end` are, in code units."""
        return self._units(start, end)

    def _units(self, start: int, end: int) -> int:
        if self._plain:
            return end - start
        return len(self._text[start:end].encode(self._codec, "surrogatepass")) // self._unit

    def _characters(self, line: str, units: int) -> int:
        """How many whole characters of a line fit into so many units."""
        if units >= len(line) * 4:
            return len(line)
        count = 0
        for count, character in enumerate(line):
            units -= len(character.encode(self._codec, "surrogatepass")) // self._unit
            if units < 0:
                return count
        return len(line)


class Rulers:
    """The rulers of sources, made when first needed, all in the encoding of one session."""

    def __init__(self, encoding: str = "utf-16") -> None:
        self.encoding = encoding
        self._known: WeakKeyDictionary[SourceFile, Ruler] = WeakKeyDictionary()

    def of(self, source: SourceFile) -> Ruler:
        ruler = self._known.get(source)
        if ruler is None:
            ruler = self._known[source] = Ruler(source.text, self.encoding)
        return ruler

    def range(self, span: Span) -> types.Range:
        return self.of(span.source).range(span.start, span.end)
