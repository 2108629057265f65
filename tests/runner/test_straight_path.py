"""The main path: clips are made once, in the order of their graph, and lie where people look for them."""

from __future__ import annotations

import json
from decimal import Decimal

from skyflow.runner import Outcome


def test_clips_are_made_and_shown(studio, make_clip) -> None:
    street, dance = make_clip("street"), make_clip("den.dance", variant="city=Tokyo")
    result = studio.run([street, dance])
    assert [clip.outcome for clip in result.clips] == [Outcome.MADE, Outcome.MADE]
    assert result.exit_code == 0
    folder = studio.root / "out" / "live" / "Film"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.mp4")) == [
        "city=Tokyo/den.dance.mp4",
        "street.mp4",
    ]
    assert (folder / "street.mp4").samefile(studio.store.path(street.key))
    assert result.spent == Decimal(1)
    assert result.uncertain == 0


def test_running_again_sends_nothing(studio, make_clip) -> None:
    clips = [make_clip("a"), make_clip("b")]
    studio.run(clips)
    sent = len(studio.service.requests)
    result = studio.run(clips)
    assert len(studio.service.requests) == sent
    assert {clip.outcome for clip in result.clips} == {Outcome.HAD}
    assert result.spent == 0


def test_equal_clips_are_made_once_and_seen_twice(studio, make_clip) -> None:
    clip = make_clip("same")
    twin = type(clip)("city=Osaka", "other", 1, clip.mode, clip.key, (), clip.request)
    result = studio.run([clip, twin])
    assert len(studio.service.journal) == 1
    assert len({outcome.path for outcome in result.clips}) == 2
    assert all(outcome.path.is_file() for outcome in result.clips)


def test_a_follower_gets_the_frame_of_the_clip_before_it(studio, make_clip) -> None:
    first = make_clip("first")
    second = make_clip("second", needs=(first,))
    third = make_clip("third", needs=(second,))
    result = studio.run([third, first, second])
    assert result.complete
    assert [body["prompt"] for body in studio.service.journal] == ["first in ", "second in ", "third in "]
    assert studio.service.journal[1]["first_frame_image"].startswith("https://api.example.com/uploads/")
    assert b"\x89PNG" in studio.service.uploads[0]


def test_the_manifest_tells_everything(studio, make_clip) -> None:
    first = make_clip("first")
    second = make_clip("second", needs=(first,), take=2)
    result = studio.run([first, second])
    manifest = json.loads(result.manifest.read_text())
    assert manifest["storyboard"] == "film.sky"
    told = {clip["shot"]: clip for clip in manifest["clips"]}
    assert told["second"]["file"] == "second-take2.mp4"
    assert told["second"]["request"] == second.request
    assert told["second"]["sent"]["first_frame_image"].startswith("https://")
    assert told["second"]["cost"] == {"usd": "0.5", "reported": True, "billed": True}
    assert told["second"]["task_id"] == "task_2"
    assert told["second"]["sha256"]


def test_the_manifest_keeps_every_character_of_a_prompt(studio, make_clip) -> None:
    strange = 'a\u2028b\x85c\x0bd\n e "f" \\n 你好 \ud83d\ude00'.encode("utf-16", "surrogatepass").decode("utf-16")
    result = studio.run([make_clip("first", prompt=strange), make_clip("second")])
    manifest = json.loads(result.manifest.read_bytes())
    assert [clip["shot"] for clip in manifest["clips"]] == ["first", "second"]
    assert manifest["clips"][0]["request"]["prompt"] == manifest["clips"][0]["sent"]["prompt"] == strange


def test_the_manifest_of_nothing_is_one(studio) -> None:
    assert json.loads(studio.run([]).manifest.read_bytes())["clips"] == []


def test_a_part_keeps_what_the_manifest_said_of_the_rest(studio, make_clip) -> None:
    a, b = make_clip("a"), make_clip("b")
    studio.run([a, b])
    result = studio.run([b], partial=True)
    assert [clip["shot"] for clip in json.loads(result.manifest.read_text())["clips"]] == ["b", "a"]
    result = studio.run([b])
    assert [clip["shot"] for clip in json.loads(result.manifest.read_text())["clips"]] == ["b"]


def test_the_events_tell_the_story(studio, make_clip) -> None:
    first = make_clip("first")
    studio.run([first, make_clip("second", needs=(first,))])
    kinds = [type(event).__name__ for event in studio.events]
    assert kinds[0] == "RunStarted"
    assert [kind for kind in kinds if kind not in ("RunStarted", "Progressed")] == [
        "Submitted",
        "Downloading",
        "ClipDone",
        "Uploaded",
        "Submitted",
        "Downloading",
        "ClipDone",
        "RunEnded",
    ]
