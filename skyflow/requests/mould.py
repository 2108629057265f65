"""A mould of a shot: its request as JSON text with holes for what axes change. Casting one fills the holes and does nothing else.

A thousand variants of an advert differ in a few words each. The first of them is compiled the long way (`film`), with every check. Where nothing
was wrong with it, its request becomes a mould, and another variant may be cast from it only if it cannot differ in anything that a check looks
at: its values hold no `@`, `<` or `>`, its prompt cannot be too long, its addresses are good, its settings are the same. Whatever is not
certain goes the long way. That both ways give the same is a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from operator import itemgetter
from typing import Any, Literal

from skyflow.contract import MAX_PROMPT_TOKENS, mode_of
from skyflow.contract.urls import check_url
from skyflow.requests.compiled import Mode
from skyflow.requests.film import Film, reference_seconds
from skyflow.requests.graph import Node
from skyflow.requests.keys import canonical_json
from skyflow.syntax import tree
from skyflow.variants import (
    Environment,
    NoText,
    Read,
    Values,
    evaluate_expression,
    read_of,
    reads_locally,
    row_of,
    taker_of,
    to_text,
)

# Texts that were admitted to a channel are remembered; beyond this many they are forgotten, so that memory stays flat.
MAX_ADMITTED = 50_000
_MARK = re.compile("\ue000([0-9]+)\ue001")
_OPEN_CUE = re.compile(r"<[^<>]*$")


class NoMould(Exception):
    """This shot must be compiled the long way in every variant."""


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
        if not (self._admit_address(value) if self.field_name else self._admit_words(value)):
            return None
        if len(self.known) >= MAX_ADMITTED:
            self.known.clear()
        found = self.known[value] = encode_basestring(value)[1:-1]
        return found

    def _admit_address(self, url: str) -> bool:
        return url.startswith(("https://", "http://")) and _is_good(url, self.field_name)

    def _admit_words(self, text: str) -> bool:
        """Words that can neither mention nor sound, and with which no prompt comes near the length where tokens must be counted."""
        if "@" in text or "<" in text or ">" in text:
            return False
        more = len(text.encode("utf-8", "surrogatepass")) - self.longest
        if more > 0:
            if any(shot.spare_bytes < more * self.shots.count(shot) for shot in self.shots):
                return False
            for shot in self.shots:
                shot.spare_bytes -= more
            self.longest += more
        return True


@dataclass(slots=True, eq=False)
class ShotMould:
    """One shot: the text of its body with `%s` for each hole, and what picks the texts for these from a variant's list of texts.

    `spare_bytes` is what is left of the bytes that need no count of tokens when every hole holds the longest text it has seen.
    """

    node: Node
    spare_bytes: int
    template: str = ""
    pick: Callable[[list[str]], Any] = tuple
    needs: tuple[int, ...] = ()
    """The shots whose keys it holds, by index."""

    @property
    def opening(self) -> str:
        """What every body of it begins with."""
        return self.template.split("%s", 1)[0]


@dataclass(eq=False)
class FilmMould:
    """All shots of a variant in storyboard order, and in an order in which they can be made.

    A variant's list of texts holds one for each channel, and behind them one place for the key of each shot.
    """

    film: Film
    shots: list[ShotMould]
    order: list[ShotMould]
    channels: list[Channel]

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
            except TypeError:  # a list is no text, and cannot be looked up either
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
        start = len(self.channels)
        filled = [*texts, *([""] * len(self.shots))] if self.needed else texts
        found: dict[int, str] = {}
        for mould in self.order:
            index = mould.node.index
            body = found[index] = mould.template % mould.pick(filled)
            if index in self.needed:
                filled[start + index] = key_of(body, mould.node.draft.pick or 1)
        return found


def make_mould(film: Film, structural: Collection[Read]) -> FilmMould:
    """The mould of a film that was compiled without a single diagnostic. Raises NoMould.

    `structural` is what decides more than words; every variant cast from the mould agrees with the film in it.
    """
    if len(film.keys) != len(film.nodes):
        raise NoMould
    making = _Making(frozenset(structural))
    fillers = [making.shot(node) for node in film.nodes]
    making.sort_channels()
    moulds = [making.finish(mould, items) for mould, items in fillers]
    return FilmMould(film, moulds, _in_order(moulds), making.channels)


def _in_order(moulds: list[ShotMould]) -> list[ShotMould]:
    """The shots so that each comes after those whose keys it holds."""
    by_index = {mould.node.index: mould for mould in moulds}
    done: set[int] = set()
    ordered: list[ShotMould] = []
    pending = list(reversed(moulds))
    while pending:
        mould = pending[-1]
        missing = [by_index[need] for need in mould.needs if need not in done]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        if mould.node.index not in done:
            done.add(mould.node.index)
            ordered.append(mould)
    return ordered


_Item = str | Channel | int
"""A part of a body: text, what a channel brings, or the key of the clip of a shot, by the shot's index."""


