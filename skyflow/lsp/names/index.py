"""Who names what in one file: every tag, variable, column, shot, scene and file that is declared or named in it, with what is meant.

What only rendering can tell (a tag put together by an expression, a mention in a table) is not here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from skyflow.source import Span

SymbolKind = Literal["tag", "variable", "shot", "scene", "column", "file"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A thing that has a name, and where it has got it: characters `start` to `end` of the file at project path `path`.

    A column stands in the file of its table and a file is its own path; of both, the place in the file is not told.
    """

    kind: SymbolKind
    name: str
    path: str
    start: int = 0
    end: int = 0

    @classmethod
    def at(cls, kind: SymbolKind, name: str, span: Span) -> Symbol:
        return cls(kind, name, span.source.path, span.start, span.end)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place that names a symbol. `declares`: it is where the symbol gets its name. `implied`: the name itself is not written there (`previous`)."""

    start: int
    end: int
    symbol: Symbol
    declares: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A URL that stands in the file."""

    start: int
    end: int
    url: str


@dataclass(eq=False)
class NameIndex:
    """All occurrences of one file, in order of standing. `linked` are pairs of variables that must keep one name: a default
    reads one of them, and shots give it their own."""

    occurrences: tuple[Occurrence, ...]
    addresses: tuple[Address, ...] = ()
    linked: tuple[tuple[Symbol, Symbol], ...] = ()
    _starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._starts = [occurrence.start for occurrence in self.occurrences]

    def at(self, offset: int) -> Occurrence | None:
        """What is named at an offset; right behind a name counts too, where nothing else is named there."""
        index = bisect_right(self._starts, offset) - 1
        for candidate in self.occurrences[max(0, index - 1) : index + 1][::-1]:
            if candidate.start <= offset < candidate.end:
                return candidate
        for candidate in self.occurrences[max(0, index - 1) : index + 1][::-1]:
            if offset == candidate.end:
                return candidate
        return None

    def of(self, symbols: Set[Symbol]) -> Iterator[Occurrence]:
        """The places that name one of some symbols."""
        return (occurrence for occurrence in self.occurrences if occurrence.symbol in symbols)

    @cached_property
    def declared(self) -> frozenset[Symbol]:
        """The symbols that get their name in this file."""
        return frozenset(occurrence.symbol for occurrence in self.occurrences if occurrence.declares)


def linked_symbols(symbol: Symbol, pairs: Iterable[tuple[Symbol, Symbol]]) -> frozenset[Symbol]:
    """A symbol and all that must keep one name with it."""
    neighbours: dict[Symbol, set[Symbol]] = {}
    for first, second in pairs:
        neighbours.setdefault(first, set()).add(second)
        neighbours.setdefault(second, set()).add(first)
    found: set[Symbol] = set()
    pending = [symbol]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending.extend(neighbours.get(one, ()))
    return frozenset(found)
