"""A mould of a shot: its request as JSON text with holes for what axes change. Casting one fills the holes and does nothing else.

A thousand variants of an advert differ in a few words each. The first of them is compiled the long way (`film`), with every check. Where nothing
was wrong with it, its request becomes a mould, and another variant may be cast from it only if it cannot differ in anything that a check looks
at: its values hold no `@`, `<` or `>`, its prompt cannot be too long, its addresses are good, its settings are the same. Whatever is not
certain goes the long way. That both ways give the same is a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from typing import Any, Literal

from skyflow.contract import mode_of
from skyflow.contract.urls import check_url
from skyflow.requests.compiled import Mode
from skyflow.requests.film import Film, reference_seconds
from skyflow.requests.graph import Node
from skyflow.variants import (
    NoText,
    Values,
    to_text,
)

# Texts that were admitted to a channel are remembered; beyond this many they are forgotten, so that memory stays flat.
MAX_ADMITTED = 50_000
_SPEAKS = re.compile("[@<>]")
_UPLOAD = re.compile(r"skyflow:upload/[0-9a-f]{64}(?:\.[a-z0-9]+)?")


@dataclass(slots=True, eq=False)
class Channel:
    """One thing that a variant brings, for every hole that it fills: a column, a variable, a computed text, an address.

    `take` gives its value. `admit` gives the JSON text that stands for it, or None where the variant must go the long way.
    """

    take: Callable[[Values], Any]
    field_name: str = ""
    """Where an address stands; empty for words."""
    row: str = ""
    """The name of the row whose column it is; empty for all else."""
    local: Callable[[str], str | None] | None = None
    """Of an address: the upload that stands for a local picture, or None where the long way is needed."""
    shots: list[ShotMould] = field(default_factory=list)
    """Each shot whose prompt it stands in, once for each hole."""
    known: dict[str, str] = field(default_factory=dict)
    longest: int = 0

    def text(self, values: Values) -> str | None:
        """The text for the value of a variant, admitted where it is new; None where the variant must go the long way."""
        try:
            value = to_text(self.take(values))
        except NoText:
            return None
        if value in self.known:
            return self.known[value]
        admitted = self._admit_address(value) if self.field_name else self._admit_words(value)
        if admitted is None:
            return None
        if len(self.known) >= MAX_ADMITTED:
            self.known.clear()
        found = self.known[value] = encode_basestring(admitted)[1:-1]
        return found

    def _admit_address(self, address: str) -> str | None:
        if address.startswith(("https://", "http://")):
            return address if _is_good(address, self.field_name) else None
        return self.local(address) if self.local is not None else None

    def _admit_words(self, text: str) -> str | None:
        """Words that can neither mention nor sound, and with which no prompt comes near the length where tokens must be counted."""
        if _SPEAKS.search(text):
            return None
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        more = size - self.longest
        if more > 0:
            if any(shot.spare_bytes < more * self.shots.count(shot) for shot in self.shots):
                return None
            for shot in self.shots:
                shot.spare_bytes -= more
            self.longest += more
        return text


@dataclass(slots=True, eq=False)
class ShotMould:
    """One shot: what picks the pieces of its body, in order, from a variant's texts with the film's `literals` behind them.

    `spare_bytes` is what is left of the bytes that need no count of tokens when every hole holds the longest text it has seen.
    """

    node: Node
    spare_bytes: int
    opening: str = ""
    """What every body of it begins with."""
    pick: Callable[[list[str]], Iterable[str]] = tuple
    needs: tuple[int, ...] = ()
    """The shots whose keys it holds, by index."""


@dataclass(eq=False)
class FilmMould:
    """All shots of a variant in storyboard order, and in an order in which they can be made.

    A variant's list of texts holds one for each channel, behind them the literals of all shots, and behind these one place for the key of
    each shot.
    """

    film: Film
    shots: list[ShotMould]
    order: list[ShotMould]
    channels: list[Channel]
    literals: list[str]
    paths: dict[str, str]
    """Project path of each `skyflow:upload/` URL that a row brought."""

    def files_of(self, node: Node, body: str) -> Mapping[str, str]:
        """Which local files a body uploads."""
        if not self.paths:
            return node.draft.paths
        return {
            url: path for url in _UPLOAD.findall(body) if (path := self.paths.get(url) or node.draft.paths.get(url))
        }

    @cached_property
    def modes(self) -> dict[int, Mode]:
        return {mould.node.index: mode_of(mould.node.draft.request) for mould in self.shots}

    @cached_property
    def line_middles(self) -> dict[int, tuple[str, str]]:
        """What stands around the take's number in the line that `compile` prints of each shot."""
        return {
            mould.node.index: (
                f'"shot": {encode_basestring(mould.node.instance.name)}, "take": ',
                f', "mode": "{self.modes[mould.node.index]}", "key": "',
            )
            for mould in self.shots
        }

    @cached_property
    def seconds(self) -> dict[int, float | None]:
        """The length of each shot's reference video, where it is known."""
        return {mould.node.index: reference_seconds(mould.node, self.film) for mould in self.shots}

    @cached_property
    def needed(self) -> frozenset[int]:
        """The shots whose clips others use, by index."""
        return frozenset(need for mould in self.shots for need in mould.needs)

    @cached_property
    def _by_row(self) -> dict[str, list[Channel]]:
        """The channels that are columns of rows, by the name of the row."""
        found: dict[str, list[Channel]] = {}
        for channel in self.channels:
            if channel.row:
                found.setdefault(channel.row, []).append(channel)
        return found

    @cached_property
    def _others(self) -> list[tuple[Callable[[Values], Any], dict[str, str], Channel]]:
        return [(channel.take, channel.known, channel) for channel in self.channels if not channel.row]

    @cached_property
    def _rows_known(self) -> dict[object, list[str]]:
        """The texts of all columns of a row, once the row was admitted: it comes back with every alternative of the other axes."""
        return {}

    @cached_property
    def can_repeat(self) -> bool:
        """Whether two shots of one variant could be the same request: not where they begin differently."""
        openings = sorted(mould.opening for mould in self.shots)
        return any(later.startswith(earlier) for earlier, later in pairwise(openings))

    def texts(self, values: Values) -> list[str] | None:
        """The texts that a variant fills in; None where it must go the long way."""
        found: list[str] = []
        for name, channels in self._by_row.items():
            row = values[name]
            texts = self._rows_known.get(row)
            if texts is None:
                texts = self._admit_row(row, channels, values)
                if texts is None:
                    return None
            found += texts
        for take, known, channel in self._others:
            try:
                text = known.get(take(values))
            except (TypeError, KeyError):  # a list is no text, and cannot be looked up either; a variable may have failed
                return None
            if text is None:
                text = channel.text(values)
                if text is None:
                    return None
            found.append(text)
        return found

    def _admit_row(self, row: object, channels: list[Channel], values: Values) -> list[str] | None:
        texts: list[str] = []
        for channel in channels:
            text = channel.text(values)
            if text is None:
                return None
            texts.append(text)
        if len(self._rows_known) >= MAX_ADMITTED:
            self._rows_known.clear()
        self._rows_known[row] = texts
        return texts

    def bodies(self, texts: list[str], key_of: Callable[[str, int], str]) -> dict[int, str]:
        """The body of each shot by its index. `texts` are those of `texts`; the keys of needed clips are put behind them."""
        filled = texts + self.literals
        start = len(filled)
        if self.needed:
            filled += [""] * len(self.shots)
        found: dict[int, str] = {}
        for mould in self.order:
            index = mould.node.index
            body = found[index] = "".join(mould.pick(filled))
            if index in self.needed:
                filled[start + index] = key_of(body, mould.node.draft.pick or 1)
        return found


_KINDS: Mapping[str, Literal["clip", "sound"]] = {"audio_url": "sound", "video_url": "clip"}


def _is_good(url: str, field_name: str) -> bool:
    """Whether the contract has nothing against an address in a field."""
    return not check_url(url, (), _KINDS.get(field_name, "picture"))
