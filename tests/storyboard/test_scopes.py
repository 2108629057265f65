"""Scopes: what a block may declare, what hides what, used files, defaults, and what stands in a wrong place."""

from __future__ import annotations

from typing import Any

import pytest

PNG = "https://example.com/{}.png"


def image(tag: str, name: str | None = None) -> str:
    return f'image {tag} = "{PNG.format(name or tag[1:])}"\n'


def urls(clip: Any) -> list[str]:
    return [url for element in clip.request.get("ref_images", []) for url in element["image_urls"]]


# --- hiding -------------------------------------------------------------------------------------------------------------


def test_a_nearer_variable_hides_a_farther_one(project: Any) -> None:
    text = """
      var light = "noon"
      scene den {
        var light = "dusk"
        shot a { prompt = "a {{ light }}" }
        shot b {
          var light = "night"
          prompt = "b {{ light }}"
        }
      }
      shot c { prompt = "c {{ light }}" }
    """
    assert project.prompts(text) == ["a dusk", "b night", "c noon"]


def test_a_variable_that_hides_may_use_the_one_it_hides(project: Any) -> None:
    text = 'var x = "a"\nscene s {\n var x = "{{ x }}b"\n shot t {\n var x = "{{ x }}c"\n prompt = "{{ x }}"\n}\n}'
    assert project.prompts(text) == ["abc"]


def test_a_nearer_asset_hides_a_farther_one(project: Any) -> None:
    text = (
        image("@Mika", "file")
        + "scene den {\n"
        + image("@Mika", "scene")
        + 'shot a { prompt = "@Mika a" }\nshot b {\n'
        + image("@Mika", "shot")
        + 'prompt = "@Mika b"\n}\n}\nshot c { prompt = "@Mika c" }'
    )
    assert [urls(clip) for clip in project.clips(text)] == [[PNG.format(n)] for n in ("scene", "shot", "file")]


def test_an_asset_of_another_kind_hides_too(project: Any) -> None:
    text = (
        image("@x") + 'shot a { video @x = "https://example.com/x.mp4"\n prompt = "like @x" }\nshot b { prompt = "@x" }'
    )
    a, b = project.clips(text)
    assert (list(a.request), list(b.request)) == (["model", "prompt", "ref_videos"], ["model", "prompt", "ref_images"])


def test_the_nearest_voice_wins(project: Any) -> None:
    text = (
        image("@Mika")
        + 'voice @Mika = "https://example.com/file.mp3"\nscene den {\nvoice @Mika = "https://example.com/scene.mp3"\n'
        + 'shot a { prompt = "@Mika a" }\nshot b { voice @Mika = "https://example.com/shot.mp3"\n prompt = "@Mika b" }\n}\n'
        + 'shot c { prompt = "@Mika c" }'
    )
    voices = [clip.request["ref_images"][0]["audio_url"] for clip in project.clips(text)]
    assert voices == [f"https://example.com/{name}.mp3" for name in ("scene", "shot", "file")]


def test_a_loop_element_hides_a_variable_and_is_hidden_by_one(project: Any) -> None:
    text = """
      var x = "far"
      shot a for x in ["near"] { prompt = "{{ x }}" }
      shot b for x in ["near"] {
        var x = "{{ x }}est"
        prompt = "{{ x }}"
      }
    """
    assert project.prompts(text) == ["near", "nearest"]


def test_an_asset_is_computed_with_the_names_of_its_own_block(project: Any) -> None:
    text = """
      var who = "top"
      image @Mika = "https://example.com/{{ who }}.png"
      shot a { var who = "shot"
        prompt = "@Mika {{ who }}" }
    """
    clip = project.clip(text)
    assert (clip.request["prompt"], urls(clip)) == ("@Mika shot", [PNG.format("top")])


