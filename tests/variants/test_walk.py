"""Axes and variants: how many there are, in which order, what they are called, and what is given from outside."""

from __future__ import annotations

from typing import Any

import pytest


def variants(project: Any, text: str, files: Any = None, **options: Any) -> dict[str, str]:
    """The prompt of the only shot by the variant's name, in order."""
    return {clip.variant: clip.request["prompt"] for clip in project.clips(text, files, **options)}


# --- order and names --------------------------------------------------------------------------------------------------


def test_a_storyboard_without_axes_has_one_variant_without_a_name(project: Any) -> None:
    assert variants(project, 'shot a { prompt = "Rain." }') == {"": "Rain."}


def test_axes_multiply_and_the_first_is_slowest(project: Any) -> None:
    text = """
      var city = "Tokyo" | "Osaka"
      var mood = "calm"
      var n = 1 | 2
      shot a { prompt = "{{ city }} {{ mood }} {{ n }}" }
    """
    assert list(variants(project, text).items()) == [
        ("city=Tokyo,n=1", "Tokyo calm 1"),
        ("city=Tokyo,n=2", "Tokyo calm 2"),
        ("city=Osaka,n=1", "Osaka calm 1"),
        ("city=Osaka,n=2", "Osaka calm 2"),
    ]


def test_axes_of_used_files_are_slower_than_those_of_the_storyboard(project: Any) -> None:
    text = 'var n = 1 | 2\nuse "cast.sky"\nshot a { prompt = "{{ city }} {{ n }}" }'
    names = list(variants(project, text, {"cast.sky": 'var city = "Tokyo" | "Osaka"'}))
    assert names == ["city=Tokyo,n=1", "city=Tokyo,n=2", "city=Osaka,n=1", "city=Osaka,n=2"]


@pytest.mark.parametrize(
    ("alternatives", "names"),
    [
        ('"a" | "b"', ["x=a", "x=b"]),
        ("1 | 2.5 | -3.0", ["x=1", "x=2.5", "x=-3"]),
        ("5s | 8s", ["x=5s", "x=8s"]),
        ("16:9 | 9:16", ["x=16:9", "x=9:16"]),
        ("fast | std", ["x=fast", "x=std"]),
        ("true | false", ["x=true", "x=false"]),
        ("none | 5s", ["x=none", "x=5s"]),
        ('["a", "b"] | ["c"]', ["x=[a, b]", "x=[c]"]),
        ("@Mika | @Tomas", ["x=@Mika", "x=@Tomas"]),
        ('"a=b, c" | ""', ["x=a=b, c", "x="]),
    ],
)
def test_alternatives_are_any_values(project: Any, alternatives: str, names: list[str]) -> None:
    text = f'var x = {alternatives}\nshot a {{ prompt = "Rain in {{{{ variant.name | plain }}}}." }}\nshot b {{ note = "{{{{ variant.name }}}}"\n when = {{{{ x == "c" }}}} }}'
    assert list(variants(project, text)) == names


def test_an_alternative_may_use_variables_and_axes(project: Any) -> None:
    text = """
      var city = "Tokyo" | "Osaka"
      var where = "a bar in {{ city }}"
      var scene_of = "{{ where }}, dawn" | "{{ city }}, dusk"
      shot a { prompt = "{{ scene_of }}" }
    """
    assert list(variants(project, text).items()) == [
        ("city=Tokyo,scene_of=a bar in Tokyo, dawn", "a bar in Tokyo, dawn"),
        ("city=Tokyo,scene_of=Tokyo, dusk", "Tokyo, dusk"),
        ("city=Osaka,scene_of=a bar in Osaka, dawn", "a bar in Osaka, dawn"),
        ("city=Osaka,scene_of=Osaka, dusk", "Osaka, dusk"),
    ]


def test_the_same_alternative_twice_is_one_name_twice(project: Any) -> None:
    assert project.said('var x = "a" | "b" | "a"\nshot s { prompt = "{{ x }}" }') == ['name-duplicate at 1:21: "a"']
    assert project.said('var x = 1 | 1.0\nshot s { prompt = "{{ x }}" }') == ["name-duplicate at 1:13: 1.0"]


