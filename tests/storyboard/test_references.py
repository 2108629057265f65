"""Who uses whom: names of shots are looked for in the own scene first, then outward; loops, `previous`, and what a wrong name is told."""

from __future__ import annotations

from typing import Any

import pytest


def used(project: Any, text: str, **options: Any) -> dict[str, list[str]]:
    """The shots that each shot needs, by name, for those that need any."""
    clips = project.clips(text, **options)
    names = {clip.key: clip.shot for clip in clips}
    assert len(names) == len(clips), "two shots are the same request"
    return {clip.shot: [names[key] for key in clip.needs] for clip in clips if clip.needs}


def shot(name: str, uses: str = "", more: str = "") -> str:
    frame = f"first_frame = last_frame({uses})\n" if uses else ""
    return f'shot {name} {more}{{\n{frame}prompt = "{name} {{{{ shot.name }}}}"\n}}\n'


# --- names ------------------------------------------------------------------------------------------------------------


def test_the_own_scene_comes_first(project: Any) -> None:
    text = shot("door") + "scene den {\n" + shot("door") + shot("talk", "door") + "}\n" + shot("street", "door")
    assert used(project, text) == {"den.talk": ["den.door"], "street": ["door"]}


def test_then_outward_through_all_scenes_around(project: Any) -> None:
    inner = "scene a {\n" + shot("x") + "scene b {\nscene c {\n" + shot("y", "x") + shot("z", "top") + "}\n}\n}\n"
    assert used(project, shot("top") + inner) == {"a.b.c.y": ["a.x"], "a.b.c.z": ["top"]}


def test_a_scenes_shot_is_named_with_its_scene_from_outside(project: Any) -> None:
    text = "scene den {\n" + shot("talk") + shot("own", "den.talk") + "}\n" + shot("street", "den.talk")
    assert used(project, text) == {"den.own": ["den.talk"], "street": ["den.talk"]}


def test_the_order_of_the_file_does_not_matter(project: Any) -> None:
    assert used(project, shot("first", "second") + shot("second")) == {"first": ["second"]}


def test_a_tag_is_looked_for_where_it_is_declared(project: Any) -> None:
    text = (
        shot("door")
        + "video @opening = clip(door)\nscene den {\n"
        + shot("door")
        + 'shot talk { prompt = "@opening goes on." }\n}\n'
    )
    assert used(project, text) == {"den.talk": ["door"]}


@pytest.mark.parametrize(
    "result", ["last_frame(street)", "first_frame(street)", "frame(street, 2s)", "frame(street, 1.5)"]
)
def test_every_result_of_a_shot_can_be_a_frame(project: Any, result: str) -> None:
    clips = project.clips(shot("street") + f'shot b {{ first_frame = {result}\n prompt = "b" }}')
    url = clips[1].request["first_frame_image"]
    kind = {"last_frame(street)": "last_frame", "first_frame(street)": "first_frame", "frame(street, 2s)": "frame@2.0"}
    assert url == f"skyflow:shot/{clips[0].key}/{kind.get(result, 'frame@1.5')}"
    assert clips[1].needs == (clips[0].key,)


def test_a_clip_can_be_a_reference_and_be_extended(project: Any) -> None:
    text = shot("street") + (
        "video @walk = clip(street)\n"
        'shot robot { prompt = "A robot walks like @walk." }\n'
        'shot on { extend @walk\n prompt = "@walk goes on." }\n'
        'shot too { extend @more = clip(street)\n prompt = "@more goes on." }\n'
    )
    street, robot, on, too = project.clips(text)
    url = f"skyflow:shot/{street.key}/clip"
    assert robot.request["ref_videos"] == [{"tag": "@walk", "type": "reference", "video_url": url}]
    assert on.request["ref_videos"] == [{"tag": "@walk", "type": "extend", "video_url": url}]
    assert too.request["ref_videos"] == [{"tag": "@more", "type": "extend", "video_url": url}]


def test_a_picture_of_a_shot_can_be_declared(project: Any) -> None:
    text = (
        shot("street")
        + 'image @door = last_frame(street)\nshot b { prompt = "@door opens." }\nshot c { first_frame = @door\n prompt = "c" }\n'
    )
    assert used(project, text) == {"b": ["street"], "c": ["street"]}


def test_needs_are_listed_once_in_the_order_of_mention(project: Any) -> None:
    text = (
        shot("a")
        + shot("b")
        + 'shot c { first_frame = last_frame(b)\n last_frame = first_frame(a)\n keyframe @k = frame(b, 1s) at 2s\n prompt = "@k" }\n'
    )
    assert used(project, text) == {"c": ["b", "a"]}


