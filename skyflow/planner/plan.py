"""What a plan is: the clips that a storyboard asks for, how each stands, what a run would make and what it would cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from skyflow.ledger import Label, ShotName, Target
from skyflow.planner.changes import Change
from skyflow.requests.compiled import Mode

if TYPE_CHECKING:
    from skyflow.planner.rows import PlanRows


class PlanState(StrEnum):
    """How one clip stands before a run. The value is the word that people read."""

    NEW = "new"
    STALE = "stale"  # the shot is known, but its key is new
    NEEDS = "needs"  # will be made once another clip of the plan is there
    RUNNING = "running"  # its task is known and not finished
    FETCH = "to fetch"  # made and paid, not on this disk
    HAVE = "have"
    DOUBT = "in doubt"  # sent without an answer; waits for a person
    FAILED = "failed"  # may have been billed; made again only where a person says so
    LOST = "lost"  # paid and out of reach; likewise
    ABANDONED = "abandoned"  # given up by a person; likewise
    BLOCKED = "blocked"  # needs a clip that waits for a person


TO_MAKE = frozenset({PlanState.NEW, PlanState.STALE, PlanState.NEEDS})
UNDER_WAY = frozenset({PlanState.RUNNING, PlanState.FETCH})
WAITING = frozenset({PlanState.DOUBT, PlanState.FAILED, PlanState.LOST, PlanState.ABANDONED, PlanState.BLOCKED})


class ShotChange(StrEnum):
    """How a shot stands to what it was when it was last run on the target. The value is the word that people read."""

    NEW = "new"  # a shot, take or variant of this name was never run
    SAME = "unchanged"
    RENAMED = "renamed"  # its clip was known under a name that is gone
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One distinct clip: what equal keys share.

    `request` is the compiled request as JSON; `files` maps its upload URLs to project paths. `state` is NEW also where a shot is stale.
    `cost` is dollars for making it, `exact` whether that is certain, `seconds` what is billed. `needs` are keys; `waits_for` those of them
    that are not on disk yet. `again` tells that an earlier attempt failed or was lost and a person wants another.
    """

    key: str
    label: Label
    mode: Mode
    request: str
    files: Mapping[str, str]
    needs: tuple[str, ...]
    waits_for: tuple[str, ...]
    state: PlanState
    cost: Decimal
    exact: bool
    seconds: Decimal
    again: bool = False

    def body(self) -> dict[str, Any]:
        """The compiled request."""
        loaded: dict[str, Any] = json.loads(self.request)
        return loaded


@dataclass(frozen=True, slots=True)
class PlannedShot:
    """One clip that the storyboard asks for: a take of a shot in a variant. Several may share a key.

    `price` is what its clip costs, in dollars, `cost` what this run pays for it here: nothing where it is there already, or where another shot
    that stands before it shares the clip. `seconds` are billed with the price. `waits_for` names the shots whose clips must be there first.
    `old_key` is what the shot was when it was last run, where that differs; `changes` say why.
    """

    variant: str
    shot: str
    take: int
    picked: bool
    key: str
    mode: Mode
    state: PlanState
    price: Decimal
    exact: bool
    seconds: Decimal
    cost: Decimal
    waits_for: tuple[str, ...] = ()
    change: ShotChange = ShotChange.NEW
    old_key: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Distinct clips counted together: how many, their billed seconds, their price in dollars, and whether that is certain."""

    clips: int = 0
    seconds: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    exact: bool = True

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.clips + other.clips,
            self.seconds + other.seconds,
            self.cost + other.cost,
            self.exact and other.exact,
        )


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run will do, and all that it will do. Its rows lie in memory, or on disk where they are many.

    `storyboard` is the project path of the file. `partial`: only some of its clips were asked for. `prices_of` is the date of the price table.
    `chain` is the longest row of clips to be made that wait for one another, the first one first. `later` is what a limit leaves for another run.
    """

    storyboard: str
    title: str
    target: Target
    rows: PlanRows
    prices_of: str = ""
    chain: tuple[ShotName, ...] = ()
    partial: bool = False
    later: Sum = field(default_factory=Sum)

    @cached_property
    def sums(self) -> Mapping[PlanState, Sum]:
        """The distinct clips by how they stand."""
        return self.rows.sums()

    @cached_property
    def total(self) -> Sum:
        """What will be sent."""
        return sum((self.sums[state] for state in self.sums if state in TO_MAKE), Sum())

    @property
    def cost(self) -> Decimal:
        """Dollars for what will be sent."""
        return self.total.cost

    @property
    def exact(self) -> bool:
        """Whether `cost` is certain."""
        return self.total.exact

    @property
    def seconds(self) -> Decimal:
        """Billed seconds of what will be sent."""
        return self.total.seconds

    @cached_property
    def counts(self) -> Mapping[PlanState, int]:
        """How many distinct clips stand how."""
        return Counter({state: found.clips for state, found in self.sums.items()})

    @property
    def nothing_to_do(self) -> bool:
        return not any(state in TO_MAKE or state in UNDER_WAY for state in self.sums)

    def each_shot(self) -> Iterator[PlannedShot]:
        """The clips that were asked for, in storyboard order, one at a time."""
        return self.rows.shots()

    # --- for a run, which has them all in mind at once ----------------------------------------------------------------

    @cached_property
    def shots(self) -> tuple[PlannedShot, ...]:
        """All of `each_shot`."""
        return tuple(self.rows.shots())

    @cached_property
    def clips(self) -> Mapping[str, PlannedClip]:
        """The distinct clips by key, each behind those it needs. Not to be had of a plan that was made without requests."""
        return self.rows.clips(self.storyboard)

    @cached_property
    def to_make(self) -> tuple[PlannedClip, ...]:
        """The clips that will be sent, each behind those it needs."""
        return tuple(clip for clip in self.clips.values() if clip.state in TO_MAKE)
