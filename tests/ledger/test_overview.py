"""The ledger as people look at it."""

from __future__ import annotations

import pytest

from skyflow.ledger import SANDBOX, Accepted, Completed, Doubted, Failed, Retried, State, Stored

KEYS = {name: name * 64 for name in "abcdef"}


@pytest.fixture
def run(ledger, target) -> str:
    return ledger.runs.start(target, "film.sky")


@pytest.fixture
def send(ledger, target, order, run):
    def make(key: str, *facts, again: bool = False) -> None:
        assert ledger.claim(target, key, run)
        ledger.post(target, key, order(), run=run, concurrency=99, again=again)
        for fact in facts:
            ledger.record(target, key, fact)

    return make


def test_each_clip_counts_once_by_its_last_attempt(ledger, target, send) -> None:
    send(KEYS["a"], Accepted("t1"), Failed("c", "m"))
    send(KEYS["a"], Accepted("t2"), again=True)
    send(KEYS["b"], Accepted("t3"), Completed(("u",)), Stored("s", 1))
    send(KEYS["c"], Doubted("cut"))
    assert ledger.overview.counts(target) == {State.RUNNING: 1, State.HAVE: 1, State.DOUBT: 1}
    assert ledger.overview.counts(SANDBOX) == {}
    found = ledger.overview.clips(target, (State.RUNNING, State.FAILED))
    assert [(key, attempt.number) for key, attempt in found] == [(KEYS["a"], 2)]


def test_what_a_dead_run_was_sending_counts_as_doubt(ledger, target, send, run) -> None:
    send(KEYS["a"])
    assert ledger.overview.counts(target) == {State.POSTING: 1}
    with ledger.batch():
        ledger._database.write("UPDATE run SET ended_at = 1 WHERE id = ?", (run,))
    assert ledger.overview.counts(target) == {State.DOUBT: 1}


@pytest.mark.parametrize(
    ("beginning", "found"), [("a", ["a"]), ("A", []), ("", []), ("%", []), ("f" * 64, ["f"]), ("ab", []), ("g", [])]
)
def test_clips_are_found_by_the_beginning_of_their_key(ledger, target, send, beginning, found) -> None:
    send(KEYS["a"], Accepted("t"), Failed("c", "m"), Retried())
    send(KEYS["f"])
    assert [key for key, _ in ledger.overview.beginning_with(target, beginning)] == [KEYS[name] for name in found]


def test_how_long_a_task_usually_takes_is_the_middle_one_of_the_last(ledger, target, send, clock) -> None:
    assert ledger.overview.typical_seconds(target) is None
    for name, seconds in (("a", 10.0), ("b", 900.0), ("c", 20.0)):
        send(KEYS[name], Accepted("t"))
        clock.time += seconds
        ledger.record(target, KEYS[name], Completed(("u",)))
    assert ledger.overview.typical_seconds(target) == 20.0
    assert ledger.overview.storyboards(target) == ["film.sky"]
