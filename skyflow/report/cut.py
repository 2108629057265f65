"""From a plan to what film, timeline and contact sheet show: each variant's shots in storyboard order, with their takes and their clips."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from skyflow.ledger import Attempt, ClipStore, Ledger
from skyflow.planner import Plan, PlannedShot, PlanState

Notes = Mapping[tuple[str, str], str]
"""What the storyboard says to people, by variant and shot."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class CutTake:
    """One take. `clip` is the stored file where it is there, `sha256` what it was when it was stored.

    `cost` is what the service says it took, else the price, in dollars; `exact` whether that is certain.
    `waits_for` are the shots whose clips must be there first.
    """

    number: int
    picked: bool
    key: str
    state: PlanState
    clip: Path | None
    sha256: str | None
    cost: Decimal
    exact: bool
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CutShot:
    """One shot of a variant. `seconds` is its length as made, else as asked for. `request` and `files` are those of the plan, where it has them."""

    name: str
    mode: str
    seconds: Decimal
    takes: tuple[CutTake, ...]
    note: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def picked(self) -> CutTake:
        """The take that the film uses."""
        return next((take for take in self.takes if take.picked), self.takes[0])

    @property
    def scene(self) -> str:
        """The scene that it is in, "" where it is in none: `den` of `den.street` and of `den.street.2`, elements being numbers."""
        parts = self.name.split(".")
        while len(parts) > 1 and parts[-1].isdigit():
            parts.pop()
        return ".".join(parts[:-1])


@dataclass(frozen=True, slots=True)
class Cut:
    """The film of one variant; `variant` is "" without axes."""

    variant: str
    shots: tuple[CutShot, ...]


def gather_cuts(plan: Plan, ledger: Ledger, store: ClipStore, notes: Notes, *, with_requests: bool) -> Iterator[Cut]:
    """The cuts of a plan, one variant at a time. Raises LedgerError."""
    requests = _requests_of(plan) if with_requests else {}
    for variant, rows in groupby(plan.each_shot(), key=lambda row: row.variant):
        shots = [list(group) for _, group in groupby(rows, key=lambda row: row.shot)]
        known = _attempts(ledger, plan, [row.key for group in shots for row in group])
        yield Cut(variant, tuple(_shot(group, known, store, notes, requests) for group in shots))


def unmade_shots(cut: Cut) -> tuple[CutShot, ...]:
    """The shots whose picked take is not on disk."""
    return tuple(shot for shot in cut.shots if shot.picked.clip is None)


def _requests_of(plan: Plan) -> dict[str, tuple[Mapping[str, Any], Mapping[str, str]]]:
    return {key: (json.loads(clip.request), clip.files) for key, clip in plan.clips.items()}


def _attempts(ledger: Ledger, plan: Plan, keys: list[str]) -> dict[str, Attempt]:
    found: dict[str, Attempt] = {}
    for start in range(0, len(keys), _BATCH):
        found.update(ledger.latest(plan.target, keys[start : start + _BATCH]))
    return found


def _shot(
    rows: list[PlannedShot],
    known: Mapping[str, Attempt],
    store: ClipStore,
    notes: Notes,
    requests: Mapping[str, tuple[Mapping[str, Any], Mapping[str, str]]],
) -> CutShot:
    first = rows[0]
    request, files = requests.get(first.key, ({}, {}))
    takes = tuple(_take(row, known.get(row.key), store) for row in rows)
    seconds = _made_seconds(rows, known) or first.seconds
    return CutShot(first.shot, first.mode, seconds, takes, notes.get((first.variant, first.shot), ""), request, files)


def _made_seconds(rows: Iterable[PlannedShot], known: Mapping[str, Attempt]) -> Decimal | None:
    for row in sorted(rows, key=lambda row: not row.picked):
        attempt = known.get(row.key)
        if row.state is PlanState.HAVE and attempt is not None and attempt.seconds:
            return Decimal(str(round(attempt.seconds, 3)))
    return None


def _take(row: PlannedShot, attempt: Attempt | None, store: ClipStore) -> CutTake:
    is_here = row.state is PlanState.HAVE
    charged = attempt.charged if attempt is not None else None
    return CutTake(
        number=row.take,
        picked=row.picked,
        key=row.key,
        state=row.state,
        clip=store.path(row.key) if is_here else None,
        sha256=attempt.sha256 if attempt is not None and is_here else None,
        cost=row.price if charged is None else charged,
        exact=row.exact if charged is None else True,
        waits_for=row.waits_for,
    )
