"""What a plan does beyond one clip at a time: batches, limits, names, rows of many variants."""

from __future__ import annotations

from decimal import Decimal

import pytest

from skyflow.ledger import ClipStore, Label, Order, State, live_target, open_ledger
from skyflow.planner import LedgerHistory, PlanRefused, PlanState, ShotChange, Sum, history, make, rows


def test_nothing_at_all(plan_for) -> None:
    plan = plan_for()
    assert (plan.shots, dict(plan.clips), plan.total, plan.chain) == ((), {}, Sum(), ())
    assert plan.nothing_to_do


def test_the_column_of_costs_adds_up(plan_for, make_clip, past) -> None:
    clips = [make_clip("logo", variant=f"p={number}") for number in range(5)]
    past.ran(make_clip("there"))
    plan = plan_for(make_clip("there"), *clips, make_clip("end", duration=8))
    assert [shot.cost for shot in plan.shots] == [0, Decimal("0.40"), 0, 0, 0, 0, Decimal("0.64")]
    assert [shot.price for shot in plan.shots] == [Decimal("0.40")] * 6 + [Decimal("0.64")]
    assert plan.total == Sum(2, Decimal(13), Decimal("1.04"), True)


def test_takes_are_clips_of_their_own(plan_for, make_clip) -> None:
    plan = plan_for(*(make_clip("open", take=take, picked=take == 2) for take in (1, 2, 3)))
    assert len(plan.clips) == 3
    assert [shot.picked for shot in plan.shots] == [False, True, False]


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
def test_the_size_of_batches_makes_no_difference(plan_for, make_clip, past, monkeypatch, size) -> None:
    clips = []
    for number in range(12):
        street = make_clip("street", variant=f"p={number}", prompt=f"street {number // 2}")
        clips += [make_clip("sea", street, variant=f"p={number}", prompt=f"sea {number}"), street]
    past.ran(*clips[:6], make_clip("old", variant="p=3"), make_clip("old", variant="p=gone"))
    past.ran(make_clip("sea", variant="p=9"))
    whole = plan_for(*clips)
    monkeypatch.setattr(make, "BATCH", size)
    plan = plan_for(*clips)
    assert plan.shots == whole.shots
    assert plan.clips == whole.clips
    assert (plan.sums, list(plan.rows.gone())) == (whole.sums, whole_gone := list(whole.rows.gone()))
    assert whole_gone == [("p=3", "old", 1), ("p=gone", "old", 1)]
    order = list(plan.clips)
    for place, clip in enumerate(plan.clips.values()):
        assert all(order.index(need) < place for need in clip.needs)


def test_equal_clips_are_found_among_very_many(plan_for, make_clip, monkeypatch) -> None:
    monkeypatch.setattr(rows, "_FEW", 3)
    clips = [make_clip(shot, variant=f"p={number}") for number in range(3) for shot in ("logo", "end")]
    plan = plan_for(*clips, *(make_clip(f"s{number}") for number in range(3)))
    assert [shot.cost > 0 for shot in plan.shots] == [True, True, *[False] * 4, True, True, True]
    different = [make_clip(f"s{number}") for number in range(9)]
    assert plan_for(*different).total.clips == 9


def test_a_long_plan_reads_a_small_ledger_at_once(tmp_path, make_clip, monkeypatch) -> None:
    target = live_target("https://api.example.com")
    clips = [make_clip(f"s{number}") for number in range(6)]
    with open_ledger(tmp_path) as ledger:
        run = ledger.runs.start(target, "film.sky")
        for clip in clips[:4]:
            ledger.claim(target, clip.key, run)
            order = Order(Label("film.sky", "", clip.shot, 1), clip.request, Decimal("0.40"), exact=True)
            ledger.post(target, clip.key, order, run=run, concurrency=10)
        keys = [clip.key for clip in clips[1:]]
        short = LedgerHistory(ledger, ClipStore(tmp_path, target), target, "film.sky").standings(keys)
        monkeypatch.setattr(history, "_LONG", 2)
        for few in (3, 4):
            monkeypatch.setattr(history, "_FEW", few)
            past = LedgerHistory(ledger, ClipStore(tmp_path, target), target, "film.sky")
            assert past.standings(keys) == short
            assert past.standings(keys[-1:]) == {}
        assert len(short) == 3


