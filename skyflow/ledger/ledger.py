"""The ledger: facts appended, states derived from them, in whole transactions. README.md states the invariants that this file keeps."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from skyflow.ledger.clip_store import STATE_FOLDER
from skyflow.ledger.database import Database, open_database, read_database
from skyflow.ledger.facts import Doubted, Event, Fact, Label, Posting, encode_fact
from skyflow.ledger.live import Live
from skyflow.ledger.memory import Shots, Uploads
from skyflow.ledger.money import from_nano
from skyflow.ledger.overview import Overview
from skyflow.ledger.rows import INSERT_ATTEMPT, UPDATE_ATTEMPT, attempt_of, attempt_values, event_of
from skyflow.ledger.runs import Runs
from skyflow.ledger.states import IN_FLIGHT, MAY_BE_MADE_AGAIN, Attempt, Standing, State, advance
from skyflow.ledger.target import Target, target_named

LEDGER_FILE = "ledger.db"
ORPHANED = "skyflow ended before the answer came"
# SQLite takes at least 999 values in one statement (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER).
_KEYS_AT_ONCE = 900

_STATES = {state.value: state for state in State}

# What each attempt may have cost: the same as Attempt.owed.
_OWED = "CASE WHEN state = 'refused' THEN 0 WHEN charged IS NULL THEN estimate ELSE charged END"

# Whether that is certain: the same as Attempt.billed, where nothing is under way.
_IS_BILLED = "(charged IS NOT NULL OR state IN ('made', 'have') OR (state = 'lost' AND completed_at IS NOT NULL))"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be posted: `request` is the body as it will be sent, `estimate` its cost in dollars."""

    label: Label
    request: Mapping[str, Any]
    estimate: Decimal
    exact: bool


