"""`skyflow retry` and `skyflow cancel`: what a person may still decide, and what honestly cannot be undone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from skyflow.ledger import (
    Abandoned,
    Accepted,
    Completed,
    Doubted,
    Failed,
    Label,
    Ledger,
    Lost,
    Order,
    Queued,
    State,
    Stored,
    live_target,
    open_ledger,
)

LIVE = live_target("https://api.example.com")
COST = Decimal("0.55")
FACTS = {
    "failed": (Accepted("t1"), Failed("moderation", "refused by moderation")),
    "unbilled": (Accepted("t2"), Failed("oops", "a fault", Decimal(0))),
    "lost": (Accepted("t3"), Completed(("u",), cost=COST), Lost("expired")),
    "abandoned": (Doubted("cut"), Abandoned()),
    "running": (Accepted("t4"),),
    "doubtful": (Doubted("cut"),),
    "done": (Accepted("t5"), Completed(("u",)), Stored("0" * 64, 10)),
}
KEYS = {shot: f"{number:x}" * 64 for number, shot in enumerate((*FACTS, "waiting"), 1)}


@pytest.fixture
def run_id(folder: Path) -> str:
    """A project with a clip for each way a clip can stand, and a run at work that will still send one."""
    (folder / "film.sky").write_text("# nothing\n", encoding="utf-8")
    with open_ledger(folder) as ledger:
        run = ledger.runs.start(LIVE, "film.sky")
        for shot, facts in FACTS.items():
            send(ledger, run, shot)
            for fact in facts:
                ledger.record(LIVE, KEYS[shot], fact, run=run)
        ledger.live.enqueue(run, [Queued(run, LIVE, KEYS["waiting"], Label("film.sky", "", "waiting", 1), COST)])
        return run


def send(ledger: Ledger, run: str, shot: str) -> object:
    ledger.claim(LIVE, KEYS[shot], run)
    order = Order(Label("film.sky", "", shot, 1), {"prompt": shot}, COST, True)
    return ledger.post(LIVE, KEYS[shot], order, run=run, concurrency=99)


def state_of(shot: str) -> State:
    with open_ledger(Path.cwd()) as ledger:
        return ledger.latest(LIVE, [KEYS[shot]])[KEYS[shot]].state


@pytest.mark.parametrize(
    ("shot", "said"),
    [
        ("failed", "failed will be ordered again for 0.55 USD; the order that failed may have been billed\n"),
        ("unbilled", "unbilled will be ordered again for 0.55 USD; the order that failed was not billed\n"),
        ("lost", "lost will be ordered again for 0.55 USD; the order that was lost was billed\n"),
        (
            "abandoned",
            "abandoned will be ordered again for 0.55 USD; the order that was given up may have been billed\n",
        ),
    ],
)
def test_what_is_over_is_made_again(run, run_id: str, shot: str, said: str) -> None:
    ended = run("retry", KEYS[shot][:4])
    assert ended.code == 0
    assert ended.out == f"{said}the next run orders 1 clip again, if a shot still asks for it\n"
    assert state_of(shot) is State.WANTED
    assert "1 to be made again" in run("status").out


def test_a_name_does_wherever_a_key_does(run, run_id: str) -> None:
    assert run("retry", "failed", "lost").code == 0
    assert (state_of("failed"), state_of("lost")) == (State.WANTED, State.WANTED)
    assert run("resolve", "doubtful", "--abandon").out.startswith("doubtful is given up")


def test_all_that_failed_is_made_again_at_once(run, run_id: str) -> None:
    ended = run("retry", "--failed")
    assert ended.code == 0
    assert ended.out.endswith("the next run orders 3 clips again, if a shot still asks for it\n")
    assert [state_of(shot) for shot in ("failed", "unbilled", "lost", "abandoned")] == [
        *[State.WANTED] * 3,
        State.ABANDONED,
    ]
    again = run("retry", "--failed")
    assert (again.code, again.out) == (4, "")
    assert "no clip of this project has failed" in again.err


@pytest.mark.parametrize(
    ("shot", "said"),
    [
        ("running", "running has not failed: it runs as task t4; nothing was changed"),
        ("done", "done has not failed: its clip is here; nothing was changed"),
        ("doubtful", "it was sent, and no answer came; settle it with skyflow resolve"),
    ],
)
def test_what_is_not_over_is_left_alone_with_all_that_was_named_beside_it(run, run_id: str, shot: str, said) -> None:
    ended = run("retry", KEYS["failed"][:4], KEYS[shot][:4])
    assert ended.code == 4
    assert said in ended.err
    assert state_of("failed") is State.FAILED


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("retry",), "name the clips, or all that failed with --failed"),
        (("retry", "1111", "--failed"), "name the clips"),
        (("cancel",), "name the clips, or all with --all"),
        (("cancel", "1111", "--all"), "name the clips, or all"),
        (("cancel", "eeee"), "no clip is called `eeee`, and no key begins so"),
        (("cancel", "xyz", "--project", "nowhere"), "there is no `nowhere`"),
    ],
)
def test_wrong_usage_changes_nothing(run, run_id: str, words: tuple[str, ...], said: str) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert said in ended.err
    with open_ledger(Path.cwd()) as ledger:
        assert [clip.cancelled for clip in ledger.live.queued()] == [False]


@pytest.mark.parametrize("words", [(KEYS["waiting"][:6],), ("waiting",), ("film.sky", "waiting@1")])
def test_what_is_queued_can_be_taken_back(run, run_id: str, words: tuple[str, ...]) -> None:
    ended = run("cancel", *words)
    assert ended.code == 0
    assert ended.out == "waiting is taken back: it was not sent and is not billed; what needs it is not made\n"
    with open_ledger(Path.cwd()) as ledger:
        assert ledger.live.is_cancelled(run_id, KEYS["waiting"])
    assert "queued" not in run("status").out
    assert run("cancel", KEYS["waiting"][:6]).code == 2  # nothing is known of it any more


@pytest.mark.parametrize(("shot", "why"), [("running", "it runs as task t4"), ("doubtful", "no answer came")])
def test_what_was_sent_cannot_be_taken_back_and_that_is_said(run, run_id: str, shot: str, why: str) -> None:
    before = state_of(shot)
    ended = run("cancel", KEYS[shot][:6])
    assert ended.code == 3
    assert f"{shot} cannot be cancelled: " in ended.out
    assert why in ended.out
    assert "the API has no call to take it back" in ended.out
    assert "0.55 USD" in ended.out
    assert f"skyflow resolve {KEYS[shot][:12]} --abandon" in ended.out
    assert state_of(shot) is before


def test_of_a_finished_clip_there_is_nothing_to_cancel(run, run_id: str) -> None:
    ended = run("cancel", KEYS["done"][:6])
    assert ended.code == 4
    assert "there is nothing to cancel of done: its clip is here" in ended.err


def test_all_runs_are_asked_to_stop(run, run_id: str) -> None:
    ended = run("cancel", "--all")
    assert (ended.code, ended.out) == (
        0,
        "film.sky: nothing further is sent; what is under way is brought home\n",
    )
    with open_ledger(Path.cwd()) as ledger:
        assert ledger.live.is_stop_asked(run_id)
        ledger.end_run(run_id)
    ended = run("cancel", "--all")
    assert ended.code == 4
    assert "no run of this project is at work" in ended.err
