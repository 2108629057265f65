"""How each clip stands, what the plan costs, and in which order it goes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from skyflow.ledger import SANDBOX, State
from skyflow.planner import PlanState


def states(plan):
    return {(shot.variant, shot.shot, shot.take): shot.state for shot in plan.shots}


def test_everything_is_new_at_first(plan_for, make_clip) -> None:
    plan = plan_for(make_clip("a"), make_clip("b", duration=10))
    assert set(states(plan).values()) == {PlanState.NEW}
    assert (plan.cost, plan.exact, plan.seconds) == (Decimal("1.20"), True, Decimal(15))
    assert not plan.nothing_to_do


def test_equal_clips_are_planned_once(plan_for, make_clip) -> None:
    one = make_clip("a")
    twin = type(one)("city=Osaka", "a", 1, one.mode, one.key, (), one.request)
    plan = plan_for(one, twin)
    assert len(plan.shots) == 2
    assert len(plan.clips) == 1
    assert plan.cost == Decimal("0.40")
    assert plan.clips[one.key].label.variant == ""


def test_what_is_there_costs_nothing(plan_for, make_clip, past) -> None:
    a, b = make_clip("a"), make_clip("b")
    past.put(a, State.HAVE)
    plan = plan_for(a, b)
    assert list(states(plan).values()) == [PlanState.HAVE, PlanState.NEW]
    assert plan.cost == Decimal("0.40")
    past.put(b, State.HAVE)
    assert plan_for(a, b).nothing_to_do


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.POSTING, PlanState.RUNNING),
        (State.RUNNING, PlanState.RUNNING),
        (State.MADE, PlanState.FETCH),
        (State.DOUBT, PlanState.DOUBT),
        (State.FAILED, PlanState.FAILED),
        (State.LOST, PlanState.LOST),
        (State.ABANDONED, PlanState.ABANDONED),
        (State.REFUSED, PlanState.NEW),
        (State.REPLACED, PlanState.NEW),
    ],
)
def test_the_ledger_says_how_a_clip_stands(plan_for, make_clip, past, state, expected) -> None:
    clip, follower = make_clip("a"), None
    past.put(clip, state)
    plan = plan_for(clip)
    assert plan.clips[clip.key].state is expected
    assert plan.cost == (Decimal("0.40") if expected is PlanState.NEW else 0)
    follower = make_clip("b", clip)
    waits = {PlanState.NEW: PlanState.NEEDS, PlanState.RUNNING: PlanState.NEEDS, PlanState.FETCH: PlanState.NEEDS}
    plan = plan_for(clip, follower)
    assert plan.clips[follower.key].state is waits.get(expected, PlanState.BLOCKED)
    assert plan.shots[1].waits_for == ("a",)


def test_a_clip_whose_file_is_gone_is_fetched_and_not_paid(plan_for, make_clip, past) -> None:
    clip = make_clip("a")
    past.put(clip, State.HAVE, on_disk=False)
    plan = plan_for(clip)
    assert plan.clips[clip.key].state is PlanState.FETCH
    assert plan.cost == 0
    assert not plan.nothing_to_do


@pytest.mark.parametrize("state", [State.FAILED, State.LOST, State.ABANDONED])
def test_what_failed_is_made_again_on_demand_or_where_it_is_free(plan_for, make_clip, past, state) -> None:
    clip = make_clip("a")
    past.put(clip, state)
    for plan in (plan_for(clip, again=True), plan_for(clip, target=SANDBOX)):
        assert plan.clips[clip.key].state is PlanState.NEW
        assert plan.clips[clip.key].again


def test_doubt_waits_for_a_person_except_where_it_is_free(plan_for, make_clip, past) -> None:
    clip = make_clip("a")
    past.put(clip, State.DOUBT)
    assert plan_for(clip, again=True).clips[clip.key].state is PlanState.DOUBT
    assert plan_for(clip, target=SANDBOX).clips[clip.key].state is PlanState.NEW


def test_a_known_shot_with_a_new_key_is_stale(plan_for, make_clip, past) -> None:
    clip = make_clip("a", prompt="a better one")
    past.keys = {("", "a", 1): "old key", ("", "gone", 1): "x"}
    plan = plan_for(clip, make_clip("b"))
    assert [shot.state for shot in plan.shots] == [PlanState.STALE, PlanState.NEW]
    assert plan.counts == {PlanState.STALE: 1, PlanState.NEW: 1}
    assert [shot.old_key for shot in plan.shots] == ["old key", None]
    past.keys = {("", "a", 1): clip.key}
    assert plan_for(clip).shots[0].state is PlanState.NEW


def test_clips_stand_behind_what_they_need_and_else_in_storyboard_order(plan_for, make_clip) -> None:
    street, dance, other = make_clip("street"), make_clip("dance"), make_clip("other")
    goodbye = make_clip("goodbye", street, dance)
    last = make_clip("last", goodbye, street)
    plan = plan_for(last, other, goodbye, dance, street)
    assert [plan.clips[key].label.shot for key in plan.clips] == ["street", "dance", "goodbye", "last", "other"]
    assert [shot for _, shot, _ in plan.chain] == ["street", "goodbye", "last"]
    assert [shot.shot for shot in plan.shots] == ["last", "other", "goodbye", "dance", "street"]


def test_the_longest_chain_is_of_what_will_be_made(plan_for, make_clip, past) -> None:
    a = make_clip("a")
    b = make_clip("b", a)
    c = make_clip("c", b)
    past.put(a, State.HAVE)
    plan = plan_for(a, b, c)
    assert plan.chain == (("", "b", 1), ("", "c", 1))
    assert plan.clips[b.key].state is PlanState.NEW
    assert plan.clips[c.key].state is PlanState.NEEDS


def test_a_chain_of_thousands_is_no_matter(plan_for, make_clip) -> None:
    clips = [make_clip("0")]
    for number in range(1, 5000):
        clips.append(make_clip(str(number), clips[-1]))
    plan = plan_for(*reversed(clips))
    assert len(plan.chain) == 5000


def test_a_clip_that_needs_an_unknown_one_is_our_mistake(plan_for, make_clip, past) -> None:
    absent = make_clip("absent")
    follower = make_clip("follower", absent)
    with pytest.raises(ValueError, match="neither in the plan nor on disk"):
        plan_for(follower)
    past.put(absent, State.HAVE)
    assert plan_for(follower).clips[follower.key].state is PlanState.NEW


# --- cost -------------------------------------------------------------------------------------------------------------


def reference(url):
    return {"ref_videos": [{"tag": "@move", "type": "reference", "video_url": url}], "prompt": "@move"}


@pytest.mark.parametrize(
    ("seconds", "cost", "exact"), [(4.0, "0.60", True), (12.5, "1.50", True), (None, "1.50", False)]
)
def test_a_reference_video_is_billed_by_its_length(plan_for, make_clip, seconds, cost, exact) -> None:
    plan = plan_for(make_clip("a", video_seconds=seconds, **reference("https://example.com/a.mp4")))
    assert (plan.cost, plan.exact) == (Decimal(cost), exact)


def test_a_shot_as_the_reference_is_as_long_as_it_was_asked_to_be_until_it_is_there(plan_for, make_clip, past) -> None:
    street = make_clip("street", duration=7)
    fields = reference(f"skyflow:shot/{street.key}/clip")
    dance = make_clip("dance", street, **fields, first_frame_image=None, video_seconds=7.0)
    assert "clip" in dance.request["ref_videos"][0]["video_url"]
    planned = plan_for(street, dance).clips[dance.key]
    assert (planned.cost, planned.exact) == (Decimal("1.05"), False)
    past.put(street, State.HAVE, seconds=7.5)
    planned = plan_for(street, dance).clips[dance.key]
    assert (planned.cost, planned.exact) == (Decimal("1.125"), True)
