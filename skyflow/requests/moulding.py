"""Making moulds: a film that was compiled in full, with nothing wrong → its requests as texts with holes.

Refuses (NoMould) wherever another value could change more than words: there every variant is compiled the long way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from operator import itemgetter
from typing import Any

from skyflow.contract import MAX_PROMPT_TOKENS, mode_of
from skyflow.contract.urls import check_url
from skyflow.requests.draft import FULL_WIDTH_AT
from skyflow.requests.film import Film, reference_seconds
from skyflow.requests.graph import Node
from skyflow.requests.keys import canonical_json
from skyflow.requests.mould import Channel, FilmMould, Pick, RowChannels, ShotMould
from skyflow.requests.sources import Sources, is_address
from skyflow.source import Files
from skyflow.syntax import tree
from skyflow.variants import (
    Environment,
    Evaluated,
    NoText,
    Read,
    Row,
    Unevaluated,
    Values,
    cell_taken,
    evaluate_expression,
    read_of,
    reads_locally,
    taker_of,
    to_text,
)

_MARK = re.compile("\ue000([0-9]+)\ue001")
_OPEN_CUE = re.compile(r"<[^<>]*$")


class NoMould(Exception):
    """This film must be compiled the long way in every variant."""


def make_mould(
    film: Film, structural: Collection[Read], tables: Mapping[str, Sequence[Row]], files: Files
) -> FilmMould:
    """The mould of a film that was compiled without a single diagnostic. Raises NoMould.

    `structural` is what decides more than words; every variant cast from the mould agrees with the film in it. `tables` are the rows of each
    axis that takes its alternatives from a table.
    """
    if len(film.keys) != len(film.nodes) or any(node.draft.prompt is None for node in film.nodes):
        raise NoMould  # a shot without a prompt is no mistake that was told where a syntax error dropped it
    making = _Making(frozenset(structural), tables, files)
    made = [making.shot(node) for node in film.nodes]
    try:
        return making.finish(film, made)
    except UnicodeEncodeError:
        raise NoMould from None  # half a character, which only the long way can spell


def _needed(moulds: list[ShotMould]) -> list[ShotMould]:
    """The shots whose keys others hold, each behind those whose keys it holds itself."""
    ordered: dict[int, ShotMould] = {}
    pending = [moulds[need] for mould in moulds for need in mould.needs]
    while pending:
        missing = [moulds[need] for need in pending[-1].needs if need not in ordered]
        if missing:
            pending.extend(missing)
        else:
            mould = pending.pop()
            ordered[mould.node.index] = mould
    return list(ordered.values())


_Item = str | Channel | int
"""A part of a body: text, what a channel brings, or the key of the clip of a shot, by the shot's index."""


