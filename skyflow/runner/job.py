"""One clip on its way through a run, and what a step says should come next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from skyflow.ledger import Attempt, Label
from skyflow.planner import PlannedClip
from skyflow.runner.result import Outcome


class Step(Enum):
    """What has to be done for a clip next."""

    SEND = auto()  # take it, upload what it needs, post it
    POLL = auto()  # ask how its task stands
    FETCH = auto()  # download, check, store


@dataclass(slots=True)
class Job:
    """A clip in this run. `clip` is None for work that an earlier run of another storyboard left: it is only polled and fetched.

    `missing` counts the clips that it still waits for. `known` is what the ledger says. The counters say how often in a row something failed.
    """

    key: str
    label: Label
    clip: PlannedClip | None
    step: Step = Step.SEND
    missing: int = 0
    followers: list[str] = field(default_factory=list)
    known: Attempt | None = None
    holds_place: bool = False
    sent_now: bool = False
    estimated: float | None = None
    polls: int = 0
    poll_troubles: int = 0
    odd_answers: int = 0
    failures_heard: int = 0
    downloads: int = 0
    doubts: int = 0
    done: Done | None = None


@dataclass(frozen=True, slots=True)
class Then:
    """Go on with `step` in `after` seconds."""

    step: Step
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another run works on it: look again later."""


@dataclass(frozen=True, slots=True)
class NoPlace:
    """Other runs hold all places on the service: try again later."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more is done for the clip in this run."""

    outcome: Outcome
    message: str = ""
    help: str = ""


Next = Then | Elsewhere | NoPlace | Done
