"""The run as a whole: limits, pace, order, refusals, what other storyboards left, and a key that appears nowhere."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest

from skyflow.config import Budget
from skyflow.ledger import LedgerFullError, State
from skyflow.runner import Notice, Outcome, RunOptions, RunRefused, Submitted, event_as_dict, run_plan
from skyflow.runner.fetch import has_whole_boxes

POST = "/v1/videos/generations"


def posts(studio):
    return [request for request in studio.service.requests if request.url.path == POST]


def test_no_more_run_at_once_than_allowed(studio, make_clip) -> None:
    most = 0

    def watch(service, _request):
        nonlocal most
        most = max(most, sum(task.polls <= service.finish_after for task in service.tasks.values()))

    studio.service.scripts.append(watch)
    assert studio.run([make_clip(f"shot{number}") for number in range(20)], options=RunOptions(concurrency=3)).complete
    assert most == 3


def test_paid_requests_keep_their_pace(studio, make_clip) -> None:
    times = []
    studio.service.scripts.append(
        lambda _service, request: times.append(studio.clock.elapsed) if request.url.path == POST else None
    )
    assert studio.run([make_clip(f"shot{number}") for number in range(5)], options=RunOptions(rate=0.1)).complete
    assert [later - earlier for earlier, later in pairwise(times)] == [pytest.approx(10.0)] * 4


def test_a_budget_is_kept_to_the_cent(studio, make_clip) -> None:
    studio.service.cost = None
    clips = [make_clip(f"shot{number}") for number in range(5)]
    result = studio.run(clips, options=RunOptions(budget=Budget(run=Decimal("1.20"))))
    assert result.counts == {Outcome.MADE: 3, Outcome.NOT_STARTED: 2}
    assert result.spent == Decimal("1.20")
    assert "budget of a run" in next(clip.message for clip in result.clips if clip.outcome is Outcome.NOT_STARTED)
    assert studio.run(clips, options=RunOptions(budget=Budget(day=Decimal("1.20")))).counts[Outcome.NOT_STARTED] == 2
    studio.clock.elapsed += 86400
    assert studio.run(clips, options=RunOptions(budget=Budget(day=Decimal("1.20")))).complete


def test_a_thousand_shots_in_a_row_that_cannot_start_end_at_once(studio, make_clip) -> None:
    studio.service.scripts.append(
        lambda _service, request: httpx.Response(422, json={"error": "no"}) if request.url.path == POST else None
    )
    clips = [make_clip("0")]
    for number in range(1, 1000):
        clips.append(make_clip(str(number), needs=(clips[-1],)))
    result = studio.run(clips)
    assert result.counts == {Outcome.FAILED: 1, Outcome.BLOCKED: 999}
    assert len(posts(studio)) == 1


def test_hundreds_of_clips_take_a_bounded_number_of_workers(studio, make_clip) -> None:
    first = make_clip("first")
    clips = [first, *(make_clip(f"shot{number}", needs=(first,)) for number in range(120))]
    assert studio.run(clips, options=RunOptions(concurrency=50)).complete
    assert len(studio.service.journal) == 121
    assert len(studio.service.uploads) == 1


@pytest.mark.parametrize("place", ["audio", "video"])
def test_local_sound_and_video_are_refused_live_before_anything_starts(studio, make_clip, place) -> None:
    url = f"skyflow:upload/{'a' * 64}.mp4"
    fields = {
        "audio": {
            "ref_images": [{"tag": "@a", "type": "image", "image_urls": ["https://x.example/a.jpg"], "audio_url": url}]
        },
        "video": {"ref_videos": [{"tag": "@a", "type": "reference", "video_url": url}]},
    }[place]
    with pytest.raises(RunRefused, match=r"upload-impossible.*\[host\] in skyflow.toml"):
        studio.run([make_clip("b"), make_clip("a", prompt="@a", files={url: "move.mp4"}, **fields)])
    assert not studio.service.requests


def test_local_sound_and_video_are_sent_to_the_own_sandbox(preview, make_clip) -> None:
    import hashlib

    (preview.root / "voice.mp3").write_bytes(b"a voice")
    url = f"skyflow:upload/{hashlib.sha256(b'a voice').hexdigest()}.mp3"
    image = {"tag": "@a", "type": "image", "image_urls": ["https://x.example/a.jpg"], "audio_url": url}
    assert preview.run([make_clip("a", prompt="@a", ref_images=[image], files={url: "voice.mp3"})]).complete
    assert preview.service.requests[0].url.path == "/_sandbox/files"
    assert preview.service.journal[0]["ref_images"][0]["audio_url"].startswith("https://")


def test_a_clip_that_another_builds_on_is_named_by_the_services_own_address(studio, make_clip) -> None:
    street = make_clip("street")
    more = make_clip(
        "more",
        prompt="@v",
        ref_videos=[{"tag": "@v", "type": "extend", "video_url": f"skyflow:shot/{street.key}/clip"}],
    )
    more = type(more)("", "more", 1, more.mode, more.key, (street.key,), more.request)
    assert studio.run([street, more]).complete
    assert studio.service.journal[1]["ref_videos"][0]["video_url"] == "https://api.example.com/results/task_1.mp4"


@pytest.mark.parametrize(("renewed", "outcome"), [(True, Outcome.MADE), (False, Outcome.FAILED)])
def test_an_expired_result_is_asked_for_again_before_it_is_given_up(studio, make_clip, renewed, outcome) -> None:
    street = make_clip("street")
    studio.run([street])
    studio.clock.elapsed += 100 * 3600
    if not renewed:
        studio.service.tasks.clear()
    more = make_clip(
        "more",
        prompt="@v",
        ref_videos=[{"tag": "@v", "type": "extend", "video_url": f"skyflow:shot/{street.key}/clip"}],
    )
    more = type(more)("", "more", 1, more.mode, more.key, (street.key,), more.request)
    result = studio.run([street, more])
    assert result.clips[1].outcome is outcome
    if not renewed:
        assert "no longer serves" in result.clips[1].message
        assert result.clips[1].billed is False


def test_what_a_person_takes_back_is_not_sent_and_neither_is_what_needs_it(studio, make_clip) -> None:
    first, taken = make_clip("first"), make_clip("taken")
    clips = [first, taken, make_clip("needs it", needs=(taken,)), make_clip("last")]

    def take_back(event) -> None:
        if isinstance(event, Submitted) and event.key == first.key:
            with studio.ledger() as ledger:
                [found] = [clip for clip in ledger.live.queued() if clip.key == taken.key]
                assert ledger.live.cancel(found.run, found.key)

    result = studio.run(clips, options=RunOptions(concurrency=1), on_event=take_back)
    outcomes = {clip.shot: clip.outcome for clip in result.clips}
    assert outcomes == {
        "first": Outcome.MADE,
        "taken": Outcome.NOT_STARTED,
        "needs it": Outcome.BLOCKED,
        "last": Outcome.MADE,
    }
    assert "taken back" in result.clips[1].message
    assert len(studio.service.journal) == 2
    assert studio.run(clips).complete


def test_a_run_that_is_asked_to_stop_brings_home_what_is_under_way(studio, make_clip) -> None:
    clips = [make_clip(f"shot{number}") for number in range(5)]

    def ask(event) -> None:
        if isinstance(event, Submitted):
            with studio.ledger() as ledger:
                for at_work in ledger.live.runs():
                    ledger.live.ask_to_stop(at_work.run)

    result = studio.run(clips, options=RunOptions(concurrency=2), on_event=ask)
    assert result.counts[Outcome.MADE] in (1, 2)
    assert result.counts[Outcome.MADE] == len(studio.service.journal)
    assert "asked this run to stop" in result.stopped
    with studio.ledger() as ledger:
        assert ledger.live.queued() == []
        assert ledger.live.news(studio.target) == {}


def test_what_another_storyboard_left_under_way_is_brought_home(studio, make_clip) -> None:
    left = make_clip("left")
    studio.service.scripts.append(
        lambda _s, request: httpx.Response(503) if request.url.path.startswith("/results") else None
    )
    assert studio.run([left]).clips[0].outcome is Outcome.UNFINISHED
    studio.service.scripts.clear()
    result = studio.run([make_clip("other")])
    assert [clip.shot for clip in result.clips] == ["other"]
    assert studio.store.path(left.key).is_file()
    with studio.ledger() as ledger:
        assert ledger.latest(studio.target, [left.key])[left.key].state is State.HAVE


def test_a_full_disk_keeps_the_task_and_goes_on_later(studio, make_clip, monkeypatch) -> None:
    real, full = os.fsync, [True]

    def fsync(descriptor) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr("skyflow.runner.fetch.os.fsync", fsync)
    clips = [make_clip("a"), make_clip("b")]
    result = studio.run(clips, options=RunOptions(concurrency=1))
    assert result.counts == {Outcome.UNFINISHED: 1, Outcome.NOT_STARTED: 1}
    assert "disk is full" in result.stopped
    full[0] = False
    assert studio.run(clips).complete
    assert len(studio.service.journal) == 2


def test_a_ledger_that_fills_up_after_the_answer_shows_the_task_id(studio, make_clip, monkeypatch) -> None:
    """The one fact that is nowhere else must not be lost in silence."""
    with studio.ledger() as ledger:
        plan = studio.plan([make_clip("a")], ledger)

        def no_room(*_arguments) -> None:
            raise LedgerFullError("The ledger could not be written.", "Make room on the disk.")

        def fill_disk(_service, request) -> None:
            if request.url.path == POST:
                monkeypatch.setattr(ledger._database, "write", no_room)

        studio.service.scripts.append(fill_disk)
        result = studio.run_planned(plan, ledger)
    assert "Make room" in result.stopped
    assert result.exit_code == 3
    notices = [event.message for event in studio.events if isinstance(event, Notice)]
    assert any("task_1" in notice for notice in notices)
    with sqlite3.connect(studio.root / ".skyflow" / "ledger.db") as later:
        later.execute("UPDATE run SET ended_at = 1")  # the process is gone
    later.close()
    assert studio.run([make_clip("a")]).clips[0].outcome is Outcome.IN_DOUBT
    assert len(studio.service.journal) == 1


def test_what_the_storyboard_has_no_more_is_forgotten_by_a_whole_run_only(studio, make_clip) -> None:
    def known() -> set[str]:
        with studio.ledger() as ledger:
            return {shot for _, shot, _ in ledger.shots.known(studio.target, "film.sky")}

    studio.run([make_clip("a"), make_clip("b")])
    studio.clock.elapsed += 1.0
    studio.run([make_clip("c")], partial=True)
    assert known() == {"a", "b", "c"}
    studio.clock.elapsed += 1.0
    studio.run([make_clip("a"), make_clip("d")])
    assert known() == {"a", "d"}


def test_a_run_that_was_refused_was_no_last_run(preview, make_clip) -> None:
    with preview.ledger() as ledger:
        plan = preview.plan([make_clip("a")], ledger)
        preview.root.joinpath(".skyflow").mkdir(exist_ok=True)
        preview.root.joinpath(".skyflow", "sandbox").write_text("a file in the place of the folder")
        with pytest.raises(RunRefused):
            run_plan(plan, root=preview.root, out=preview.root / "out", ledger=ledger, variant_folder=str)
        assert ledger.shots.known(preview.target, "film.sky") == {}
        assert ledger.live.queued() == []


def test_the_key_appears_nowhere(studio, make_clip, picture) -> None:
    key = b"sk-a-very-secret-key"

    passed: Counter[str] = Counter()

    def echo(_service, request):
        passed[request.url.path] += 1
        if passed[request.url.path] > 2:
            return None
        if request.url.path.startswith("/results"):
            raise httpx.ReadError(f"broken while {key.decode()} was sent")
        error = {"error": {"message": f"slow down, {key.decode()}"}}
        return httpx.Response(429, json=error, headers={"Retry-After": "1"})

    studio.service.scripts.append(echo)
    clips = [make_clip("a", **picture("hero.png")), make_clip("b", duration=3)]
    result = studio.run(clips)
    studio.service.scripts[:] = [
        lambda _s, request: (
            httpx.Response(422, text=f"bad request with {key.decode()}") if request.url.path == POST else None
        )
    ]
    failed = studio.run([make_clip("c")])
    assert result.complete
    assert "***" in failed.clips[0].message
    told = repr((result, failed, [event_as_dict(event) for event in studio.events])).encode()
    written = [path.read_bytes() for path in studio.root.rglob("*") if path.is_file()]
    assert not any(key in text for text in (told, *written))


def test_events_are_ready_for_json(studio, make_clip) -> None:
    import json

    studio.run([make_clip("a", variant="city=Tokyo")])
    lines = [json.loads(json.dumps(event_as_dict(event))) for event in studio.events]
    assert lines[0]["event"] == "RunStarted"
    assert lines[0]["cost"] == "0.40"
    assert lines[1]["variant"] == "city=Tokyo"
    assert lines[-2]["path"].endswith("a.mp4")
    assert lines[-1]["event"] == "RunEnded"
    assert (lines[-1]["clips"], lines[-1]["spent"], lines[-1]["exit_code"]) == ({"made": 1}, "0.5", 0)


def test_without_a_decoder_a_clip_is_checked_by_its_boxes(tmp_path, video) -> None:
    path = tmp_path / "clip.mp4"
    for content, whole in (
        (video, True),
        (video[:-1], False),
        (video[: len(video) // 2], False),
        (b"", False),
        (b"<html>" * 9, False),
    ):
        path.write_bytes(content)
        assert has_whole_boxes(path) is whole
