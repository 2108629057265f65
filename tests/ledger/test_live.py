"""What living runs let others see, and what a person may ask of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from skyflow.ledger import SANDBOX, Held, Label, News, Posted, Queued, RunAtWork

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def run(ledger, target) -> str:
    return ledger.runs.start(target, "film.sky")


def queued(run: str, target, key: str = KEY, shot: str = "street") -> Queued:
    return Queued(run, target, key, Label("film.sky", "", shot, 1), Decimal("0.40"))


def post(ledger, target, order, run):
    ledger.claim(target, KEY, run)
    return ledger.post(target, KEY, order(), run=run, concurrency=9)


def test_what_is_sent_leaves_the_queue(ledger, target, order, run) -> None:
    ledger.live.enqueue(run, [queued(run, target), queued(run, target, OTHER, "sea")])
    assert [clip.label.shot for clip in ledger.live.queued()] == ["sea", "street"]
    assert isinstance(post(ledger, target, order, run), Posted)
    assert ledger.live.queued() == [queued(run, target, OTHER, "sea")]


def test_what_is_taken_back_is_not_sent(ledger, target, order, run) -> None:
    ledger.live.enqueue(run, [queued(run, target)])
    assert ledger.live.cancel(run, KEY)
    assert [clip.cancelled for clip in ledger.live.queued()] == [True]
    assert post(ledger, target, order, run) == Held("cancelled")
    assert ledger.events(target, KEY) == ()


def test_what_was_sent_cannot_be_taken_back(ledger, target, order, run) -> None:
    ledger.live.enqueue(run, [queued(run, target)])
    post(ledger, target, order, run)
    assert not ledger.live.cancel(run, KEY)


def test_a_run_that_is_asked_to_stop_sends_nothing(ledger, target, order, run) -> None:
    other = ledger.runs.start(SANDBOX, "other.sky")
    assert set(ledger.live.runs()) == {RunAtWork(run, target, "film.sky"), RunAtWork(other, SANDBOX, "other.sky")}
    ledger.live.ask_to_stop(run)
    assert ledger.live.is_stop_asked(run)
    assert not ledger.live.is_stop_asked(other)
    assert post(ledger, target, order, run) == Held("stopped")


def test_a_run_that_ended_has_no_queue(ledger, target, run) -> None:
    ledger.live.enqueue(run, [queued(run, target)])
    ledger.end_run(run)
    assert ledger.live.queued() == []
    assert ledger.live.runs() == []


def test_the_queue_of_a_dead_run_is_not_shown_and_swept_away(ledger, target, clock, run) -> None:
    ledger.live.enqueue(run, [queued(run, target)])
    with ledger.batch():  # as a machine that went away leaves it
        ledger._database.write("UPDATE run SET host = 'elsewhere' WHERE id = ?", (run,))
    clock.time += 1000.0
    assert ledger.live.queued() == []
    following = ledger.runs.start(target, "film.sky")
    ledger.live.enqueue(following, [queued(following, target, OTHER)])
    assert ledger._database.rows("SELECT run FROM queued")[0]["run"] == following
    assert len(ledger._database.rows("SELECT run FROM queued")) == 1


def test_news_is_the_last_that_was_heard(ledger, target, clock) -> None:
    ledger.live.hear(target, [(KEY, News("pending", 0, 20.0)), (OTHER, News("processing", None, None))])
    clock.time += 5.0
    ledger.live.hear(target, [(KEY, News("processing", 40, 20.0))])
    assert ledger.live.news(target)[KEY] == News("processing", 40, 20.0, clock.time)
    assert ledger.live.news(SANDBOX) == {}
    ledger.live.hush(target, [KEY])
    assert list(ledger.live.news(target)) == [OTHER]