def test_alternatives_that_become_the_same_are_told_once(project: Any) -> None:
    text = 'var n = 1 | 2 | 3\nvar x = "{{ n }}" | "2"\nshot s { prompt = "{{ x }} {{ n }}" }'
    found = project.only(text)
    assert (found.rule.id, found.span.text) == ("name-duplicate", '"2"')
    assert found.message == "`x` has the alternative `2` twice (where n=2)"


def test_two_variants_never_have_one_name(project: Any) -> None:
    text = 'var a = "x" | "x,b=1"\nvar b = "1" | "1,b=1"\nshot s { prompt = "{{ a }} {{ b }}" }'
    found = project.only(text)
    assert found.rule.id == "name-duplicate"
    assert found.message == "two variants would have the name `a=x,b=1,b=1`"


def test_a_failing_alternative_does_not_shift_the_places_of_others(project: Any) -> None:
    text = 'var x = {{ 1 // 0 }} | "a" | "a"\nshot s { prompt = "{{ x }}" }'
    assert project.said(text) == ["template-error at 1:9: {{ 1 // 0 }}", 'name-duplicate at 1:30: "a"']


def test_a_mistake_in_some_variants_names_the_first_and_counts_the_others(project: Any) -> None:
    text = 'var n = 1 | 0 | 2\nvar m = "a" | "b"\nvar x = {{ 6 // n }}\nshot s { prompt = "{{ x }} {{ m }}" }'
    found = project.only(text)
    assert (found.rule.id, found.variant, found.also) == ("template-error", "n=0,m=a", 1)


def test_a_mistake_in_all_variants_names_none(project: Any) -> None:
    text = 'var n = 1 | 2\nvar x = {{ n // 0 }}\nshot s { prompt = "{{ x }}" }'
    found = project.only(text)
    assert (found.variant, found.also) == ("", 0)


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("sku,name\n1,mug\n2,cup\n", ["p=mug", "p=cup"]),
        ("kind,sku\nmug,7\nmug,8\n", ["p=7", "p=8"]),
        ("kind,size\nmug,s\nmug,s\n", ["p=1", "p=2"]),
        ("kind,size\nmug,\ncup,l\n", ["p=mug", "p=cup"]),
        ("size,kind\n,mug\nl,cup\n", ["p=mug", "p=cup"]),
    ],
)
def test_a_row_is_named_by_name_else_by_the_first_unique_column_else_by_its_number(
    project: Any, table: str, names: list[str]
) -> None:
    text = 'var p from "t.csv"\nshot s { prompt = "Rain {{ variant.name }}" }'
    clips = project.clips(text, {"t.csv": table})
    assert [clip.variant for clip in clips] == names


def test_names_stay_when_alternatives_and_rows_are_added(project: Any) -> None:
    before = project.clips(
        'var c = "a" | "b"\nvar p from "t.csv"\nshot s { prompt = "{{ c }} {{ p.name }}" }',
        {"t.csv": "name\nmug\ncup\n"},
    )
    after = project.clips(
        'var c = "z" | "a" | "b"\nvar p from "t.csv"\nshot s { prompt = "{{ c }} {{ p.name }}" }',
        {"t.csv": "name\nbowl\nmug\ncup\n"},
    )
    keys = {clip.variant: clip.key for clip in after}
    assert len(after) == 9
    assert all(keys[clip.variant] == clip.key for clip in before)


def test_two_rows_of_one_name_are_refused(project: Any) -> None:
    found = project.only(
        'var p from "t.csv"\nshot s { prompt = "{{ p.name }}" }', {"t.csv": "name,sku\nmug,1\ncup,2\nmug,3\n"}
    )
    assert found.rule.id == "name-duplicate"
    assert found.message == "rows 1 and 3 of t.csv are both named `mug`"
    assert (found.span.source.path, found.span.start_position.line, found.span.text) == ("t.csv", 4, "mug")


# --- from outside -----------------------------------------------------------------------------------------------------

CITY = 'var city = "Tokyo" | "Osaka"\nshot a { prompt = "{{ city }}" }'


def test_one_value_from_outside_stays_in_the_name(project: Any) -> None:
    assert variants(project, CITY, variables={"city": ["Kyoto"]}) == {"city=Kyoto": "Kyoto"}


def test_several_values_from_outside_are_alternatives(project: Any) -> None:
    found = variants(project, CITY, variables={"city": ["Kyoto", "Nara"]})
    assert found == {"city=Kyoto": "Kyoto", "city=Nara": "Nara"}


