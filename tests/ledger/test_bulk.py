"""What a plan asks of the ledger about very many clips at once, and the private tables that it works with."""

from __future__ import annotations

import hashlib
import sqlite3
from decimal import Decimal

import pytest

from skyflow.ledger import (
    SANDBOX,
    Accepted,
    ClipStore,
    Completed,
    Doubted,
    LedgerFullError,
    Scratch,
    SeenShot,
    Standing,
    State,
    Stored,
    open_ledger,
    read_ledger,
)


def key(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def post(ledger, target, order, name, run) -> None:
    ledger.claim(target, key(name), run)
    ledger.post(target, key(name), order, run=run, concurrency=100_000)


def see(ledger, target, *shots: tuple[str, str, int, str]) -> None:
    ledger.shots.see(target, "film.sky", [SeenShot(*shot, f'{{"prompt":"{shot[3]}"}}') for shot in shots])


def test_standings_are_those_of_the_latest_attempts(ledger, target, order) -> None:
    run = ledger.runs.start(target, "film.sky")
    for name in range(2_000):
        post(ledger, target, order(), name, run)
    ledger.record(target, key(0), Accepted("task_0"), run=run)
    ledger.record(target, key(0), Completed(("https://x/0.mp4",)), run=run)
    ledger.record(target, key(0), Stored("ab" * 32, 1234, 5.04), run=run)
    ledger.record(target, key(1), Doubted("nobody answered"), run=run)
    asked = [key(name) for name in range(2_500)]
    standings = ledger.standings(target, asked)
    assert standings[key(0)] == Standing(State.HAVE, 1234, 5.04)
    assert standings[key(1)].state is State.DOUBT
    assert standings[key(1_999)].state is State.POSTING  # this process is alive
    assert len(standings) == 2_000
    assert ledger.standings(SANDBOX, asked) == {}
    assert ledger.all_standings(target, 2_000) == standings
    assert ledger.all_standings(target, 1_999) is None
    latest = ledger.latest(target, asked)
    assert {name: (one.state, one.size, one.seconds) for name, one in latest.items()} == standings


def test_what_a_dead_run_was_sending_stands_in_doubt(tmp_path, ledger, target, order) -> None:
    run = ledger.runs.start(target, "film.sky")
    post(ledger, target, order(), "a", run)
    ledger.runs.end(run)
    with read_ledger(tmp_path) as other:
        assert other.standings(target, [key("a")])[key("a")].state is State.DOUBT


def test_shots_are_remembered_by_variant(ledger, target) -> None:
    names = [f"p={number:04}" for number in range(2_000)]
    see(ledger, target, *((name, "open", 1, key(name)) for name in names), ("", "open", 2, key("none")))
    assert list(ledger.shots.variants(target, "film.sky")) == ["", *names]
    assert list(ledger.shots.variants(SANDBOX, "film.sky")) == []
    found = ledger.shots.of_variants(target, "film.sky", ["", "p=0007", "p=gone", *names[950:1_950]])
    assert found[("", "open", 2)] == key("none")
    assert found[("p=0007", "open", 1)] == key("p=0007")
    assert len(found) == 1_002


def test_requests_are_remembered_by_key(ledger, target) -> None:
    see(ledger, target, *(("", f"shot{number}", 1, key(number)) for number in range(1_000)))
    found = ledger.shots.requests([key(number) for number in range(900, 1_900)])
    assert len(found) == 100
    assert found[key(950)] == f'{{"prompt":"{key(950)}"}}'


def test_money_by_variant(ledger, target, order) -> None:
    run = ledger.runs.start(target, "film.sky")
    post(ledger, target, order("0.40", variant="p=mug"), "a", run)
    post(ledger, target, order("0.15", variant="p=mug", shot="turn"), "b", run)
    post(ledger, target, order("0.40", variant="p=cup"), "c", run)
    assert ledger.owed_by_variant(target, "film.sky") == {"p=mug": Decimal("0.55"), "p=cup": Decimal("0.4")}
    assert ledger.owed_by_variant(target, "other.sky") == {}


def test_sizes_of_clips(tmp_path) -> None:
    store = ClipStore(tmp_path, SANDBOX)
    assert store.sizes_of([key("a")]) == {}
    store.folder.mkdir(parents=True)
    store.path(key("a")).write_bytes(b"1234")
    assert store.sizes_of([key("a"), key("b")]) == {key("a"): 4}


def test_a_scratch_holds_more_than_it_shows(tmp_path) -> None:
    scratch = Scratch("CREATE TABLE number (n INTEGER PRIMARY KEY, square INTEGER)")
    scratch.put("INSERT INTO number VALUES (?, ?)", ((n, n * n) for n in range(10_000)))
    scratch.do("DELETE FROM number WHERE n % ? = 0", (2,))
    assert sum(square for (square,) in scratch.rows("SELECT square FROM number")) == sum(
        n * n for n in range(1, 10_000, 2)
    )
    scratch.close()


def test_a_full_disk_is_said_and_a_slip_of_ours_is_not_hidden(monkeypatch) -> None:
    scratch = Scratch("CREATE TABLE number (n INTEGER PRIMARY KEY, text TEXT)")
    with pytest.raises(sqlite3.OperationalError):
        scratch.do("SELECT nothing")
    scratch.do("PRAGMA max_page_count = 20")
    with pytest.raises(LedgerFullError, match="no room"):
        scratch.put("INSERT INTO number VALUES (?, ?)", ((n, "x" * 1000) for n in range(1_000)))


def test_nothing_of_a_scratch_is_in_the_project(tmp_path) -> None:
    with open_ledger(tmp_path) as ledger:
        before = sorted(path.name for path in ledger.path.parent.iterdir())
        scratch = Scratch("CREATE TABLE number (n INTEGER PRIMARY KEY, text TEXT)")
        scratch.put("INSERT INTO number VALUES (?, ?)", ((n, "x" * 1000) for n in range(5_000)))
        assert sorted(path.name for path in ledger.path.parent.iterdir()) == before
