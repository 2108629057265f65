"""A run with an asset host: what is brought there, what is sent, what is written down, and what happens when the host has trouble."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from skyflow.runner import Outcome, RunOptions, RunRefused
from skyflow.runner.hosts import HostTrouble

POST = "/v1/videos/generations"
DENIED = HostTrouble("the bucket denies access", "Its keys need rights.")


def voice_url(request: dict) -> str:
    return request["ref_images"][0]["audio_url"]


def everything_written(root: Path) -> bytes:
    """All that a run leaves in a project, besides the media."""
    files = (path for path in root.rglob("*") if path.is_file() and path.suffix not in (".mp4", ".mp3"))
    return b"\n".join(path.read_bytes() for path in files)


def test_a_local_voice_gets_a_link(hosted, host, make_clip, voice_in) -> None:
    clip = make_clip("a", **voice_in(hosted.root))
    assert hosted.run([clip]).complete
    [sent] = hosted.service.journal
    assert voice_url(sent) == host.links[0].url
    assert hosted.kinds()["Uploaded"] == 1


def test_it_is_brought_once_for_all_clips_and_runs(hosted, host, make_clip, voice_in) -> None:
    clips = [make_clip(name, duration=seconds, **voice_in(hosted.root)) for name, seconds in (("a", 4), ("b", 5))]
    assert hosted.run(clips).complete
    assert hosted.run([*clips, make_clip("c", duration=6, **voice_in(hosted.root))]).complete
    assert len(hosted.service.journal) == 3
    assert host.brought == ["mika.mp3"]


def test_many_files_are_all_there_before_the_first_request(hosted, host, make_clip, voice_in) -> None:
    clips = [make_clip(str(n), **voice_in(hosted.root, f"{n}.mp3", b"voice %d" % n)) for n in range(30)]
    there_at_first: list[int] = []

    def look(service, request) -> None:
        if request.url.path == POST:
            there_at_first.append(len(host.objects))

    hosted.service.scripts.append(look)
    assert hosted.run(clips).complete
    assert there_at_first == [30] * 30
    assert len(host.brought) == 30


def test_an_expired_link_is_made_anew(hosted, host, make_clip, voice_in) -> None:
    assert hosted.run([make_clip("a", duration=4, **voice_in(hosted.root))]).complete
    hosted.clock.elapsed += 2 * 86400
    assert hosted.run([make_clip("b", duration=5, **voice_in(hosted.root))]).complete
    first, second = map(voice_url, hosted.service.journal)
    assert first != second
    assert host.brought == ["mika.mp3", "mika.mp3"]  # after its link's end nobody knows whether it is still there


@pytest.mark.parametrize("left", [None, b"half"])
def test_what_somebody_tidied_away_or_spoilt_is_brought_again(hosted, host, make_clip, voice_in, left) -> None:
    assert hosted.run([make_clip("a", duration=4, **voice_in(hosted.root))]).complete
    host.objects = {} if left is None else dict.fromkeys(host.objects, left)
    assert hosted.run([make_clip("b", duration=5, **voice_in(hosted.root))]).complete
    assert host.brought == ["mika.mp3", "mika.mp3"]


def test_a_long_run_renews_its_links(hosted, host, make_clip, voice_in) -> None:
    first = make_clip("a", duration=4, **voice_in(hosted.root))
    second = make_clip("b", duration=5, **voice_in(hosted.root))
    held = make_clip("c", needs=(first,), duration=6)

    def a_day_later(service, request) -> None:
        if request.url.path == POST and not service.journal:
            hosted.clock.elapsed += 86400

    hosted.service.scripts.append(a_day_later)
    assert hosted.run([first, second, held], options=RunOptions(concurrency=1, senders=1)).complete
    urls = [voice_url(body) for body in hosted.service.journal if "ref_images" in body]
    assert urls == [host.links[0].url, host.links[1].url]


def test_trouble_ends_the_run_before_anything_is_sent(hosted, host, make_clip, voice_in) -> None:
    host.trouble = DENIED
    with pytest.raises(RunRefused) as refused:
        hosted.run([make_clip("b"), make_clip("a", **voice_in(hosted.root))])
    assert refused.value.message == "mika.mp3 cannot be given an address: the bucket denies access."
    assert refused.value.remedy == "Its keys need rights. Nothing was billed."
    assert hosted.service.requests == []


def test_what_cannot_be_fetched_is_not_sent(hosted, host, make_clip, voice_in) -> None:
    host.answer = None
    hosted.service.scripts[:] = [
        lambda _service, request: httpx.Response(403) if request.url.host == "bucket.example.com" else None
    ]
    with pytest.raises(RunRefused, match="answers 403"):
        hosted.run([make_clip("a", **voice_in(hosted.root))])
    assert hosted.service.count("POST", POST) == 0


def test_a_host_that_nobody_reaches_is_tried_a_few_times(hosted, make_clip, voice_in) -> None:
    hosted.service.scripts[:] = [
        lambda _service, request: httpx.ConnectError("refused") if request.url.host == "bucket.example.com" else None
    ]
    with pytest.raises(
        RunRefused, match=r"cannot be reached: no connection to https://bucket.example.com .refused.\. See \[host\]"
    ):
        hosted.run([make_clip("a", **voice_in(hosted.root))])
    assert len(hosted.service.requests) == 4


def test_a_host_that_stumbles_is_waited_for(hosted, make_clip, voice_in) -> None:
    stumbles = [httpx.Response(503), httpx.ReadError("broken")]
    hosted.service.scripts.insert(
        0,
        lambda _service, request: stumbles.pop() if stumbles and request.url.host == "bucket.example.com" else None,
    )
    assert hosted.run([make_clip("a", **voice_in(hosted.root))]).complete
    assert stumbles == []


def test_trouble_does_not_keep_paid_clips_from_coming_home(hosted, host, make_clip, voice_in) -> None:
    paid = make_clip("paid")
    away: list[bool] = [True]

    def cut(_service, request) -> httpx.Response | None:
        return httpx.Response(404) if away and request.url.path.startswith("/results/") else None

    hosted.service.scripts.append(cut)
    assert hosted.run([paid]).counts == {Outcome.UNFINISHED: 1}
    away.clear()
    host.trouble = DENIED
    result = hosted.run([paid, make_clip("a", **voice_in(hosted.root))])
    assert result.counts == {Outcome.MADE: 1, Outcome.NOT_STARTED: 1}
    assert "the bucket denies access" in result.stopped
    assert len(hosted.service.journal) == 1


def test_a_file_that_changed_since_the_check_is_not_sent(hosted, make_clip, voice_in) -> None:
    clip = make_clip("a", **voice_in(hosted.root))
    (hosted.root / "mika.mp3").write_bytes(b"another voice")
    with pytest.raises(RunRefused, match=r"mika\.mp3 changed after it was checked"):
        hosted.run([clip])
    (hosted.root / "mika.mp3").unlink()
    with pytest.raises(RunRefused, match=r"mika\.mp3 cannot be read or written"):
        hosted.run([clip])


def test_without_need_the_host_is_not_asked(hosted, host, make_clip, monkeypatch) -> None:
    monkeypatch.delenv("SKYFLOW_BUCKET")
    host.trouble = DENIED
    assert hosted.run([make_clip("a")]).complete
    assert host.links == []


def test_a_bucket_that_only_the_project_names_is_refused_before_anything(
    hosted, make_clip, voice_in, monkeypatch
) -> None:
    monkeypatch.setenv("SKYFLOW_BUCKET", "https://bucket.example.com/other s3://film")
    with pytest.raises(RunRefused) as refused:
        hosted.run([make_clip("a", **voice_in(hosted.root))])
    assert "names the bucket https://bucket.example.com/film, and nothing outside of it" in refused.value.message
    assert refused.value.remedy == "If that bucket is yours: export SKYFLOW_BUCKET=https://bucket.example.com/film"
    assert hosted.service.requests == []


def test_the_sandbox_of_a_run_needs_no_host(preview, host, make_clip, voice_in) -> None:
    preview.host, preview.asset_host = None, host
    assert preview.run([make_clip("a", **voice_in(preview.root))]).complete
    assert host.brought == []


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_signature_is_sent_and_written_nowhere(hosted, host, make_clip, voice_in) -> None:
    clip = make_clip("a", **voice_in(hosted.root))
    result = hosted.run([clip])
    written = everything_written(hosted.root)
    assert b"X-Amz-Signature=***" in written
    assert f"{1:064x}".encode() not in written
    assert b"AK%2F1" not in written
    assert f"{1:064x}" not in repr(hosted.events)
    [told] = json.loads(result.manifest.read_bytes())["clips"]
    assert (
        voice_url(told["sent"]) == host.links[0].plain + "?X-Amz-Credential=***&X-Amz-Expires=86400&X-Amz-Signature=***"
    )


@pytest.mark.parametrize("place", ["refusal", "failure"])
def test_a_service_that_repeats_the_link_gives_nothing_away(hosted, host, make_clip, voice_in, place) -> None:
    def repeat(_service, request) -> httpx.Response | None:
        said = f"cannot fetch {host.links[-1].url}" if host.links else ""
        if place == "refusal" and request.url.path == POST:
            return httpx.Response(422, json={"error": {"code": 422, "message": said, "type": "x"}})
        if place == "failure" and request.url.path.startswith("/v1/tasks/"):
            data = {"id": "task_1", "status": "failed", "error": {"code": "fetch", "message": said, "type": "x"}}
            return httpx.Response(200, json={"code": 200, "data": data})
        return None

    hosted.service.scripts.append(repeat)
    result = hosted.run([make_clip("a", **voice_in(hosted.root))])
    [outcome] = result.clips
    assert "cannot fetch https://bucket.example.com/" in outcome.message
    assert "X-Amz-Signature=***" in outcome.message
    assert f"{1:064x}".encode() not in everything_written(hosted.root)
    assert f"{1:064x}" not in repr(hosted.events)


def test_signatures_of_results_are_not_ours_and_stay(hosted, host, make_clip, voice_in, video) -> None:
    def signed(service, request) -> httpx.Response | None:
        if not request.url.path.startswith("/v1/tasks/"):
            return None
        url = "https://results.example.com/results/1.mp4?X-Amz-Signature=feed"
        data = {"id": "task_1", "status": "completed", "result": {"videos": [{"url": [url], "expires_at": 2e9}]}}
        return httpx.Response(200, json={"code": 200, "data": data})

    hosted.service.scripts.append(signed)
    assert hosted.run([make_clip("a", **voice_in(hosted.root))]).complete
    [fetched] = [request for request in hosted.service.requests if request.url.host == "results.example.com"]
    assert fetched.url.params["X-Amz-Signature"] == "feed"


# --- clips of other shots ---------------------------------------------------------------------------------------------


def extend(make_clip, street):
    """A clip that goes on where another ends."""
    video = {"tag": "@v", "type": "extend", "video_url": f"skyflow:shot/{street.key}/clip"}
    more = make_clip("more", prompt="@v", ref_videos=[video])
    return type(more)("", "more", 1, more.mode, more.key, (street.key,), more.request)


def forget_results(service, request) -> httpx.Response | None:
    return httpx.Response(404, json={"error": "gone"}) if request.url.path == "/v1/tasks/task_1" else None


def test_a_clip_whose_address_has_expired_is_served_by_the_host(hosted, host, make_clip, video) -> None:
    street = make_clip("street")
    assert hosted.run([street]).complete
    hosted.clock.elapsed += 3 * 86400
    hosted.service.scripts.append(forget_results)
    assert hosted.run([street, extend(make_clip, street)]).complete
    sent = hosted.service.journal[-1]["ref_videos"][0]["video_url"]
    assert sent == host.links[0].url
    assert list(host.objects.values()) == [video]


def test_without_a_host_the_way_out_is_named(studio, make_clip) -> None:
    street = make_clip("street")
    assert studio.run([street]).complete
    studio.clock.elapsed += 3 * 86400
    studio.service.scripts.append(forget_results)
    result = studio.run([street, extend(make_clip, street)])
    more = next(clip for clip in result.clips if clip.shot == "more")
    assert more.outcome is Outcome.FAILED
    assert "[host]" in more.help
    assert "Nothing was billed" in more.help
