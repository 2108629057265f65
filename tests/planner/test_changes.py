"""What a plan says of the difference to the last run: what is new, renamed, gone, changed and why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.ledger import State
from skyflow.planner import Change, ShotChange
from skyflow.planner.changes import excerpts

A, B = f"skyflow:upload/{'a1' * 32}.jpg", f"skyflow:upload/{'b2' * 32}.png"


def changes(plan) -> dict[str, tuple[str, ...]]:
    return {shot.shot: shot.changes for shot in plan.each_shot() if shot.change is ShotChange.CHANGED}


def actor(url: str, **more) -> dict:
    return {"ref_images": [{"tag": "@Mika", "type": "image", "image_urls": [url], **more}], "prompt": "@Mika"}


def motion(**fields) -> dict:
    return {"prompt": "@m", "ref_videos": [{"tag": "@m", "type": "reference", "video_url": "https://x/a.mp4"} | fields]}


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ({"prompt": "at night"}, {"prompt": "at dawn"}, ("prompt", "prompt", "at night", "at dawn")),
        ({"duration": 5}, {"duration": 8}, ("setting", "duration", "5", "8")),
        ({"duration": 5}, {}, ("setting", "duration", "5", "not set")),
        ({}, {"prompt_optimizer": False}, ("setting", "prompt_optimizer", "not set", "false")),
        ({}, {"model": "skyreels-v4-std"}, ("setting", "model", "skyreels-v4-fast", "skyreels-v4-std")),
        ({"first_frame_image": A}, {"first_frame_image": B}, ("asset", "first_frame", "content a1a1a1a1", "content b2b2b2b2 of new.png")),
        ({"end_frame_image": A}, {}, ("asset", "last_frame", "content a1a1a1a1", "")),
        (actor(A), actor(B), ("asset", "@Mika", "content a1a1a1a1", "content b2b2b2b2 of new.png")),
        (actor("https://x/1.jpg"), actor(B), ("asset", "@Mika", "https://x/1.jpg", "content b2b2b2b2 of new.png")),
        (actor(A), actor(A, audio_url="https://x/v.mp3"), ("asset", "voice @Mika", "", "https://x/v.mp3")),
        (motion(), motion(type="extend"), ("setting", "use of @m", "reference", "extend")),
        (motion(), motion(video_url="https://x/b.mp4"), ("asset", "@m", "https://x/a.mp4", "https://x/b.mp4")),
        (
            {"mid_frame_images": [{"tag": "@k", "image_url": A, "time_stamp": 2}]},
            {"mid_frame_images": [{"tag": "@k", "image_url": A}]},
            ("setting", "time of @k", "2", "not set"),
        ),
        (
            {"mid_frame_images": [{"tag": "@k", "image_url": A}]},
            {"mid_frame_images": [{"tag": "@k", "image_url": B}]},
            ("asset", "keyframe @k", "content a1a1a1a1", "content b2b2b2b2 of new.png"),
        ),
    ],
)  # fmt: skip
def test_why_a_shot_changed(plan_for, make_clip, past, before, now, change) -> None:
    past.ran(make_clip("open", **before))
    plan = plan_for(make_clip("open", **now, files={B: "new.png"}))
    assert changes(plan) == {"open": (Change(*change),)}


def test_several_reasons_at_once(plan_for, make_clip, past) -> None:
    past.ran(make_clip("open", duration=5, **actor(A)))
    plan = plan_for(make_clip("open", duration=6, **actor(B) | {"prompt": "@Mika waves"}))
    assert [change.what for change in changes(plan)["open"]] == ["prompt", "duration", "@Mika"]


def test_references_in_another_order(plan_for, make_clip, past) -> None:
    images = [{"tag": tag, "type": "image", "image_urls": [A]} for tag in ("@a", "@b")]
    past.ran(make_clip("open", prompt="@a @b", ref_images=images))
    plan = plan_for(make_clip("open", prompt="@a @b", ref_images=images[::-1]))
    assert changes(plan)["open"][0].what == "order of references"


def test_a_shot_that_it_builds_on(plan_for, make_clip, past) -> None:
    street, dawn = make_clip("street"), make_clip("street", prompt="at dawn")
    sea, other = make_clip("sea", street), make_clip("other")
    past.ran(street, sea, other)
    now = make_clip("sea", dawn)
    plan = plan_for(dawn, now, other)
    assert changes(plan)["sea"] == (Change("shot", "street", street.key[:8], dawn.key[:8]),)
    assert changes(plan)["sea"][0].cause == "builds on street"
    [change] = changes(plan_for(street, make_clip("sea", other), other))["sea"]
    assert (change.kind, change.old, change.new) == ("asset", "last frame of street", "last frame of other")


def test_a_request_that_nobody_remembers(plan_for, make_clip, past) -> None:
    past.ran(make_clip("open"))
    past.bodies.clear()
    [shot] = plan_for(make_clip("open", duration=8)).shots
    assert (shot.change, shot.changes) == (ShotChange.CHANGED, ())


def test_a_request_that_is_the_same_under_another_key(plan_for, make_clip, past) -> None:
    past.ran(make_clip("open"))
    past.keys["", "open", 1] = "0" * 64
    past.bodies["0" * 64] = make_clip("open").body
    [shot] = plan_for(make_clip("open")).shots
    assert (shot.change, shot.changes) == (ShotChange.CHANGED, ())


def test_what_is_new_renamed_and_gone(plan_for, make_clip, past) -> None:
    past.ran(make_clip("open"), make_clip("turn"), make_clip("old"))
    plan = plan_for(make_clip("turn"), make_clip("opening", prompt="open"), make_clip("more"))
    assert [(shot.shot, shot.change.value) for shot in plan.shots] == [
        ("turn", "unchanged"),
        ("opening", "renamed"),
        ("more", "new"),
    ]
    assert plan.shots[1].changes == (Change("setting", "name", "open", "opening"),)
    assert list(plan.rows.gone()) == [("", "old", 1)]
    assert plan.rows.gone_by_shot() == [("old", 1, 1)]
    assert plan.cost == Decimal("0.40")


def test_a_variant_is_renamed_as_a_whole(plan_for, make_clip, past) -> None:
    past.ran(*(make_clip(shot, variant="p=mug", prompt=f"{shot} mug") for shot in ("open", "end")))
    plan = plan_for(*(make_clip(shot, variant="product=mug", prompt=f"{shot} mug") for shot in ("open", "end")))
    assert {shot.change for shot in plan.shots} == {ShotChange.RENAMED}
    assert plan.shots[0].changes == (Change("setting", "variant", "p=mug", "product=mug"),)
    assert (plan.cost, list(plan.rows.gone())) == (0, [])


def test_adding_and_moving_pays_only_for_what_is_new(plan_for, make_clip, past) -> None:
    rows = [make_clip(shot, variant=f"p={p}", prompt=f"{shot} {p}") for p in "abc" for shot in ("open", "end")]
    past.ran(*rows)
    more = [make_clip(shot, variant="p=d", prompt=f"{shot} d") for shot in ("open", "end")]
    plan = plan_for(*reversed(rows[2:]), *more, *rows[:2], make_clip("open", variant="p=a", take=2, prompt="open a"))
    assert [(shot.variant, shot.shot, shot.take) for shot in plan.shots if shot.cost] == [
        ("p=d", "open", 1),
        ("p=d", "end", 1),
        ("p=a", "open", 2),
    ]
    assert list(plan.rows.gone()) == []


def test_a_part_says_nothing_of_what_it_leaves_out(plan_for, make_clip, past) -> None:
    past.ran(make_clip("open"), make_clip("end"))
    assert list(plan_for(make_clip("open"), partial=True).rows.gone()) == []


def test_causes_are_gathered_over_variants(plan_for, make_clip, past) -> None:
    for number in range(6):
        past.ran(make_clip("open", variant=f"p={number}", prompt=f"{number} at night"))
    past.ran(make_clip("end", variant="p=0", duration=4))
    clips = [make_clip("open", variant=f"p={number}", prompt=f"{number} at dawn") for number in range(6)]
    past.put(clips[5], State.HAVE)
    plan = plan_for(clips[0], make_clip("end", variant="p=0", duration=3), *clips[1:])
    reasons = plan.rows.reasons()
    assert [(reason.shot, reason.cause, reason.rows, reason.to_make.clips) for reason in reasons] == [
        ("open", "prompt", 6, 5),
        ("end", "duration", 1, 1),
    ]
    assert [reason.alike for reason in reasons] == [False, True]
    assert reasons[0].example == (Change("prompt", "prompt", "0 at night", "0 at dawn"),)
    assert reasons[0].to_make.cost == Decimal("2.00")


# --- excerpts ---------------------------------------------------------------------------------------------------------

LONG = "the quick brown fox jumps over the lazy dog, and then " * 8


def test_long_texts_are_cut_to_where_they_differ() -> None:
    old, new = excerpts(f"{LONG}a lantern in hand {LONG}", f"{LONG}a torch in hand {LONG}")
    assert (old, new) == ("…dog, and then a lantern in hand the…", "…dog, and then a torch in hand the…")
    assert excerpts("short", "shorter") == ("short", "shorter")


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_excerpts_differ_wherever_the_texts_do(start, one, other, end) -> None:
    old, new = excerpts(start + one + end, start + other + end)
    assert max(len(old), len(new)) <= 64 * 2 + 14
    if len(one) < 30 and len(other) < 30:
        assert (old == new) == (one == other)
