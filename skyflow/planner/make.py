"""From compiled clips and history to the plan: equal keys merged, each clip's standing, cost, order. Pure: what it asks of the past is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skyflow.contract import Price, PriceTable, price_of
from skyflow.ledger import MAY_BE_MADE_AGAIN, Attempt, Label, ShotName, State, Target
from skyflow.planner.history import History
from skyflow.planner.order import in_order, longest_chain
from skyflow.planner.placeholders import ResultNeeded, placeholders
from skyflow.planner.plan import TO_MAKE, WAITING, Plan, PlannedClip, PlannedShot, PlanState
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
}


def make_plan(
    clips: Iterable[CompiledClip],
    *,
    history: History,
    prices: PriceTable,
    target: Target,
    storyboard: str,
    title: str,
    partial: bool = False,
    again: bool = False,
) -> Plan:
    """The plan for these clips on a target.

    `storyboard` is the project path of the file, `title` what people call it. `partial` says that only some of its clips are given. `again` makes
    failed, lost and abandoned clips anew; on the sandbox, where nothing costs, that and doubt need no word.
    Raises ValueError where a clip needs one that is neither among them nor on disk (the compiler gives both).
    """
    merged, shots = _merge(clips, storyboard)
    attempts, sizes = history.attempts(_known_keys(merged)), history.clip_sizes()
    states = {key: _standing(attempts.get(key), sizes.get(key)) for key in _known_keys(merged)}
    resendable = _resendable(target, again)
    order = in_order({key: clip.needs for key, (clip, _) in merged.items()})
    planned: dict[str, PlannedClip] = {}
    for key in order:
        clip, label = merged[key]
        afresh = states[key] in resendable
        state = PlanState.NEW if afresh else states[key]
        planned[key] = _plan_clip(clip, label, state, afresh, planned, states, prices, attempts)
    wanted = {key for key, clip in planned.items() if clip.state in TO_MAKE}
    chain = longest_chain(order, {key: planned[key].needs for key in order}, wanted)
    rows = _rows(shots, planned, history.last_keys())
    return Plan(storyboard, title, target, rows, planned, chain, partial)


def _merge(
    clips: Iterable[CompiledClip], storyboard: str
) -> tuple[dict[str, tuple[CompiledClip, Label]], list[tuple[ShotName, bool, str]]]:
    """Each distinct clip with its first name, and each shot: its name, whether it is picked, its key."""
    merged: dict[str, tuple[CompiledClip, Label]] = {}
    shots: list[tuple[ShotName, bool, str]] = []
    for clip in clips:
        if clip.key not in merged:
            merged[clip.key] = (clip, Label(storyboard, clip.variant, clip.shot, clip.take))
        shots.append(((clip.variant, clip.shot, clip.take), clip.picked, clip.key))
    return merged, shots


def _known_keys(merged: Mapping[str, tuple[CompiledClip, Label]]) -> list[str]:
    """The keys of the clips and of all that they need."""
    return list(dict.fromkeys(key for own, (clip, _) in merged.items() for key in (own, *clip.needs)))


def _standing(attempt: Attempt | None, size: int | None) -> PlanState:
    if attempt is None:
        return PlanState.NEW
    if attempt.state is State.HAVE and size != attempt.size:
        return PlanState.FETCH
    return _STATES[attempt.state]


def _resendable(target: Target, again: bool) -> frozenset[PlanState]:
    """The states from which a clip is made anew. Doubt only where nothing costs: elsewhere a person settles it."""
    gone = frozenset(_STATES[state] for state in MAY_BE_MADE_AGAIN) if again or target.is_sandbox else frozenset()
    return gone | {PlanState.DOUBT} if target.is_sandbox else gone


def _plan_clip(
    clip: CompiledClip,
    label: Label,
    state: PlanState,
    again: bool,
    planned: Mapping[str, PlannedClip],
    states: Mapping[str, PlanState],
    prices: PriceTable,
    attempts: Mapping[str, Attempt],
) -> PlannedClip:
    standing = {need: planned[need].state if need in planned else states[need] for need in clip.needs}
    absent = [need for need, found in standing.items() if need not in planned and found is not PlanState.HAVE]
    if absent and state is PlanState.NEW:
        raise ValueError(f"{clip.shot} needs {absent[0]}, which is neither in the plan nor on disk")
    waits_for = tuple(need for need, found in standing.items() if found is not PlanState.HAVE)
    if state is PlanState.NEW and waits_for:
        state = PlanState.BLOCKED if any(standing[need] in WAITING for need in waits_for) else PlanState.NEEDS
    price, certain = _price(clip, planned, prices, attempts)
    return PlannedClip(
        key=clip.key,
        label=label,
        mode=clip.mode,
        request=clip.body,
        files=clip.files,
        needs=clip.needs,
        waits_for=waits_for,
        state=state,
        cost=price.amount,
        exact=price.exact and certain,
        seconds=price.seconds,
        again=again,
    )


def _price(
    clip: CompiledClip, planned: Mapping[str, PlannedClip], prices: PriceTable, attempts: Mapping[str, Attempt]
) -> tuple[Price, bool]:
    """The price of a clip, and whether the length it is built on is certain.

    Another shot's clip as the reference video is as long as that shot asked for, or as it turned out where it is made.
    """
    if clip.video_seconds is not None or not clip.needs:
        return price_of(clip.request, prices, clip.video_seconds), True
    for need in placeholders(clip.request):
        if isinstance(need, ResultNeeded) and need.at == "clip":
            made = attempts.get(need.key)
            if made is not None and made.seconds is not None:
                return price_of(clip.request, prices, made.seconds), True
            if need.key in planned:
                return price_of(clip.request, prices, float(planned[need.key].seconds)), False
    return price_of(clip.request, prices, None), True


def _rows(
    shots: Iterable[tuple[ShotName, bool, str]],
    planned: Mapping[str, PlannedClip],
    last_keys: Mapping[ShotName, str],
) -> tuple[PlannedShot, ...]:
    rows = []
    for name, picked, key in shots:
        clip, old = planned[key], last_keys.get(name)
        old_key = old if old != key else None
        state = PlanState.STALE if clip.state is PlanState.NEW and old_key else clip.state
        waits = tuple(planned[need].label.shot for need in clip.waits_for if need in planned)
        rows.append(PlannedShot(*name, picked, key, state, waits, old_key))
    return tuple(rows)
