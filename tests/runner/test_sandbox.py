"""Against a real sandbox process: each of its faults, and books that equal its journal."""

from __future__ import annotations

from decimal import Decimal

import pytest

from skyflow.ledger import State, open_ledger
from skyflow.runner import Outcome


def books_equal_the_journal(studio) -> None:
    """Every billed task is known or in doubt, and the sums agree."""
    journal = studio.sandbox.journal()
    billed = [entry for entry in journal["entries"] if Decimal(entry["billed"]) > 0]
    with open_ledger(studio.root) as ledger:
        attempts = ledger.attempts(studio.target)
        books = ledger.books(studio.target)
    known = {attempt.task_id for _, attempt in attempts}
    doubts = {attempt.idempotency_key for _, attempt in attempts if attempt.state is State.DOUBT}
    for entry in billed:
        assert entry["task_id"] in known or entry["idempotency_key"] in doubts
    if not doubts:
        assert books.spent == Decimal(journal["billed"])
        assert (books.reserved, books.uncertain) == (0, 0)
    keys = [entry["idempotency_key"] for entry in billed]
    assert len(keys) == len(set(keys))


def test_a_chain_is_made_and_the_books_are_equal(live, make_clip) -> None:
    studio = live()
    first = make_clip("first")
    second = make_clip("second", needs=(first,))
    result = studio.run([first, second, *(make_clip(f"shot{number}") for number in range(10))])
    assert result.complete
    assert result.spent == Decimal("4.80")
    books_equal_the_journal(studio)


@pytest.mark.parametrize(
    "fault",
    [
        "rate-limit=@2",
        "rate-limit=0.2",
        "slow=@1",
        "truncated-download=@1",
        "expired-url=@1",
        "odd-answer=0.5",
        "task-fails=0",
    ],
)
def test_faults_that_cost_nothing_but_time(live, make_clip, fault) -> None:
    studio = live("--fault", fault, "--slow-seconds", "0.1")
    assert studio.run([make_clip(f"shot{number}") for number in range(6)]).complete
    books_equal_the_journal(studio)


def test_a_lost_answer_is_doubt_and_stays_it(live, make_clip) -> None:
    studio = live("--fault", "lost-answer=@2")
    clips = [make_clip(f"shot{number}") for number in range(4)]
    for _ in range(2):
        result = studio.run(clips)
        assert result.counts[Outcome.IN_DOUBT] == 1
        assert sum(result.counts[good] for good in (Outcome.MADE, Outcome.HAD)) == 3
    books_equal_the_journal(studio)
    assert studio.sandbox.journal()["tasks"] == 4


def test_a_500_is_doubt_though_nothing_was_billed(live, make_clip) -> None:
    studio = live("--fault", "error-500=@1")
    result = studio.run([make_clip("a")])
    assert result.clips[0].outcome is Outcome.IN_DOUBT
    assert studio.sandbox.journal()["billed"] == "0"
    books_equal_the_journal(studio)


@pytest.mark.parametrize(("fault", "billed"), [("task-fails=@1", False), ("moderation=@1", True)])
def test_a_failed_task_says_whether_it_was_billed(live, make_clip, fault, billed) -> None:
    studio = live("--fault", fault)
    clip = make_clip("a")
    result = studio.run([clip])
    assert result.clips[0].outcome is Outcome.FAILED
    assert result.clips[0].billed is billed
    assert (result.spent > 0) is billed
    assert studio.run([clip], again=True).complete
    with open_ledger(studio.root) as ledger:
        assert ledger.books(studio.target).spent == Decimal(studio.sandbox.journal()["billed"])


def test_an_empty_balance(live, make_clip) -> None:
    studio = live("--balance", "1.00")
    result = studio.run([make_clip(f"shot{number}") for number in range(5)])
    assert result.counts == {Outcome.MADE: 2, Outcome.NOT_STARTED: 3}
    books_equal_the_journal(studio)


def test_a_wrong_key(live, make_clip) -> None:
    studio = live()
    studio.sandbox.key = "another"
    result = studio.run([make_clip("a")])
    assert result.clips[0].outcome is Outcome.NOT_STARTED
    assert "key" in result.stopped


def test_a_request_that_breaks_the_contract_is_told_with_its_constraint(live, make_clip) -> None:
    studio = live()
    result = studio.run([make_clip("a", duration=99), make_clip("b")])
    assert "duration-range" in result.clips[0].message
    assert result.clips[1].outcome is Outcome.MADE
    books_equal_the_journal(studio)


def test_a_server_that_was_down_for_a_moment(live, make_clip, start_sandbox) -> None:
    """The tasks survive a restart of the service, and so does the run that waits for them."""
    studio = live("--latency", "0.5")
    port = studio.sandbox.url.rpartition(":")[2]
    restarted = []

    def restart(event) -> None:
        if type(event).__name__ == "Submitted" and not restarted:
            studio.sandbox.process.kill()
            studio.sandbox.process.wait()
            restarted.append(start_sandbox("--port", port))

    assert studio.run([make_clip("a")], on_event=restart).complete
    books_equal_the_journal(studio)