def test_several_values_make_an_axis_of_a_plain_variable(project: Any) -> None:
    text = 'var city = "Tokyo"\nshot a { prompt = "{{ city }}" }'
    assert variants(project, text, variables={"city": ["Kyoto"]}) == {"": "Kyoto"}
    assert variants(project, text, variables={"city": ["Kyoto", "Nara"]}) == {
        "city=Kyoto": "Kyoto",
        "city=Nara": "Nara",
    }


@pytest.mark.parametrize(
    ("declared", "given", "written"),
    [
        ("3", "7", "14"),
        ("3", "2.5", "5"),
        ("3", " 007 ", "14"),
        ("{{ 1 + 2 }}", "7", "14"),
        ('"three"', "seven", "sevenseven"),
        ("3s", "7s", "7s7s"),
        ('3 | "three"', "seven", "sevenseven"),
        ('""', "{{ 1 + 1 }}", "{{ 1 + 1 }}{{ 1 + 1 }}"),
        ("16:9", "9:16", "9:169:16"),
    ],
)
def test_a_value_from_outside_takes_the_kind_of_the_declared_one(
    project: Any, declared: str, given: str, written: str
) -> None:
    text = f'var x = {declared}\nshot a {{ prompt = "{{{{ x * 2 }}}}" }}'
    assert list(variants(project, text, variables={"x": [given]}).values()) == [written]


def test_true_and_false_from_outside_are_truth_values(project: Any) -> None:
    text = "var night = false\nshot a { prompt = \"{{ 'dark' if night else 'light' }}\" }"
    assert variants(project, text, variables={"night": ["true"]}) == {"": "dark"}
    assert variants(project, text, variables={"night": ["false"]}) == {"": "light"}


def test_a_variable_without_a_value_takes_text(project: Any) -> None:
    assert variants(project, 'var x\nshot a { prompt = "{{ x }}" }', variables={"x": ["007"]}) == {"": "007"}


@pytest.mark.parametrize("given", ["many", "0x10", "1_000", "1e3", "nan", "", "１２x"])
def test_what_is_no_number_is_refused_where_a_number_is_declared(project: Any, given: str) -> None:
    found = project.only('var x = 3\nshot a { prompt = "{{ x }}" }', variables={"x": [given]})
    assert (found.rule.id, found.span.text, found.help) == ("value-type", "x", "give a number")


def test_a_list_cannot_be_given(project: Any) -> None:
    found = project.only('var x = ["a"]\nshot a for y in {{ x }} { prompt = "{{ y }}" }', variables={"x": ["b"]})
    assert (found.rule.id, found.message) == ("value-type", "--var x=b: `x` is a list in the storyboard")


def test_a_variable_without_a_value_must_be_given(project: Any) -> None:
    assert project.said('var guest\nshot a { prompt = "{{ guest }} smiles" }') == ["var-missing at 1:5: guest"]


def test_only_top_level_variables_can_be_given(project: Any) -> None:
    found = project.only('shot a {\n var city = "x"\n prompt = "{{ city }}"\n}', variables={"city": ["y"]})
    assert (found.rule.id, found.message) == (
        "name-unknown",
        "--var city: the storyboard has no top-level variable `city`",
    )


def test_a_misspelt_variable_from_outside_gets_a_suggestion(project: Any) -> None:
    assert project.only(CITY, variables={"citty": ["x"]}).help == "did you mean `city`?"


def test_one_value_given_twice_is_one_name_twice(project: Any) -> None:
    assert project.ids(CITY, variables={"city": ["x", "x"]}) == ["name-duplicate"]


def test_rows_are_chosen_by_their_names(project: Any) -> None:
    text = 'var p from "t.csv"\nshot a { prompt = "{{ p.copy }}" }'
    files = {"t.csv": "name,copy\nmug,Hot\ncup,Sweet\nbowl,Round\n"}
    assert variants(project, text, files, variables={"p": ["cup"]}) == {"p=cup": "Sweet"}
    assert variants(project, text, files, variables={"p": ["bowl", "mug"]}) == {"p=bowl": "Round", "p=mug": "Hot"}
    found = project.only(text, files, variables={"p": ["mgu"]})
    assert (found.rule.id, found.message, found.help) == (
        "name-unknown",
        "--var p=mgu: t.csv has no row of that name",
        "did you mean `mug`?",
    )


