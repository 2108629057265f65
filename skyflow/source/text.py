"""A file's text with its line index, and half-open ranges of characters in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Position:
    """One place: `line` and `column` count from 1, `offset` from 0; columns and offsets are in characters."""

    line: int
    column: int
    offset: int


@dataclass(eq=False)
class SourceFile:
    """The text of one file. Compared by identity: two readings of one path are two sources.

    `path` is what a person is shown (the project path for files of a project, else the path as given).
    A byte-order mark is no part of `text`; line ends are kept as they are.
    """

    path: str
    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of each line's first character. Lines end at LF (CRLF is a line whose text ends with CR)."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """The line and column of a character offset; an offset past the end is the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1, offset)

    def line_text(self, line: int) -> str:
        """The text of line `line` (from 1) without its line end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    @property
    def line_count(self) -> int:
        return len(self.line_starts)

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` ≤ offset < `end` of one source. An empty span is a place between two characters."""

    source: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def start_position(self) -> Position:
        return self.source.position(self.start)

    @property
    def end_position(self) -> Position:
        return self.source.position(self.end)

    def to(self, other: Span) -> Span:
        """The range from the start of this one to the end of the other, both in one source."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        at = self.start_position
        return f"{self.source.path}:{at.line}:{at.column}"
