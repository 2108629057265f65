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
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from typing import Any

from skyflow.contract import MAX_PROMPT_TOKENS, mode_of
from skyflow.contract.urls import audio_url_check, image_url_check, video_url_check
from skyflow.requests.compiled import Mode
from skyflow.requests.film import Film, reference_seconds
from skyflow.requests.graph import Node
from skyflow.requests.keys import canonical_json
from skyflow.syntax import tree
from skyflow.variants import Environment, NoText, Read, Values, evaluate_expression, read_of, taker_of, to_text

# Texts that were admitted to a hole are remembered; beyond this many they are forgotten, so that memory stays flat.
MAX_ADMITTED = 50_000
_MARK = re.compile("\ue000([0-9]+)\ue001")
_OPEN_CUE = re.compile(r"<[^<>]*$")


class NoMould(Exception):
    """This shot must be compiled the long way in every variant."""


@dataclass(slots=True, eq=False)
class Hole:
    """One place that a variant fills: `take` gives the value, `admit` the JSON text for it, or None where the long way is needed."""

    take: Callable[[Values], Any]
    admit: Callable[[str], str | None]
    known: dict[str, str] = field(default_factory=dict)

    def text(self, values: Values) -> str | None:
        value = self.take(values)
        if value.__class__ is not str:
            try:
                value = to_text(value)
            except NoText:
                return None
        found = self.known.get(value)
        if found is None:
            found = self.admit(value)
            if found is not None:
                if len(self.known) >= MAX_ADMITTED:
                    self.known.clear()
                self.known[value] = found
        return found


@dataclass(slots=True, eq=False)
class ShotMould:
    """One shot: `parts` of its body, of which those at the indexes in `holes` a variant fills, and those in `slots` the key of a clip it needs."""

    node: Node
    parts: list[str]
    holes: list[tuple[int, Hole]]
    slots: list[tuple[int, int]]
    """(index in `parts`, index of the needed node)."""

    def body(self, values: Values, picked: Mapping[int, str]) -> str | None:
        """The request as canonical JSON, or None where this variant must go the long way. `picked` are the keys of the needed clips."""
        parts = self.parts.copy()
        for index, hole in self.holes:
            text = hole.text(values)
            if text is None:
                return None
            parts[index] = text
        for index, need in self.slots:
            parts[index] = picked[need]
        return "".join(parts)


@dataclass(eq=False)
class FilmMould:
    """All shots of a variant in storyboard order, and in an order in which they can be made."""

    film: Film
    shots: list[ShotMould]
    order: list[ShotMould]

    @cached_property
    def modes(self) -> dict[int, Mode]:
        return {mould.node.index: mode_of(mould.node.draft.request) for mould in self.shots}

    @cached_property
    def seconds(self) -> dict[int, float | None]:
        """The length of each shot's reference video, where it is known."""
        return {mould.node.index: reference_seconds(mould.node, self.film) for mould in self.shots}

    @cached_property
    def needed(self) -> frozenset[int]:
        """The shots whose clips others use, by index."""
        return frozenset(need for mould in self.shots for _, need in mould.slots)

    def bodies(self, values: Values, key_of: Callable[[str, int], str]) -> dict[int, str] | None:
        """The body of each shot by its index; None where this variant must go the long way."""
        picked: dict[int, str] = {}
        found: dict[int, str] = {}
        for mould in self.order:
            body = mould.body(values, picked)
            if body is None:
                return None
            index = mould.node.index
            found[index] = body
            if index in self.needed:
                picked[index] = key_of(body, mould.node.draft.pick or 1)
        return found


def make_mould(film: Film, structural: Collection[Read]) -> FilmMould:
    """The mould of a film that was compiled without a single diagnostic. Raises NoMould.

    `structural` is what decides more than words; every variant cast from the mould agrees with the film in it.
    """
    if len(film.keys) != len(film.nodes):
        raise NoMould
    moulds = [_make_shot(node, structural) for node in film.nodes]
    by_index = {mould.node.index: mould for mould in moulds}
    done: set[int] = set()
    ordered: list[ShotMould] = []
    pending = list(reversed(moulds))
    while pending:
        mould = pending[-1]
        missing = [by_index[need] for _, need in mould.slots if need not in done]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        if mould.node.index not in done:
            done.add(mould.node.index)
            ordered.append(mould)
    return FilmMould(film, moulds, ordered)


_Filler = int | list[str | Hole]


def _make_shot(node: Node, structural: Collection[Read]) -> ShotMould:
    """Marks in the request what varies, spells it as JSON, and cuts it at the marks."""
    fillers: list[_Filler] = [_prompt_parts(node, structural)]
    marked = _mark_addresses(node, structural, fillers)
    marked["prompt"] = "\ue0000\ue001"
    for use, need in zip(node.draft.results, node.needs, strict=True):
        assert need is not None
        marked = _replace_text(marked, use.slot_key, f"\ue000{len(fillers)}\ue001")
        fillers.append(need.index)
    parts: list[str] = []
    holes: list[tuple[int, Hole]] = []
    slots: list[tuple[int, int]] = []
    for item in _pieces(canonical_json(marked), fillers):
        if isinstance(item, Hole):
            holes.append((len(parts), item))
        elif isinstance(item, int):
            slots.append((len(parts), item))
        elif (
            parts and not (holes and holes[-1][0] == len(parts) - 1) and not (slots and slots[-1][0] == len(parts) - 1)
        ):
            parts[-1] += item
            continue
        parts.append(item if isinstance(item, str) else "")
    return ShotMould(node, parts, holes, slots)


