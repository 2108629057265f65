"""What is said of the thing under the pointer."""

from __future__ import annotations

import json
import re
from typing import Any

from skyflow.lsp.words import CALLS, CUES, FILTERS, OBJECTS, SETTINGS, STATEMENTS, TESTS
from skyflow.pipeline import RULES
from skyflow.requests.cues import CUES as KNOWN_CUES
from skyflow.storyboard.settings import IN_SHOT
from skyflow.syntax.tables import load_tables
from skyflow.variants import filters
from skyflow.variants.names_check import OBJECTS as KNOWN_OBJECTS

FILM = """\
defaults {
  model = fast
  resolution = 720p
}

var city = "Tokyo" | "Osaka"
var mood = "hopeful"
var who
var p from "rows.csv"

image @Mika = "cast/front.png", "https://example.com/side.png"
voice @Mika = "cast/mika.wav"

scene den {
  shot talk for guest in ["Ann", "Bo"] {
    takes = 2
    prompt = "{{ guest }} talks to @Mika in {{ city | upper }}. {{ p.copy }} {{ shot.name }}"
  }
}

shot street {
  duration = 7s # allow: duration-overridden
  last_frame = first_frame(den.talk.2)
  prompt = "{{ mood }} {{ city }}"
}
"""


def open_film(editor: Any, png: Any, wav: Any) -> str:
    editor.put("cast/front.png", png(64, 36))
    editor.put("cast/mika.wav", wav(2.5))
    editor.put("rows.csv", "name,copy\nmug,Hot\ncup,Cold\n")
    uri: str = editor.open(FILM.replace("var who\n", ""))
    return uri


def test_a_tag_tells_its_pictures_and_its_voice(editor: Any, png: Any, wav: Any) -> None:
    uri = open_film(editor, png, wav)
    editor.diagnostics(uri)
    while "64 × 36" not in (said := editor.hover(uri, "@Mika in", 1)) or "WAV" not in said:
        editor.wire.take()  # the files are looked at in the background
    assert re.search(
        r"\*\*@Mika\*\* image, 2 pictures\n- `cast/front.png`: PNG, 64 × 36, \d+ kB\n- `https://example.com/side.png`",
        said,
    )
    assert re.search(r"\*\*@Mika\*\* voice\n- `cast/mika.wav`: WAV, 2.5 s, \d+ kB", said)
    assert editor.hover(uri, "@Mika =", 5) == said


def test_a_shot_tells_mode_seconds_cost_and_request(editor: Any, png: Any, wav: Any) -> None:
    uri = open_film(editor, png, wav)
    said = editor.hover(uri, "street {")
    assert said.startswith("**street** I2V (image to video), 7 s, 0.77 USD")
    assert "variant city=Tokyo,p=mug, one of 4" in said
    request = json.loads(said.partition("~~~json")[2].rpartition("~~~")[0])
    assert (request["prompt"], request["duration"]) == ("hopeful Tokyo", 7)
    assert request["end_frame_image"].startswith("skyflow:shot/")


def test_the_request_is_the_compiled_one(editor: Any, project: Any) -> None:
    text = 'defaults { model = std }\nshot street { prompt = "Rain 😀." }\n'
    said = editor.hover(editor.open(text), "street")
    request = json.loads(said.partition("~~~json")[2].rpartition("~~~")[0])
    assert request == project.clip(text).request


def test_a_repeated_shot_tells_all_its_clips(editor: Any, png: Any, wav: Any) -> None:
    said = editor.hover(open_film(editor, png, wav), "talk for")
    assert said.startswith("**den.talk** Omni (references), 5 s, 2.20 USD (4 × 0.55 USD)")
    assert "made 2 times, first as `den.talk.1`; 2 takes" in said


def test_a_scene_and_a_name_in_a_reference(editor: Any, png: Any, wav: Any) -> None:
    uri = open_film(editor, png, wav)
    assert editor.hover(uri, "den {") == "**den** scene, 1 shot, 2.20 USD (4 × 0.55 USD)"
    assert editor.hover(uri, "den.talk.2") == editor.hover(uri, "den {")
    assert editor.hover(uri, "den.talk.2", 5) == editor.hover(uri, "talk for")


def test_a_shot_that_cannot_be_made(editor: Any) -> None:
    uri = editor.open('defaults { model = fast }\nshot street { duration = 99s\n  prompt = "Rain." }\n')
    assert "no request" in editor.hover(uri, "street")


