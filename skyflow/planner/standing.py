"""How the clips of a batch stand: what the ledger says of each, and what that means for those that need it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from skyflow.ledger import MAY_BE_MADE_AGAIN, Standing, State, Target
from skyflow.planner.order import in_order, longest_chain
from skyflow.planner.plan import TO_MAKE, WAITING, PlanState
from skyflow.requests.compiled import CompiledClip

_STATES = {
    State.POSTING: PlanState.RUNNING,
    State.RUNNING: PlanState.RUNNING,
    State.MADE: PlanState.FETCH,
    State.HAVE: PlanState.HAVE,
    State.DOUBT: PlanState.DOUBT,
    State.FAILED: PlanState.FAILED,
    State.LOST: PlanState.LOST,
    State.ABANDONED: PlanState.ABANDONED,
    State.REFUSED: PlanState.NEW,
    State.REPLACED: PlanState.NEW,
    State.WANTED: PlanState.NEW,
}


@dataclass(slots=True)
class Stand:
    """How the clips of a batch stand, by key. `again`: those that are made anew after a failure or a loss. `waits_for`: the needs of each that
    are not on disk. `order`: the keys, each behind those it needs, or None where nothing needs anything. `chain`: the longest row of clips to be
    made that wait for one another.
    """

    states: dict[str, PlanState]
    again: set[str]
    waits_for: dict[str, tuple[str, ...]]
    order: list[str] | None
    chain: tuple[str, ...]


def see_standings(
    clips: Sequence[CompiledClip],
    standings: Mapping[str, Standing],
    sizes: Mapping[str, int],
    afresh: frozenset[PlanState],
) -> Stand:
    """`clips` are those of whole variants, so that all that one needs is among them; `sizes` are the bytes of the clips on disk.

    `afresh` are the states from which a clip is made anew. Raises ValueError where a clip needs one that is neither among them nor on disk.
    """
    states = {clip.key: PlanState.NEW for clip in clips}
    again: set[str] = set()
    for key, standing in standings.items():
        state = _STATES[standing.state]
        if state is PlanState.HAVE and sizes.get(key) != standing.size:
            state = PlanState.FETCH
        if state in afresh:
            again.add(key)
            state = PlanState.NEW
        states[key] = state
    needs = {clip.key: clip.needs for clip in clips if clip.needs}
    stand = Stand(states, again, {}, None, ())
    if needs:
        _follow(stand, {clip.key: clip.needs for clip in clips})
    return stand


def made_afresh(target: Target, again: bool) -> frozenset[PlanState]:
    """The states from which a clip is made anew. Doubt only where nothing costs: elsewhere a person settles it."""
    gone = frozenset(_STATES[state] for state in MAY_BE_MADE_AGAIN) if again or target.is_sandbox else frozenset()
    return gone | {PlanState.DOUBT} if target.is_sandbox else gone


def _follow(stand: Stand, needs: Mapping[str, Sequence[str]]) -> None:
    """What is to be made waits for what it needs, or is blocked by it."""
    states = stand.states
    stand.order = in_order(needs)
    for key in stand.order:
        if not needs[key]:
            continue
        _require(key, needs, states)
        missing = tuple(need for need in needs[key] if states.get(need) is not PlanState.HAVE)
        if not missing:
            continue
        stand.waits_for[key] = missing
        if states[key] is PlanState.NEW:
            blocked = any(states.get(need) in WAITING for need in missing)
            states[key] = PlanState.BLOCKED if blocked else PlanState.NEEDS
    wanted = {key for key in stand.order if states[key] in TO_MAKE}
    stand.chain = longest_chain(stand.order, needs, wanted)


def _require(key: str, needs: Mapping[str, Sequence[str]], states: Mapping[str, PlanState]) -> None:
    absent = [need for need in needs[key] if need not in needs and states.get(need) is not PlanState.HAVE]
    if absent and states[key] is PlanState.NEW:
        raise ValueError(f"{key} needs {absent[0]}, which is neither in the plan nor on disk")


def keys_asked_of(clips: Iterable[CompiledClip]) -> list[str]:
    """The keys of the clips and of all that they need, each once."""
    keys = dict.fromkeys([clip.key for clip in clips])
    for clip in clips:
        if clip.needs:
            keys.update(dict.fromkeys(clip.needs))
    return list(keys)
