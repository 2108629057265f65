"""All variants → films, each the short way where that is certain to give the same: cast from the mould of a variant that was compiled in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from typing import Any

from skyflow.diagnostics import Diagnostic
from skyflow.requests.compiled import CompiledClip
from skyflow.requests.film import DraftMemory, Film, make_film
from skyflow.requests.graph import Node
from skyflow.requests.keys import clip_key
from skyflow.requests.mould import FilmMould
from skyflow.requests.moulding import NoMould, make_mould
from skyflow.source import Files
from skyflow.storyboard import Storyboard
from skyflow.variants import Inputs, Read, Variant, VariantWalk, expand, structural_reads, structure_of

Report = Callable[[Diagnostic, str, Variant], None]
"""Called with a diagnostic, the name of the shot where the diagnostic has none, and the variant that shows it."""

# A storyboard whose variants differ in more ways than this is compiled the long way throughout.
MAX_MOULDS = 256
# So many variants are looked at until one of them makes a mould.
MAX_TRIES = 16


@dataclass(slots=True, eq=False)
class CastFilm:
    """A variant cast from a mould: `texts` are what it fills in."""

    variant: Variant
    mould: FilmMould
    texts: list[str]
    _bodies: dict[int, str] | None = None

    @property
    def nodes(self) -> list[Node]:
        return self.mould.film.nodes

    def is_compiled(self, _node: Node) -> bool:
        return True

    def take_bodies(self) -> Iterator[str]:
        """The bodies in storyboard order, one for each take."""
        if self.mould.needed:
            bodies = self.mould.bodies(self.texts, clip_key)
            for node in self.mould.film.nodes:
                for _ in range(node.draft.takes):
                    yield bodies[node.index]
            return
        filled = self.texts + self.mould.literals
        for shot in self.mould.shots:
            body = "".join(shot.pick(filled))
            yield body
            for _ in range(1, shot.node.draft.takes):
                yield body

    def lines(self) -> Iterator[str]:
        """The clips as `CompiledClip.as_json` writes them, in storyboard order."""
        bodies = self.mould.bodies(self.texts, clip_key)
        variant = encode_basestring(self.variant.name)
        for shot in self.mould.shots:
            node = shot.node
            body = bodies[node.index]
            needs = ", ".join(f'"{key}"' for key in self._needs(node, bodies)) if node.needs else ""
            middle = self.mould.line_middles[node.index]
            for take in range(1, node.draft.takes + 1):
                yield (
                    f'{{"variant": {variant}, {middle[0]}{take}{middle[1]}{clip_key(body, take)}", '
                    f'"needs": [{needs}], "request": {body}}}'
                )

    def _needs(self, node: Node, bodies: Mapping[int, str]) -> tuple[str, ...]:
        keys = (clip_key(bodies[need.index], need.draft.pick or 1) for need in node.needs if need is not None)
        return tuple(dict.fromkeys(keys))

    def clips(self, node: Node, *, picked_only: bool = False) -> Iterator[CompiledClip]:
        """The clips of one shot, one for each take."""
        if self._bodies is None:
            self._bodies = self.mould.bodies(self.texts, clip_key)
        bodies = self._bodies
        body = bodies[node.index]
        draft = node.draft
        files = self.mould.files_of(node, body)
        needs = self._needs(node, bodies) if node.needs else ()
        picked = draft.pick or 1
        mode = self.mould.modes[node.index]
        seconds = self.mould.seconds[node.index]
        for take in range(1, draft.takes + 1):
            if take == picked or not picked_only:
                key = clip_key(body, take)
                yield CompiledClip(
                    self.variant.name,
                    node.instance.name,
                    take,
                    mode,
                    key,
                    needs,
                    None,
                    take == picked,
                    files,
                    seconds,
                    body=body,
                )


@dataclass(eq=False)
class Films:
    """The films of a storyboard. With `moulds_allowed` False everything goes the long way, which must make no difference but time."""

    storyboard: Storyboard
    inputs: Inputs
    walk: VariantWalk
    memory: DraftMemory
    moulds_allowed: bool = True
    _structural: tuple[Read, ...] = field(init=False)
    _moulds: dict[tuple[Any, ...], FilmMould | None] = field(init=False, default_factory=dict)
    _tries: dict[tuple[Any, ...], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._structural = structural_reads(self.storyboard)

    def each(self, report: Report) -> Iterator[Film | CastFilm]:
        """Every variant's film, in order. What is wrong goes to `report`."""
        has_axes = self.moulds_allowed and bool(self.inputs.axes)
        for variant in self.walk.variants():
            if not has_axes:
                yield self._compile(variant, report)[0]
                continue
            structure = structure_of(variant.values, self._structural)
            mould = self._moulds.get(structure)
            if mould is not None:
                texts = mould.texts(variant.values)
                if texts is not None and not (mould.can_repeat and _repeats(mould, texts)):
                    yield CastFilm(variant, mould, texts)
                    continue
            film, clean = self._compile(variant, report)
            if structure not in self._moulds and len(self._moulds) < MAX_MOULDS:
                self._take_mould(structure, film, clean)
            yield film

    def _take_mould(self, structure: tuple[Any, ...], film: Film, clean: bool) -> None:
        """A mould of the film where one can be had.

        A film says nothing of others where it has a fault, where a mould would not admit its own values, or where two of its sources
        happen to be the same file.
        """
        if clean and not any(node.draft.ambiguous for node in film.nodes):
            mould = _mould_of(film, self._structural, self.memory.files)
            if mould is None or mould.texts(film.variant.values) is not None:
                self._moulds[structure] = mould
                return
        self._tries[structure] = self._tries.get(structure, 0) + 1
        if self._tries[structure] == MAX_TRIES:
            self._moulds[structure] = None

    def _compile(self, variant: Variant, report: Report) -> tuple[Film, bool]:
        clean = True

        def noted(diagnostic: Diagnostic, shot: str = "") -> None:
            nonlocal clean
            clean = False
            report(diagnostic, shot, variant)

        return make_film(expand(self.storyboard, self.inputs, variant, noted), self.memory, noted), clean


def _repeats(mould: FilmMould, texts: list[str]) -> bool:
    """Whether two shots of the variant are the same request: worth a warning, which needs the long way."""
    bodies = mould.bodies(texts, clip_key)
    return len(set(bodies.values())) < len(bodies)


def _mould_of(film: Film, structural: tuple[Read, ...], files: Files) -> FilmMould | None:
    try:
        return make_mould(film, frozenset(structural), files)
    except NoMould:
        return None
