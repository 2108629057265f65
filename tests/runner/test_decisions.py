"""The pure decisions: what an answer means, how long to wait, what a Retry-After says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.runner.replies import Answered, Unanswered, Unreachable
from skyflow.runner.retry import Backoff, Meaning, Polling, judge_harmless, judge_submission, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
SURELY_UNBILLED = {Meaning.BUSY, Meaning.AGAIN, Meaning.BAD_KEY, Meaning.NO_MONEY, Meaning.WRONG_PLACE, Meaning.REFUSED}


def answer(status):
    return Answered(status, None, "")


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (answer(200), Meaning.GOOD),
        (answer(201), Meaning.GOOD),
        (answer(307), Meaning.WRONG_PLACE),
        (answer(400), Meaning.REFUSED),
        (answer(401), Meaning.BAD_KEY),
        (answer(402), Meaning.NO_MONEY),
        (answer(403), Meaning.BAD_KEY),
        (answer(408), Meaning.DOUBT),
        (answer(409), Meaning.DOUBT),
        (answer(422), Meaning.REFUSED),
        (answer(429), Meaning.BUSY),
        (answer(500), Meaning.DOUBT),
        (answer(503), Meaning.DOUBT),
        (Unanswered("cut"), Meaning.DOUBT),
        (Unreachable("refused"), Meaning.AGAIN),
    ],
)
def test_what_the_answer_to_a_paid_request_means(reply, meaning) -> None:
    assert judge_submission(reply) is meaning


@given(st.integers(100, 599))
def test_nothing_but_a_definite_refusal_is_called_unbilled(status) -> None:
    if judge_submission(answer(status)) in SURELY_UNBILLED:
        assert 300 <= status < 500


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (answer(200), Meaning.GOOD),
        (answer(404), Meaning.GONE),
        (answer(410), Meaning.GONE),
        (answer(408), Meaning.AGAIN),
        (answer(429), Meaning.BUSY),
        (answer(500), Meaning.AGAIN),
        (answer(413), Meaning.REFUSED),
        (Unanswered("cut"), Meaning.AGAIN),
    ],
)
def test_what_the_answer_to_a_harmless_request_means(reply, meaning) -> None:
    assert judge_harmless(reply) is meaning


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 3 ", 3.0),
        ("0", 0.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.text())
def test_retry_after_takes_any_text(header) -> None:
    seconds = retry_after(header, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_and_are_bounded(tries, chance) -> None:
    wait = Backoff(1.0, 60.0).wait(tries, lambda: chance)
    assert 0.5 <= wait <= 60.0
    assert Backoff(1.0, 60.0).wait(tries + 1, lambda: chance) >= wait


@given(st.integers(0, 10_000), st.floats(0, 1e6), st.none() | st.floats(0, 1e5), st.floats(0, 1))
def test_polls_are_neither_hasty_nor_lazy(polls, elapsed, estimated, chance) -> None:
    wait = Polling(3.0, 20.0).wait(polls, elapsed, estimated, lambda: chance)
    assert 3.0 * 0.9 <= wait <= 20.0 * 1.1


def test_the_first_polls_aim_at_the_estimated_end() -> None:
    waits = Polling(1.0, 60.0)
    assert waits.wait(1, 0.0, 60.0, lambda: 0.5) == pytest.approx(30.0)
    assert waits.wait(2, 30.0, 60.0, lambda: 0.5) == pytest.approx(15.0)
    assert waits.wait(3, 59.9, 60.0, lambda: 0.5) == pytest.approx(1.0)
