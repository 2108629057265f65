"""The state of an attempt, derived from its events and from nothing else. Pure: no clock, no file, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from skyflow.ledger.facts import (
    Abandoned,
    Accepted,
    Adopted,
    Completed,
    Doubted,
    Event,
    Fact,
    Failed,
    Label,
    Lost,
    Missing,
    Posting,
    Refused,
    Resubmitted,
    Retried,
    Stored,
)


class State(StrEnum):
    """Where one attempt to make a clip stands. The value is the word in the database."""

    POSTING = "posting"  # written down, about to be sent or on its way
    DOUBT = "doubt"  # sent, and no answer: may have been billed
    REFUSED = "refused"  # surely not accepted, surely not billed; may be sent again
    RUNNING = "running"  # the task is known
    MADE = "made"  # completed and paid, not yet on disk
    HAVE = "have"  # on disk
    FAILED = "failed"  # the task failed
    LOST = "lost"  # paid, and out of reach
    REPLACED = "replaced"  # was in doubt; a further attempt took its place
    ABANDONED = "abandoned"  # given up by a person
    WANTED = "wanted"  # over without a clip; a person wants a further attempt


# What holds a place among the requests that may run at once.
IN_FLIGHT = frozenset({State.POSTING, State.DOUBT, State.RUNNING})
# What is over without a clip. It may have been billed, so it is made again only where a person says so.
MAY_BE_MADE_AGAIN = frozenset({State.FAILED, State.LOST, State.ABANDONED})
# What a late answer may still turn into a task.
_UNANSWERED = frozenset({State.POSTING, State.DOUBT, State.REFUSED})
# Nothing that a service says changes these: the clip is here, or another attempt took over.
_FINISHED = frozenset({State.HAVE, State.REPLACED})
_NOT_TO_ABANDON = frozenset({State.HAVE, State.REPLACED, State.REFUSED, State.ABANDONED})


class ImpossibleEventError(Exception):
    """An event that the ledger must never have written. A mistake of ours, never of a service."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to make a clip, as its events leave it. Times are Unix seconds, money is dollars.

    `estimate` is what was reserved for it, `charged` what the service said it took (None: it did not say). `reason` says why it is in
    doubt, refused, failed or lost. `label` is how the clip was called when it was sent. `adopted`: a person named the task, and nothing
    has shown yet that it is the right one.
    """

    number: int
    state: State
    run: str
    idempotency_key: str
    estimate: Decimal
    exact: bool
    label: Label
    posted_at: float
    changed_at: float
    charged: Decimal | None = None
    task_id: str | None = None
    accepted_at: float | None = None
    completed_at: float | None = None
    stored_at: float | None = None
    reason: str = ""
    urls: tuple[str, ...] = ()
    expires_at: float | None = None
    sha256: str | None = None
    size: int | None = None
    seconds: float | None = None
    adopted: bool = False

    @property
    def owed(self) -> Decimal:
        """The most that this attempt may have cost."""
        if self.state is State.REFUSED:
            return Decimal(0)
        return self.estimate if self.charged is None else self.charged

    @property
    def billed(self) -> bool | None:
        """Whether it was billed; None where nobody knows, or not yet."""
        if self.state is State.REFUSED:
            return False
        if self.charged is not None:
            return self.charged > 0
        # What is lost was made if its task said so; else the service only knows it no more.
        is_made = self.state in (State.MADE, State.HAVE) or (self.state is State.LOST and self.completed_at is not None)
        return True if is_made else None


class Standing(NamedTuple):
    """The little of an attempt that a plan asks for, of very many at once: its state, the bytes of the clip, its length in seconds."""

    state: State
    size: int | None
    seconds: float | None


def advance(attempt: Attempt | None, event: Event) -> Attempt:
    """The attempt after one more event. Late and repeated answers change nothing that is already known better.

    Raises ImpossibleEventError for a posting where one is under way, and for anything before the first posting.
    """
    fact = event.fact
    if isinstance(fact, Posting):
        return _post(attempt, event, fact)
    if attempt is None:
        raise ImpossibleEventError(f"event {event.number}: {fact.kind} before posting")
    changed = _hear(attempt, fact, event.at)
    return attempt if changed is attempt else replace(changed, changed_at=event.at)


def _post(attempt: Attempt | None, event: Event, fact: Posting) -> Attempt:
    if attempt is not None and attempt.state is not State.REFUSED:
        raise ImpossibleEventError(f"event {event.number}: posting while {attempt.state}")
    return Attempt(
        number=event.attempt,
        state=State.POSTING,
        run=event.run,
        idempotency_key=fact.idempotency_key,
        estimate=fact.estimate,
        exact=fact.exact,
        label=fact.label,
        posted_at=event.at,
        changed_at=event.at,
    )


def _hear(attempt: Attempt, fact: Fact, at: float) -> Attempt:
    state = attempt.state
    match fact:
        case Accepted() | Adopted():
            return _with_task(attempt, fact, at)
        case Refused() if state in (State.POSTING, State.DOUBT):
            return replace(attempt, state=State.REFUSED, reason=fact.message)
        case Doubted() if state is State.POSTING:
            return replace(attempt, state=State.DOUBT, reason=fact.reason)
        case Completed() if state not in _FINISHED and attempt.task_id is not None:
            return _completed(attempt, fact, at)
        case Failed() if state is State.RUNNING:
            failed = replace(attempt, state=State.FAILED, reason=fact.message, charged=fact.cost)
            return replace(failed, completed_at=at, adopted=False)
        case Stored() if state in (State.RUNNING, State.MADE, State.LOST, State.FAILED):
            stored = replace(attempt, state=State.HAVE, sha256=fact.sha256, size=fact.size, seconds=fact.seconds)
            return replace(stored, stored_at=at, reason="")
        case Missing() if state is State.HAVE:
            return replace(attempt, state=State.MADE, reason=fact.reason, sha256=None, size=None)
        case Lost() if state is State.RUNNING and attempt.adopted:
            # What a person named was no task: what became of the request is as unknown as before.
            return replace(attempt, state=State.DOUBT, task_id=None, accepted_at=None, reason=fact.reason)
        case Lost() if state in (State.RUNNING, State.MADE):
            return replace(attempt, state=State.LOST, reason=fact.reason)
        case Resubmitted() if state is State.DOUBT:
            return replace(attempt, state=State.REPLACED)
        case Retried() if state in MAY_BE_MADE_AGAIN:
            return replace(attempt, state=State.WANTED)
        case Abandoned() if state not in _NOT_TO_ABANDON:
            return replace(attempt, state=State.ABANDONED)
    return attempt


def _with_task(attempt: Attempt, fact: Accepted | Adopted, at: float) -> Attempt:
    """A task id is kept whenever it comes: it is the only way to a clip that may have been paid. One that a person named is kept until it has
    shown itself, and may be put right till then."""
    if attempt.task_id is not None and not attempt.adopted:
        return attempt
    known = replace(attempt, task_id=fact.task_id, accepted_at=at, adopted=isinstance(fact, Adopted))
    return replace(known, state=State.RUNNING, reason="") if attempt.state in _UNANSWERED else known


def _completed(attempt: Attempt, fact: Completed, at: float) -> Attempt:
    return replace(
        attempt,
        state=State.ABANDONED if attempt.state is State.ABANDONED else State.MADE,
        urls=fact.urls or attempt.urls,
        expires_at=fact.expires_at if fact.urls else attempt.expires_at,
        charged=attempt.charged if fact.cost is None else fact.cost,
        completed_at=attempt.completed_at or at,
        reason="",
        adopted=False,
    )
