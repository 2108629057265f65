"""What the proofs share: points at which a process is killed, a person who looks into the service's journal, and books held against it."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from skyflow.ledger import MAY_BE_MADE_AGAIN, Adopted, Ledger, Resubmitted, Retried, State, open_ledger
from skyflow.ledger.database import Database
from skyflow.runner import RunOptions, fetch
from skyflow.runner.client import Client, Download
from skyflow.runner.retry import Backoff, Polling

POST = "POST generations"
# One worker of each kind, and polls that come when the task is surely done: every run passes the same points in the same order.
STEADY = RunOptions(
    senders=1, pollers=1, fetchers=1, polling=Polling(0.15, 0.15), backoff=Backoff(0.02, 0.1), patience=20.0
)


@dataclass
class Points:
    """Counts what a run passes by name, tells `passed` of each, and keeps the names in a file that survives the process."""

    trace: Path
    passed: Callable[[str], None] = lambda _: None
    names: Counter[str] = field(default_factory=Counter)

    def point(self, name: str) -> None:
        self.names[name] += 1
        numbered = f"{name} {self.names[name]}"
        with self.trace.open("a") as file:
            file.write(f"{numbered}\n")
        self.passed(numbered)

    def recorded(self) -> list[str]:
        return self.trace.read_text().splitlines() if self.trace.exists() else []


def kill_at(name: str) -> Callable[[str], None]:
    """What kills this process at a point."""

    def passed(point: str) -> None:
        if point == name:
            os.kill(os.getpid(), signal.SIGKILL)

    return passed


@contextmanager
def points_in_place(points: Points, before_post: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Put the points around each commit, each call of the service and each file that gets its name. `before_post` gets the Idempotency-Key."""
    transaction, put, call, download = Database.transaction, fetch._put_in_place, Client._call, Client.download

    @contextmanager
    def committed(self: Database) -> Iterator[None]:
        outermost = not self._depth
        with transaction(self):
            yield
        if outermost:
            points.point("commit")

    def put_in_place(part: Path, final: Path) -> None:
        put(part, final)
        points.point("rename")

    async def called(self: Client, client: Any, method: str, path: str, **what: Any) -> Any:
        name = f"{method} {'task' if path.startswith('/v1/tasks') else path.rpartition('/')[2]}"
        if name == POST:
            before_post(what["headers"]["Idempotency-Key"])
        points.point(f"send {name}")
        reply = await call(self, client, method, path, **what)
        points.point(f"answer {name}")
        return reply

    class Downloaded:
        def __init__(self, client: Client, url: str) -> None:
            self._inner = download(client, url)

        async def __aenter__(self) -> Download:
            points.point("send GET result")
            return await self._inner.__aenter__()

        async def __aexit__(self, *raised: Any) -> Any:
            points.point("answer GET result")
            return await self._inner.__aexit__(*raised)

    replaced = {
        (Database, "transaction"): committed,
        (fetch, "_put_in_place"): put_in_place,
        (Client, "_call"): called,
        (Client, "download"): lambda client, url: Downloaded(client, url),
    }
    with pytest.MonkeyPatch.context() as patch:
        for (place, name), value in replaced.items():
            patch.setattr(place, name, value)
        yield


def run_in_child(action: Callable[[], int]) -> int:
    """Run something in a forked process; its wait status."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = action()
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def was_killed(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


# --- the person, and the books ------------------------------------------------------------------------------------


def billed_entries(studio: Any) -> list[dict[str, Any]]:
    """What the service billed for this project, by its journal; several projects may share a service."""
    with open_ledger(studio.root) as ledger:
        ours = {attempt.idempotency_key for _, attempt in ledger.attempts(studio.target)}
    entries = studio.sandbox.journal()["entries"]
    return [entry for entry in entries if Decimal(entry["billed"]) > 0 and entry["idempotency_key"] in ours]


def settle_doubts(studio: Any) -> int:
    """Do what a person does: look up what the service made of each request in doubt. How many there were."""
    tasks = {entry["idempotency_key"]: entry["task_id"] for entry in billed_entries(studio)}
    with open_ledger(studio.root) as ledger:
        doubts = [(key, one) for key, one in ledger.attempts(studio.target) if one.state is State.DOUBT]
        for key, attempt in doubts:
            task = tasks.get(attempt.idempotency_key)
            ledger.record(studio.target, key, Adopted(task) if task else Resubmitted("person"))
    return len(doubts)


def retry_failures(studio: Any) -> int:
    """Have everything made again that failed. How many clips that were."""
    with open_ledger(studio.root) as ledger:
        found = ledger.overview.clips(studio.target, MAY_BE_MADE_AGAIN)
        for key, _ in found:
            ledger.record(studio.target, key, Retried())
    return len(found)


def refunds(studio: Any) -> dict[str, Decimal]:
    """What the service gave back, by task."""
    given: dict[str, Decimal] = {}
    for entry in studio.sandbox.journal()["entries"]:
        if Decimal(entry["billed"]) < 0:
            given[entry["task_id"]] = given.get(entry["task_id"], Decimal(0)) + Decimal(entry["billed"])
    return given


def assert_books_are_equal(studio: Any) -> None:
    """Every billed task is one attempt of ours, none is billed twice, and the sums agree to the last digit."""
    entries, given_back = billed_entries(studio), refunds(studio)
    with open_ledger(studio.root) as ledger:
        attempts = ledger.attempts(studio.target)
        books = ledger.books(studio.target)
        assert_no_key_is_alive_twice(ledger, studio)
    tasks = Counter(attempt.task_id for _, attempt in attempts if attempt.task_id is not None)
    assert set(tasks.values()) <= {1}
    assert Counter(entry["task_id"] for entry in entries) == tasks
    bill = sum(
        (Decimal(entry["billed"]) + given_back.get(entry["task_id"], Decimal(0)) for entry in entries), Decimal(0)
    )
    assert (books.spent, books.reserved) == (bill, 0)


def assert_no_key_is_alive_twice(ledger: Ledger, studio: Any) -> None:
    over = MAY_BE_MADE_AGAIN | {State.WANTED, State.REPLACED}
    alive = Counter(key for key, attempt in ledger.attempts(studio.target) if attempt.state not in over)
    assert set(alive.values()) <= {1}
