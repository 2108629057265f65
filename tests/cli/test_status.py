"""`skyflow status`, `resolve` and `log`: what a person sees of the ledger, and how a doubt is settled."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from skyflow.cli.log_words import fact_words
from skyflow.ledger import (
    Abandoned,
    Accepted,
    Adopted,
    Completed,
    Doubted,
    Fact,
    Failed,
    Label,
    Lost,
    Missing,
    News,
    Order,
    Posting,
    Queued,
    Refused,
    Resubmitted,
    Retried,
    SeenShot,
    State,
    Stored,
    live_target,
    open_ledger,
)

LIVE = live_target("https://api.example.com")
DOUBT, RUNNING, DONE, BROKEN = "aa" * 32, "ab" + "b" * 62, "c" * 64, "d" * 64
Run = Callable[..., object]


def order(shot: str) -> Order:
    return Order(Label("film.sky", "", shot, 1), {"prompt": shot}, Decimal("0.55"), True)


@pytest.fixture
def project(folder: Path) -> Path:
    """One clip in doubt, one running, one done, one failed."""
    (folder / "film.sky").write_text("# nothing\n", encoding="utf-8")
    with open_ledger(folder) as ledger:
        run = ledger.runs.start(LIVE, "film.sky")
        for key, shot in ((DOUBT, "street"), (RUNNING, "sea"), (DONE, "den"), (BROKEN, "roof")):
            assert ledger.claim(LIVE, key, run)
            ledger.post(LIVE, key, order(shot), run=run, concurrency=9)
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
    assert said.startswith(
        "https://api.example.com: 1 in doubt, 1 running, 1 failed, 1 done\nbeing made now: film.sky\n"
    )
    assert "refused by moderation (maybe billed)" in said
    assert f"skyflow resolve {DOUBT[:12]} --resubmit" in said
    assert "spent 0.50 USD (estimated 0.55 USD), reserved 1.10 USD, uncertain 0.55 USD" in said
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


def rows_of(said: str) -> dict[str, str]:
    """The rows of the table by clip."""
    return {line.split()[1]: line for line in said.splitlines() if re.match("[0-9a-f]{12}  ", line)}


def test_queued_waiting_running_and_hanging_are_different_words(run, folder: Path) -> None:
    (folder / "film.sky").write_text("# nothing\n", encoding="utf-8")
    start = time.time() - 1000
    clock = [start]
    with open_ledger(folder, lambda: clock[0]) as ledger:
        at_work = ledger.runs.start(LIVE, "film.sky")
        for number, shot in enumerate(("hangs", "runs", "waits", "loads", "sends")):
            key = f"{number}" * 64
            assert ledger.claim(LIVE, key, at_work)
            clock[0] = start + (0 if shot == "hangs" else 990)
            ledger.post(LIVE, key, order(shot), run=at_work, concurrency=9)
            if shot != "sends":
                ledger.record(LIVE, key, Accepted(f"task_{shot}"), run=at_work)
        ledger.record(LIVE, "3" * 64, Completed(("https://api.example.com/c.mp4",)), run=at_work)
        ledger.live.hear(LIVE, [("0" * 64, News("processing", 99, 20.0)), ("1" * 64, News("processing", 40, 60.0))])
        ledger.live.hear(LIVE, [("2" * 64, News("pending", 0, None))])
        ledger.live.enqueue(at_work, [Queued(at_work, LIVE, "e" * 64, order("later").label, Decimal("0.55"))])
        clock[0] = time.time()
        said = run("status").out
        told = json.loads(run("status", "--format", "json").out)[0]
    assert said.startswith(
        "https://api.example.com: 1 suspected hang, 1 being sent, 1 queued, 1 waiting at the service, 1 running, 1 downloading\n"
    )
    rows = rows_of(said)
    assert "usually about 20 s, 99 %, task task_hangs, it is still asked for" in rows["hangs"]
    assert "running" in rows["runs"]
    assert "usually about 60 s, 40 %" in rows["runs"]
    assert {clip["shot"]: clip["word"] for clip in told["clips"]} == {
        "hangs": "suspected hang",
        "runs": "running",
        "waits": "waiting at the service",
        "loads": "downloading",
        "sends": "being sent",
        "later": "queued",
    }
    assert told["at_work"] == ["film.sky"]


def test_what_nobody_looks_after_is_said(run, project: Path) -> None:
    with open_ledger(project) as ledger:
        for at_work in ledger.live.runs():
            ledger.end_run(at_work.run)
    said = run("status").out
    assert "no run is looking after it: skyflow run goes on with it" in rows_of(said)["sea"]
    assert "being made now" not in said


def test_what_is_left_of_the_limits(run, project: Path) -> None:
    (project / "skyflow.toml").write_text('[budget]\nday = "5"\nstoryboard = "2.50"\nvariant = "2.20"\n')
    said = run("status").out
    assert (
        "left today: 2.85 USD of 5.00 USD; film.sky: 0.35 USD of 2.50 USD; film.sky, its only variant: 0.05 USD of 2.20 USD"
        in said
    )
    [target] = json.loads(run("status", "--format", "json").out)
    assert target["left"][0] == {"of": "today", "limit": "5", "left": "2.85"}
    (project / "skyflow.toml").write_text("[budget]\nday = nothing\n")
    ended = run("status")
    assert ended.code == 4
    assert "skyflow.toml is not TOML" in ended.err


def test_watching_shows_each_change_and_ends_with_ctrl_c(project: Path, monkeypatch, capsys) -> None:
    from skyflow.cli import status

    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            with open_ledger(project) as ledger:
                ledger.record(LIVE, RUNNING, Failed("c", "broke"))
        if len(naps) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(status.time, "sleep", nap)
    assert status.run(status.make_parser().parse_words(["--watch", "--format", "json"])) == 0
    shown = [json.loads(line)[0]["counts"] for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        {"in doubt": 1, "running": 1, "failed": 1, "done": 1},
        {"in doubt": 1, "failed": 2, "done": 1},
    ]
    assert naps == [2.0] * 4


def test_status_of_a_project_that_never_ran(run, film: Path) -> None:
    assert run("status").out == "nothing was ever sent from this project\n"


@pytest.mark.parametrize(
    ("option", "state", "said"),
    [
        (
            ("--adopt", "task_77"),
            State.RUNNING,
            "street is task task_77 (not looked up: there is no key: set SKYFLOW_API_KEY, or SKYFLOW_API_KEY_FILE to a file "
            "that holds it); the next run fetches its clip\n",
        ),
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


def test_the_task_of_another_clip_is_not_adopted(run, project: Path) -> None:
    ended = run("resolve", "aaaa", "--adopt", "task_abbb")
    assert ended.code == 4
    assert "task `task_abbb` is that of another clip; nothing was changed" in ended.err
    assert state_of(project, DOUBT) is State.DOUBT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a", "--abandon"), "`a` can be 2 clips; write the key or the whole name of one:\n  aaaaaaaaaaaa  street@1\n"),
        (("eee", "--abandon"), "no clip is called `eee`, and no key begins so"),
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
    assert [line.split("  ", 1)[1] for line in lines[3:]] == [
        "sent, to cost 0.55 USD",
        "accepted as task_cccc",
        "made, billed 0.50 USD",
        "the clip is here: 1 kB",
    ]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", line) for line in lines[3:])
    events = json.loads(run("log", "cccc", "--format", "json").out)
    assert events[0]["request"] == {"prompt": "den"}
    assert events[2]["cost"] == "0.50"


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (Posting("k", Decimal("1.4"), False, order("a").label, {}), "sent, to cost about 1.40 USD"),
        (Completed(("u",)), "made; what it was billed was not said"),
        (Stored("0", 2_340_000, 5.04), "the clip is here: 2.3 MB, 5.0 s"),
        (Failed("400", "too dark", Decimal("1.4")), "failed, billed 1.40 USD all the same: too dark (code 400)"),
        (Failed("", "too dark", Decimal(0)), "failed, not billed: too dark"),
        (Failed("", "too dark"), "failed, maybe billed: too dark"),
        (Refused(422, "no prompt"), "refused, not billed: no prompt (HTTP 422)"),
        (Refused(None, "no such file"), "refused, not billed: no such file"),
        (Doubted("cut"), "no answer: cut; it may have been billed"),
        (Missing("it is gone"), "the clip is not here any more: it is gone"),
        (Lost("expired"), "lost: expired"),
        (Adopted("task_1"), "found by a person as task_1"),
        (Resubmitted("person"), "to be sent once more, says a person"),
        (Retried(), "to be made again, says a person"),
        (Abandoned(), "given up by a person"),
    ],
)
def test_each_fact_is_a_sentence(fact: Fact, said: str) -> None:
    assert fact_words(fact, is_preview=False) == said


def test_of_a_preview_no_sum_is_named() -> None:
    facts = (Posting("k", Decimal(1), True, order("a").label, {}), Completed(("u",), cost=Decimal(1)), Failed("1", "x"))
    assert [fact_words(fact, is_preview=True) for fact in facts] == ["sent, free", "made", "failed: x (code 1)"]


def test_status_lists_what_is_done_where_that_is_asked_for(run, project: Path) -> None:
    said = run("status", "--all").out
    assert f"{DONE[:12]}  den " in said
    assert "here since 2" in rows_of(said)["den"]


def test_a_storyboard_or_a_folder_says_whose_ledger_is_meant(run, project: Path, monkeypatch) -> None:
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    for words in (("status", "../film.sky"), ("status", ".."), ("status", "--project", "..")):
        assert run(*words).out.startswith("https://api.example.com: 1 in doubt")
    for words in (("log", "../film.sky", "den"), ("log", "..", "den"), ("log", "den", "--project", "..")):
        assert run(*words).out.startswith("den, https://api.example.com\n")
    for words, said in (
        (("status", "nowhere.sky"), "there is no `nowhere.sky`"),
        (("log", "nowhere.sky", "den"), "there is no `nowhere.sky`"),
        (("log", "../film.sky"), "the clip is missing; one clip at a time: skyflow log street"),
        (("log", "..", "den", "sea"), "`sea` is one word too many"),
    ):
        ended = run(*words)
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.err


TAKES = {"1" * 64: ("den.talk", 1, "city=Tokyo"), "2" * 64: ("den.talk", 2, "city=Tokyo"), "3" * 64: ("talk", 1, "")}


@pytest.fixture
def takes(folder: Path) -> Path:
    """Two takes of a shot in a scene, and a shot of the same name in none."""
    (folder / "film.sky").write_text("# nothing\n", encoding="utf-8")
    with open_ledger(folder) as ledger:
        run = ledger.runs.start(LIVE, "film.sky")
        for key, (shot, take, variant) in TAKES.items():
            ledger.claim(LIVE, key, run)
            label = Label("film.sky", variant, shot, take)
            ledger.post(LIVE, key, Order(label, {}, Decimal(1), True), run=run, concurrency=9)
    return folder


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("den.talk@2",), "2"),
        (("den.talk", "take", "2"), "2"),
        (("den.talk take 2 (city=Tokyo)",), "2"),
        (("den.talk@1", "(city=Tokyo)"), "1"),
        (("talk",), "3"),  # its whole name, which goes before the end of another
        (("2222",), "2"),
    ],
)
def test_a_name_does_wherever_a_key_does(run, takes: Path, words: tuple[str, ...], key: str) -> None:
    assert f"\nkey {key * 64}\n" in run("log", *words).out


def test_a_name_that_several_have_lists_them_with_their_keys(run, takes: Path) -> None:
    ended = run("log", "den.talk")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "skyflow: `den.talk` can be 2 clips; write the key or the whole name of one:\n"
        "  111111111111  den.talk@1 (city=Tokyo)\n"
        "  222222222222  den.talk@2 (city=Tokyo)\n"
    )
    assert "no clip is called `den.tall`, and no key begins so; did you mean `den.talk`?" in run("log", "den.tall").err
    assert "no clip is called `den.talk@3`" in run("log", "den.talk@3").err


def test_a_name_means_what_the_shot_is_now(run, takes: Path) -> None:
    with open_ledger(takes) as ledger:
        ledger.record(LIVE, "3" * 64, Accepted("t"), run=ledger.live.runs()[0].run)
        ledger.record(LIVE, "3" * 64, Completed(("u",)))
        ledger.record(LIVE, "3" * 64, Stored("0" * 64, 10))
        ledger.shots.see(LIVE, "film.sky", [SeenShot("", "talk", 1, "1" * 64, "{}")])
    assert f"talk, https://api.example.com\nkey {'1' * 64}\n" in run("log", "talk").out
    with open_ledger(takes) as ledger:
        ledger.record(LIVE, "3" * 64, Missing("gone"))
    assert "`talk` can be 2 clips" in run("log", "talk").err  # the older one still wants to be fetched
