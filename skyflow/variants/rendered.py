"""A text after its variables have values, with the way back: which characters came from which place of the source."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from skyflow.source import Span
from skyflow.syntax import tree


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a rendered text: from character `start` on it is `text`, written as `part` in the source."""

    start: int
    text: str
    part: tree.Literal | tree.Expression


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text. `span` is the whole value in the source; `pieces` are empty where the text was no template text."""

    text: str
    span: Span
    pieces: tuple[Piece, ...] = ()

    def span_at(self, start: int, end: int) -> Span:
        """The place in the source of characters `start` ≤ offset < `end`: exact in literal text, the whole `{{ }}` for a computed part."""
        if not self.pieces:
            return self.span
        first, last = self._source_range(start)[0], self._source_range(max(start, end - 1))[1]
        if first > last:
            return self.span
        return Span(self.span.source, first, last)

    def expression_at(self, offset: int) -> tree.Expression | None:
        """The expression that character `offset` was computed from, None in what is written out."""
        index = bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        part = self.pieces[index].part if self.pieces else None
        return part if isinstance(part, tree.Expression) else None

    def _source_range(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        piece = self.pieces[max(index, 0)]
        if isinstance(piece.part, tree.Expression):
            return piece.part.span.start, piece.part.span.end
        at = piece.part.source_offset(min(offset - piece.start, len(piece.text)))
        return at, at + 1
