"""The invariants of README.md, held against any order of answers, duplicates, crashes and people's decisions."""

from __future__ import annotations

import tempfile
from collections import Counter
from decimal import Decimal
from functools import reduce
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from skyflow.ledger import (
    IN_FLIGHT,
    Abandoned,
    Accepted,
    Adopted,
    Completed,
    Doubted,
    Event,
    Failed,
    Label,
    Lost,
    Missing,
    Order,
    Posted,
    Posting,
    Refused,
    Resubmitted,
    Retried,
    State,
    Stored,
    advance,
    live_target,
    open_ledger,
)
from skyflow.ledger.facts import decode_fact, encode_fact
from skyflow.ledger.states import ImpossibleEventError

POSTING = Posting("name", Decimal("0.4"), True, Label("film.sky", "", "street", 1), {"prompt": "x"})
MONEY = st.none() | st.decimals(0, 100, places=4)
WORDS = st.text(max_size=5)
FACTS = st.one_of(
    st.builds(Accepted, st.sampled_from(["t1", "t2"])),
    st.builds(Adopted, st.sampled_from(["t1", "t2"])),
    st.builds(Refused, st.none() | st.integers(400, 499), WORDS),
    st.builds(Doubted, WORDS),
    st.builds(Completed, st.lists(WORDS).map(tuple), st.none() | st.floats(0, 1e10), MONEY, MONEY),
    st.builds(Failed, WORDS, WORDS, MONEY),
    st.builds(Stored, WORDS, st.integers(0, 9), st.none() | st.floats(0, 20)),
    st.builds(Missing, WORDS),
    st.builds(Lost, WORDS),
    st.builds(Resubmitted, st.sampled_from(["person", "run"])),
    st.just(Retried()),
    st.just(Abandoned()),
)
TASK_STATES = frozenset(State) - {State.POSTING, State.DOUBT, State.REFUSED}


def fold(facts):
    events = (Event(number, float(number), 1, "run", fact) for number, fact in enumerate((POSTING, *facts), 1))
    return reduce(advance, events, None)


def same(one, two):
    """Equal but for when it last changed."""
    return one.state is two.state and one.task_id == two.task_id and one.owed == two.owed and one.urls == two.urls


@given(st.lists(FACTS, max_size=12))
def test_every_order_of_answers_leads_to_a_state(facts) -> None:
    history = [fold(facts[:length]) for length in range(len(facts) + 1)]
    for before, after, fact in zip(history, history[1:], facts, strict=False):
        assert after.owed >= 0
        assert (after.owed == 0) == (after.state is State.REFUSED or after.charged == 0)
        if before.task_id is not None and not before.adopted:
            assert after.task_id == before.task_id
            assert after.state in TASK_STATES
        if before.state is State.HAVE and not isinstance(fact, Missing):
            assert after.state is State.HAVE
        if before.state is State.DOUBT and after.state is not State.DOUBT:
            assert isinstance(fact, Accepted | Adopted | Refused | Resubmitted | Abandoned)


@given(st.lists(FACTS, max_size=8), FACTS)
def test_hearing_it_twice_changes_nothing(facts, fact) -> None:
    assert same(fold([*facts, fact]), fold([*facts, fact, fact]))


@given(st.lists(FACTS, max_size=8))
def test_only_a_refused_request_may_be_posted_again(facts) -> None:
    attempt = fold(facts)
    again = Event(99, 99.0, 1, "run", POSTING)
    if attempt.state is State.REFUSED:
        assert advance(attempt, again).state is State.POSTING
    else:
        with pytest.raises(ImpossibleEventError):
            advance(attempt, again)


@given(FACTS)
def test_nothing_happens_before_the_posting(fact) -> None:
    with pytest.raises(ImpossibleEventError):
        advance(None, Event(1, 0.0, 1, "run", fact))


@pytest.mark.parametrize("facts", list(permutations([Accepted("t1"), Doubted("cut"), Accepted("t1")])))
def test_an_answer_that_comes_late_wins_over_doubt(facts) -> None:
    assert fold(facts).state is State.RUNNING


@pytest.mark.parametrize("facts", list(permutations([Accepted("t1"), Refused(429, "x"), Doubted("cut")])))
def test_a_task_wins_over_everything_that_denies_it(facts) -> None:
    attempt = fold(facts)
    assert (attempt.state, attempt.task_id) == (State.RUNNING, "t1")


@given(st.one_of(FACTS, st.just(POSTING)))
def test_facts_survive_their_row(fact) -> None:
    assert decode_fact(fact.kind, encode_fact(fact)) == fact


# --- the whole ledger, with two runs, a service that answers when and how it likes, and crashes -----------------------

TARGET = live_target("https://api.example.com")
COST = Decimal("0.40")
KEYS = ["a" * 64, "b" * 64]


