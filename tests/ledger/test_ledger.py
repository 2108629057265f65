"""What may be posted, what is reserved, who owns what: the rules of README.md, one by one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from decimal import Decimal

import pytest

from skyflow.ledger import (
    SANDBOX,
    Abandoned,
    Accepted,
    Adopted,
    Books,
    Completed,
    Doubted,
    Failed,
    Held,
    Lost,
    Missing,
    Posted,
    Refused,
    Resubmitted,
    Retried,
    SeenShot,
    SpendingLimit,
    State,
    Stored,
    ledger_path,
    open_ledger,
    read_ledger,
)

KEY, OTHER = "a" * 64, "b" * 64


def post(ledger, target, order, key=KEY, run=None, **kwargs):
    run = run or ledger.runs.start(target, "film.sky")
    ledger.claim(target, key, run)
    return ledger.post(target, key, order, run=run, **{"concurrency": 100, **kwargs})


def test_a_posting_is_on_the_disk_before_it_is_answered(ledger, target, order) -> None:
    posted = post(ledger, target, order())
    assert isinstance(posted, Posted)
    with sqlite3.connect(f"file:{ledger.path}?mode=ro", uri=True) as other:
        rows = other.execute("SELECT kind FROM event").fetchall()
        state = other.execute("SELECT state, estimate FROM attempt").fetchone()
    other.close()
    assert rows == [("posting",)]
    assert state == ("posting", 400_000_000)


@pytest.mark.parametrize("setting", ["journal_mode", "synchronous"])
def test_a_commit_survives_a_power_cut(ledger, setting) -> None:
    value = ledger._database.row(f"PRAGMA {setting}")[0]
    assert value == {"journal_mode": "wal", "synchronous": 2}[setting]


FACTS_AFTER_WHICH_NOTHING_IS_SENT = [
    [],
    [Doubted("x")],
    [Accepted("t")],
    [Accepted("t"), Completed(("u",))],
    [Accepted("t"), Completed(("u",)), Stored("s", 1)],
    [Accepted("t"), Failed("c", "m")],
    [Accepted("t"), Lost("x")],
    [Doubted("x"), Abandoned()],
    [Doubted("x"), Adopted("t")],
]


@pytest.mark.parametrize("facts", FACTS_AFTER_WHICH_NOTHING_IS_SENT)
def test_a_key_is_not_sent_twice(ledger, target, order, facts) -> None:
    run = ledger.runs.start(target, "film.sky")
    assert isinstance(post(ledger, target, order(), run=run), Posted)
    for fact in facts:
        ledger.record(target, KEY, fact, run=run)
    assert post(ledger, target, order(), run=run) == Held("state", ledger.latest(target, [KEY])[KEY].state)


def test_a_refused_request_is_sent_again_under_its_old_name(ledger, target, order) -> None:
    first = post(ledger, target, order())
    ledger.record(target, KEY, Refused(429, "slow"))
    run = ledger.runs.owner_of(target, KEY)
    second = post(ledger, target, order(), run=run)
    assert (first.attempt.number, second.attempt.number) == (1, 1)
    assert first.attempt.idempotency_key == second.attempt.idempotency_key


def test_a_resubmitted_doubt_keeps_its_name_and_both_sums(ledger, target, order) -> None:
    first = post(ledger, target, order())
    ledger.record(target, KEY, Doubted("cut"))
    ledger.record(target, KEY, Resubmitted("person"))
    second = post(ledger, target, order(), run=ledger.runs.owner_of(target, KEY))
    assert second.attempt.number == 2
    assert second.attempt.idempotency_key == first.attempt.idempotency_key
    assert ledger.books(target) == Books(Decimal(0), Decimal("0.4"), Decimal("0.4"))


def test_what_failed_is_made_again_only_on_demand_and_under_a_new_name(ledger, target, order) -> None:
    first = post(ledger, target, order())
    ledger.record(target, KEY, Accepted("t"))
    ledger.record(target, KEY, Failed("c", "m"))
    run = ledger.runs.owner_of(target, KEY)
    assert post(ledger, target, order(), run=run) == Held("state", State.FAILED)
    second = post(ledger, target, order(), run=run, again=True)
    assert second.attempt.number == 2
    assert second.attempt.idempotency_key != first.attempt.idempotency_key


@pytest.mark.parametrize("over", [Failed("c", "m"), Lost("gone"), Abandoned()])
def test_what_a_person_wants_again_is_made_again_under_a_new_name(ledger, target, order, over) -> None:
    first = post(ledger, target, order())
    for fact in (Accepted("t"), over, Retried()):
        ledger.record(target, KEY, fact)
    assert ledger.latest(target, [KEY])[KEY].state is State.WANTED
    second = post(ledger, target, order(), run=ledger.runs.owner_of(target, KEY))
    assert second.attempt.number == 2
    assert second.attempt.idempotency_key != first.attempt.idempotency_key
    assert ledger.books(target).uncertain + ledger.books(target).spent == Decimal("0.40")


def test_a_task_that_a_person_named_wrongly_leaves_the_doubt_as_it_was(ledger, target, order) -> None:
    post(ledger, target, order())
    for fact in (Doubted("cut"), Adopted("nonsense"), Lost("no such task")):
        after = ledger.record(target, KEY, fact)
    assert (after.state, after.task_id, after.adopted) == (State.DOUBT, None, True)
    assert ledger.books(target).reserved == Decimal("0.40")
    assert ledger.record(target, KEY, Adopted("t1")).state is State.RUNNING
    assert (
        ledger.record(target, KEY, Adopted("t2")).task_id == "t2"
    )  # it can be put right until the task has shown itself
    assert ledger.record(target, KEY, Accepted("t4")).task_id == "t4"  # the service's own late answer knows better
    assert ledger.record(target, KEY, Completed(("u",))).adopted is False
    assert ledger.record(target, KEY, Adopted("t3")).task_id == "t4"
    assert ledger.record(target, KEY, Lost("expired")).state is State.LOST


def test_what_is_lost_was_billed_only_where_its_task_said_that_it_is_done(ledger, target, order) -> None:
    post(ledger, target, order())
    post(ledger, target, order(), key=OTHER)
    for key in (KEY, OTHER):
        ledger.record(target, key, Accepted(key))
    ledger.record(target, OTHER, Completed(("u",)))
    assert [ledger.record(target, key, Lost("gone")).billed for key in (KEY, OTHER)] == [None, True]
    books = ledger.books(target)
    assert (books.spent, books.uncertain) == (Decimal("0.40"), Decimal("0.40"))


@pytest.mark.parametrize("fact", [Accepted("t"), Refused(422, "no"), Doubted("cut")])
def test_what_is_not_over_cannot_be_wanted_again(ledger, target, order, fact) -> None:
    post(ledger, target, order())
    before = ledger.record(target, KEY, fact)
    assert ledger.record(target, KEY, Retried()).state is before.state


def test_names_differ_between_clips_targets_and_ledgers(ledger, target, order, tmp_path) -> None:
    with open_ledger(tmp_path / "other") as second:
        names = {
            post(ledger, target, order()).attempt.idempotency_key,
            post(ledger, target, order(), key=OTHER).attempt.idempotency_key,
            post(ledger, SANDBOX, order()).attempt.idempotency_key,
            post(second, target, order()).attempt.idempotency_key,
        }
    assert len(names) == 4


def test_places_are_counted_over_all_runs_and_doubt_keeps_its_own(ledger, target, order) -> None:
    post(ledger, target, order(), concurrency=2)
    ledger.record(target, KEY, Doubted("cut"))
    post(ledger, target, order(), key=OTHER, concurrency=2)
    third, run = "c" * 64, ledger.runs.start(target, "film.sky")
    assert post(ledger, target, order(), key=third, run=run, concurrency=2) == Held("slots")
    assert ledger.latest(target, [third]) == {}
    ledger.record(target, OTHER, Accepted("t"))
    ledger.record(target, OTHER, Completed(("u",)))
    assert isinstance(post(ledger, target, order(), key=third, run=run, concurrency=2), Posted)


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        (SpendingLimit("x", Decimal("0.80")), True),
        (SpendingLimit("x", Decimal("0.79")), False),
        (SpendingLimit("x", Decimal("0.40"), run="another"), True),
        (SpendingLimit("x", Decimal("0.40"), storyboard="other.sky"), True),
        (SpendingLimit("x", Decimal("0.40"), storyboard="film.sky"), False),
        (SpendingLimit("x", Decimal("0.40"), variant="city=Tokyo"), True),
        (SpendingLimit("x", Decimal("0.40"), variant=""), False),
        (SpendingLimit("x", Decimal("0.40"), since=1_790_000_001.0), True),
        (SpendingLimit("x", Decimal("0.40"), since=1_790_000_000.0), False),
    ],
)
def test_budgets_hold_what_is_reserved(ledger, target, order, limit, allowed) -> None:
    post(ledger, target, order())
    posted = post(ledger, target, order(), key=OTHER, limits=(limit,))
    assert isinstance(posted, Posted) if allowed else posted == Held("budget", "x")


def test_money_is_exact_and_a_refusal_gives_it_back(ledger, target, order) -> None:
    for number in range(10):
        post(ledger, target, order("0.1"), key=f"{number:064d}")
    assert ledger.books(target).reserved == Decimal(1)
    ledger.record(target, f"{3:064d}", Refused(422, "no"))
    ledger.record(target, f"{4:064d}", Accepted("t"))
    ledger.record(target, f"{4:064d}", Completed(("u",), cost=Decimal("0.123456789")))
    assert ledger.books(target) == Books(Decimal("0.123456789"), Decimal("0.8"), Decimal(0), estimated=Decimal("0.1"))
    assert ledger.books(target, run="nobody") == Books(Decimal(0), Decimal(0), Decimal(0))


def test_targets_know_nothing_of_each_other(ledger, target, order) -> None:
    post(ledger, SANDBOX, order())
    assert ledger.latest(target, [KEY]) == {}
    assert ledger.books(target).reserved == 0
    assert isinstance(post(ledger, target, order(), concurrency=1), Posted)


# --- owners -----------------------------------------------------------------------------------------------------------


def test_a_clip_belongs_to_one_living_run(ledger, target, order) -> None:
    mine, yours = ledger.runs.start(target, "film.sky"), ledger.runs.start(target, "film.sky")
    assert ledger.claim(target, KEY, mine)
    assert ledger.claim(target, KEY, mine)
    assert not ledger.claim(target, KEY, yours)
    assert ledger.post(target, KEY, order(), run=yours, concurrency=9) == Held("claim")
    ledger.runs.release(target, KEY, mine)
    assert ledger.claim(target, KEY, yours)


_START_AND_DIE = """
import sys
from decimal import Decimal
from pathlib import Path
from skyflow.ledger import Label, Order, live_target, open_ledger
ledger, target = open_ledger(Path(sys.argv[1])), live_target("https://api.example.com")
run = ledger.runs.start(target, "film.sky")
for key in ("a" * 64, "b" * 64):
    ledger.claim(target, key, run)
