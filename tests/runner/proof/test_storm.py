"""Everything at once: 300 shots with chains among them, every fault of the sandbox, and three kills of the runner. It ends with equal books."""

from __future__ import annotations

import os
import signal
from collections import Counter

from skyflow.ledger import State, open_ledger
from skyflow.runner import RunOptions, Submitted
from skyflow.runner.retry import Backoff, Polling
from tests.runner.proof.conftest import (
    assert_books_are_equal,
    billed_entries,
    retry_failures,
    run_in_child,
    settle_doubts,
    was_killed,
)

FAULTS = {
    "lost-answer": 0.05,
    "error-500": 0.03,
    "rate-limit": 0.03,
    "slow": 0.02,
    "task-fails": 0.04,
    "moderation": 0.03,
    "truncated-download": 0.05,
    "expired-url": 0.05,
    "odd-answer": 0.2,
}
CHAINS, LONG = 60, 5
KILLS_AFTER = (40, 50, 30)  # requests that the run has sent
OPTIONS = RunOptions(concurrency=64, polling=Polling(0.05, 0.2), backoff=Backoff(0.02, 0.2), patience=60.0)
MOST_ROUNDS = 40


def make_film(make_clip) -> list:
    clips = []
    for chain in range(CHAINS):
        before = make_clip(f"chain {chain} shot 0")
        clips.append(before)
        for number in range(1, LONG):
            before = make_clip(f"chain {chain} shot {number}", needs=(before,))
            clips.append(before)
    return clips


class KillAfter:
    """Kills this process when so many requests were sent."""

    def __init__(self, sent: int) -> None:
        self._left = sent

    def __call__(self, event) -> None:
        self._left -= isinstance(event, Submitted) and not event.resumed
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def test_a_storm_ends_with_every_clip_and_equal_books(live, make_clip) -> None:
    faults = [word for name, rate in FAULTS.items() for word in ("--fault", f"{name}={rate}")]
    studio = live("--slow-seconds", "0.1", "--seed", "7", *faults)
    studio.root.mkdir()
    clips = make_film(make_clip)
    assert len(clips) == 300
    doubts = failures = 0
    for sent in KILLS_AFTER:
        status = run_in_child(lambda sent=sent: studio.run(clips, options=OPTIONS, on_event=KillAfter(sent)).exit_code)
        assert was_killed(status)
        doubts += settle_doubts(studio)
        failures += retry_failures(studio)
    for _ in range(MOST_ROUNDS):
        status = run_in_child(lambda: studio.run(clips, options=OPTIONS).exit_code)
        assert os.WIFEXITED(status)
        if os.WEXITSTATUS(status) == 0:
            break
        assert os.WEXITSTATUS(status) == 3
        doubts += settle_doubts(studio)
        failures += retry_failures(studio)
    with open_ledger(studio.root) as ledger:
        counts = ledger.overview.counts(studio.target)
        reasons = {attempt.reason for _, attempt in ledger.attempts(studio.target, (State.WANTED,))}
    assert counts == {State.HAVE: 300}
    assert doubts > 0
    assert failures > 0
    assert_books_are_equal(studio)
    journal = studio.sandbox.journal()["entries"]
    struck = Counter(entry["fault"] for entry in journal if entry["fault"])
    assert {"lost-answer", "error-500", "rate-limit", "task-fails"} <= set(struck)
    assert any("moderation" in reason for reason in reasons)
    entries = billed_entries(studio)
    assert len({entry["idempotency_key"] for entry in entries}) == len(entries)
    print(f"storm: {len(entries)} tasks for 300 clips, {doubts} doubts settled, {failures} failures made again")
