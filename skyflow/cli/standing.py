"""How the clips of a project stand, gathered from the ledger: the words that people read, and the facts behind them. Prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from skyflow.config import Budget
from skyflow.ledger import Attempt, Books, Label, Ledger, News, Queued, RunAtWork, State, Target

# In the order in which people want to know. Queued, running and suspected hang are different things and have different words.
WORDS = (
    IN_DOUBT := "in doubt",
    HANGING := "suspected hang",
    SENDING := "being sent",
    QUEUED := "queued",  # a run will send it
    ACCEPTED := "waiting at the service",
    RUNNING := "running",
    DOWNLOADING := "downloading",
    TO_FETCH := "made, to fetch",  # and no run is at it
    FAILED := "failed",
    LOST := "lost",
    GIVEN_UP := "given up",
    WANTED := "to be made again",
    REFUSED := "refused, not billed",
    DONE := "done",
)
_PLAIN = {
    State.DOUBT: IN_DOUBT,
    State.POSTING: SENDING,
    State.FAILED: FAILED,
    State.LOST: LOST,
    State.ABANDONED: GIVEN_UP,
    State.WANTED: WANTED,
    State.REFUSED: REFUSED,
    State.HAVE: DONE,
}
# Words of services for a task that they have not begun (contract.md, "Endpoints"; the rest from clients in the field).
_NOT_BEGUN = frozenset({"pending", "submitted", "queued", "created", "not_started"})
# A task that takes several times as long as usual may hang. It is still asked for: the word is for people.
_HANGS_AFTER = 3.0
_HANGS_BEYOND = 60.0


@dataclass(frozen=True, slots=True)
class ClipStanding:
    """One clip. `attempt` is None while it is queued. `elapsed` and `typical` are seconds since its task was accepted, and that a task takes."""

    key: str
    label: Label
    word: str
    estimate: Decimal
    attempt: Attempt | None = None
    attended: bool = True
    elapsed: float | None = None
    typical: float | None = None
    news: News | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit in dollars; `what` it limits."""

    what: str
    limit: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """One target: clips counted by word, those that were asked for one by one, money, limits, and the storyboards that runs are making now."""

    target: Target
    counts: dict[str, int]
    clips: tuple[ClipStanding, ...]
    books: Books
    allowances: tuple[Allowance, ...]
    at_work: tuple[str, ...]


def see_project(ledger: Ledger, budget: Budget, now: float, *, everything: bool) -> tuple[TargetStanding, ...]:
    """How each target stands. Done clips are counted; they are among the clips only where `everything` is asked for. Raises LedgerError."""
    queued = [clip for clip in ledger.live.queued() if not clip.cancelled]
    targets = {target.name: target for target in (*ledger.targets(), *(clip.target for clip in queued))}
    runs = ledger.live.runs()
    targets |= {run.target.name: run.target for run in runs}
    return tuple(
        _see(ledger, target, [clip for clip in queued if clip.target == target], runs, budget, now, everything)
        for _, target in sorted(targets.items())
    )


def _see(
    ledger: Ledger,
    target: Target,
    queued: list[Queued],
    runs: list[RunAtWork],
    budget: Budget,
    now: float,
    everything: bool,
) -> TargetStanding:
    done = ledger.overview.counts(target).get(State.HAVE, 0)
    states = [state for state in State if state is not State.REPLACED and (everything or state is not State.HAVE)]
    living = {run.run for run in runs}
    news, typical = ledger.live.news(target), ledger.overview.typical_seconds(target)
    clips = [
        _clip(ledger, target, key, attempt, living, news.get(key), typical, now)
        for key, attempt in ledger.overview.clips(target, states)
    ]
    # What is queued was, at most, sent in vain before: a run takes it out of its queue as it sends it.
    waiting = {one.key for one in queued}
    clips = [clip for clip in clips if clip.key not in waiting]
    clips += [ClipStanding(one.key, one.label, QUEUED, one.estimate) for one in queued]
    counts = Counter(clip.word for clip in clips)
    counts[DONE] = done
    return TargetStanding(
        target,
        {word: counts[word] for word in WORDS if counts[word]},
        tuple(sorted(clips, key=lambda clip: WORDS.index(clip.word))),
        ledger.books(target),
        () if target.is_sandbox else tuple(_allowances(ledger, target, budget, now)),
        tuple(dict.fromkeys(run.storyboard for run in runs if run.target == target)),
    )


def _clip(
    ledger: Ledger,
    target: Target,
    key: str,
    attempt: Attempt,
    living: set[str],
    news: News | None,
    typical: float | None,
    now: float,
) -> ClipStanding:
    underway = attempt.state in (State.RUNNING, State.MADE)
    attended = not underway or ledger.runs.owner_of(target, key) in living
    elapsed = max(0.0, now - (attempt.accepted_at or attempt.posted_at)) if attempt.state is State.RUNNING else None
    if news is not None and news.estimated is not None:
        typical = news.estimated
    word = _PLAIN.get(attempt.state) or _word_of_task(attempt, attended, elapsed, typical, news)
    return ClipStanding(key, attempt.label, word, attempt.estimate, attempt, attended, elapsed, typical, news)


def _word_of_task(
    attempt: Attempt, attended: bool, elapsed: float | None, typical: float | None, news: News | None
) -> str:
    if attempt.state is State.MADE:
        return DOWNLOADING if attended else TO_FETCH
    if elapsed is not None and typical is not None and elapsed > max(typical * _HANGS_AFTER, typical + _HANGS_BEYOND):
        return HANGING
    return ACCEPTED if news is not None and news.status.casefold() in _NOT_BEGUN else RUNNING


def _allowances(ledger: Ledger, target: Target, budget: Budget, now: float) -> Iterator[Allowance]:
    """What is left of the limits of skyflow.toml; of those of variants only the tightest."""
    from skyflow.planner.budget import read_spent

    boards = ledger.overview.storyboards(target)
    spent = {board: read_spent(ledger, target, board, now) for board in boards}
    if budget.day is not None:
        today = next((one.today for one in spent.values()), Decimal(0))
        yield Allowance("today", budget.day, budget.day - today)
    if budget.storyboard is not None:
        for board in boards:
            yield Allowance(board, budget.storyboard, budget.storyboard - spent[board].storyboard)
    if budget.variant is not None:
        yield from _tightest(budget.variant, ((b, v, c) for b in boards for v, c in spent[b].by_variant.items()))


def _tightest(limit: Decimal, costs: Iterable[tuple[str, str, Decimal]]) -> Iterator[Allowance]:
    most = max(costs, key=lambda cost: cost[2], default=None)
    if most is not None:
        yield Allowance(f"{most[0]}, {most[1] or 'its only variant'}", limit, limit - most[2])