class Reliability(RuleBasedStateMachine):
    """A service bills what it accepts; its answers come late or never. Runs crash. People settle doubt."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = open_ledger(Path(self.folder.name))
        self.billed: Counter[str] = Counter()
        self.asked_for_again: Counter[str] = Counter()
        self.answers: list[tuple[str, int, object]] = []
        self.tasks = 0
        self.runs = [self.ledger.runs.start(TARGET, "film.sky") for _ in range(2)]

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    @rule(which=st.integers(0, 1), key=st.sampled_from(KEYS), again=st.booleans(), accepted=st.booleans())
    def post(self, which: int, key: str, again: bool, accepted: bool) -> None:
        run = self.runs[which]
        before = self.ledger.latest(TARGET, [key]).get(key)
        if not self.ledger.claim(TARGET, key, run):
            return
        order = Order(Label("film.sky", "", "street", 1), {}, COST, exact=True)
        posted = self.ledger.post(TARGET, key, order, run=run, concurrency=2, again=again)
        if not isinstance(posted, Posted):
            return
        if again and before is not None and before.state in (State.FAILED, State.LOST, State.ABANDONED):
            self.asked_for_again[key] += 1
        self.tasks += 1
        self.billed[key] += accepted
        answer = Accepted(f"task_{self.tasks}") if accepted else Refused(422, "no")
        self.answers.append((key, posted.attempt.number, answer))

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), repeat=st.booleans())
    def hear_an_answer(self, data: st.DataObject, repeat: bool) -> None:
        index = data.draw(st.integers(0, len(self.answers) - 1))
        key, attempt, fact = self.answers[index] if repeat else self.answers.pop(index)
        # A refusal that arrives after the same request was sent again would be taken for the new one's answer; connections do not do that.
        last = self.ledger.latest(TARGET, [key])[key]
        if isinstance(fact, Refused) and last.state not in (State.POSTING, State.DOUBT):
            return
        if isinstance(fact, Refused) and sum(other[:2] == (key, attempt) for other in self.answers) > repeat:
            return
        self.ledger.record(TARGET, key, fact, attempt=attempt)

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def lose_an_answer(self, data: st.DataObject) -> None:
        key, attempt, _ = self.answers.pop(data.draw(st.integers(0, len(self.answers) - 1)))
        self.ledger.record(TARGET, key, Doubted("cut"), attempt=attempt)

    @rule(which=st.integers(0, 1))
    def crash(self, which: int) -> None:
        with self.ledger.batch():
            self.ledger._database.write("UPDATE run SET ended_at = 1 WHERE id = ?", (self.runs[which],))
        self.runs[which] = self.ledger.runs.start(TARGET, "film.sky")

    @rule(
        key=st.sampled_from(KEYS),
        fact=st.sampled_from([Completed(("u",)), Failed("c", "m"), Stored("s", 1), Lost("x"), Missing("x")]),
    )
    def task_moves(self, key: str, fact: object) -> None:
        known = self.ledger.latest(TARGET, [key]).get(key)
        if known is not None and known.task_id is not None:
            self.ledger.record(TARGET, key, fact)

    @rule(key=st.sampled_from(KEYS), fact=st.sampled_from([Resubmitted("person"), Abandoned(), Adopted("task_x")]))
    def person_settles(self, key: str, fact: object) -> None:
        known = self.ledger.latest(TARGET, [key]).get(key)
        if known is not None and known.state is State.DOUBT:
            after = self.ledger.record(TARGET, key, fact)
            self.asked_for_again[key] += after.state is State.REPLACED

    @rule(key=st.sampled_from(KEYS))
    def person_wants_another(self, key: str) -> None:
        known = self.ledger.latest(TARGET, [key]).get(key)
        if known is not None:
            after = self.ledger.record(TARGET, key, Retried())
            self.asked_for_again[key] += after.state is State.WANTED and known.state is not State.WANTED

    @invariant()
    def nothing_is_billed_twice_unless_a_person_asked(self) -> None:
        for key in KEYS:
            assert self.billed[key] <= 1 + self.asked_for_again[key]

    @invariant()
    def the_books_never_say_less_than_the_bill(self) -> None:
        books = self.ledger.books(TARGET)
        assert books.spent + books.reserved + books.uncertain >= sum(self.billed.values()) * COST

    @invariant()
    def states_are_their_events(self) -> None:
        for key in KEYS:
            attempts: dict[int, object] = {}
            for event in self.ledger.events(TARGET, key):
                attempts[event.attempt] = advance(attempts.get(event.attempt), event)
            stored = {attempt.number: attempt for name, attempt in self.ledger.attempts(TARGET) if name == key}
            assert {n: (a.task_id, a.owed) for n, a in stored.items()} == {
                n: (a.task_id, a.owed) for n, a in attempts.items()
            }

    @invariant()
    def places_are_kept(self) -> None:
        assert self.ledger.in_flight(TARGET) <= 2
        assert self.ledger.in_flight(TARGET) == sum(a.state in IN_FLIGHT for _, a in self.ledger.attempts(TARGET))


TestReliability = Reliability.TestCase
TestReliability.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