ledger.post(target, "a" * 64, Order(Label("film.sky", "", "s", 1), {}, Decimal("0.4"), True), run=run, concurrency=9)
print(run, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def neighbour(tmp_path, ledger):
    """Another process with a run on the same ledger: it is sending one clip and has claimed another."""
    process = subprocess.Popen(
        [sys.executable, "-c", _START_AND_DIE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    run = process.stdout.readline().strip()
    yield process, run
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_the_work_of_a_living_process_is_left_alone(ledger, target, neighbour) -> None:
    mine = ledger.runs.start(target, "film.sky")
    assert ledger.runs.alive(neighbour[1])
    assert not ledger.claim(target, KEY, mine)
    assert ledger.latest(target, [KEY])[KEY].state is State.POSTING


def test_the_work_of_a_dead_process_is_taken_over_and_its_sending_is_in_doubt(ledger, target, neighbour) -> None:
    process, run = neighbour
    process.kill()
    process.wait()
    assert not ledger.runs.alive(run)
    assert ledger.latest(target, [KEY])[KEY].state is State.DOUBT
    assert len(ledger.events(target, KEY)) == 1  # seen as doubt before anybody wrote it
    mine = ledger.runs.start(target, "film.sky")
    assert ledger.claim(target, OTHER, mine)
    assert ledger.claim(target, KEY, mine)
    assert ledger.events(target, KEY)[-1].fact == Doubted("skyflow ended before the answer came")


def test_a_run_that_ends_leaves_doubt_and_no_claims(ledger, target, order) -> None:
    run = ledger.runs.start(target, "film.sky")
    post(ledger, target, order(), run=run)
    ledger.end_run(run)
    assert not ledger.runs.alive(run)
    assert ledger.runs.owner_of(target, KEY) is None
    assert ledger.latest(target, [KEY])[KEY].state is State.DOUBT


def test_a_process_on_another_machine_lives_as_long_as_it_says_so(ledger, target, clock) -> None:
    run = ledger.runs.start(target, "film.sky")
    with ledger.batch():
        ledger._database.write("UPDATE run SET host = 'elsewhere'")
    clock.time += 59
    assert ledger.runs.alive(run)
    clock.time += 2
    assert not ledger.runs.alive(run)
    ledger.runs.beat(run)
    assert ledger.runs.alive(run)


def test_a_later_process_with_the_same_pid_is_another_one(ledger, target) -> None:
    run = ledger.runs.start(target, "film.sky")
    assert ledger.runs.alive(run)
    with ledger.batch():
        ledger._database.write("UPDATE run SET process_start = 'boot:12'")
    assert not ledger.runs.alive(run)


# --- no state without its event ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attempt SET state = 'have'",
        "UPDATE attempt SET state = 'have', last_event = last_event + 1",
        "UPDATE attempt SET last_event = 1, state = 'refused'",
        "DELETE FROM attempt",
        "UPDATE event SET kind = 'refused'",
        "DELETE FROM event",
        "INSERT INTO attempt SELECT target, 'other', number, last_event, state, run, idempotency_key, estimate, exact, charged, storyboard,"
        " variant, shot, take, task_id, posted_at, accepted_at, completed_at, stored_at, changed_at, reason, urls, expires_at, sha256,"
        " size, seconds, adopted FROM attempt",
    ],
)
def test_no_state_changes_without_its_event(ledger, target, order, statement) -> None:
    post(ledger, target, order())
    ledger.record(target, KEY, Accepted("t"))
    with pytest.raises(sqlite3.IntegrityError), ledger.batch():
        ledger._database.write(statement)
    assert ledger.latest(target, [KEY])[KEY].state is State.RUNNING


def test_a_batch_is_all_or_nothing(ledger, target, order) -> None:
    def post_and_break() -> None:
        with ledger.batch():
            post(ledger, target, order())
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        post_and_break()
    assert ledger.latest(target, [KEY]) == {}
    assert ledger.events(target, KEY) == ()


def test_a_write_outside_a_transaction_is_our_mistake(ledger) -> None:
    with pytest.raises(RuntimeError, match="outside"):
        ledger._database.write("DELETE FROM upload")


# --- what else it remembers -------------------------------------------------------------------------------------------


def test_a_missing_file_sends_the_clip_back_to_made(ledger, target, order) -> None:
    post(ledger, target, order())
    for fact in (Accepted("t"), Completed(("u",)), Stored("s", 12, 5.0), Missing("gone")):
        attempt = ledger.record(target, KEY, fact)
    assert attempt.state is State.MADE
    assert attempt.size is None


def test_uploads_are_known_until_shortly_before_they_expire(ledger, clock) -> None:
    ledger.uploads.remember("https://x", "hash", "https://x/1", clock.time + 100)
    assert ledger.uploads.find("https://x", "hash", 10) == "https://x/1"
    assert ledger.uploads.find("https://y", "hash", 10) is None
    clock.time += 91
    assert ledger.uploads.find("https://x", "hash", 10) is None


def test_shots_are_known_by_their_last_key(ledger, target) -> None:
    ledger.shots.see(target, "film.sky", [SeenShot("", "street", 1, KEY, "{}")])
    ledger.shots.see(target, "film.sky", [SeenShot("", "street", 1, OTHER, "{}")])
    assert ledger.shots.known(target, "film.sky") == {("", "street", 1): OTHER}
    assert ledger.shots.known(SANDBOX, "film.sky") == {}


def test_reading_makes_no_file(tmp_path, target) -> None:
    with read_ledger(tmp_path) as ledger:
        assert ledger.latest(target, [KEY]) == {}
    assert list(tmp_path.iterdir()) == []


def test_reading_sees_what_another_process_wrote_a_moment_ago(ledger, target, order, tmp_path) -> None:
    with read_ledger(tmp_path) as reader:
        post(ledger, target, order())
        assert reader.latest(target, [KEY])[KEY].state is State.POSTING


def test_the_request_as_sent_is_kept(ledger, target, order) -> None:
    post(ledger, target, order(shot="street"))
    assert ledger.sent_request(target, KEY) == {"prompt": "street"}
    assert ledger.sent_request(target, OTHER) is None


def test_the_ledger_lies_in_the_project(tmp_path) -> None:
    assert ledger_path(tmp_path) == tmp_path / ".skyflow" / "ledger.db"