class _Making:
    """Making the moulds of one film: shots share channels."""

    def __init__(self, structural: frozenset[Read]) -> None:
        self.structural = structural
        self.channels: list[Channel] = []
        self._by_source: dict[tuple[str, ...], Channel] = {}

    def shot(self, node: Node) -> tuple[ShotMould, list[_Item]]:
        """Marks in the request what varies, spells it as JSON, and cuts it at the marks."""
        mould = ShotMould(node, MAX_PROMPT_TOKENS)
        fillers: list[list[_Item]] = [self.prompt(mould)]
        marked = self.addresses(node, fillers)
        marked["prompt"] = "\ue0000\ue001"
        for use, need in zip(node.draft.results, node.needs, strict=True):
            assert need is not None
            marked = _replace_text(marked, use.slot_key, f"\ue000{len(fillers)}\ue001")
            fillers.append([need.index])
        items: list[_Item] = []
        for index, piece in enumerate(_MARK.split(canonical_json(marked))):
            items.extend(fillers[int(piece)] if index % 2 else [piece])
        return mould, items

    def sort_channels(self) -> None:
        """Rows first, each row's columns together: the order in which `texts` gathers them."""
        rows = list(dict.fromkeys(channel.row for channel in self.channels if channel.row))
        self.channels.sort(key=lambda channel: rows.index(channel.row) if channel.row else len(rows))

    def finish(self, mould: ShotMould, items: list[_Item]) -> ShotMould:
        """Gives a mould its template, now that the number of channels is known."""
        texts: list[str] = []
        places: list[int] = []
        for item in items:
            if isinstance(item, str):
                texts.append(item.replace("%", "%%"))
                continue
            texts.append("%s")
            places.append(len(self.channels) + item if isinstance(item, int) else self.channels.index(item))
        mould.template = "".join(texts)
        mould.pick = itemgetter(*places) if places else lambda _texts: ()
        mould.needs = tuple(dict.fromkeys(item for item in items if isinstance(item, int)))
        return mould

    def channel(self, source: tuple[str, ...], take: Callable[[Values], Any], field_name: str = "") -> Channel:
        """The channel of an expression or address: one for all holes where the same is written."""
        found = self._by_source.get(source)
        if found is None:
            found = self._by_source[source] = Channel(take, field_name, row_of(take))
            self.channels.append(found)
        return found

    # --- the prompt -------------------------------------------------------------------------------------------------

    def prompt(self, mould: ShotMould) -> list[_Item]:
        """The prompt and look as JSON text with holes; what is admitted to them keeps everything that was checked as it was."""
        node = mould.node
        environment = node.instance.environment
        tags = _tags(node)
        found: list[_Item] = []
        before = ""
        parts = list(_written_parts(node))
        for index, (text, expression) in enumerate(parts):
            take = taker_of(expression, environment, self.structural) if expression is not None else None
            if take is None or expression is None:
                before += text
                found.append(encode_basestring(text.replace("@@", "@"))[1:-1])
                mould.spare_bytes -= len(text.encode("utf-8", "surrogatepass"))
                continue
            following = parts[index + 1][0] if index + 1 < len(parts) else ""
            if not _tag_is_settled(before, tags) or _OPEN_CUE.search(before) or following.startswith("@"):
                raise NoMould  # a value could become part of a tag or of a sound cue
            channel = self.channel(("words", expression.text.strip(), *_locals(expression, node)), take)
            channel.shots.append(mould)
            mould.spare_bytes -= channel.longest
            found.append(channel)
        return found

    # --- addresses --------------------------------------------------------------------------------------------------

    def addresses(self, node: Node, fillers: list[list[_Item]]) -> dict[str, Any]:
        """A copy of the request in which every address that varies is a mark."""
        marks: dict[str, str] = {}
        kinds = _kinds_of_addresses(node)
        for url, (value, environment) in node.draft.addresses.items():
            if all(read in self.structural for read in read_of(value, environment)):
                continue
            if not isinstance(value, tree.Text) or url in node.draft.ambiguous or len(kinds[url]) != 1:
                raise NoMould
            take = _address_taker(value, environment, self.structural)
            expressions = [part for part in value.parts if isinstance(part, tree.Expression)]
            local = any(reads_locally(expression, environment) for expression in expressions)
            field_name = next(iter(kinds[url]))
            place = (
                value.span.source.path,
                str(value.span.start),
                field_name,
                *((node.instance.name,) if local else ()),
            )
            marks[url] = f"\ue000{len(fillers)}\ue001"
            fillers.append([self.channel(("address", *place), take, field_name)])
        copied: dict[str, Any] = _marked(node.draft.request, marks)
        return copied