@dataclass(frozen=True, slots=True)
class SpendingLimit:
    """No more than `amount` dollars for what matches: this run, everything since a time, one storyboard, one variant. `name` is for people."""

    name: str
    amount: Decimal
    run: str | None = None
    since: float | None = None
    storyboard: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The posting is written down: once that is durable, send it, with the attempt's `Idempotency-Key`."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing was written and nothing may be sent: another run has the clip, its state forbids it, all places are taken, a limit is reached, a
    person took the clip back or asked the run to stop."""

    why: Literal["claim", "state", "slots", "budget", "cancelled", "stopped"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """Money of one target, in dollars. `spent`: billed for sure. `reserved`: under way or in doubt. `uncertain`: failed or given up, and
    nobody said whether it was billed. `estimated`: what the price table had said of what is spent."""

    spent: Decimal
    reserved: Decimal
    uncertain: Decimal
    estimated: Decimal = Decimal(0)


class Ledger:
    """One project's ledger. Not for several threads; several processes may each have it open.

    Every method that writes is one transaction, or part of the `batch()` around it: when it returns from the outermost, it is on the disk.
    All raise LedgerError where the file cannot be read or written.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self.runs = Runs(database, clock)
        self.uploads = Uploads(database, clock)
        self.shots = Shots(database, clock)
        self.live = Live(database, clock, self.runs.alive)
        self.overview = Overview(database, self._as_seen)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    @property
    def path(self) -> Path:
        return self._database.path

    def batch(self) -> AbstractContextManager[None]:
        """One transaction around several writes."""
        return self._database.transaction()

    # --- writing --------------------------------------------------------------------------------------------------

    def claim(self, target: Target, key: str, run: str) -> bool:
        """Whether `run` may work on the clip from now on. The work of a run that is gone is taken over: what it was sending is in doubt."""
        with self.batch():
            owner = self.runs.owner_of(target, key)
            if owner == run:
                return True
            if owner is not None and self.runs.alive(owner):
                return False
            self.runs.hand_over(target, key, run)
            last = self._last(target, key)
            if last is not None and last.state is State.POSTING:
                self.record(target, key, Doubted(ORPHANED), run=run)
        return True

    def post(
        self,
        target: Target,
        key: str,
        order: Order,
        *,
        run: str,
        concurrency: int,
        limits: Sequence[SpendingLimit] = (),
        again: bool = False,
    ) -> Posted | Held:
        """Write down that the request is about to be sent, and reserve its place and its money: one transaction.

        `again` also makes anew what failed, was lost or given up; else only what was never accepted is sent.
        """
        with self.batch():
            if self.runs.owner_of(target, key) != run:
                return Held("claim")
            if self.live.is_stop_asked(run):
                return Held("stopped")
            if self.live.is_cancelled(run, key):
                return Held("cancelled")
            last = self._last(target, key)
            number = _next_number(last, again)
            if number is None:
                return Held("state", last.state if last else "")
            if self.in_flight(target) >= concurrency:
                return Held("slots")
            for limit in limits:
                if self.owed(target, limit) + order.estimate > limit.amount:
                    return Held("budget", limit.name)
            name = self._idempotency_key(target, key, number, last)
            posting = Posting(name, order.estimate, order.exact, order.label, order.request)
            self.live.dequeue(run, (key,))
            return Posted(self.record(target, key, posting, run=run, attempt=number))

    def record(
        self,
        target: Target,
        key: str,
        fact: Fact,
        *,
        run: str = "",
        attempt: int | None = None,
        at: float | None = None,
    ) -> Attempt:
        """Append a fact about an attempt (the last one where not said) and bring its state up to date. `at` is when it happened, else now."""
        with self.batch():
            if attempt is None:
                last = self._last(target, key)
                attempt = 1 if last is None else last.number
            else:
                last = self._attempt(target, key, attempt)
            now = self._clock() if at is None else at
            number = self._database.write(
                "INSERT INTO event (at, target, key, attempt, run, kind, fact) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (now, target.name, key, attempt, run, fact.kind, encode_fact(fact)),
            )
            after = advance(last, Event(number, now, attempt, run, fact))
            self._database.write(
                INSERT_ATTEMPT if last is None else UPDATE_ATTEMPT, attempt_values(target.name, key, after, number)
            )
        return after

    def end_run(self, run: str) -> None:
        """The run is over: what it was still sending is in doubt, what it had claimed is free."""
        with self.batch():
            for row in self._database.rows(
                "SELECT target, key FROM attempt WHERE run = ? AND state = 'posting'", (run,)
            ):
                self.record(target_named(row["target"]), row["key"], Doubted(ORPHANED), run=run)
            self.live.forget(run)
            self.runs.end(run)

    # --- reading --------------------------------------------------------------------------------------------------

    def latest(self, target: Target, keys: Iterable[str]) -> dict[str, Attempt]:
        """The last attempt for each key that has one. What a dead run was sending is shown as in doubt, though nobody wrote that yet."""
        found: dict[str, Attempt] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            part = wanted[start : start + _KEYS_AT_ONCE]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT * FROM attempt WHERE target = ? AND key IN ({marks}) ORDER BY key, number"  # noqa: S608
            for row in self._database.rows(sql, (target.name, *part)):
                found[row["key"]] = attempt_of(row)
        return {key: self._as_seen(target, key, attempt) for key, attempt in found.items()}

    def standings(self, target: Target, keys: Iterable[str]) -> dict[str, Standing]:
        """How each clip stands that was ever sent: what `latest` tells, for whoever asks about very many and needs little."""
        found: dict[str, Standing] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            part = wanted[start : start + _KEYS_AT_ONCE]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT key, state, size, seconds FROM attempt WHERE target = ? AND key IN ({marks}) ORDER BY key, number"  # noqa: S608
            found.update(_standings_of(self._database.tuples(sql, (target.name, *part))))
        return self._sure(target, found)

    def all_standings(self, target: Target, most: int) -> dict[str, Standing] | None:
        """`standings` of everything on the target, or None where that is more than `most` attempts. One reading in the order of keys is
        several times as fast as many a key at a time."""
        rows = self._database.tuples(
            "SELECT key, state, size, seconds FROM attempt WHERE target = ? ORDER BY key, number LIMIT ?",
            (target.name, most + 1),
        )
        return None if len(rows) > most else self._sure(target, _standings_of(rows))

    def _sure(self, target: Target, found: dict[str, Standing]) -> dict[str, Standing]:
        """With what was being sent shown as doubt where its run is gone."""
        unsure = [key for key, standing in found.items() if standing.state is State.POSTING]
        for key, attempt in self.latest(target, unsure).items():
            found[key] = Standing(attempt.state, attempt.size, attempt.seconds)
        return found

    def attempts(self, target: Target, states: Iterable[State] = State) -> list[tuple[str, Attempt]]:
        """All attempts in one of these states, with their keys, oldest first; as `latest` sees them."""
        names = [state.value for state in states]
        marks = ", ".join("?" * len(names))
        sql = f"SELECT * FROM attempt WHERE target = ? AND state IN ({marks}) ORDER BY posted_at, key, number"  # noqa: S608
        rows = self._database.rows(sql, (target.name, *names))
        return [(row["key"], self._as_seen(target, row["key"], attempt_of(row))) for row in rows]

    def targets(self) -> list[Target]:
        """Every target that something was ever sent to, by name."""
        rows = self._database.rows("SELECT DISTINCT target FROM attempt ORDER BY target", ())
        return [target_named(row["target"]) for row in rows]

    def events(self, target: Target, key: str) -> tuple[Event, ...]:
        """Everything that was ever written about a clip, in order."""
        rows = self._database.rows(
            "SELECT * FROM event WHERE target = ? AND key = ? ORDER BY number", (target.name, key)
        )
        return tuple(event_of(row) for row in rows)

    def sent_request(self, target: Target, key: str) -> Mapping[str, Any] | None:
        """The body that was sent last for a clip."""
        row = self._database.row(
            "SELECT * FROM event WHERE target = ? AND key = ? AND kind = 'posting' ORDER BY number DESC LIMIT 1",
            (target.name, key),
        )
        fact = None if row is None else event_of(row).fact
        return fact.request if isinstance(fact, Posting) else None

    def in_flight(self, target: Target) -> int:
        """How many requests hold a place on the service, of all runs together: sent, in doubt, or running."""
        marks = ", ".join(f"'{state.value}'" for state in sorted(IN_FLIGHT))
        row = self._database.row(
            f"SELECT count(*) AS n FROM attempt WHERE target = ? AND state IN ({marks})",  # noqa: S608
            (target.name,),
        )
        return 0 if row is None else int(row["n"])

    def owed(self, target: Target, limit: SpendingLimit) -> Decimal:
        """The most that everything which a limit speaks of may have cost so far."""
        wanted = {
            "run = ?": limit.run,
            "posted_at >= ?": limit.since,
            "storyboard = ?": limit.storyboard,
            "variant = ?": limit.variant,
        }
        given = {clause: value for clause, value in wanted.items() if value is not None}
        where = " AND ".join(("target = ?", *given))
        sql = f"SELECT coalesce(sum({_OWED}), 0) AS nano FROM attempt WHERE {where}"  # noqa: S608
        row = self._database.row(sql, (target.name, *given.values()))
        return from_nano(0 if row is None else row["nano"])

    def owed_by_variant(self, target: Target, storyboard: str) -> dict[str, Decimal]:
        """The most that each variant of a storyboard may have cost so far; those that never cost anything are left out."""
        rows = self._database.rows(
            f"SELECT variant, sum({_OWED}) AS nano FROM attempt WHERE target = ? AND storyboard = ? GROUP BY variant",  # noqa: S608
            (target.name, storyboard),
        )
        return {row["variant"]: from_nano(row["nano"]) for row in rows if row["nano"]}

    def books(self, target: Target, run: str | None = None) -> Books:
        """Money of the target, from the attempts of all runs, or of the one given."""
        spent = reserved = uncertain = estimated = 0
        of_run, values = ("", ()) if run is None else (" AND run = ?", (run,))
        rows = self._database.rows(
            f"SELECT {_IS_BILLED} AS billed, state, sum({_OWED}) AS nano, sum(estimate) AS estimate"  # noqa: S608
            f" FROM attempt WHERE target = ?{of_run} GROUP BY 1, 2",
            (target.name, *values),
        )
        for row in rows:
            if State(row["state"]) in IN_FLIGHT:
                reserved += row["nano"]
            elif row["billed"]:
                spent += row["nano"]
                estimated += row["estimate"]
            else:
                uncertain += row["nano"]
        return Books(from_nano(spent), from_nano(reserved), from_nano(uncertain), from_nano(estimated))

    # --- inside ---------------------------------------------------------------------------------------------------

    def _attempt(self, target: Target, key: str, number: int) -> Attempt | None:
        row = self._database.row(
            "SELECT * FROM attempt WHERE target = ? AND key = ? AND number = ?", (target.name, key, number)
        )
        return None if row is None else attempt_of(row)

    def _last(self, target: Target, key: str) -> Attempt | None:
        row = self._database.row(
            "SELECT * FROM attempt WHERE target = ? AND key = ? ORDER BY number DESC LIMIT 1", (target.name, key)
        )
        return None if row is None else attempt_of(row)

    def _as_seen(self, target: Target, key: str, attempt: Attempt) -> Attempt:
        if attempt.state is not State.POSTING:
            return attempt
        owner = self.runs.owner_of(target, key)
        if owner is not None and self.runs.alive(owner):
            return attempt
        return replace(attempt, state=State.DOUBT, reason=ORPHANED)

    def _idempotency_key(self, target: Target, key: str, number: int, last: Attempt | None) -> str:
        # A request that is sent again may already have been accepted: under its old name a gateway can recognise it.
        if last is not None and last.state in (State.REFUSED, State.REPLACED):
            return last.idempotency_key
        row = self._database.row("SELECT value FROM meta WHERE name = 'id'")
        identity = f"{row['value'] if row else ''} {target.name} {key} {number}"
        return "skyflow-" + hashlib.sha256(identity.encode()).hexdigest()[:40]


def _standings_of(rows: Iterable[tuple[Any, ...]]) -> dict[str, Standing]:
    """Rows in the order of attempts: the last one of each key holds."""
    return {key: Standing(_STATES[state], size, seconds) for key, state, size, seconds in rows}


def _next_number(last: Attempt | None, again: bool) -> int | None:
    """The number of the attempt that may be posted now; None where none may."""
    if last is None:
        return 1
    if last.state is State.REFUSED:
        return last.number
    if last.state in (State.REPLACED, State.WANTED) or (again and last.state in MAY_BE_MADE_AGAIN):
        return last.number + 1
    return None


def ledger_path(root: Path) -> Path:
    """Where the ledger of the project at `root` lies."""
    return root / STATE_FOLDER / LEDGER_FILE


def open_ledger(root: Path, clock: Callable[[], float] = time.time) -> Ledger:
    """The ledger of the project at `root`, to write; made where it is missing. Raises LedgerError."""
    return Ledger(open_database(ledger_path(root)), clock)


def read_ledger(root: Path, clock: Callable[[], float] = time.time) -> Ledger:
    """The ledger of the project at `root`, only to read; an empty one where there is none. Changes nothing on the disk. Raises LedgerError."""
    return Ledger(read_database(ledger_path(root)), clock)
