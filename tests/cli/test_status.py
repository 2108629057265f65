"""`skyflow status`, `resolve` and `log`: what a person sees of the ledger, and how a doubt is settled."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from skyflow.ledger import Accepted, Completed, Doubted, Failed, Label, Order, State, Stored, live_target, open_ledger

LIVE = live_target("https://api.example.com")
DOUBT, RUNNING, DONE, BROKEN = "aa" * 32, "ab" + "b" * 62, "c" * 64, "d" * 64
Run = Callable[..., object]


@pytest.fixture
def project(folder: Path) -> Path:
    """One clip in doubt, one running, one done, one failed."""
    (folder / "film.sky").write_text("# nothing\n", encoding="utf-8")
    with open_ledger(folder) as ledger:
        run = ledger.runs.start(LIVE, "film.sky")
        for key, shot in ((DOUBT, "street"), (RUNNING, "sea"), (DONE, "den"), (BROKEN, "roof")):
            assert ledger.claim(LIVE, key, run)
            order = Order(Label("film.sky", "", shot, 1), {"prompt": shot}, Decimal("0.55"), True)
            ledger.post(LIVE, key, order, run=run, concurrency=9)
        ledger.record(LIVE, DOUBT, Doubted("the connection was cut"), run=run)
        for key in (RUNNING, DONE, BROKEN):
            ledger.record(LIVE, key, Accepted(f"task_{key[:4]}"), run=run)
        ledger.record(LIVE, DONE, Completed(("https://api.example.com/c.mp4",), cost=Decimal("0.50")), run=run)
        ledger.record(LIVE, DONE, Stored("0" * 64, 10), run=run)
        ledger.record(LIVE, BROKEN, Failed("moderation", "refused by moderation"), run=run)
    return folder


def state_of(folder: Path, key: str) -> State:
    with open_ledger(folder) as ledger:
        return ledger.latest(LIVE, [key])[key].state


def test_status_names_everything_and_the_way_out_of_doubt(run, project: Path) -> None:
    said = run("status").out
    assert said.startswith("https://api.example.com: 1 in doubt, 1 running, 1 done, 1 failed\n")
    assert "refused by moderation (maybe billed)" in said
    assert f"skyflow resolve {DOUBT[:12]} --resubmit" in said
    assert "spent 0.50 USD" in said
    assert "den" not in said  # what is done is counted


def test_status_as_json(run, project: Path) -> None:
    [target] = json.loads(run("status", "--format", "json").out)
    assert {clip["shot"]: clip["state"] for clip in target["clips"]} == {
        "street": "doubt",
        "sea": "running",
        "den": "have",
        "roof": "failed",
    }
    assert Decimal(target["spent"]) == Decimal("0.50")


def test_status_of_a_project_that_never_ran(run, film: Path) -> None:
    assert run("status").out == "nothing was ever sent from this project\n"


@pytest.mark.parametrize(
    ("option", "state", "said"),
    [
        (("--adopt", "task_77"), State.RUNNING, "street is task task_77; the next run fetches its clip\n"),
        (("--resubmit",), State.REPLACED, None),
        (("--abandon",), State.ABANDONED, "street is given up; 0.55 USD may have been billed for it\n"),
    ],
)
def test_a_doubt_is_settled_once(run, project: Path, option: tuple[str, ...], state: State, said: str | None) -> None:
    ended = run("resolve", "aaaa", *option)
    assert ended.code == 0
    assert said is None or ended.out == said
    assert state_of(project, DOUBT) is state
    again = run("resolve", "aaaa", "--resubmit")
    assert again.code == 4
    assert "street is not in doubt" in again.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a", "--abandon"), "2 clips have keys that begin with `a`"),
        (("eee", "--abandon"), "no clip has a key that begins with `eee`"),
        (("aaaa",), "--adopt"),
        (("aaaa", "--adopt", "x", "--abandon"), "--adopt"),
        (("aaaa", "--abandon", "--project", "nowhere"), "there is no `nowhere`"),
    ],
)
def test_wrong_usage_settles_nothing(run, project: Path, words: tuple[str, ...], said: str) -> None:
    ended = run("resolve", *words)
    assert ended.code == 2
    assert said in ended.err
    assert state_of(project, DOUBT) is State.DOUBT


def test_log_tells_each_step(run, project: Path) -> None:
    lines = run("log", "cccc").out.splitlines()
    assert lines[0] == "den, https://api.example.com"
    assert [line.split()[5] for line in lines[3:]] == ["posting", "accepted", "completed", "stored"]
    events = json.loads(run("log", "cccc", "--format", "json").out)
    assert events[0]["request"] == {"prompt": "den"}
    assert events[2]["cost"] == "0.50"