def test_an_asset_of_a_looped_scene_has_the_element_of_its_pass(project: Any) -> None:
    text = """
      scene item for x in ["1", "2"] {
        image @Product = "https://example.com/{{ x }}.png"
        shot spin { prompt = "@Product" }
      }
    """
    assert [urls(clip) for clip in project.clips(text)] == [[PNG.format("1")], [PNG.format("2")]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('shot a { prompt = "1" }\nshot a { prompt = "2" }', "name-duplicate at 2:6: a"),
        ('shot a { prompt = "1" }\nscene a { shot b { prompt = "2" } }', "name-duplicate at 2:7: a"),
        ('var x = "1"\nvar x = "2"\nshot a { prompt = "{{ x }}" }', "name-duplicate at 2:5: x"),
        (image("@a") + 'video @a = "https://example.com/a.mp4"\nshot a { prompt = "@a" }', "name-duplicate at 2:7: @a"),
        ('storyboard "a"\nstoryboard "b"\nshot a { prompt = "1" }', 'name-duplicate at 2:1: storyboard "b"'),
        ('shot a { prompt = "1"\n prompt = "2" }', "name-duplicate at 2:2: prompt"),
        ('shot a { prompt = "1"\n when = {{ true }}\n when = {{ false }} }', "name-duplicate at 3:2: when"),
        ('when = {{ true }}\nwhen = {{ false }}\nshot a { prompt = "1" }', "name-duplicate at 2:1: when"),
        ('defaults { model = fast }\ndefaults { model = std\n takes = 2 }\nshot a { prompt = "1" }', "name-duplicate at 2:1: defaults"),
        ('defaults { model = fast\n model = std }\nshot a { prompt = "1" }', "name-duplicate at 2:2: model"),
    ],
)  # fmt: skip
def test_one_name_stands_once_in_a_block(project: Any, text: str, said: str) -> None:
    assert project.said(text) == [said]


def test_names_of_different_blocks_do_not_clash(project: Any) -> None:
    text = 'scene a { shot x { prompt = "1" } }\nscene b { shot x { prompt = "2" } }\nshot x { prompt = "3" }'
    assert [clip.shot for clip in project.clips(text)] == ["a.x", "b.x", "x"]


def test_a_voice_and_an_image_share_their_tag(project: Any) -> None:
    text = image("@Mika") + 'voice @Mika = "https://example.com/m.mp3"\nshot a { prompt = "@Mika" }'
    assert project.ids(text) == []


# --- names --------------------------------------------------------------------------------------------------------------


def test_names_of_any_script(project: Any) -> None:
    text = 'var 城市 = "东京"\nscene 茶馆 { shot 进门-1 { prompt = "{{ 城市 }} {{ shot.name }}" } }\nshot été_2 { prompt = "é" }'
    assert project.prompts(text) == ["东京 茶馆.进门-1", "é"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('var a-b = "1"\nshot s { prompt = "1" }', ["syntax at 1:5: a-b"]),
        ('shot a.b { prompt = "1" }', ["syntax at 1:6: a.b"]),
        ('var if = "1"\nshot s { prompt = "1" }', ["syntax at 1:5: if"]),
        ('shot s { var x = "1" | "2"\n prompt = "{{ x }}" }', ['syntax at 1:10: var x = "1" | "2"']),
        ('scene d { var x from "t.csv"\n shot s { prompt = "{{ x.a }}" } }', ['syntax at 1:11: var x from "t.csv"']),
        ('scene d { var x\n shot s { prompt = "{{ x }}" } }', ["syntax at 1:11: var x"]),
        ('storyboard "{{ x }}"\nshot s { prompt = "1" }', ['syntax at 1:12: "{{ x }}"']),
        ('storyboard " "\nshot s { prompt = "1" }', ['syntax at 1:12: " "']),
        ('use "{{ x }}.sky"\nshot s { prompt = "1" }', ['syntax at 1:5: "{{ x }}.sky"']),
        ('shot s { duration = 4s | 5s\n prompt = "1" }', ["syntax at 1:21: 4s | 5s"]),
        ('shot s { prompt = "a", "b" }', ['syntax at 1:19: "a", "b"']),
        ('duration = 5s\nshot s { prompt = "1" }', ["syntax at 1:1: duration"]),
        ('prompt = "1"\nshot s { prompt = "1" }', ["syntax at 1:1: prompt"]),
        ('keyframe @a = "a.png"\nshot s { prompt = "1" }', ['syntax at 1:1: keyframe @a = "a.png"']),
        ('scene d { storyboard "x"\n shot s { prompt = "1" } }', ['syntax at 1:11: storyboard "x"']),
        ('scene d { use "x.sky"\n shot s { prompt = "1" } }', ['syntax at 1:11: use "x.sky"']),
        ('defaults { model = fast\n prompt = "x" }\nshot s { prompt = "1" }', ["name-unknown at 2:2: prompt"]),
        ('defaults { model = fast\n image @a = "x" }\nshot s { prompt = "1" }', ['syntax at 2:2: image @a = "x"']),
        ('shot s { promt = "1"\n prompt = "1" }', ["name-unknown at 1:10: promt"]),
        ('fps = 24\nshot s { prompt = "1" }', ["name-unknown at 1:1: fps"]),
    ],
)  # fmt: skip
def test_what_cannot_stand_there(project: Any, text: str, said: list[str]) -> None:
    assert project.said(text) == said


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ('end_frame = "a.png"', "the closing picture is `last_frame`"),
        ("seed = 3", "the model has no seed; `takes = 3` asks for three tries, `pick = 2` chooses one"),
        ("length = 5s", "the length is `duration`"),
        ("durration = 5s", "did you mean `duration`?"),
    ],
)
def test_a_wrong_setting_is_told_the_right_one(project: Any, written: str, help: str) -> None:
    assert project.only(f'shot s {{ prompt = "1"\n {written} }}').help == help