def test_a_shot_can_be_named_by_an_expression(project: Any) -> None:
    text = shot("a") + shot("b") + 'var which = "b"\nshot c { first_frame = last_frame({{ which }})\n prompt = "c" }\n'
    assert used(project, text) == {"c": ["b"]}


def test_a_reference_stays_in_its_variant(project: Any) -> None:
    text = 'var x = "1" | "2"\nshot a { prompt = "a {{ x }}" }\nshot b { first_frame = last_frame(a)\n prompt = "b" }\n'
    one, follows_one, two, follows_two = project.clips(text)
    assert follows_one.needs == (one.key,)
    assert follows_two.needs == (two.key,)


# --- loops ------------------------------------------------------------------------------------------------------------

LOOP = (
    'scene item for x in ["1", "2"] {\n' + shot("spin") + shot("pour", "spin") + shot("firsts", "item.1.spin") + "}\n"
)


def test_inside_its_loop_a_shot_is_that_of_the_same_element(project: Any) -> None:
    found = used(project, LOOP)
    assert (found["item.1.pour"], found["item.2.pour"]) == (["item.1.spin"], ["item.2.spin"])


def test_an_element_can_be_named_inside_its_loop_too(project: Any) -> None:
    found = used(project, LOOP)
    assert (found["item.1.firsts"], found["item.2.firsts"]) == (["item.1.spin"], ["item.1.spin"])


def test_outside_its_loop_a_shot_is_named_with_its_element(project: Any) -> None:
    assert used(project, LOOP + shot("end", "item.2.spin"))["end"] == ["item.2.spin"]
    assert used(project, shot("s", more='for x in ["1", "2"] ') + shot("end", "s.2")) == {"end": ["s.2"]}


def test_loops_in_loops(project: Any) -> None:
    text = (
        'scene a for x in ["1", "2"] {\nscene b for y in ["1", "2", "3"] {\n'
        + shot("s")
        + shot("t", "s")
        + shot("u", "b.3.s")
        + "}\n"
        + shot("v", "b.1.s")
        + "}\n"
        + shot("w", "a.2.b.3.s")
    )
    found = used(project, text)
    assert found["a.1.b.2.t"] == ["a.1.b.2.s"]
    assert found["a.2.b.1.u"] == ["a.2.b.3.s"]
    assert found["a.2.v"] == ["a.2.b.1.s"]
    assert found["w"] == ["a.2.b.3.s"]


# --- previous -----------------------------------------------------------------------------------------------------------


def test_previous_is_the_shot_before_in_the_storyboard(project: Any) -> None:
    text = shot("a") + "scene den {\n" + shot("b", "previous") + "}\n" + shot("c", "previous")
    assert used(project, text) == {"den.b": ["a"], "c": ["den.b"]}


def test_previous_in_a_loop_is_of_the_same_element(project: Any) -> None:
    text = 'scene item for x in ["1", "2"] {\n' + shot("spin") + shot("pour", "previous") + "}\n"
    assert used(project, text) == {"item.1.pour": ["item.1.spin"], "item.2.pour": ["item.2.spin"]}


def test_previous_of_a_loops_only_shot_is_that_of_the_element_before(project: Any) -> None:
    text = shot("start") + shot("step", "previous", 'for x in ["1", "2", "3"] ') + shot("end", "previous")
    assert used(project, text) == {
        "step.1": ["start"],
        "step.2": ["step.1"],
        "step.3": ["step.2"],
        "end": ["step.3"],
    }


def test_previous_of_the_only_shot_of_a_looped_scene(project: Any) -> None:
    text = shot("start") + 'scene item for x in ["1", "2"] {\n' + shot("step", "previous") + "}\n"
    assert used(project, text) == {"item.1.step": ["start"], "item.2.step": ["item.1.step"]}


def test_previous_of_the_first_shot_in_a_loop_of_several_is_the_shot_before_the_loop(project: Any) -> None:
    text = shot("start") + 'scene item for x in ["1", "2"] {\n' + shot("spin", "previous") + shot("pour") + "}\n"
    assert used(project, text) == {"item.1.spin": ["start"], "item.2.spin": ["start"]}


def test_previous_behind_a_loop_is_its_last_shot(project: Any) -> None:
    text = 'scene item for x in ["1", "2"] {\n' + shot("spin") + shot("pour") + "}\n" + shot("end", "previous")
    assert used(project, text) == {"end": ["item.2.pour"]}


