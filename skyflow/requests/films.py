"""All variants → films, each the short way where that is certain to give the same: cast from the mould of a variant that was compiled in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from skyflow.diagnostics import Diagnostic
from skyflow.requests.compiled import CompiledClip
from skyflow.requests.film import DraftMemory, Film, make_film
from skyflow.requests.graph import Node
from skyflow.requests.keys import clip_key
from skyflow.requests.mould import FilmMould, NoMould, make_mould
from skyflow.storyboard import Storyboard
from skyflow.variants import Inputs, Read, Variant, VariantWalk, expand, structural_reads, structure_of

Report = Callable[[Diagnostic, str, Variant], None]
"""Called with a diagnostic, the name of the shot where the diagnostic has none, and the variant that shows it."""

# A storyboard whose variants differ in more ways than this is compiled the long way throughout.
MAX_MOULDS = 256


@dataclass(slots=True, eq=False)
class CastFilm:
    """A variant cast from a mould: `bodies` are its requests as canonical JSON by the index of the shot."""

    variant: Variant
    mould: FilmMould
    bodies: dict[int, str]

    @property
    def nodes(self) -> list[Node]:
        return self.mould.film.nodes

    def is_compiled(self, _node: Node) -> bool:
        return True

    def take_bodies(self) -> Iterator[str]:
        """The bodies in storyboard order, one for each take."""
        for node in self.mould.film.nodes:
            for _ in range(node.draft.takes):
                yield self.bodies[node.index]

    def clips(self, node: Node, *, picked_only: bool = False) -> Iterator[CompiledClip]:
        """The clips of one shot, one for each take."""
        body = self.bodies[node.index]
        draft = node.draft
        needs = tuple(
            dict.fromkeys(
                clip_key(self.bodies[need.index], need.draft.pick or 1) for need in node.needs if need is not None
            )
        )
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
                    draft.paths,
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

    def __post_init__(self) -> None:
        self._structural = structural_reads(self.storyboard)

    def each(self, report: Report) -> Iterator[Film | CastFilm]:
        """Every variant's film, in order. What is wrong goes to `report`."""
        has_axes = self.moulds_allowed and bool(self.inputs.axes)
        for variant in self.walk.variants():
            structure = structure_of(variant.values, self._structural) if has_axes else None
            if structure is None:
                yield self._compile(variant, report)[0]
                continue
            mould = self._moulds.get(structure)
            if mould is not None:
                bodies = mould.bodies(variant.values, clip_key)
                # Equal requests in one film are worth a warning, which needs the long way.
                if bodies is not None and len(set(bodies.values())) == len(bodies):
                    yield CastFilm(variant, mould, bodies)
                    continue
            film, clean = self._compile(variant, report)
            if structure not in self._moulds and len(self._moulds) < MAX_MOULDS:
                self._moulds[structure] = _mould_of(film, self._structural) if clean else None
            yield film

    def _compile(self, variant: Variant, report: Report) -> tuple[Film, bool]:
        clean = True

        def noted(diagnostic: Diagnostic, shot: str = "") -> None:
            nonlocal clean
            clean = False
            report(diagnostic, shot, variant)

        return make_film(expand(self.storyboard, self.inputs, variant, noted), self.memory, noted), clean


def _mould_of(film: Film, structural: tuple[Read, ...]) -> FilmMould | None:
    try:
        return make_mould(film, frozenset(structural))
    except NoMould:
        return None