# --- use ----------------------------------------------------------------------------------------------------------------

CAST = (
    'defaults { model = std }\nvar mood = "sad"\nimage @Mika = "mika.png"\nvoice @Mika = "https://example.com/m.mp3"\n'
)


def test_use_brings_variables_assets_and_defaults(project: Any, png: bytes) -> None:
    text = 'use "cast/cast.sky"\nshot a { prompt = "@Mika is {{ mood }}." }\nshot b { model = fast\n prompt = "b" }'
    a, b = project.clips(text, {"cast/cast.sky": CAST, "cast/mika.png": png})
    assert (a.request["model"], a.request["prompt"]) == ("skyreels-v4-std", "@Mika is sad.")
    assert list(a.files.values()) == ["cast/mika.png"]  # its paths start from its own folder
    assert a.request["ref_images"][0]["audio_url"] == "https://example.com/m.mp3"
    assert b.request["model"] == "skyreels-v4-fast"


def test_what_a_used_file_holds_and_nobody_uses_is_no_mistake(project: Any) -> None:
    assert project.ids('use "cast.sky"\nshot a { prompt = "1" }', {"cast.sky": CAST}) == []


def test_the_storyboard_is_nearer_than_what_it_uses(project: Any) -> None:
    text = (
        'use "cast.sky"\nvar mood = "happy"\n'
        + image("@Mika", "own")
        + 'defaults { model = fast }\nshot a { prompt = "@Mika is {{ mood }}." }'
    )
    clip = project.clip(text, {"cast.sky": CAST})
    assert (clip.request["model"], clip.request["prompt"], urls(clip)) == (
        "skyreels-v4-fast",
        "@Mika is happy.",
        [PNG.format("own")],
    )


def test_a_used_file_may_use_others_and_hide_what_they_hold(project: Any) -> None:
    files = {"a.sky": 'use "b.sky"\nvar x = "a"\n', "b.sky": 'var x = "b"\nvar y = "b {{ x }}"\n'}
    assert project.prompts('use "a.sky"\nshot s { prompt = "{{ x }} {{ y }}" }', files) == ["a b a"]