def test_previous_is_a_shot_that_exists(project: Any) -> None:
    text = shot("a") + 'shot b {\n when = {{ false }}\n prompt = "b"\n}\n' + shot("c", "previous")
    assert used(project, text) == {"c": ["a"]}


def test_nothing_is_before_the_first_shot(project: Any) -> None:
    found = project.only(shot("a", "previous") + shot("b"))
    assert (found.rule.id, found.message, found.span.text) == (
        "shot-absent",
        "there is no shot before `a`",
        "last_frame(previous)",
    )


def test_previous_in_a_tag_is_before_the_shot_that_mentions_it(project: Any) -> None:
    text = (
        shot("a")
        + shot("b")
        + 'video @before = clip(previous)\nshot c { prompt = "c like @before" }\nshot d { prompt = "d like @before" }\n'
    )
    assert used(project, text) == {"c": ["b"], "d": ["c"]}


def test_a_shot_may_be_called_previous_only_by_previous(project: Any) -> None:
    assert used(project, shot("a") + shot("previous") + shot("c", "previous")) == {"c": ["previous"]}


# --- what is missing ----------------------------------------------------------------------------------------------------


def test_a_shot_that_when_removed(project: Any) -> None:
    text = 'var night = false\nshot dusk {\n when = {{ night }}\n prompt = "d"\n}\n' + shot("lamps", "dusk")
    found = project.only(text)
    assert (found.rule.id, found.span.text) == ("shot-absent", "last_frame(dusk)")
    assert [related.span.text for related in found.related] == ["when = {{ night }}"]


def test_a_shot_whose_scene_when_removed(project: Any) -> None:
    text = "scene den {\n when = {{ false }}\n" + shot("talk") + "}\n" + shot("street", "den.talk")
    found = project.only(text)
    assert (found.rule.id, [related.span.text for related in found.related]) == ("shot-absent", ["when = {{ false }}"])


def test_an_element_that_when_removed(project: Any) -> None:
    text = (
        'scene item for x in ["1", "2"] {\n when = {{ x == "1" }}\n' + shot("spin") + "}\n" + shot("end", "item.2.spin")
    )
    assert project.ids(text) == ["shot-absent"]


def test_a_shot_is_absent_in_some_variants_only(project: Any) -> None:
    text = (
        'var night = true | false\nshot dusk {\n when = {{ night }}\n prompt = "d {{ night }}"\n}\n'
        + 'shot lamps { first_frame = last_frame(dusk)\n prompt = "{{ night }}" }\n'
    )
    found = project.only(text)
    assert (found.rule.id, found.variant, found.also) == ("shot-absent", "night=false", 0)


@pytest.mark.parametrize(
    ("before", "name", "message", "help"),
    [
        (shot("street"), "stret", "no shot is called `stret` here", "did you mean `street`?"),
        (shot("a") + shot("b"), "garden", "no shot is called `garden` here", "shots here are `a`, `b`, `end`"),
        ("scene den {\n" + shot("talk") + "}\n", "talk", "no shot is called `talk` here", "did you mean `den.talk`?"),
        ("scene den {\n" + shot("talk") + "}\n", "den", "`den` is a scene, not a shot", "name one of its shots: `den.talk`"),
        ("scene den {\n" + shot("talk") + "}\n", "den.tlak", "scene `den` has no shot `tlak`", "did you mean `talk`?"),
        (shot("a"), "a.b", "`a.b` names nothing: `a` is a shot", "leave the rest out"),
        (LOOP, "item", "`item` is made once for each x; `item` does not say which", "write the number of the element: `item.1.spin`"),
        (LOOP, "item.spin", "`item` is made once for each x; `item.spin` does not say which", "write the number of the element: `item.1.spin`"),
        (LOOP, "spin", "no shot is called `spin` here", "did you mean `item.1.spin`?"),
        (LOOP, "item.3.spin", "`item` has 2 elements, so there is no `item.3.spin`", "they are `item.1` to `item.2`"),
        (LOOP, "item.0.spin", "`item` has 2 elements, so there is no `item.0.spin`", "they are `item.1` to `item.2`"),
        (LOOP, "item.1", "`item.1` is a scene, not a shot", "name one of its shots: `item.1.spin`"),
        (LOOP, f"item.{'9' * 5000}.spin", None, "they are `item.1` to `item.2`"),
        (shot("s", more="for x in [] "), "s.1", "`s` has 0 elements, so there is no `s.1`", "its list is empty here"),
    ],
)  # fmt: skip
def test_a_name_that_names_no_shot(project: Any, before: str, name: str, message: str | None, help: str) -> None:
    found = project.only(before + shot("end", name))
    assert found.rule.id == "name-unknown"
    assert found.help == help
    assert message is None or found.message == message


