"""Real processes: two runs on one ledger, the sandbox that a run starts by itself, and deaths."""

from __future__ import annotations

import os
import select
import signal
from collections import Counter
from pathlib import Path

import pytest

from skyflow.contract import DEFAULT_PRICES
from skyflow.ledger import SANDBOX, ClipStore, open_ledger
from skyflow.planner import LedgerHistory, make_plan
from skyflow.runner import (
    ClipDone,
    Notice,
    Outcome,
    RunOptions,
    RunRefused,
    RunStarted,
    SandboxStarted,
    Submitted,
    run_plan,
    sandbox_process,
)
from skyflow.runner.retry import Backoff, Polling

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, so that they start at once")
DRAFTLESS = ("--render", "none")


def preview(root, clips, *, sandbox_arguments=DRAFTLESS, **kwargs):
    """Run clips on the project's own sandbox."""
    root.mkdir(exist_ok=True)
    with open_ledger(root) as ledger:
        history = LedgerHistory(ledger, ClipStore(root, SANDBOX), SANDBOX, "film.sky")
        plan = make_plan(
            clips, history=history, prices=DEFAULT_PRICES, target=SANDBOX, storyboard="film.sky", title="Film"
        )
        return run_plan(
            plan,
            root=root,
            out=root / "out",
            ledger=ledger,
            variant_folder=lambda variant: variant,
            sandbox_arguments=sandbox_arguments,
            **kwargs,
        )


def fork(action) -> int:
    """Run something in another process; its pid."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = action()
        finally:
            os._exit(status)
    return child


def test_two_processes_make_each_clip_once(live, make_clip) -> None:
    studio = live("--latency", "0.1")
    studio.root.mkdir()
    first = make_clip("first")
    clips = [first, make_clip("second", needs=(first,)), *(make_clip(f"shot{number}") for number in range(6))]
    children = [fork(lambda: studio.run(clips).exit_code) for _ in range(2)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    entries = [entry for entry in studio.sandbox.journal()["entries"] if entry["task_id"]]
    assert Counter(entry["request"]["prompt"] for entry in entries) == {f"{clip.shot} in ": 1 for clip in clips}
    assert studio.run(clips).counts == {Outcome.HAD: 8}


def test_the_work_of_a_killed_process_is_taken_over_while_another_runs(live, make_clip) -> None:
    """One process is killed when its first clip is done; another, started at once, brings everything home."""
    studio = live()
    studio.root.mkdir()
    clips = [make_clip(f"shot{number}") for number in range(6)]

    def die(event) -> None:
        if isinstance(event, ClipDone):
            os.kill(os.getpid(), signal.SIGKILL)

    children = [fork(lambda: studio.run(clips, on_event=die).exit_code), fork(lambda: studio.run(clips).exit_code)]
    statuses = [os.waitpid(child, 0)[1] for child in children]
    result = studio.run(clips)
    assert os.WIFSIGNALED(statuses[0]) or statuses[0] == 0  # the other may have made everything before
    assert set(result.counts) <= {Outcome.MADE, Outcome.HAD, Outcome.IN_DOUBT}
    bills = Counter(entry["request"]["prompt"] for entry in studio.sandbox.journal()["entries"] if entry["task_id"])
    assert set(bills.values()) == {1}


def test_a_run_starts_its_own_sandbox_and_ends_it(tmp_path, make_clip, picture_in) -> None:
    root = tmp_path / "project"
    root.mkdir()
    first = make_clip("first", **picture_in(root, "hero.png"))
    second = make_clip("second", needs=(first,))
    third = make_clip(
        "third",
        prompt="@move",
        ref_videos=[{"tag": "@move", "type": "extend", "video_url": f"skyflow:shot/{first.key}/clip"}],
    )
    third = type(third)("", "third", 1, third.mode, third.key, (first.key,), third.request)
    events = []
    result = preview(root, [first, second, third], on_event=events.append)
    assert result.complete
    assert result.folder == root / "out" / "preview" / "Film"
    url = next(event.url for event in events if isinstance(event, SandboxStarted))
    assert url.startswith("http://127.0.0.1:")
    assert not sandboxes_in(root)
    fourth = make_clip(
        "fourth",
        prompt="@move",
        ref_videos=[{"tag": "@move", "type": "extend", "video_url": f"skyflow:shot/{first.key}/clip"}],
    )
    fourth = type(fourth)("", "fourth", 1, fourth.mode, fourth.key, (first.key,), fourth.request)
    assert preview(root, [first, fourth]).complete


def test_what_the_previews_cannot_show_is_said_once(tmp_path, make_clip) -> None:
    private = "\U000f0000"  # private use: no font has it
    clips = [make_clip(name, prompt=f"{private} {name}", duration=3) for name in "ab"]
    events = []
    assert preview(tmp_path / "project", clips, on_event=events.append, sandbox_arguments=()).complete
    (remark,) = [event.message for event in events if isinstance(event, Notice)]
    assert remark.startswith(f"About the previews: some characters of the prompt are in no installed font ({private});")


def test_with_nothing_to_do_no_sandbox_is_started(tmp_path, make_clip) -> None:
    root = tmp_path / "project"
    preview(root, [make_clip("a")])
    events = []
    assert preview(root, [make_clip("a")], on_event=events.append).counts == {Outcome.HAD: 1}
    assert not any(isinstance(event, SandboxStarted) for event in events)


def test_two_previews_of_one_project_do_not_share_a_sandbox(tmp_path, make_clip) -> None:
    root = tmp_path / "project"

    def second_run(event) -> None:
        if isinstance(event, SandboxStarted):
            with pytest.raises(RunRefused, match="Another preview of this project is running"):
                preview(root, [make_clip("b")])

    assert preview(root, [make_clip("a")], on_event=second_run).complete


def test_the_sandbox_dies_with_the_run_and_the_next_run_goes_on(tmp_path, make_clip) -> None:
    root = tmp_path / "project"
    clips = [make_clip("a"), make_clip("b")]

    def die(event) -> None:
        if isinstance(event, ClipDone):
            (root / "pids").write_text("\n".join(map(str, sandboxes_in(root))))
            os.kill(os.getpid(), signal.SIGKILL)

    root.mkdir()
    status = os.waitpid(fork(lambda: preview(root, clips, on_event=die).exit_code), 0)[1]
    assert os.WIFSIGNALED(status)
    pids = [int(line) for line in (root / "pids").read_text().split()]
    assert len(pids) == 1
    assert is_gone(pids[0])
    assert preview(root, clips).complete


def test_a_sandbox_that_is_killed_is_started_again_and_the_film_is_made(tmp_path, make_clip) -> None:
    root = tmp_path / "project"
    first = make_clip("first")
    told = []

    def kill_the_server(event) -> None:
        told.append(event)
        if isinstance(event, Submitted) and sum(isinstance(one, Submitted) for one in told) in (1, 3):
            for pid in sandboxes_in(root):
                os.kill(pid, signal.SIGKILL)

    clips = [first, make_clip("second", needs=(first,)), make_clip("third")]
    result = preview(root, clips, on_event=kill_the_server)
    assert result.complete
    assert sum("started again" in event.message for event in told if isinstance(event, Notice)) in (1, 2)


def test_a_sandbox_that_does_not_stay_alive_ends_the_run_with_what_it_said(tmp_path, make_clip, monkeypatch) -> None:
    monkeypatch.setattr(sandbox_process, "_MOST_REVIVALS", 1)
    root = tmp_path / "project"

    def kill_the_server(event) -> None:
        if isinstance(event, (Submitted, Notice)):
            for pid in sandboxes_in(root):
                os.kill(pid, signal.SIGKILL)

    result = preview(root, [make_clip("a"), make_clip("b")], on_event=kill_the_server)
    assert not result.complete
    assert "The preview server ended 2 times" in result.stopped
    assert preview(root, [make_clip("a"), make_clip("b")]).complete


def test_a_sandbox_that_cannot_start_says_why(tmp_path, make_clip) -> None:
    root = tmp_path / "project"
    (root / ".skyflow").mkdir(parents=True)
    (root / ".skyflow" / "sandbox").write_text("a file in the way")
    with pytest.raises(RunRefused, match="sandbox"):
        preview(root, [make_clip("a")])


def sandboxes_in(root: Path) -> list[int]:
    """The processes that serve this project."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"skyflow.sandbox" in words and str(root / ".skyflow" / "sandbox").encode() in words:
            found.append(int(path.parent.name))
    return found


