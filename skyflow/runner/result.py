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
    HAD = "there already"
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
    `spent_now` tells whether the request was sent in this run. `sent_at` is when it was sent, in Unix seconds, and `idempotency_key` the name that
    it carried: by these a person finds it at the service.
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
    sent_at: float | None = None
    idempotency_key: str = ""


@dataclass(frozen=True)
class RunResult:
    """The run as a whole.

    `clips` stand in storyboard order, one for each clip asked for; equal clips share a key. `spent` is dollars that were
    surely billed for what was sent in this run, each key counted once; `uncertain` is what may have been billed for it besides: it is under way, in doubt, or
    failed without a word about money. `brought_home` is what clips cost that earlier runs had sent and this one fetched. `folder` holds the clips and `manifest.json`.
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
    brought_home: Decimal = Decimal(0)
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