def test_variables_and_columns_tell_their_values(editor: Any, png: Any, wav: Any) -> None:
    uri = open_film(editor, png, wav)
    assert editor.hover(uri, "city |") == "**city** axis, 2 values\n- `Tokyo`\n- `Osaka`"
    assert editor.hover(uri, "city }}") == editor.hover(uri, "city |")
    assert editor.hover(uri, "mood }}") == "**mood** = `hopeful`"
    assert editor.hover(uri, "guest }}") == '**guest** element of this shot, 2 values\n- `"Ann"`\n- `"Bo"`'
    assert "2 rows of `rows.csv`" in editor.hover(uri, "p from")
    assert "columns: `name`, `copy`" in editor.hover(uri, "p.copy")
    assert editor.hover(uri, "copy }}") == "**copy** column of `rows.csv`, 2 rows\n- `Hot`\n- `Cold`"
    editor.write(uri, FILM)
    assert editor.hover(uri, "who").startswith("**who** is given from outside: `--var who=…`")


def test_a_setting_tells_its_constraint(editor: Any, png: Any, wav: Any) -> None:
    uri = open_film(editor, png, wav)
    said = editor.hover(uri, "duration =")
    assert "`3s`" in said
    assert "`15s`; `5s` where nothing is said" in said
    for rule in RULES:
        assert (f"- `{rule.id}`: {rule.what}" in said) == (rule.id in SETTINGS["duration"].rules)


def test_words_of_the_language(editor: Any, png: Any, wav: Any) -> None:
    uri = open_film(editor, png, wav)
    assert editor.hover(uri, "image @").startswith("**image** 1 to 5 pictures")
    assert editor.hover(uri, "for guest").startswith("**for** ")
    assert editor.hover(uri, "from").startswith("**from** ")
    assert editor.hover(uri, "upper") == "**upper** filter: in large letters"
    assert editor.hover(uri, "first_frame(").startswith("**first_frame** The first picture")
    assert editor.hover(uri, "shot.name") == OBJECTS["shot"]
    assert (
        editor.hover(uri, "defaults") == "**defaults** Settings for every shot of this block and of the blocks in it."
    )
    assert editor.hover(uri, "talks to") == ""


def test_a_rule_is_explained_where_it_is_named_and_where_it_is_broken(editor: Any) -> None:
    rule = next(rule for rule in RULES if rule.id == "duration-overridden")
    uri = editor.open(FILM.replace('var p from "rows.csv"\n', "").replace("{{ p.copy }}", "@Nobody"))
    assert rule.what in editor.hover(uri, "duration-overridden", 3)
    unknown = next(rule for rule in RULES if rule.id == "tag-unknown")
    assert unknown.why in editor.hover(uri, "@Nobody", 3)


def test_pictures_are_shown_where_the_editor_can(start: Any, window: Any, png: Any) -> None:
    wire = start()
    editor = window(wire)
    wire.begin(editor.folder, initializationOptions={"pictures": True})
    address = editor.put("cast/mika 1.png", png(8, 8))
    uri = editor.open('defaults { model = fast }\nimage @Mika = "cast/mika 1.png"\nshot s { prompt = "@Mika" }\n')
    assert f"![mika 1.png]({address}|width=240)" in editor.hover(uri, "@Mika")


def test_every_word_is_explained_and_no_other() -> None:
    assert set(STATEMENTS) | {"for", "in", "from", "at"} == set(load_tables().keywords)
    assert set(SETTINGS) == set(IN_SHOT)
    assert set(FILTERS) == set(filters.FILTERS)
    assert set(TESTS) == set(filters.TESTS)
    assert set(OBJECTS) == set(KNOWN_OBJECTS)
    assert set(CUES) == set(KNOWN_CUES)
    ids = {rule.id for rule in RULES}
    assert all(set(word.rules) <= ids for word in SETTINGS.values())


def test_every_call_is_one_of_the_language(project: Any) -> None:
    for name, call in CALLS.items():
        assert call.snippet.startswith(f"{name}(")
        setting = "first_frame" if call.kind == "image" else "extend @a"
        written = re.sub(r"\$\{\d:(\w+)\}", r"\1", call.snippet)
        prompt = "@a" if call.kind == "video" else "Rain."
        assert (
            project.said(
                f'shot one {{ prompt = "Snow." }}\nshot two {{ {setting} = {written}\n  prompt = "{prompt}" }}'
            )
            == []
        )


def test_every_value_is_accepted(project: Any) -> None:
    for name in ("model", "duration", "resolution", "aspect_ratio", "prompt_optimizer"):
        for value in SETTINGS[name].values:
            model = "" if name == "model" else "model = fast\n"
            assert project.said(f'shot s {{ {model} {name} = {value}\n prompt = "Rain." }}') == []