def is_gone(pid: int) -> bool:
    """Whether a process ends, waiting for it at most half a minute."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 30)[0])
    finally:
        os.close(handle)


def test_places_that_a_dead_run_holds_are_given_back_by_bringing_its_tasks_home(live, make_clip) -> None:
    """Another storyboard's run dies while ours waits for its places."""
    studio = live("--latency", "0.3")
    studio.root.mkdir()
    one_place = RunOptions(concurrency=1, polling=Polling(0.02, 0.2), backoff=Backoff(0.02, 0.2))
    theirs, ours = make_clip("theirs"), make_clip("ours")
    ready, begin = os.pipe()

    def die_when_ours_waits(event) -> None:
        if isinstance(event, Submitted):
            os.write(begin, b"x")
            os.read(wait, 1)
            os.kill(os.getpid(), signal.SIGKILL)

    wait, go = os.pipe()
    child = fork(lambda: studio.run([theirs], options=one_place, on_event=die_when_ours_waits).exit_code)
    os.read(ready, 1)

    def kill_the_other(event) -> None:
        if isinstance(event, RunStarted):
            os.write(go, b"x")

    result = studio.run([ours], options=one_place, on_event=kill_the_other)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    for end in (ready, begin, wait, go):
        os.close(end)
    assert result.complete
    assert studio.store.path(theirs.key).is_file()


def test_a_plan_is_run_on_its_own_target_only(live, make_clip, tmp_path) -> None:
    studio = live()
    with open_ledger(tmp_path) as ledger:
        history = LedgerHistory(ledger, ClipStore(tmp_path, studio.target), studio.target, "film.sky")
        plan = make_plan(
            [make_clip("a")], history=history, prices=DEFAULT_PRICES, target=studio.target, storyboard="f", title="F"
        )
        with pytest.raises(ValueError, match="cannot be run on a sandbox"):
            run_plan(plan, root=tmp_path, out=tmp_path / "out", ledger=ledger, variant_folder=str)