def _locals(expression: tree.Expression, node: Node) -> tuple[str, ...]:
    """What tells an expression from the same words in another block: nothing where it reads the top level only."""
    environment = node.instance.environment
    return () if not reads_locally(expression, environment) else (node.instance.name,)


def _address_taker(value: tree.Text, environment: Environment, structural: Collection[Read]) -> Callable[[Values], Any]:
    takers = [
        part.text
        if isinstance(part, tree.Literal)
        else taker_of(part, environment, structural) or to_text(evaluate_expression(part, environment))
        for part in value.parts
    ]
    only = takers[0]
    if len(takers) == 1 and not isinstance(only, str):
        return only

    def take(values: Values) -> str | None:
        try:
            return "".join(taker if isinstance(taker, str) else to_text(taker(values)) for taker in takers)
        except NoText:
            return None

    return take


def _replace_text(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: _replace_text(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replace_text(inner, old, new) for inner in value]
    return value.replace(old, new) if isinstance(value, str) else value


def _written_parts(node: Node) -> Iterator[tuple[str, tree.Expression | None]]:
    """The prompt and look in parts: what each is in the film, and the expression that it was computed from."""
    assert node.draft.prompt is not None
    for index, (_, rendered) in enumerate(node.draft.prompt.parts):
        literals = [piece.text for piece in rendered.pieces if isinstance(piece.part, tree.Literal)]
        if not any(text.strip() for text in literals):
            raise NoMould  # with an empty value it would be blank, which is another case
        if index:
            yield " ", None
        for piece in rendered.pieces:
            yield piece.text, piece.part if isinstance(piece.part, tree.Expression) else None


def _tags(node: Node) -> frozenset[str]:
    shot = node.instance.shot
    own = {keyframe.tag.text for keyframe in shot.keyframes} | {extend.tag.text for extend in shot.extends}
    return frozenset(own | shot.scope.visible_assets().keys())


def _tag_is_settled(before: str, tags: Collection[str]) -> bool:
    """Whether what stands at the last `@` of a text is certain, whatever follows the text (contract.md, whole tags)."""
    at = before.rfind("@")
    if at < 0:
        return True
    open_text = before[at:]
    if any(character.isspace() for character in open_text):
        return True
    if any(tag.startswith(open_text) for tag in tags):
        return False
    standing = max((tag for tag in tags if open_text.startswith(tag)), key=len, default=None)
    return standing is not None and open_text[len(standing)] != "-"


def _marked(value: Any, marks: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _marked(inner, marks) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, marks) for inner in value]
    return marks.get(value, value) if isinstance(value, str) else value


def _kinds_of_addresses(node: Node) -> dict[str, set[str]]:
    """In which fields each address stands."""
    found: dict[str, set[str]] = {}

    def visit(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for inner_name, inner in value.items():
                visit(inner, inner_name)
        elif isinstance(value, list):
            for inner in value:
                visit(inner, name)
        elif isinstance(value, str):
            found.setdefault(value, set()).add(name)

    visit({name: value for name, value in node.draft.request.items() if name != "prompt"}, "")
    return found


_KINDS: Mapping[str, Literal["clip", "sound"]] = {"audio_url": "sound", "video_url": "clip"}


def _is_good(url: str, field_name: str) -> bool:
    """Whether the contract has nothing against an address in a field."""
    return not check_url(url, (), _KINDS.get(field_name, "picture"))
