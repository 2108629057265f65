"""From compiled clips and history to the plan: equal keys merged, each clip's standing, cost, order, and why it is another than before.

Clips come as a stream and go into rows a batch at a time. Pure: what it asks of the past is handed in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from skyflow.contract import PriceTable
from skyflow.ledger import ShotName, Standing, State, Target
from skyflow.planner.changes import explain_change
from skyflow.planner.history import History
from skyflow.planner.plan import TO_MAKE, Plan, PlanState, ShotChange
from skyflow.planner.pricing import Pricing
from skyflow.planner.rows import ChangeRow, Kind, NameTaken, PlanRows, Row, told
from skyflow.planner.standing import Stand, keys_asked_of, made_afresh, see_standings
from skyflow.requests.compiled import CompiledClip

# Whole variants are taken together until they are this many clips: enough for the ledger to be asked about many at once.
BATCH = 2_000
_NAMES_AT_ONCE = 900


class PlanRefused(Exception):
    """No plan can be made, and nothing was started. `message` says what was found, `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


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
    limit: int | None = None,
    only: Container[str] | None = None,
    keep_requests: bool = True,
) -> Plan:
    """The plan for these clips on a target. `clips` come variant by variant, as the compiler streams them.

    `storyboard` is the project path of the file, `title` what people call it. `partial` says that only some of its clips are given. `again` makes
    failed, lost and abandoned clips anew; on the sandbox, where nothing costs, that and doubt need no word. `limit` is the most clips to make:
    the first ones that are missing; the others are left out. `only` leaves out every clip whose key is not in it. Without `keep_requests` the
    plan can be read but not run, and a million clips need little room.
    Raises PlanRefused where two clips have one name, ValueError where a clip needs one that is neither given nor on disk (the compiler
    gives both), LedgerError where the ledger cannot be read or there is no room for the rows.
    """
    left_out = 0

    def chosen() -> Iterator[CompiledClip]:
        nonlocal left_out
        for clip in clips:
            if only is None or clip.key in only:
                yield clip
            else:
                left_out += 1

    making = _Making(history, Pricing(prices), made_afresh(target, again), keep_requests)
    whole = not partial and only is None
    try:
        for batch in _batches(clips if only is None else chosen()):
            making.take(batch, with_gone=whole)
    except NameTaken as error:
        raise _name_taken(error.name) from None
    if whole:
        making.find_gone_variants()
    later = making.rows.finish(limit)
    is_part = partial or bool(left_out or later.clips)
    return Plan(storyboard, title, target, making.rows, prices.as_of, making.chain, is_part, later)


def _batches(clips: Iterable[CompiledClip]) -> Iterator[list[CompiledClip]]:
    """The clips of whole variants together."""
    batch: list[CompiledClip] = []
    for clip in clips:
        if len(batch) >= BATCH and clip.variant != batch[-1].variant:
            yield batch
            batch = []
        batch.append(clip)
    if batch:
        yield batch


class _Making:
    """A plan that is being made."""

    def __init__(self, history: History, pricing: Pricing, afresh: frozenset[PlanState], keep_requests: bool) -> None:
        self.rows = PlanRows(pricing.prices)
        self.chain: tuple[ShotName, ...] = ()
        self._history = history
        self._pricing = pricing
        self._afresh = afresh
        self._keep_requests = keep_requests
        self._kinds: dict[tuple[object, ...], int] = {}
        self._count = 0
        self._variants = 0

    def take(self, batch: Sequence[CompiledClip], *, with_gone: bool) -> None:
        """Put the clips of some whole variants into the rows."""
        names = [(clip.variant, clip.shot, clip.take) for clip in batch]
        asked = set(names)
        if len(asked) < len(names):
            raise NameTaken(next(name[0] for name, count in Counter(names).items() if count > 1))
        variants = self._number_variants(batch)
        standings = self._history.standings(keys_asked_of(batch))
        have = [key for key, standing in standings.items() if standing.state is State.HAVE]
        stand = see_standings(batch, standings, self._history.clip_sizes(have), self._afresh)
        last = self._history.last_keys(variants)
        if with_gone and last:
            self.rows.put_gone({name: key for name, key in last.items() if name not in asked})
        changed = self._put(batch, [last.get(name) for name in names], variants, stand, standings)
        if changed:
            self._put_changes(batch, changed, last)
        self._keep_chain(batch, stand)

    def find_gone_variants(self) -> None:
        """What belongs to variants that were run once and are not asked for any more."""
        known = self._history.variants()
        while names := list(islice(known, _NAMES_AT_ONCE)):
            gone = self.rows.unknown_variants(names)
            if gone:
                self.rows.put_gone(self._history.last_keys(gone))

    def _number_variants(self, batch: Sequence[CompiledClip]) -> dict[str, int]:
        names = dict.fromkeys([clip.variant for clip in batch])
        numbers = {name: number for number, name in enumerate(names, self._variants + 1)}
        self._variants += len(numbers)
        self.rows.put_variants(numbers)
        return numbers

    def _put(
        self,
        batch: Sequence[CompiledClip],
        old_keys: Sequence[str | None],
        variants: Mapping[str, int],
        stand: Stand,
        standings: Mapping[str, Standing],
    ) -> dict[int, str]:
        """The rows of a batch; gives the old keys of those that changed, by the number of the row."""
        rows: list[Row] = []
        changed: dict[int, str] = {}
        start, price_of, kind_of = self._count, self._pricing.number_of, self._number_of_kind
        places = None if stand.order is None else {key: place for place, key in enumerate(stand.order, start)}
        shots = {clip.key: clip.shot for clip in batch} if stand.waits_for else {}
        for n, (clip, old) in enumerate(zip(batch, old_keys, strict=True), start):
            key = clip.key
            if old is None:
                change = ShotChange.NEW
            elif old == key:
                change = ShotChange.SAME
            else:
                change, changed[n] = ShotChange.CHANGED, old
            kind = kind_of(clip, stand, price_of(clip, standings), change, shots)
            rows.append((n, n if places is None else places[key], variants[clip.variant], key, kind))
        self._count += len(batch)
        self.rows.put(rows)
        if self._keep_requests:
            self.rows.put_requests((n, *_for_a_run(clip)) for n, clip in enumerate(batch, start))
        return changed

    def _number_of_kind(
        self, clip: CompiledClip, stand: Stand, price: int, change: ShotChange, shots: Mapping[str, str]
    ) -> int:
        key = clip.key
        state, is_again = stand.states[key], key in stand.again
        waits = tuple(shots.get(need, need[:8]) for need in stand.waits_for[key]) if key in stand.waits_for else ()
        # Members of enumerations are one each, and their hash is slow: their identity does as well.
        known = (clip.shot, clip.take, clip.picked, clip.mode, id(state), price, id(change), waits, is_again)
        number = self._kinds.get(known)
        if number is None:
            kind = Kind(clip.shot, clip.take, clip.picked, clip.mode, state, price, change, waits, is_again)
            number = self._kinds[known] = self.rows.number_of(kind)
        return number

    def _put_changes(
        self, batch: Sequence[CompiledClip], changed: Mapping[int, str], last: Mapping[ShotName, str]
    ) -> None:
        """Say why rows changed: each is compared with the request that it was."""
        start = self._count - len(batch)
        old_requests = self._history.requests(list(changed.values()))
        old_names = {key: shot for (_, shot, _), key in last.items()}
        names = {clip.key: clip.shot for clip in batch}
        told_changes: list[ChangeRow] = []
        for n, old in changed.items():
            body = old_requests.get(old)
            changes = explain_change(body, batch[n - start], old_names, names) if body is not None else ()
            told_changes.append((n, old, *told(changes)))
        self.rows.put_changes(told_changes)

    def _keep_chain(self, batch: Sequence[CompiledClip], stand: Stand) -> None:
        keys = stand.chain
        if not keys and not self.chain:
            keys = next(((clip.key,) for clip in batch if stand.states[clip.key] in TO_MAKE), ())
        if len(keys) > len(self.chain):
            by_key = {clip.key: (clip.variant, clip.shot, clip.take) for clip in reversed(batch)}
            self.chain = tuple(by_key[key] for key in keys)


def _for_a_run(clip: CompiledClip) -> tuple[str | None, str | None, str]:
    """What only a run needs of a clip: the keys of its needs, its files, its request."""
    return (
        " ".join(clip.needs) if clip.needs else None,
        json.dumps(dict(clip.files)) if clip.files else None,
        clip.body,
    )


def _name_taken(variant: str) -> PlanRefused:
    return PlanRefused(
        f"Two variants are called `{variant}`, so their clips would have one name."
        if variant
        else "Two clips of the storyboard have one name.",
        "Variants are named by the alternatives of their axes: write these so that each combination reads differently.",
    )
