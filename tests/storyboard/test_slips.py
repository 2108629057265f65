"""What people write who come from another tool: settings that do not exist here, values with a comma, variables as other languages write them."""

from __future__ import annotations

from typing import Any

import pytest

from skyflow.storyboard.settings import IN_SHOT, INSTEAD, OWN_NAMES


@pytest.mark.parametrize("name", INSTEAD)
def test_each_setting_of_another_tool_has_an_answer_of_its_own(project: Any, name: str) -> None:
    found = project.only(f'shot a {{ prompt = "Rain."\n {name} = 3 }}')
    assert (found.rule.id, found.help) == ("name-unknown", INSTEAD[name])
    assert (found.fix is not None) is (name in OWN_NAMES)


def test_names_that_are_mended_have_an_answer_too() -> None:
    assert OWN_NAMES.keys() <= INSTEAD.keys()
    assert set(OWN_NAMES.values()) <= set(IN_SHOT)


def test_an_unknown_setting_outside_a_shot_tells_where_settings_stand(project: Any) -> None:
    found = project.only('tempo = 3\nshot a { prompt = "Rain." }')
    assert found.message == "there is no setting `tempo`"
    assert found.help.startswith("settings stand in a shot or in `defaults`")


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("duration = 5,5s", "a length is a whole number of seconds: `5s` or `6s`"),
        ("takes = 2,5", "a decimal has a point: `2.5`"),
        ("takes = 2, 3", "keep one value"),
    ],
)
def test_a_decimal_comma(project: Any, written: str, help: str) -> None:
    found = project.only(f'shot a {{ prompt = "Rain."\n {written} }}')
    assert (found.rule.id, found.help) == ("syntax", help)


def test_a_model_outside_of_all_shots_is_one_mistake(project: Any) -> None:
    found = project.only('model = fast\nshot a { prompt = "Rain." }\nshot b { prompt = "Snow." }')
    assert found.message == "`model` stands outside a shot"


@pytest.mark.parametrize("used", ["", " and {{ city }}"])
@pytest.mark.parametrize("written", ["$city", "${city}", "{city}", "{ city }"])
def test_a_variable_without_its_braces_is_told_whether_it_is_used_elsewhere_or_not(
    project: Any, written: str, used: str
) -> None:
    text = f'defaults {{ model = fast }}\nvar city = "Tokyo"\nshot a {{ prompt = "Rain in {written}.{used}" }}\n'
    found = project.only(text)
    assert (found.rule.id, found.span.text, found.fix.certain) == ("variable-unmarked", written, False)
    (edit,) = found.fix.edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == text.replace(written, "{{ city }}", 1)


@pytest.mark.parametrize("written", ["%city%", "%(city)s", "[city]", "<city>"])
def test_a_variable_as_another_language_writes_it_is_shown_where_it_stands(project: Any, written: str) -> None:
    text = f'defaults {{ model = fast }}\nvar city = "Tokyo"\nshot a {{ prompt = "Rain in {written}." }}\n'
    found = project.only(text)
    assert found.rule.id == "name-unused"
    assert [(related.span.text, related.label) for related in found.related] == [
        (written, f"`{written}` is plain text")
    ]
    (edit,) = found.fix.edits
    assert not found.fix.certain
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == text.replace(written, "{{ city }}")


@pytest.mark.parametrize("written", ["city", "$citys", "{{ 'city' }}"])
def test_other_words_are_no_variables(project: Any, written: str) -> None:
    found = project.only(f'var city = "Tokyo"\nshot a {{ prompt = "Rain in {written}." }}')
    assert (found.rule.id, found.related, found.fix) == ("name-unused", (), None)


def test_of_a_setting_that_must_go_nobody_says_how_it_is_written(project: Any) -> None:
    found = project.only('shot a { prompt = "Rain."\n fps: 24 }')
    assert (found.message, found.help) == (
        "there is no setting `fps` in a shot",
        "the model has no such setting; leave it out",
    )
    assert project.ids('shot a { prompt = "Rain."\n end_frame: "https://example.com/a.jpg" }') == [
        "name-unknown",
        "syntax",
    ]


@pytest.mark.parametrize(
    ("ratio", "help"),
    [
        ("2.39:1", "make 16:9 and crop it afterwards; the model makes no wider shape"),
        ("1.2:1", "the aspect ratio is `16:9`, `4:3`, `1:1`, `9:16` or `3:4`"),
    ],
)
def test_a_ratio_of_the_cinema(project: Any, ratio: str, help: str) -> None:
    found = project.only(f'shot a {{ prompt = "Rain."\n aspect_ratio = {ratio} }}')
    assert (found.rule.id, found.span.text, found.help) == ("aspect-ratio-unknown", ratio, help)


@pytest.mark.parametrize("written", ["continues = one", "follows = one", "start_from = one"])
def test_a_shot_that_goes_on_from_another(project: Any, written: str) -> None:
    text = f'shot one {{ prompt = "Rain." }}\nshot two {{\n  {written}\n  prompt = "Snow."\n}}'
    found = project.only(text)
    assert (found.rule.id, found.help, found.fix.certain) == (
        "name-unknown",
        "write `first_frame = last_frame(one)`",
        False,
    )
    (edit,) = found.fix.edits
    assert (edit.span.text, edit.text) == (written, "first_frame = last_frame(one)")


def test_a_setting_that_goes_on_from_no_shot(project: Any) -> None:
    found = project.only('shot two { continues = true\n prompt = "Snow." }')
    assert found.help == "one shot goes on from another by `first_frame = last_frame(street)`"


@pytest.mark.parametrize(
    ("call", "help"),
    [
        ("last_frame(one, 2)", "write last_frame(one); a frame in its middle is frame(one, 2s)"),
        ("last_frame(one, 2s)", "write last_frame(one); a frame in its middle is frame(one, 2s)"),
        ("last_frame()", "write last_frame(previous)"),
        ("frame(one)", "write frame(one, 2s)"),
        ("frame(3s)", "write frame(previous, 3s)"),
        ('last_frame(one, "x")', "write last_frame(one)"),
    ],
)
def test_a_call_is_mended_with_the_names_that_were_written(project: Any, call: str, help: str) -> None:
    text = f'shot one {{ prompt = "Rain." }}\nshot two {{\n  first_frame = {call}\n  prompt = "Snow."\n}}'
    assert project.only(text).help == help