class _Making:
    """Making the moulds of one film: shots share channels."""

    def __init__(self, structural: frozenset[Read], tables: Mapping[str, Sequence[Row]], files: Files) -> None:
        self.structural = structural
        self.tables = tables
        self.files = files
        self.paths: dict[str, str] = {}
        self.channels: list[Channel] = []
        self._by_source: dict[tuple[str, ...], Channel] = {}

    def shot(self, node: Node) -> tuple[ShotMould, list[_Item]]:
        """Marks in the request what varies, spells it as JSON, and cuts it at the marks."""
        if _MARK.search(canonical_json(node.draft.request)):
            raise NoMould  # it holds what we mark with
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
            for item in fillers[int(piece)] if index % 2 else [piece]:
                if items and isinstance(item, str) and isinstance(items[-1], str):
                    items[-1] += item
                else:
                    items.append(item)
        return mould, items

    def finish(self, film: Film, made: list[tuple[ShotMould, list[_Item]]]) -> FilmMould:
        """Tells the moulds where their pieces stand, now that the number of channels and literals is known."""
        rows = self.row_channels()
        others = [channel for channel in self.channels if not channel.row]
        literals = [item for _, items in made for item in items if isinstance(item, str)]
        ordered = [*(channel for row in rows for channel in row.channels), *others, *literals]
        places = {id(item): place for place, item in enumerate(ordered)}
        keys = len(ordered) + 1  # behind the line end
        lines: list[int] = []
        for mould, items in made:
            found = [keys + item if isinstance(item, int) else places[id(item)] for item in items]
            mould.opening = str(items[0]).encode()
            mould.pick = _picker(found)
            mould.mode = mode_of(mould.node.draft.request)
            mould.seconds = reference_seconds(mould.node, film)
            mould.needs = tuple(dict.fromkeys(item for item in items if isinstance(item, int)))
            lines += [*found, keys - 1] * mould.node.draft.takes
        moulds = [mould for mould, _ in made]
        spelled = [*(literal.encode() for literal in literals), b"\n"]
        return FilmMould(film, moulds, _needed(moulds), rows, others, spelled, _picker(lines), self.paths)

    def row_channels(self) -> list[RowChannels]:
        """The channels that are columns, by their row. Where only words depend on a row, all its table is to be expected."""
        by_row: dict[str, list[Channel]] = {}
        for channel in self.channels:
            if channel.row:
                by_row.setdefault(channel.row, []).append(channel)
        structural = {name for name, _ in self.structural}
        return [
            RowChannels(name, channels, () if name in structural else self.tables.get(name, ()))
            for name, channels in by_row.items()
        ]

    def channel(
        self, source: tuple[str, ...], take: Callable[[Values], Any], reads: set[Read], field_name: str = ""
    ) -> Channel:
        """The channel of an expression or address: one for all holes where the same is written."""
        found = self._by_source.get(source)
        if found is None:
            names = frozenset(name for name, _ in reads)
            found = self._by_source[source] = Channel(take, names, field_name, *cell_taken(take))
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
                before += text.replace(FULL_WIDTH_AT, "@")  # which is looked at as a mention, too
                found.append(encode_basestring(text.replace("@@", "@"))[1:-1])
                mould.spare_bytes -= len(text.encode("utf-8", "surrogatepass"))
                continue
            following = parts[index + 1][0] if index + 1 < len(parts) else ""
            if (
                not _tag_is_settled(before, tags)
                or _OPEN_CUE.search(before)
                or following.startswith(("@", FULL_WIDTH_AT))
            ):
                raise NoMould  # a value could become part of a tag or of a sound cue
            reads = read_of(tree.Template(expression.span, expression), environment)
            channel = self.channel(("words", expression.text.strip(), *_locals(expression, node)), take, reads)
            channel.shots[mould] = channel.shots.get(mould, 0) + 1
            mould.spare_bytes -= channel.longest
            found.append(channel)
        return found

    # --- addresses --------------------------------------------------------------------------------------------------

    def addresses(self, node: Node, fillers: list[list[_Item]]) -> dict[str, Any]:
        """A copy of the request in which every address that varies is a mark."""
        marks: dict[str, str] = {}
        kinds = _kinds_of_addresses(node)
        for url, (value, environment) in node.draft.addresses.items():
            reads = read_of(value, environment)
            if all(read in self.structural for read in reads):
                continue
            if not isinstance(value, tree.Text | tree.Template) or len(kinds[url]) != 1:
                raise NoMould
            parts = value.parts if isinstance(value, tree.Text) else (value.expression,)
            take = _address_taker(parts, environment, self.structural)
            expressions = [part for part in parts if isinstance(part, tree.Expression)]
            local = any(reads_locally(expression, environment) for expression in expressions)
            field_name = next(iter(kinds[url]))
            place = (
                value.span.source.path,
                str(value.span.start),
                field_name,
                *((node.instance.name,) if local else ()),
            )
            marks[url] = f"\ue000{len(fillers)}\ue001"
            channel = self.channel(("address", *place), take, reads, field_name)
            if field_name in _PICTURES:
                channel.local = self.local_pictures(value, node)
            fillers.append([channel])
        copied: dict[str, Any] = _marked(node.draft.request, marks)
        return copied

    def local_pictures(self, value: tree.Value, node: Node) -> Callable[[str], str | None]:
        """Opens the local pictures that rows name."""
        sources = Sources(self.files, node.instance.shot, frozenset())

        def upload(written: str) -> str | None:
            if is_address(written) or written.startswith("@"):
                return None
            try:
                url = sources.local_file(Evaluated(written, value.span, value), "image")
            except Unevaluated:
                return None  # the long way says what is wrong
            self.paths[url] = sources.paths[url]
            return None if check_url(url, (), "picture", placeholders=True) else url

        return upload


# A first frame is not among them: its shape is compared with the film's, which is left to the long way.
_PICTURES = frozenset({"image_url", "image_urls", "end_frame_image"})


def _picker(places: list[int]) -> Pick:
    return itemgetter(*places) if len(places) > 1 else lambda pieces: [pieces[place] for place in places]


def _locals(expression: tree.Expression, node: Node) -> tuple[str, ...]:
    """What tells an expression from the same words in another block: nothing where it reads the top level only."""
    environment = node.instance.environment
    return () if not reads_locally(expression, environment) else (node.instance.name,)


def _address_taker(
    parts: Sequence[tree.Literal | tree.Expression], environment: Environment, structural: Collection[Read]
) -> Callable[[Values], Any]:
    takers = [
        part.text
        if isinstance(part, tree.Literal)
        else taker_of(part, environment, structural) or to_text(evaluate_expression(part, environment))
        for part in parts
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
