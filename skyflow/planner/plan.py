"""What a plan is: the clips that a storyboard asks for, how each stands, what a run would make and what it would cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from skyflow.ledger import Label, Target
from skyflow.requests.compiled import Mode


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

    `waits_for` names the shots whose clips must be there first. `old_key` is what the shot was when it was last run, where that differs.
    """

    variant: str
    shot: str
    take: int
    picked: bool
    key: str
    state: PlanState
    waits_for: tuple[str, ...] = ()
    old_key: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a run will do, and all that it will do.

    `storyboard` is the project path of the file. `shots` stand in storyboard order, `clips` so that each stands behind those it needs.
    `chain` are the keys of the longest row of clips to be made that wait for one another. `partial`: only some shots were asked for.
    """

    storyboard: str
    title: str
    target: Target
    shots: tuple[PlannedShot, ...]
    clips: Mapping[str, PlannedClip]
    chain: tuple[str, ...] = ()
    partial: bool = False

    @cached_property
    def to_make(self) -> tuple[PlannedClip, ...]:
        """The clips that will be sent."""
        return tuple(clip for clip in self.clips.values() if clip.state in TO_MAKE)

    @cached_property
    def cost(self) -> Decimal:
        """Dollars for what will be sent."""
        return sum((clip.cost for clip in self.to_make), Decimal(0))

    @property
    def exact(self) -> bool:
        """Whether `cost` is certain."""
        return all(clip.exact for clip in self.to_make)

    @property
    def seconds(self) -> Decimal:
        """Billed seconds of what will be sent."""
        return sum((clip.seconds for clip in self.to_make), Decimal(0))

    @cached_property
    def counts(self) -> Mapping[PlanState, int]:
        """How many distinct clips stand how."""
        return Counter(clip.state for clip in self.clips.values())

    @property
    def nothing_to_do(self) -> bool:
        return not self.to_make and not any(clip.state in UNDER_WAY for clip in self.clips.values())
