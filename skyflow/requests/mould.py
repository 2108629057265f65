"""A mould of a shot: its request as JSON text with holes for what axes change. Casting one fills the holes and does nothing else.

A thousand variants of an advert differ in a few words each. The first of them is compiled the long way (`film`), with every check. Where nothing
was wrong with it, its request becomes a mould, and another variant may be cast from it only if it cannot differ in anything that a check looks
at: its values hold no `@`, `<` or `>`, its prompt cannot be too long, its addresses are good, its settings are the same. Whatever is not
certain goes the long way. That both ways give the same is a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from typing import Any, Literal

from skyflow.contract.urls import check_url
from skyflow.requests.compiled import Mode
from skyflow.requests.draft import FULL_WIDTH_AT
from skyflow.requests.film import Film
from skyflow.requests.graph import Node
from skyflow.requests.keys import clip_key
from skyflow.variants import NoText, Row, Values, to_text

# Texts that were admitted to a channel are remembered; beyond this many they are forgotten, so that memory stays flat.
MAX_ADMITTED = 50_000
_BLOCK = 512  # rows that are admitted together
_NUL = b"\\u0000"  # as JSON spells it
_SPEAKS = re.compile(f"[@{FULL_WIDTH_AT}<>]")
_UPLOAD = re.compile(r"skyflow:upload/[0-9a-f]{64}(?:\.[a-z0-9]+)?")


@dataclass(slots=True, eq=False)
class Channel:
    """One thing that a variant brings, for every hole that it fills: a column, a variable, a computed text, an address.

    `take` gives its value. `piece` gives what stands for it in JSON, or None where the variant must go the long way.
    """

    take: Callable[[Values], Any]
    reads: frozenset[str] = frozenset()
    """The top-level names that it is computed from."""
    field_name: str = ""
    """Where an address stands; empty for words."""
    row: str = ""
    """The name of the row whose `column` it is; empty for all else."""
    column: str = ""
    local: Callable[[str], str | None] | None = None
    """Of an address: the upload that stands for a local picture, or None where the long way is needed."""
    shots: dict[ShotMould, int] = field(default_factory=dict)
    """The shots in whose prompts it stands, with the number of holes in each."""
    known: dict[str, bytes] = field(default_factory=dict)
    longest: int = 0

    def pieces(self, values: Sequence[object]) -> Sequence[bytes | None]:
        """What many values become. Words are looked at all together, and one by one only where something is wrong with any."""
        texts = [value for value in values if isinstance(value, str)]
        if not self.field_name and len(texts) == len(values):
            together = "\0".join(texts)
            try:
                pieces = spell(together).split(_NUL)
                if len(pieces) == len(texts) and self._admit_words(
                    together, max(map(len, together.encode().split(b"\0")))
                ):
                    return pieces
            except UnicodeEncodeError:
                pass  # one by one it shows which
        return [self.piece(value) for value in values]

    def piece(self, value: object) -> bytes | None:
        """What a value becomes, admitted where it is new; None where the variant must go the long way."""
        try:
            text = to_text(value)
            found = self.known.get(text)
            if found is None:
                admitted = self._admit(text)
                if admitted is None:
                    return None
                if len(self.known) >= MAX_ADMITTED:
                    self.known.clear()
                found = self.known[text] = spell(admitted)
        except (NoText, UnicodeEncodeError):
            return None
        return found

    def _admit(self, text: str) -> str | None:
        """The text, or the upload that it names; None where the long way is needed."""
        if not self.field_name:
            return text if self._admit_words(text, len(text.encode())) else None
        if text.startswith(("https://", "http://")):
            return text if _is_good(text, self.field_name) else None
        return self.local(text) if self.local is not None else None

    def _admit_words(self, text: str, longest: int) -> bool:
        """Whether words can neither mention nor sound, and the longest of them, in bytes, brings no prompt near the length where tokens
        must be counted."""
        if _SPEAKS.search(text):
            return False
        more = longest - self.longest
        if more > 0:
            if any(shot.spare_bytes < more * holes for shot, holes in self.shots.items()):
                return False
            for shot, holes in self.shots.items():
                shot.spare_bytes -= more * holes
            self.longest = longest
        return True


@dataclass(slots=True, eq=False)
class RowChannels:
    """The channels that are columns of one row. `known` remembers a row's pieces: it comes back with every alternative of other axes.

    `table` are the rows that will be asked for, in order, where that is certain: many cells of a column are quickly looked at together.
    """

    name: str
    channels: list[Channel]
    table: Sequence[Row]
    known: dict[Row, tuple[bytes, ...] | None] = field(default_factory=dict)
    _next: int = 0
    """The first row of the table that was not looked at."""

    def pieces(self, row: Row) -> tuple[bytes, ...] | None:
        """What the columns of a row become; None where the variant must go the long way."""
        if row not in self.known:
            self._admit(row)
        return self.known[row]

    def _admit(self, row: Row) -> None:
        if self._next >= len(self.table):
            self._next = 0
        rows = self.table[self._next : self._next + _BLOCK]
        if row in rows:
            self._next += len(rows)
        else:
            rows = [row]
        if len(self.known) >= MAX_ADMITTED:
            self.known.clear()
        columns = [channel.pieces([one.columns[channel.column] for one in rows]) for channel in self.channels]
        for one, pieces in zip(rows, zip(*columns, strict=True), strict=True):
            self.known[one] = None if None in pieces else pieces


@dataclass(slots=True, eq=False)
class ShotMould:
    """One shot: what picks the pieces of its body, in order, from those of a variant.

    `spare_bytes` is what is left of the bytes that need no count of tokens when every hole holds the longest text it has seen.
    """

    node: Node
    spare_bytes: int
    opening: bytes = b""
    """What every body of it begins with."""
    pick: Pick = tuple
    needs: tuple[int, ...] = ()
    """The shots whose keys it holds, by index."""
    mode: Mode = "T2V"
    seconds: float | None = None
    """The length of its reference video, where it is known."""


Pick = Callable[[list[bytes]], Iterable[bytes]]


@dataclass(eq=False)
class FilmMould:
    """All shots of a variant in storyboard order, and those that others use in an order in which they can be made.

    A variant's list of pieces holds one for each channel, those of `rows` before the `others`; behind them stand the literals of all shots, and
    behind these one place for the key of each shot.
    """

    film: Film
    shots: list[ShotMould]
    needed: list[ShotMould]
    rows: list[RowChannels]
    others: list[Channel]
    literals: list[bytes]
    pick_lines: Pick
    """Picks the pieces of the bodies of all takes, each with a line end behind it."""
    paths: dict[str, str]
    """Project path of each `skyflow:upload/` URL that a row brought."""

    def files_of(self, node: Node, body: bytes) -> Mapping[str, str]:
        """Which local files a body uploads."""
        if not self.paths:
            return node.draft.paths
        return {
            url: path
            for url in _UPLOAD.findall(body.decode())
            if (path := self.paths.get(url) or node.draft.paths.get(url))
        }

    @cached_property
    def line_middles(self) -> list[list[bytes]]:
        """What stands between the variant's name and the key in the line that `compile` prints of each take of each shot."""
        return [
            [
                f', "shot": {encode_basestring(shot.node.instance.name)}, "take": {take}, "mode": "{shot.mode}", "key": "'.encode()
                for take in range(1, shot.node.draft.takes + 1)
            ]
            for shot in self.shots
        ]

    @cached_property
    def can_repeat(self) -> bool:
        """Whether two shots of one variant could be the same request: not where they begin differently."""
        openings = sorted(mould.opening for mould in self.shots)
        return any(later.startswith(earlier) for earlier, later in pairwise(openings))

    @cached_property
    def _rows(self) -> list[tuple[str, dict[Row, tuple[bytes, ...] | None], RowChannels]]:
        return [(rows.name, rows.known, rows) for rows in self.rows]

    @cached_property
    def _others(self) -> list[tuple[Callable[[Values], Any], dict[str, bytes], Channel]]:
        return [(channel.take, channel.known, channel) for channel in self.others]

    def pieces(self, values: Values) -> list[bytes] | None:
        """What a variant fills in, a piece for each channel; None where it must go the long way."""
        found: list[bytes] = []
        for name, known_rows, rows in self._rows:
            row = values.get(name)
            if not isinstance(row, Row):
                return None
            pieces = known_rows.get(row) or rows.pieces(row)
            if pieces is None:
                return None
            found += pieces
        for take, known, channel in self._others:
            value = take(values)
            piece = (known.get(value) if isinstance(value, str) else None) or channel.piece(value)
            if piece is None:
                return None
            found.append(piece)
        return found

    def admits(self, axes: Mapping[str, Sequence[Any]], values: Values) -> bool:
        """Whether it is certain that every combination of the axes' values can be cast, seen from the values alone: each is admitted, and
        no hole is filled by two axes together. `values` are those of one variant."""
        for rows in self.rows:
            if rows.name not in axes or any(rows.pieces(row) is None for row in axes[rows.name]):
                return False
        for channel in self.others:
            varying = channel.reads & axes.keys()
            if len(varying) > 1 or "variant" in channel.reads:  # whose name holds the values of all axes
                return False
            for name in varying:
                if any(channel.piece(channel.take({**values, name: value})) is None for value in axes[name]):
                    return False
        return True

    def filled(self, pieces: list[bytes]) -> list[bytes]:
        """The pieces of a variant with the literals behind them, and behind these the keys of the clips that others use."""
        filled = pieces + self.literals
        if self.needed:
            start = len(filled)
            filled += [b""] * len(self.shots)
            for mould in self.needed:
                key = clip_key(b"".join(mould.pick(filled)), mould.node.draft.pick or 1)
                filled[start + mould.node.index] = key.encode()
        return filled

    def bodies(self, pieces: list[bytes]) -> list[bytes]:
        """The body of each shot, in storyboard order."""
        filled = self.filled(pieces)
        return [b"".join(mould.pick(filled)) for mould in self.shots]


def spell(text: str) -> bytes:
    """A text as it stands within the quotes of JSON. Raises UnicodeEncodeError for half a character, which only the long way can spell."""
    return encode_basestring(text)[1:-1].encode()


_KINDS: Mapping[str, Literal["clip", "sound"]] = {"audio_url": "sound", "video_url": "clip"}


def _is_good(url: str, field_name: str) -> bool:
    """Whether the contract has nothing against an address in a field."""
    return not check_url(url, (), _KINDS.get(field_name, "picture"))
