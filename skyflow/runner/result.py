"""What a run leaves: an outcome for each clip that was asked for, and the closing facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path

EXIT_REFUSED = 4  # what a command ends with where nothing was started


class Outcome(StrEnum):
    """How a clip stands after a run. The value is the word that people read."""

    MADE = "made"  # sent, or fetched, in this run
    HAD = "had"  # was there before
    FAILED = "failed"
    BLOCKED = "blocked"  # needs a clip that is not there
    IN_DOUBT = "in doubt"  # sent without an answer, now or earlier
    LOST = "lost"  # paid and out of reach
    UNFINISHED = "unfinished"  # its task is kept; the next run goes on
    NOT_STARTED = "not started"


GOOD = frozenset({Outcome.MADE, Outcome.HAD})


@dataclass(frozen=True, slots=True)
class ClipOutcome:
    """One clip that the storyboard asked for.

    `path` is its file in the output folder, None where there is none. `cost` is dollars: what the service reported, else the estimate; zero where
    surely nothing was billed. `reported` tells whether the service said so. `billed`: True, False, or None where nobody knows.
    `spent_now` tells whether the request was sent in this run.
    """

    variant: str
    shot: str
    take: int
    key: str
    outcome: Outcome
    path: Path | None
    cost: Decimal
    reported: bool
    billed: bool | None
    spent_now: bool
    task_id: str | None
    message: str = ""
    help: str = ""


@dataclass(frozen=True)
class RunResult:
    """The run as a whole.

    `clips` stand in storyboard order, one for each clip asked for; equal clips share a key. `spent` is dollars for what was sent in this run, each
    key counted once; `uncertain` is the part of it of which nobody knows whether it was billed. `folder` holds the clips and `manifest.json`.
    `stopped` says why nothing further was sent, "" where the run came to its own end.
    """

    target: str
    title: str
    folder: Path
    manifest: Path
    clips: tuple[ClipOutcome, ...]
    spent: Decimal
    uncertain: Decimal
    seconds: float
    stopped: str = ""
    interrupted: bool = False

    @cached_property
    def counts(self) -> Mapping[Outcome, int]:
        """How many distinct clips ended how."""
        return Counter({clip.key: clip.outcome for clip in self.clips}.values())

    @property
    def complete(self) -> bool:
        return all(clip.outcome in GOOD for clip in self.clips)

    @property
    def exit_code(self) -> int:
        """0 all clips are there, 3 some are not, 130 interrupted."""
        if self.interrupted:
            return 130
        return 0 if self.complete else 3
