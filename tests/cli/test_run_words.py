"""What a run says: lines while it goes on, the plan before it, the table after it."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from skyflow.cli.run_display import MOST_BARS, LiveDisplay, PlainDisplay, event_line
from skyflow.cli.run_words import MOST_ROWS, clip_name, commands_for, money, result_lines
from skyflow.cli.table import align
from skyflow.ledger import Label
from skyflow.runner import (
    ClipDone,
    ClipOutcome,
    ClipStopped,
    Downloading,
    Notice,
    Outcome,
    Progressed,
    RunResult,
    RunStarted,
    SandboxStarted,
    Stopping,
    Submitted,
    Waiting,
)

STREET = Label("film.sky", "", "street", 1)
MARKUP = Label("film.sky", "p=[@hero]", "item.[red].spin", 2)


def outcome(shot: str, result: Outcome = Outcome.MADE, *, variant: str = "", take: int = 1, **more) -> ClipOutcome:
    facts = {
        "path": Path("out") / f"{shot}.mp4" if result in (Outcome.MADE, Outcome.HAD) else None,
        "cost": Decimal(0),
        "reported": True,
        "billed": None,
        "spent_now": True,
        "task_id": None,
    }
    return ClipOutcome(variant, shot, take, f"key-{variant}-{shot}-{take}", result, **(facts | more))


def result(*clips: ClipOutcome, **more) -> RunResult:
    facts = {"spent": Decimal(0), "uncertain": Decimal(0), "seconds": 12.4}
    return RunResult("sandbox", "Night", Path("out/preview/Night"), Path("out/manifest.json"), clips, **(facts | more))


def test_a_table_is_aligned_by_cells_and_drops_empty_columns() -> None:
    rows = [("SHOT", "TAKE", "NOTE", "FILE"), ("小梅走进", "10", "", "a.mp4"), ("e\u0301toile", "2", "", "b\x1b.mp4")]
    assert align(rows, right=(1,)) == [
        "SHOT      TAKE  FILE",
        "小梅走进    10  a.mp4",
        "e\u0301toile       2  b␛.mp4",
    ]


def test_a_long_name_loses_its_middle_and_the_last_column_nothing() -> None:
    name, path, wide = "product=" + "x" * 300 + ",city=Osaka", "out/" + "y" * 300, "雨" * 60
    rows = [("VARIANT", "SHOT", "FILE"), (name, "street", path), (wide, "sea", "b.mp4"), ("v" * 60, "s", "c.mp4")]
    heading, first, second, third = align(rows)
    assert first == f"product={'x' * 32}…{'x' * 8},city=Osaka  street  {path}"
    assert second == f"{'雨' * 20}…{'雨' * 9}   sea     b.mp4"
    assert third.startswith("v" * 60 + "  s  ")
    assert heading.index("SHOT") == 62
    assert align([("skyflow " + "z" * 100, "what it does")], has_heading=False)[0].startswith("skyflow " + "z" * 100)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("2.75", "2.75 USD"),
        ("3", "3.00 USD"),
        ("0.5500", "0.55 USD"),
        ("0.1375", "0.1375 USD"),
        ("12E2", "1,200.00 USD"),
    ],
)
def test_money_has_cents_and_loses_nothing(amount: str, words: str) -> None:
    assert money(Decimal(amount)) == words
    assert money(Decimal(amount), exact=False) == f"about {words}"


def test_clips_are_named_as_people_would() -> None:
    assert clip_name("", "street", 1) == "street"
    assert clip_name("city=Tokyo", "den.street", 2) == "den.street take 2 (city=Tokyo)"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (RunStarted("sandbox", "Night", 3, 1, 1_200, Decimal(1), True),
         "Night: 3 clips to make, 1 to go on with, 1,200 there already"),
        (RunStarted("sandbox", "Night", 0, 0, 0, Decimal(0), True), "Night: nothing to do"),
        (SandboxStarted("http://127.0.0.1:1"), ""),
        (Submitted("k", STREET, "task_1"), "street: sent as task_1"),
        (Submitted("k", STREET, "task_1", True), "street: goes on as task_1"),
        (Progressed("k", STREET, "processing", 40, 2.0, 5.0), ""),
        (ClipDone("k", STREET, Path("clips/a.mp4"), Decimal("0.55")), "street: done, 0.55 USD, clips/a.mp4"),
        (ClipDone("k", STREET, Path("clips/a.mp4"), None), "street: done, clips/a.mp4"),
        (ClipStopped("k", STREET, "failed", "the task failed: no reason given"),
         "street: failed: the task failed: no reason given"),
        (Waiting(3.2, "the service asks for it"), "waiting 3 s: the service asks for it"),
        (Notice("a note"), "a note"),
        (Stopping("the balance is used up"), "nothing further is sent: the balance is used up"),
    ],
)  # fmt: skip
def test_events_as_lines(event, line: str) -> None:
    assert event_line(event) == line


def test_previews_show_no_sums() -> None:
    done = ClipDone("k", STREET, Path("a.mp4"), Decimal("0.55"))
    assert event_line(done, with_cost=False) == "street: done, a.mp4"


def test_plain_lines_are_harmless_and_survive_a_reader_that_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    PlainDisplay().hear(Notice("\x1b[2J gone"))
    assert capsys.readouterr().err == "␛[2J gone\n"

    def gone(*values: object, **options: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", gone)
    PlainDisplay().hear(Notice("nobody listens"))


class TestLiveDisplay:
    @pytest.fixture
    def screen(self) -> io.StringIO:
        return io.StringIO()

    @pytest.fixture
    def progress(self, screen: io.StringIO) -> Progress:
        console = Console(file=screen, width=100, force_terminal=True, color_system=None, markup=False, emoji=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[state]}"))
        return Progress(*columns, console=console, auto_refresh=False)

    def test_shows_names_with_brackets_as_they_are(self, progress: Progress, screen: io.StringIO) -> None:
        display = LiveDisplay(progress)
        display.hear(RunStarted("sandbox", "[bold]Night", 1, 0, 0, Decimal(0), True))
        display.hear(Submitted("k", MARKUP, "task_1"))
        display.hear(Progressed("k", MARKUP, "processing", 40, 2.0, None))
        assert [task.description for task in progress.tasks] == ["all clips", "item.[red].spin take 2 (p=[@hero])"]
        assert (progress.tasks[1].completed, progress.tasks[1].fields["state"]) == (40, "processing")
        progress.refresh()
        display.hear(ClipDone("k", MARKUP, Path("a.mp4"), None))
        assert "[bold]Night: 1 clip to make" in screen.getvalue()
        assert "item.[red].spin take 2 (p=[@hero]): done, a.mp4" in screen.getvalue()
        assert [(task.completed, task.fields["state"]) for task in progress.tasks] == [(1, "1 of 1")]

    def test_keeps_to_a_screen_of_bars(self, progress: Progress) -> None:
        display = LiveDisplay(progress)
        display.hear(RunStarted("sandbox", "Night", 50, 0, 0, Decimal(0), True))
        for number in range(50):
            display.hear(Submitted(f"k{number}", Label("f", "", f"s{number}", 1), "t"))
        assert len(progress.tasks) == MOST_BARS + 1
        for number in range(50):
            display.hear(Downloading(f"k{number}", Label("f", "", f"s{number}", 1), 1))
            display.hear(ClipDone(f"k{number}", Label("f", "", f"s{number}", 1), Path("a"), None))
        assert [(task.completed, task.fields["state"]) for task in progress.tasks] == [(50, "50 of 50")]

    def test_an_unknown_percentage_moves_nothing(self, progress: Progress) -> None:
        display = LiveDisplay(progress)
        display.hear(Progressed("k", STREET, "odd word", None, 1.0, None))
        assert (progress.tasks[0].completed, progress.tasks[0].fields["state"]) == (0, "odd word")


class TestResult:
    def test_a_preview_says_what_and_where(self) -> None:
        lines = list(result_lines(result(outcome("street"), outcome("sea", take=2)), is_preview=True))
        assert lines == [
            "SHOT    TAKE  RESULT  FILE",
            "street     1  made    out/street.mp4",
            "sea        2  made    out/sea.mp4",
            "",
            "Night: 2 made, in 12 s",
            "the clips are in out/preview/Night",
        ]

    def test_reasons_are_told_once_with_what_to_do(self) -> None:
        failed = [outcome(f"s{number}", Outcome.FAILED, message="no balance", help="Top it up.") for number in range(5)]
        lines = list(result_lines(result(*failed, stopped="the balance is used up"), is_preview=True))
        assert "s0, s1, s2 and 2 more: no balance" in lines
        assert lines.count("  Top it up.") == 1
        assert "stopped early: the balance is used up" in lines

    def test_live_ones_say_what_was_paid(self) -> None:
        paid = result(
            outcome("a", cost=Decimal("0.55")),
            outcome("b", Outcome.IN_DOUBT, cost=Decimal("0.55"), reported=False),
            spent=Decimal("0.55"),
            uncertain=Decimal("0.55"),
            brought_home=Decimal("1.10"),
        )
        lines = list(result_lines(paid, is_preview=False))
        assert "a        1  made            0.55 USD  out/a.mp4" in lines
        assert "b        1  in doubt  about 0.55 USD" in lines
        assert (
            "Night: 1 made, 1 in doubt, in 12 s; spent 0.55 USD, and maybe 0.55 USD more for what is under way, in doubt or failed,"
            " and 1.10 USD in earlier runs for clips that came home now"
        ) in lines

    def test_doubt_can_be_looked_up_and_each_way_out_says_what_it_does(self) -> None:
        sent = datetime(2026, 11, 28, 14, 2, 11).astimezone().timestamp()
        doubt = outcome("b", Outcome.IN_DOUBT, sent_at=sent, idempotency_key="skyflow-12ab")
        lines = list(result_lines(result(doubt), is_preview=False))
        at = lines.index("  when you know what became of b, sent 2026-11-28 14:02:11, Idempotency-Key skyflow-12ab:")
        assert [line.split(maxsplit=4)[3:] for line in lines[at + 1 : at + 4]] == [
            ["--adopt", "TASK  it became this task: its clip is fetched"],
            ["--resubmit", "it never arrived: it is ordered again, and paid again"],
            ["--abandon", "give it up"],
        ]
        assert "the clips are in" not in "\n".join(lines)

    def test_where_a_take_failed_the_others_are_offered(self) -> None:
        clips = [outcome("a", take=1), outcome("a", Outcome.FAILED, take=2, message="why"), outcome("a", take=3)]
        lines = list(result_lines(result(*clips), is_preview=False))
        assert "  of a takes 1, 3 are there: `pick = 1` in the shot uses it" in lines

    @pytest.mark.parametrize(("found", "typed"), [(True, "skyflow"), (False, "there/skyflow")])
    def test_commands_are_shown_as_they_can_be_typed(self, tmp_path, monkeypatch, found, typed) -> None:
        program = tmp_path / "there" / "skyflow"
        program.parent.mkdir()
        program.touch(mode=0o755)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", [str(program)])
        monkeypatch.setenv("PATH", str(program.parent) if found else "/nowhere")
        assert commands_for("a" * 64)[1] == f"{typed} resolve {'a' * 12} --resubmit"

    def test_waits_are_told_once_a_minute(self, capsys) -> None:
        display = PlainDisplay()
        for seconds in (1.0, 2.0, 4.0):
            display.hear(Waiting(seconds, "no connection"))
        display.hear(Waiting(30.0, "slow down"))
        assert capsys.readouterr().err.splitlines() == [
            "waiting 1 s: no connection",
            "waiting 30 s: slow down; Ctrl-C is safe, the next run goes on",
        ]

    def test_what_was_not_started_is_told_once_and_not_clip_by_clip(self, capsys) -> None:
        PlainDisplay().hear(ClipStopped("k", STREET, Outcome.NOT_STARTED, "Interrupted."))
        assert capsys.readouterr().err == ""

    def test_of_many_clips_only_those_that_need_a_person_are_listed(self) -> None:
        clips = [outcome(f"s{number}") for number in range(200)] + [outcome("bad", Outcome.FAILED, message="why")]
        lines = list(result_lines(result(*clips), is_preview=True))
        assert not [line for line in lines if "s7.mp4" in line]
        assert "bad: why" in lines
        assert "Night: 200 made, 1 failed, in 12 s" in lines
        many = [outcome(f"s{number}", Outcome.FAILED, message=f"why {number}") for number in range(200)]
        lines = list(result_lines(result(*many), is_preview=True))
        assert f"… and {200 - MOST_ROWS} more of these" in lines