def test_the_longest_chain_of_all_variants(plan_for, make_clip, monkeypatch) -> None:
    monkeypatch.setattr(make, "BATCH", 1)
    clips = []
    for number in range(4):
        before = ()
        for step in range(1 + number % 3):
            clips.append(make_clip(f"s{step}", *before, variant=f"p={number}", prompt=f"{step} of {number}"))
            before = (clips[-1],)
    assert plan_for(*clips).chain == (("p=2", "s0", 1), ("p=2", "s1", 1), ("p=2", "s2", 1))


def test_a_damaged_file_is_fetched_again(plan_for, make_clip, past) -> None:
    clip = make_clip("open")
    past.ran(clip)
    past.sizes[clip.key] = 3
    assert plan_for(clip).shots[0].state is PlanState.FETCH


def test_going_back_to_what_was_made_before_costs_nothing(plan_for, make_clip, past) -> None:
    past.ran(make_clip("open"))
    past.ran(make_clip("open", prompt="another"))
    [shot] = plan_for(make_clip("open")).shots
    assert (shot.state, shot.change, shot.cost) == (PlanState.HAVE, ShotChange.CHANGED, 0)


# --- a part -----------------------------------------------------------------------------------------------------------


def test_a_limit_keeps_the_first_that_are_missing(plan_for, make_clip, past) -> None:
    past.put(make_clip("there"), State.HAVE)
    clips = [make_clip("s0"), make_clip("there"), *(make_clip(f"s{number}") for number in range(1, 5))]
    plan = plan_for(*clips, limit=2)
    assert [shot.shot for shot in plan.shots] == ["s0", "there", "s1"]
    assert plan.later == Sum(3, Decimal(15), Decimal("1.20"), True)
    assert (plan.partial, plan.total.clips) == (True, 2)
    whole = plan_for(*clips, limit=5)
    assert (whole.later, whole.partial) == (Sum(), False)


def test_a_limit_counts_equal_clips_once_and_drops_all_of_one(plan_for, make_clip) -> None:
    clips = [make_clip(shot, variant=f"p={number}") for number in range(3) for shot in ("logo", "end")]
    assert [shot.shot for shot in plan_for(*clips, limit=1).shots] == ["logo"] * 3
    assert plan_for(*clips, limit=2).rows.wanted == 6


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_limit_never_keeps_a_clip_without_what_it_needs(plan_for, make_clip, limit) -> None:
    street = make_clip("street")
    plan = plan_for(make_clip("sea", street), make_clip("alone"), street, limit=limit)
    assert len(plan.to_make) == limit
    for clip in plan.clips.values():
        assert all(need in plan.clips for need in clip.needs)


def test_only_some_keys(plan_for, make_clip, past) -> None:
    clips = [make_clip(f"s{number}") for number in range(3)]
    past.ran(make_clip("gone"))
    plan = plan_for(*clips, only={clips[1].key})
    assert [shot.shot for shot in plan.shots] == ["s1"]
    assert list(plan.rows.gone()) == []
    assert plan.partial
    assert not plan_for(*clips, only={clip.key for clip in clips}).partial


def test_a_plan_without_requests_can_be_read_but_not_run(plan_for, make_clip) -> None:
    plan = plan_for(make_clip("open"), keep_requests=False)
    assert (plan.cost, len(plan.shots)) == (Decimal("0.40"), 1)
    with pytest.raises(RuntimeError, match="without requests"):
        assert plan.clips


def test_a_run_finds_files_and_needs_in_a_clip(plan_for, make_clip) -> None:
    street = make_clip("street")
    url = f"skyflow:upload/{'ab' * 32}.jpg"
    sea = make_clip("sea", street, files={url: "cast/小美.jpg"}, end_frame_image=url)
    clip = plan_for(street, sea).clips[sea.key]
    assert (clip.needs, clip.waits_for, clip.files) == ((street.key,), (street.key,), {url: "cast/小美.jpg"})
    assert clip.request == sea.body


# --- names ------------------------------------------------------------------------------------------------------------


def test_two_clips_of_one_name_are_refused(plan_for, make_clip, monkeypatch) -> None:
    one, other = make_clip("open", variant="a=1,b=2"), make_clip("open", variant="a=1,b=2", prompt="another")
    with pytest.raises(PlanRefused, match="Two variants are called `a=1,b=2`"):
        plan_for(one, other)
    monkeypatch.setattr(make, "BATCH", 1)
    with pytest.raises(PlanRefused, match="a=1,b=2"):
        plan_for(one, make_clip("open", variant="a=2"), other)
    with pytest.raises(PlanRefused, match="Two clips of the storyboard"):
        plan_for(make_clip("open"), make_clip("open", prompt="another"))