def test_a_shot_cannot_be_a_source_without_a_result(project: Any) -> None:
    found = project.only(shot("a") + 'shot b { first_frame = a\n prompt = "b" }\n')
    assert (found.rule.id, found.help) == ("value-type", "of a shot take a result: last_frame(a)")


def test_an_unknown_result_gets_a_suggestion(project: Any) -> None:
    found = project.only(shot("a") + 'shot b { first_frame = last_fram(a)\n prompt = "b" }\n')
    assert (found.rule.id, found.span.text, found.help) == ("name-unknown", "last_fram", "did you mean `last_frame`?")


@pytest.mark.parametrize(
    ("source", "said", "help"),
    [
        ("clip(a)", "asset-kind", "take a frame of it: last_frame(a)"),
        ("frame(a)", "value-type", "write frame(a, 2s)"),
        ("last_frame()", "value-type", "write last_frame(previous)"),
        ("last_frame(a, 2s)", "value-type", "write last_frame(a); a frame in its middle is frame(a, 2s)"),
        ('last_frame("a")', "value-type", "write the shot's name without quotes"),
        ("last_frame(@a)", "value-type", "write a shot's name"),
        ("frame(a, soon)", "value-type", "lengths are in seconds: 5s"),
        ("frame(a, -1s)", "value-type", "the first frame is at 0s"),
        ("frame(a, 5s)", "value-type", "name a time before 5s, or write last_frame(a)"),
    ],
)
def test_a_result_that_cannot_be_had(project: Any, source: str, said: str, help: str) -> None:
    found = project.only(shot("a") + f'shot b {{ first_frame = {source}\n prompt = "b" }}\n')
    assert (found.rule.id, found.help) == (said, help)


# --- circles ------------------------------------------------------------------------------------------------------------


def test_a_circle_is_told_once_with_all_its_places(project: Any) -> None:
    found = project.only(shot("a", "b") + shot("b", "c") + shot("c", "a") + shot("d", "a"))
    assert (found.rule.id, found.message) == ("shot-cycle", "these shots need each other in a circle: a → b → c → a")
    assert [related.span.text for related in found.related] == ["last_frame(c)", "last_frame(a)"]


def test_two_circles_are_two_mistakes(project: Any) -> None:
    assert project.ids(shot("a", "b") + shot("b", "a") + shot("c", "d") + shot("d", "c")) == ["shot-cycle"] * 2


def test_a_shot_cannot_need_itself(project: Any) -> None:
    assert project.only(shot("a", "a")).message == "`a` needs itself"


def test_a_long_chain_is_no_circle(project: Any) -> None:
    text = shot("s0") + "".join(shot(f"s{n}", f"s{n - 1}") for n in range(1, 1500))
    assert len(project.clips(text)) == 1500


# --- takes --------------------------------------------------------------------------------------------------------------


def test_the_picked_take_is_used(project: Any) -> None:
    text = 'shot a { takes = 3\n pick = 2\n prompt = "a" }\n' + shot("b", "a")
    one, two, three, b = project.clips(text)
    assert [(clip.take, clip.picked) for clip in (one, two, three)] == [(1, False), (2, True), (3, False)]
    assert b.needs == (two.key,)


def test_the_first_take_is_used_where_none_is_picked_and_that_is_said(project: Any) -> None:
    text = 'shot a { takes = 2\n prompt = "a" }\n' + shot("b", "a") + shot("c", "a")
    found = project.only(text)
    assert (found.rule.id, found.severity, found.span.text) == ("take-unpicked", "warning", "takes = 2")
    one, _, b, c = project.clips(text)
    assert b.needs == c.needs == (one.key,)


def test_a_pick_must_be_one_of_the_takes(project: Any) -> None:
    assert project.said('shot a { takes = 2\n pick = 3\n prompt = "a" }') == ["value-type at 2:9: 3"]
    assert project.said('shot a { pick = 2\n prompt = "a" }') == ["value-type at 1:17: 2"]
    assert project.said('shot a { takes = many\n pick = 2\n prompt = "a" }') == ["value-type at 1:18: many"]