def _pieces(text: str, fillers: list[_Filler]) -> Iterator[str | int | Hole]:
    for index, piece in enumerate(_MARK.split(text)):
        if index % 2 == 0:
            yield piece
            continue
        filler = fillers[int(piece)]
        if isinstance(filler, int):
            yield filler
        else:
            yield from filler


def _replace_text(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: _replace_text(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replace_text(inner, old, new) for inner in value]
    return value.replace(old, new) if isinstance(value, str) else value


# --- the prompt -----------------------------------------------------------------------------------------------------


def _prompt_parts(node: Node, structural: Collection[Read]) -> list[str | Hole]:
    """The prompt and look as JSON text with holes; what each hole admits keeps everything that was checked as it was."""
    environment = node.instance.environment
    budget = _Budget(MAX_PROMPT_TOKENS)
    tags = _tags(node)
    found: list[str | Hole] = []
    before = ""
    parts = list(_written_parts(node))
    for index, (text, expression) in enumerate(parts):
        take = taker_of(expression, environment, structural) if expression is not None else None
        if take is None:
            before += text
            found.append(encode_basestring(text.replace("@@", "@"))[1:-1])
            budget.left -= len(text.encode("utf-8", "surrogatepass"))
            continue
        following = parts[index + 1][0] if index + 1 < len(parts) else ""
        if not _tag_is_settled(before, tags) or _OPEN_CUE.search(before) or following.startswith("@"):
            raise NoMould  # a value could become part of a tag or of a sound cue
        found.append(Hole(take, budget.admitter()))
    return found


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


@dataclass(slots=True)
class _Budget:
    """How many bytes a prompt may have before its tokens must be counted, shared by its holes: each reserves its longest text."""

    left: int

    def admitter(self) -> Callable[[str], str | None]:
        longest = 0

        def admit(text: str) -> str | None:
            nonlocal longest
            if "@" in text or "<" in text or ">" in text:
                return None
            size = len(text.encode("utf-8", "surrogatepass"))
            if size > longest:
                if self.left < size - longest:
                    return None
                self.left -= size - longest
                longest = size
            return encode_basestring(text)[1:-1]

        return admit


# --- addresses ------------------------------------------------------------------------------------------------------


def _mark_addresses(node: Node, structural: Collection[Read], fillers: list[_Filler]) -> dict[str, Any]:
    """A copy of the request in which every address that varies is a mark."""
    marks: dict[str, str] = {}
    kinds = _kinds_of_addresses(node)
    for url, (value, environment) in node.draft.addresses.items():
        if not _varies(value, environment, structural):
            continue
        if not isinstance(value, tree.Text) or url in node.draft.ambiguous or len(kinds[url]) != 1:
            raise NoMould
        marks[url] = f"\ue000{len(fillers)}\ue001"
        fillers.append(_address_parts(value, environment, structural, next(iter(kinds[url]))))
    copied: dict[str, Any] = _marked(node.draft.request, marks)
    return copied


def _varies(value: tree.Value, environment: Environment, structural: Collection[Read]) -> bool:
    return any(read not in structural for read in read_of(value, environment))


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


def _address_parts(
    value: tree.Text, environment: Environment, structural: Collection[Read], field_name: str
) -> list[str | Hole]:
    """A whole address as one hole: it is admitted where it is public and the contract finds it good."""

    def admit(url: str) -> str | None:
        if not url.startswith(("https://", "http://")) or not _is_good(url, field_name):
            return None
        return encode_basestring(url)[1:-1]

    takers = [
        part.text
        if isinstance(part, tree.Literal)
        else taker_of(part, environment, structural) or _constant(part, environment)
        for part in value.parts
    ]

    def take(values: Values) -> str | None:
        texts: list[str] = []
        for taker in takers:
            try:
                texts.append(taker if isinstance(taker, str) else to_text(taker(values)))
            except NoText:
                return None
        return "".join(texts)

    only = takers[0]
    return [Hole(take if len(takers) > 1 or isinstance(only, str) else only, admit)]


def _constant(part: tree.Expression, environment: Environment) -> str:
    return to_text(evaluate_expression(part, environment))


_CHECKS = {
    "audio_url": audio_url_check(placeholders=False),
    "video_url": video_url_check(placeholders=False),
}
_CHECK_PICTURE = image_url_check(placeholders=False)


def _is_good(url: str, field_name: str) -> bool:
    """Whether the contract has nothing against an address in a field."""
    return not _CHECKS.get(field_name, _CHECK_PICTURE)(url, ())