def test_two_roads_to_one_file_are_fine(project: Any) -> None:
    files = {
        "base.sky": 'defaults { model = std }\nvar x = "1"\n' + image("@Mika"),
        "a.sky": 'use "base.sky"\nvar a = "{{ x }}a"\n',
        "b.sky": 'use "base.sky"\nvar b = "{{ x }}b"\n',
    }
    text = 'use "a.sky"\nuse "b.sky"\nuse "a.sky"\nshot s { prompt = "@Mika {{ a }} {{ b }}" }'
    assert project.prompts(text, files) == ["@Mika 1a 1b"]


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ('var x = "1"', 'var x = "1"', "b.sky declares x, and so does a.sky"),
        (image("@M"), 'video @M = "https://example.com/m.mp4"', "b.sky declares @M, and so does a.sky"),
        ('voice @M = "https://example.com/m.mp3"', 'voice @M = "https://example.com/m.mp3"', "b.sky declares voice @M, and so does a.sky"),
        ("defaults { takes = 1 }", "defaults { takes = 1 }", "b.sky declares the default `takes`, and so does a.sky"),
    ],
)  # fmt: skip
def test_two_used_files_cannot_declare_one_name(project: Any, a: str, b: str, message: str) -> None:
    found = project.only('use "a.sky"\nuse "b.sky"\nshot s { prompt = "1" }', {"a.sky": a, "b.sky": b})
    assert (found.rule.id, found.message, found.span.text) == ("name-duplicate", message, '"b.sky"')
    assert [related.span.text for related in found.related] == ['use "a.sky"']


def test_files_cannot_use_each_other_in_a_circle(project: Any) -> None:
    files = {"a.sky": 'use "b.sky"\nvar a = "1"\n', "b.sky": 'use "a.sky"\nvar b = "2"\n'}
    found = project.only('use "a.sky"\nshot s { prompt = "{{ a }} {{ b }}" }', files)
    assert (found.rule.id, str(found.span)) == ("use-cycle", "b.sky:1:5")
    assert found.message == "these files use each other in a circle: a.sky → b.sky → a.sky"
    assert project.said('use "film.sky"\nshot s { prompt = "1" }') == ['use-cycle at 1:5: "film.sky"']


def test_a_used_file_holds_nothing_else(project: Any) -> None:
    cast = 'storyboard "x"\nwhen = {{ true }}\nshot a { prompt = "1" }\nscene b {}\nduration = 5s\nkeyframe @k at 2s\nvar x = "1"\n'
    found = project.only('use "cast.sky"\nshot s { prompt = "{{ x }}" }', {"cast.sky": cast})
    assert (found.rule.id, str(found.span)) == ("use-content", "cast.sky:1:1")
    assert found.message == (
        "cast.sky holds a title, the setting `when`, a shot, a scene, the setting `duration` and a keyframe, so no other file can use it"
    )
    assert [related.span.start_position.line for related in found.related] == [2, 3, 4, 5, 6, 1]


def test_mistakes_in_a_used_file_stand_in_that_file(project: Any) -> None:
    cast = 'var x = "{{ y }}"\nimage @Mika = "no.png"\nvar z =\n'
    text = 'use "cast.sky"\nshot s { prompt = "@Mika {{ shot.name }}" }'
    found = [f"{d.rule.id} at {d.span}" for d in project.check(text, {"cast.sky": cast})]
    assert found == ["name-unknown at cast.sky:1:13", "file-missing at cast.sky:2:15", "syntax at cast.sky:3:8"]


def test_a_used_file_that_is_not_there(project: Any) -> None:
    found = project.only('use "csat.sky"\nshot s { prompt = "1" }', {"cast.sky": CAST})
    assert (found.rule.id, found.help) == ("file-missing", "did you mean `cast.sky`?")
    assert project.said('use "../cast.sky"\nshot s { prompt = "1" }') == ['file-outside at 1:5: "../cast.sky"']


def test_a_chain_of_used_files_is_bounded(project: Any) -> None:
    files = {f"f{n}.sky": f'use "f{n + 1}.sky"\n' for n in range(300)}
    files["f300.sky"] = 'var x = "1"\n'
    found = project.only('use "f0.sky"\nshot s { prompt = "1" }', files)
    assert (found.rule.id, found.message) == ("use-content", "more than 64 files are used")


# --- defaults -----------------------------------------------------------------------------------------------------------

DEFAULTS = """
  shot before { prompt = "1" }
  defaults {
    model = fast
    duration = 6s
    look = "Far."
  }
  scene den {
    shot a { prompt = "2" }
    defaults {
      duration = 8s
      look = "Near."
    }
    scene attic {
      defaults { resolution = 480p }
      shot b { prompt = "3" }
    }
    shot c {
      prompt = "4"
      duration = none
      look = none
      model = none
      model_was = "x"
    }
  }
"""