def test_what_is_given_may_hold_mentions_and_braces(project: Any) -> None:
    text = 'var x\nimage @Mika = "https://example.com/m.png"\nshot a { prompt = "{{ x }}" }'
    clip = project.clip(text, variables={"x": ["@Mika and {{ x }}"]})
    assert clip.request["prompt"] == "@Mika and {{ x }}"
    assert [element["tag"] for element in clip.request["ref_images"]] == ["@Mika"]


# --- variables that need each other -----------------------------------------------------------------------------------


def test_a_variable_may_use_those_above_it(project: Any) -> None:
    text = 'var a = "x"\nvar b = "{{ a }}y"\nvar c = "{{ b }}z"\nshot s { prompt = "{{ c }}" }'
    assert variants(project, text) == {"": "xyz"}


def test_a_variable_cannot_use_those_below_it(project: Any) -> None:
    assert project.said('var b = "{{ a }}y"\nvar a = "x"\nshot s { prompt = "{{ b }}" }') == ["name-unknown at 1:13: a"]
    assert project.said('var a = "{{ a }}"\nshot s { prompt = "{{ a }}" }') == ["name-unknown at 1:13: a"]


def test_a_name_that_hides_one_of_a_used_file_counts_there_too(project: Any) -> None:
    cast = 'var mood = "sad"\nvar line = "a {{ mood }} man"\n'
    text = 'use "cast.sky"\nvar base = "happ"\nvar mood = "{{ base }}y"\nshot s { prompt = "{{ line }}, {{ mood }}" }'
    assert variants(project, text, {"cast.sky": cast}) == {"": "a happy man, happy"}


def test_a_name_that_hides_one_of_a_used_file_cannot_need_itself(project: Any) -> None:
    cast = 'var mood = "sad"\nvar line = "a {{ mood }} man"\n'
    found = project.only(
        'use "cast.sky"\nvar mood = "{{ line }}!"\nshot s { prompt = "{{ mood }}" }', {"cast.sky": cast}
    )
    assert found.rule.id == "name-unknown"
    assert "mood" in found.message
    assert "line" in found.message


@pytest.mark.parametrize("name", ["shot", "scene", "storyboard", "variant"])
def test_a_variable_may_be_called_as_an_object(project: Any, name: str) -> None:
    text = f'var {name} = "kitchen"\nscene den {{ shot a {{ prompt = "{{{{ {name} }}}}" }} }}'
    assert variants(project, text) == {"": "kitchen"}
    text = f'scene den {{ shot a for {name} in ["kitchen"] {{ prompt = "{{{{ {name} }}}}" }} }}'
    assert variants(project, text) == {"": "kitchen"}


def test_objects_have_their_names(project: Any) -> None:
    text = """
      storyboard "Neon"
      var city = "Tokyo" | "Osaka"
      scene den for x in ["a", "b"] {
        shot talk { prompt = "{{ storyboard.title }} {{ variant.name }} {{ scene.name }} {{ shot.name }} {{ x }}" }
      }
    """
    assert project.prompts(text)[:2] == ["Neon city=Tokyo den.1 den.1.talk a", "Neon city=Tokyo den.2 den.2.talk b"]


# --- how many ---------------------------------------------------------------------------------------------------------


def test_too_many_variants_are_counted_and_not_made(project: Any) -> None:
    axes = "\n".join(f"var {name} = {' | '.join(map(str, range(30)))}" for name in "abcdefgh")
    text = axes + '\nshot s { prompt = "{{ a + b + c + d + e + f + g + h }}" }'
    found = project.only(text)
    assert found.rule.id == "variants-too-many"
    assert found.message.startswith("656,100,000,000 variants (30 a × 30 b × ")
    assert list(project.open(text).clips()) == []


def test_the_limit_is_a_setting(project: Any) -> None:
    text = 'var x = 1 | 2 | 3\nshot s { prompt = "{{ x }}" }'
    assert project.ids(text, limit=3) == []
    found = project.only(text, limit=2)
    assert found.message == "3 variants (3 x) are more than the limit of 2"
    assert "--var x=1" in found.help


