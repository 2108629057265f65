"""All variants → films, each the short way where that is certain to give the same: cast from the mould of a variant that was compiled in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from skyflow.storyboard import Storyboard
from skyflow.variants import Inputs, Read, Variant, VariantWalk, expand, structural_reads, structure_of

Report = Callable[[Diagnostic, str, Variant], None]
"""Called with a diagnostic, the name of the shot where the diagnostic has none, and the variant that shows it."""

# A storyboard whose variants differ in more ways than this is compiled the long way throughout.
MAX_MOULDS = 256
# So many variants are looked at until one of them makes a mould.
MAX_TRIES = 16
_WITHOUT_NEEDS = b'", "needs": [], "request": '


@dataclass(slots=True, eq=False)
class CastFilm:
    """A variant cast from a mould: `pieces` are what it fills in."""

    variant: Variant
    mould: FilmMould
    pieces: list[bytes]
    _bodies: list[bytes] | None = None

    @property
    def nodes(self) -> list[Node]:
        return self.mould.film.nodes

    def is_compiled(self, _node: Node) -> bool:
        return True

    def body_lines(self) -> bytes:
        """The bodies of all takes in storyboard order, each on a line."""
        return b"".join(self.mould.pick_lines(self.mould.filled(self.pieces)))

    def clip_lines(self) -> bytes:
        """The clips as `CompiledClip.as_json` writes them, in storyboard order, each on a line."""
        bodies = self.mould.bodies(self.pieces)
        start = b'{"variant": ' + encode_basestring(self.variant.name).encode("utf-8", "backslashreplace")
        found: list[bytes] = []
        for shot, body, middles in zip(self.mould.shots, bodies, self.mould.line_middles, strict=True):
            end = _WITHOUT_NEEDS
            if shot.needs:
                needs = ", ".join([f'"{key}"' for key in self._needs(shot.node, bodies)])
                end = f'", "needs": [{needs}], "request": '.encode()
            for take, middle in enumerate(middles, 1):
                found += (start, middle, clip_key(body, take).encode(), end, body, b"}\n")
        return b"".join(found)

    def _needs(self, node: Node, bodies: Sequence[bytes]) -> tuple[str, ...]:
        keys = (clip_key(bodies[need.index], need.draft.pick or 1) for need in node.needs if need is not None)
        return tuple(dict.fromkeys(keys))

    def clips(self, node: Node, *, picked_only: bool = False) -> Iterator[CompiledClip]:
        """The clips of one shot, one for each take."""
        if self._bodies is None:
            self._bodies = self.mould.bodies(self.pieces)
        shot, body = self.mould.shots[node.index], self._bodies[node.index]
        files = self.mould.files_of(node, body)
        needs = self._needs(node, self._bodies) if node.needs else ()
        picked = node.draft.pick or 1
        for take in (picked,) if picked_only else range(1, node.draft.takes + 1):
            yield CompiledClip(
                self.variant.name,
                node.instance.name,
                take,
                shot.mode,
                clip_key(body, take),
                needs,
                None,
                take == picked,
                files,
                shot.seconds,
                body,
                shot,
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
                pieces = mould.pieces(variant.values)
                if pieces is not None and not (mould.can_repeat and _repeats(mould, pieces)):
                    yield CastFilm(variant, mould, pieces)
                    continue
            film, clean = self._compile(variant, report)
            if structure not in self._moulds and len(self._moulds) < MAX_MOULDS:
                self._take_mould(structure, film, clean)
            yield film

    def all_follow(self, first: Film) -> bool:
        """Whether every variant is certain to be cast from the mould of the first: then nothing is wrong with any, and the product of the
        axes need not be walked through to know it."""
        values = first.variant.values
        mould = self._moulds.get(structure_of(values, self._structural))
        axes = self.walk.free_axes()
        if mould is None or mould.can_repeat or axes is None:
            return False
        return not any(name in axes or name == "variant" for name, _ in self._structural) and mould.admits(axes, values)

    def _take_mould(self, structure: tuple[Any, ...], film: Film, clean: bool) -> None:
        """A mould of the film where one can be had.

        A film says nothing of others where it has a fault, where a mould would not admit its own values, or where two of its sources
        happen to be the same file.
        """
        if clean and not any(node.draft.ambiguous for node in film.nodes):
            mould = self._mould_of(film)
            if mould is None or mould.pieces(film.variant.values) is not None:
                self._moulds[structure] = mould
                return
        self._tries[structure] = self._tries.get(structure, 0) + 1
        if self._tries[structure] == MAX_TRIES:
            self._moulds[structure] = None

    def _mould_of(self, film: Film) -> FilmMould | None:
        tables = {axis.name: axis.rows for axis in self.inputs.axes}
        try:
            return make_mould(film, frozenset(self._structural), tables, self.memory.files)
        except NoMould:
            return None

    def _compile(self, variant: Variant, report: Report) -> tuple[Film, bool]:
        clean = True

        def noted(diagnostic: Diagnostic, shot: str = "") -> None:
            nonlocal clean
            clean = False
            report(diagnostic, shot, variant)

        return make_film(expand(self.storyboard, self.inputs, variant, noted), self.memory, noted), clean


def _repeats(mould: FilmMould, pieces: list[bytes]) -> bool:
    """Whether two shots of the variant are the same request: worth a warning, which needs the long way."""
    bodies = mould.bodies(pieces)
    return len(set(bodies)) < len(bodies)
