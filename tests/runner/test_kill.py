"""kill -9 after every commit, every network step and every rename of a run. The points are taken from a recorded run, all of them, and each is shown
to be hit. Between two of them nothing durable changes, so a kill before a step is a kill after the one before it.

The run's time is a clock that jumps and its service is in memory, so every run passes the same points in the same order. What the service has accepted
and billed is kept on disk, because it survives the client.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import httpx
import pytest

from skyflow.ledger import State
from skyflow.ledger.database import Database
from skyflow.runner import Outcome, RunOptions, fetch
from skyflow.runner.result import GOOD

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="runs are forked, so that hundreds of them take seconds"
)
# One worker of each kind: two that wait for each other would make the order of the points a matter of luck.
ONE_AT_A_TIME = RunOptions(senders=1, pollers=1, fetchers=1)
POST = "/v1/videos/generations"
PRICE = Decimal("0.5")  # what the service in memory reports for each clip


class Killer:
    """Counts the points that a run passes, writes their names down, and kills the process at one of them."""

    def __init__(self, trace, kill_at: int | None) -> None:
        self.trace = trace
        self.kill_at = kill_at
        self.passed = 0

    def point(self, name: str) -> None:
        self.passed += 1
        with self.trace.open("a") as file:
            file.write(f"{name}\n")
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def install(killer: Killer, studio) -> None:
    """Put the points into this process: around each commit, each request and each file that gets its name."""
    whole, put = Database.transaction, fetch._put_in_place

    @contextmanager
    def transaction(self: Database) -> Iterator[None]:
        outermost = not self._depth
        with whole(self):
            yield
        if outermost:
            killer.point("commit")

    def put_in_place(part, final) -> None:
        put(part, final)
        killer.point("rename")

    def around(service, request: httpx.Request) -> httpx.Response:
        check_durable(studio, request)
        answer = service.answer(request)
        keep(studio)
        killer.point(f"{request.method} {request.url.path}")
        return answer

    Database.transaction = transaction
    fetch._put_in_place = put_in_place
    studio.service.scripts.append(around)


def check_durable(studio, request: httpx.Request) -> None:
    """What must be on the disk before this request leaves: seen by somebody else who opens the ledger now."""
    reader = sqlite3.connect(f"file:{studio.root}/.skyflow/ledger.db?mode=ro", uri=True)
    rows = reader.execute("SELECT idempotency_key, task_id, state FROM attempt").fetchall()
    reader.close()
    if request.url.path == POST:
        assert (request.headers["Idempotency-Key"], None, "posting") in rows
    if request.url.path.startswith("/v1/tasks/"):
        assert request.url.path.rpartition("/")[2] in {task for _, task, _ in rows}


def keep(studio) -> None:
    service = studio.service
    tasks = [{"id": task.id, "body": task.body, "polls": task.polls} for task in service.tasks.values()]
    path = studio.root / "service.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(tasks))
    part.replace(path)


def remember(studio) -> None:
    path = studio.root / "service.json"
    if path.exists():
        studio.service.remember(json.loads(path.read_text()))


def run_in_child(studio, clips, kill_at: int | None) -> int:
    """Run the plan in a forked process; its wait status. Clips that are there are no reason for a child to fail."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            remember(studio)
            install(Killer(studio.root / "trace", kill_at), studio)
            result = studio.run(clips, options=ONE_AT_A_TIME)
            status = result.exit_code
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def trace_of(studio) -> list[str]:
    return (studio.root / "trace").read_text().splitlines()


@pytest.fixture
def film(make_clip, picture_in) -> Callable[..., list]:
    """A shot with a picture, and one that builds on it."""

    def make(studio) -> list:
        first = make_clip("first", **picture_in(studio.root, "hero.png"))
        return [first, make_clip("second", needs=(first,))]

    return make


def record(studio, clips) -> int:
    """How many points the undisturbed run passes."""
    assert run_in_child(studio, clips, None) == 0
    passed = trace_of(studio)
    assert {"commit", "rename", f"POST {POST}", "POST /v1/uploads/images"} <= set(passed)
    return len(passed)


def kill(studio, clips, kill_at: int) -> None:
    """Kill a run at one point, and show that it was that point."""
    status = run_in_child(studio, clips, kill_at)
    assert os.WIFSIGNALED(status), f"point {kill_at} was not hit: {status}"
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert len(trace_of(studio)) == kill_at
    remember(studio)


def test_a_kill_at_any_point_neither_pays_twice_nor_loses_a_clip(new_studio, film) -> None:
    recorded = new_studio("recorded")
    points, doubtful = record(recorded, film(recorded)), 0
    for kill_at in range(1, points + 1):
        studio = new_studio(f"killed at {kill_at}")
        clips = film(studio)
        kill(studio, clips, kill_at)
        doubtful += check_after_restart(studio, studio.run(clips), f"point {kill_at}: {trace_of(studio)[-1]}")
    assert points > 25
    assert 0 < doubtful < points / 2
    print(f"{points} points, in doubt after {doubtful}")


def check_after_restart(studio, result, where: str) -> bool:
    """Each key billed at most once, each paid clip on disk or in doubt, the books right; whether something is in doubt."""
    bills = Counter(body["prompt"] for body in studio.service.journal)
    assert set(bills.values()) <= {1}, where
    for clip in result.clips:
        paid = bills[f"{clip.shot} in "]
        blocked = clip.outcome is Outcome.BLOCKED and not paid
        assert clip.outcome in GOOD or clip.outcome is Outcome.IN_DOUBT or blocked, where
    with studio.ledger() as ledger:
        books = ledger.books(studio.target)
        doubts = sum(attempt.state is State.DOUBT for _, attempt in ledger.attempts(studio.target))
    billed = PRICE * sum(bills.values())
    assert books.spent <= billed <= books.spent + PRICE * doubts, where
    assert bool(doubts) == any(clip.outcome is Outcome.IN_DOUBT for clip in result.clips), where
    if not doubts:
        assert result.complete, where
        assert books.spent == billed == 2 * PRICE, where
    return bool(doubts)


def test_on_the_own_sandbox_every_kill_ends_in_the_whole_film(new_studio, film) -> None:
    recorded = new_studio("recorded", own_sandbox=True)
    points = record(recorded, film(recorded))
    for kill_at in range(2, points + 1, 3):
        studio = new_studio(f"killed at {kill_at}", own_sandbox=True)
        clips = film(studio)
        kill(studio, clips, kill_at)
        assert studio.run(clips).complete, f"point {kill_at}: {trace_of(studio)[-1]}"


def test_kill_after_kill_ends_in_the_whole_film(new_studio, film) -> None:
    """Each restart is killed a little further on; doubt is settled by a person who has it sent again."""
    studio = new_studio("again and again", own_sandbox=True)
    clips = film(studio)
    for kill_at in (5, 9, 7, 13, 11):
        (studio.root / "trace").unlink(missing_ok=True)
        status = run_in_child(studio, clips, kill_at)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        remember(studio)
    assert studio.run(clips).complete