def test_the_top_level_when_decides_which_variants_exist(project: Any) -> None:
    text = """
      var city = "Lisbon" | "Tokyo"
      var season = "summer" | "winter"
      when = {{ not (city == "Lisbon" and season == "winter") }}
      shot s { prompt = "{{ city }} {{ season }}" }
    """
    assert list(variants(project, text)) == [
        "city=Lisbon,season=summer",
        "city=Tokyo,season=summer",
        "city=Tokyo,season=winter",
    ]


def test_the_top_level_when_sees_variables_and_the_variants_name(project: Any) -> None:
    text = 'var x = "a" | "b"\nvar y = "{{ x }}!"\nwhen = {{ y == "a!" or variant.name == "x=c" }}\nshot s { prompt = "{{ y }}" }'
    assert list(variants(project, text)) == ["x=a"]


def test_no_variant_left_is_no_shot(project: Any) -> None:
    text = 'var x = "a" | "b"\nwhen = {{ x == "c" }}\nshot s { prompt = "{{ x }}" }'
    assert project.said(text) == ['shot-none at 2:1: when = {{ x == "c" }}']


def test_a_when_that_cannot_be_decided_keeps_the_variant_for_checking(project: Any) -> None:
    text = 'var x = "a" | "b"\nwhen = {{ x + 1 }}\nshot s { duration = 99s\n prompt = "{{ x }}" }'
    assert project.ids(text) == ["template-error", "duration-range"]
    found = project.only('var n = 1 | 0\nwhen = {{ 5 // n == 5 }}\nshot s { prompt = "{{ n }}" }')
    assert (found.rule.id, found.variant) == ("template-error", "n=0")
    assert project.said('when = "maybe"\nshot s { prompt = "a" }') == ['value-type at 1:8: "maybe"']


def test_an_alternative_that_cannot_be_computed_is_told_once(project: Any) -> None:
    text = 'var n = 1 | 2\nvar x = {{ n // 0 }} | "b"\nshot s { prompt = "{{ x }} {{ n }}" }'
    assert project.said(text) == ["template-error at 2:9: {{ n // 0 }}"]


def test_a_result_of_a_shot_cannot_be_the_value_of_a_variable(project: Any) -> None:
    text = 'var x = last_frame(a)\nshot a { prompt = "a" }\nshot b { first_frame = {{ x }}\n prompt = "b" }'
    found = project.only(text)
    assert (found.rule.id, found.help) == ("value-type", "give the result a tag: image @tag = last_frame(a)")


def test_a_value_that_is_no_text(project: Any) -> None:
    found = project.only('var x\nshot a { prompt = "{{ x }}" }', variables={"x": ["caf\udce9"]})
    assert (found.rule.id, found.message) == ("value-type", "--var x: its value is no UTF-8 text")


@pytest.mark.parametrize(
    ("declared", "statement"),
    [
        ("5s", "duration = thing"),
        ('"Rain."', "look = thing"),
        ('"std"', "model = thing"),
        ("true", "when = thing"),
        ('"https://example.com/a.png"', "first_frame = thing"),
        ('"https://example.com/a.png"', 'image @a = thing\n look = "@a"'),
        ("2s", 'keyframe @a = "https://example.com/a.png" at thing\n look = "@a"'),
    ],
)
def test_a_variable_without_braces_is_told_once(project: Any, declared: str, statement: str) -> None:
    text = (
        f'var thing = {declared}\nvar city = "Tokyo" | "Osaka"\nshot a {{ {statement}\n prompt = "{{{{ city }}}}." }}'
    )
    found = project.only(text)
    assert (found.rule.id, found.span.text, found.help) == ("value-type", "thing", "write {{ thing }}")
    assert found.variant == ""


def test_a_loop_over_a_variable_without_braces_is_told_once(project: Any) -> None:
    found = project.only('var all = ["x", "y"]\nshot a for one in all { prompt = "{{ one }}" }')
    assert (found.rule.id, found.span.text, found.help) == ("value-type", "all", "write {{ all }}")


def test_a_word_that_a_setting_knows_is_no_variable(project: Any) -> None:
    (clip,) = project.clips('var fast = "slow"\nshot a { model = fast\n prompt = "{{ fast }}" }')
    assert (clip.request["model"], clip.request["prompt"]) == ("skyreels-v4-fast", "slow")