def test_the_nearest_default_wins_wherever_it_stands(project: Any) -> None:
    text = DEFAULTS.replace('      model = none\n      model_was = "x"\n', "")
    found = [(c.request["prompt"], c.request.get("duration"), c.request.get("resolution")) for c in project.clips(text)]
    assert found == [("1 Far.", 6, None), ("2 Near.", 8, None), ("3 Near.", 8, "480p"), ("4", None, None)]


def test_none_unsets_what_is_inherited(project: Any) -> None:
    text = DEFAULTS.replace('      model_was = "x"\n', "")
    assert project.said(text) == ["model-required at 18:10: c"]


def test_names_in_defaults_have_the_values_of_the_shot(project: Any) -> None:
    text = """
      var light = "noon"
      defaults {
        model = fast
        look = "{{ light }} {{ shot.name }} [{{ scene.name }}]"
      }
      shot a { prompt = "a" }
      scene den { shot b {
        var light = "night"
        prompt = "b"
      } }
    """
    assert project.prompts(text) == ["a noon a []", "b night den.b [den]"]


def test_names_in_defaults_must_be_visible_where_they_stand(project: Any) -> None:
    text = 'defaults {\n model = fast\n look = "{{ light }}"\n}\nshot a {\n var light = "1"\n prompt = "{{ light }}"\n}'
    assert project.said(text) == ["name-unknown at 3:13: light"]


def test_takes_may_be_inherited(project: Any) -> None:
    text = 'defaults {\n model = fast\n takes = 2\n}\nshot a { prompt = "a" }\nshot b { takes = none\n prompt = "b" }'
    assert [(clip.shot, clip.take) for clip in project.clips(text)] == [("a", 1), ("a", 2), ("b", 1)]


# --- unused -------------------------------------------------------------------------------------------------------------


def test_what_nobody_uses_is_told(project: Any) -> None:
    text = (
        'var x = "1"\n'
        + image("@Mika")
        + 'voice @Mika = "https://example.com/m.mp3"\nscene d {\n var y = "2"\n shot s { prompt = "1" }\n}'
    )
    assert project.said(text) == [
        "name-unused at 1:5: x",
        "name-unused at 2:7: @Mika",
        "name-unused at 3:7: @Mika",
        "name-unused at 5:6: y",
    ]


def test_what_some_variant_uses_is_used(project: Any) -> None:
    text = 'var who = "@Mika" | "@Tomas"\n' + image("@Mika") + image("@Tomas") + 'shot s { prompt = "{{ who }}" }'
    assert project.ids(text) == []


def test_a_name_that_only_a_shot_that_does_not_exist_uses_counts_as_used(project: Any) -> None:
    assert project.ids('var x = "1"\nshot a { prompt = "a" }\nshot s { when = {{ false }}\n prompt = "{{ x }}" }') == []


def test_a_frame_a_keyframe_and_an_extend_use_their_assets(project: Any) -> None:
    text = (
        image("@door")
        + image("@key")
        + 'video @v = "https://example.com/v.mp4"\n'
        + 'shot a { first_frame = @door\n keyframe @key\n prompt = "@key" }\nshot b { extend @v\n prompt = "@v" }'
    )
    assert project.ids(text) == []


# --- files without shots ------------------------------------------------------------------------------------------------


def test_an_empty_file_has_no_shot(project: Any) -> None:
    for text in ("defaults {} # model =", "# model =\n", '# model =\nstoryboard "x"\n', "# model =\nscene a {}\n"):
        assert project.ids(text) == ["shot-none"]


def test_a_file_that_others_use_is_only_told_so(project: Any) -> None:
    found = project.only(CAST)
    assert (found.rule.id, found.severity, found.help) == ("shot-none", "hint", "check the storyboards that use it")


def test_the_title_is_the_files_name_where_none_is_given(project: Any) -> None:
    assert project.open('shot a { prompt = "{{ storyboard.title }}" }').title == "film"
    assert project.open('storyboard "Neon"\nshot a { prompt = "1" }').title == "Neon"
    assert project.prompts('shot a { prompt = "{{ storyboard.title }}" }') == ["film"]
