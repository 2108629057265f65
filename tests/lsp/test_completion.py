"""Completion: statements, settings, words, tags, variables and columns, filters, shots and files, each where it can stand."""

from __future__ import annotations

from typing import Any

import pytest

FILM = """\
storyboard "Neon"

defaults {
  model = fast
  look = "Grain, {{ mood }} light."
}

var city = "Tokyo" | "Osaka"
var mood = "hopeful"
var p from "rows.csv"

image @Mika = "https://example.com/a.png"
image @Tom = "https://example.com/a.png", "https://example.com/b.png"
video @dance = "https://example.com/a.mp4"

scene den {
  var light = "warm"
  image @Cat = "https://example.com/c.png"

  shot talk for guest in ["Ann", "Bo"] {
    keyframe @door = "https://example.com/d.png" at 2s
    prompt = "@door opens. {{ guest }} in {{ light }} light."
  }
}

shot street {
  duration = 5s
  prompt = "@Mika walks."
}
"""
ROWS = "name,copy text\nmug,Hot\ncup,Cold\n"


@pytest.fixture
def film(editor: Any) -> Any:
    """The film above with one more shot, whose lines a test chooses."""

    def write(lines: str, before: str = "shot test {\n  ", after: str = "\n}\n") -> list[str]:
        text = FILM + before + lines + after
        if uri in editor.versions:
            editor.write(uri, text)
        else:
            editor.open(text)
        at = text.index(before + lines) + len(before) + len(lines)
        place = editor.at(uri, before + lines, len(before) + len(lines))
        items = editor.wire.ask("textDocument/completion", place)["items"]
        write.results = [editor.apply(text, item) for item in items]  # type: ignore[attr-defined]
        assert text[at:].startswith(after)
        return [item["label"] for item in items]

    editor.put("rows.csv", ROWS)
    uri = editor.uri("film.sky")
    return write


def test_statements_and_settings_of_a_shot(film: Any) -> None:
    labels = film("")
    assert {"keyframe", "extend", "voice", "var", "prompt", "first_frame", "when", "pick"} <= set(labels)
    assert not {"shot", "scene", "defaults", "use", "storyboard"} & set(labels)


def test_a_setting_that_is_written_already_is_not_offered_again(film: Any) -> None:
    assert "duration" not in film("dur", after='\n  duration = 5s\n  prompt = "Rain."\n}\n')
    assert "look" in film("lo", after='\n  duration = 5s\n  prompt = "Rain."\n}\n')


def test_statements_of_the_file_and_of_a_scene(film: Any) -> None:
    top = set(film("", before="\n", after="\n"))
    assert {"storyboard", "use", "defaults", "scene", "shot", "var", "image", "when"} <= top
    assert not {"keyframe", "duration"} & top
    inside = set(film("", before="scene test {\n  ", after="\n}\n"))
    assert {"shot", "scene", "defaults", "when"} <= inside
    assert not {"storyboard", "use", "prompt"} & inside


def test_settings_of_defaults(film: Any) -> None:
    labels = film("", before="scene test {\n  defaults {\n    ", after="\n  }\n}\n")
    assert sorted(labels) == ["aspect_ratio", "duration", "look", "model", "prompt_optimizer", "resolution", "takes"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("model = ", ["fast", "std", "skyreels-v4-fast", "skyreels-v4-std", "none"]),
        ("resolution =", ["480p", "720p", "1080p", "none"]),
        ("aspect_ratio = 16", ["16:9", "4:3", "1:1", "9:16", "3:4", "none"]),
        ("aspect_ratio = 16:", ["16:9", "4:3", "1:1", "9:16", "3:4", "none"]),
        ("prompt_optimizer = fal", ["true", "false", "none"]),
        ("duration = ", [f"{seconds}s" for seconds in range(3, 16)] + ["none"]),
        ("first_frame = ", ["last_frame(…)", "first_frame(…)", "frame(…)", "@Mika", "none"]),
        ("first_frame = last", ["last_frame(…)", "first_frame(…)", "frame(…)", "@Mika", "none"]),
        ("keyframe ", ["@Mika", "@Tom"]),
        ("keyframe @Mi", ["@Mika", "@Tom"]),
        ("keyframe @x ", ["at"]),
        ("keyframe @x = ", ["last_frame(…)", "first_frame(…)", "frame(…)"]),
        ("extend @", ["@dance"]),
        ("extend @x = ", ["clip(…)"]),
        ("voice ", ["@Mika", "@Tom"]),
        ("first_frame = last_frame(", ["previous", "den.talk.1", "street"]),
        ("first_frame = last_frame(den.", ["previous", "den.talk.1", "street"]),
        ("seed = ", []),
        ("var x ", ["from"]),
    ],
)
def test_values(film: Any, written: str, wanted: list[str]) -> None:
    assert film(written) == wanted


def test_seconds_of_a_frame(film: Any) -> None:
    assert film("first_frame = frame(street, ")[:3] == ["0s", "1s", "2s"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ('prompt = "She meets @', ["@Mika", "@Tom", "@dance"]),
        ('prompt = "She meets @Mi', ["@Mika", "@Tom", "@dance"]),
        ('prompt = """\n  She meets\n  @', ["@Mika", "@Tom", "@dance"]),
        ('look = "like @', ["@Mika", "@Tom", "@dance"]),
        ('prompt = "a@', []),  # an address
        ('prompt = "@@', []),  # a plain @
        ('prompt = "She', []),
        ('prompt = "{{ "@', ["@Mika", "@Tom", "@dance"]),
        ('prompt = "Rain <', ["<dialogue>", "<sfx>", "<bgm>", "<voice_ref>"]),
        ('prompt = "Rain <sfx>drops</', ["</dialogue>", "</sfx>", "</bgm>", "</voice_ref>"]),
        ('note = "@', ["@Mika", "@Tom", "@dance"]),
    ],
)
def test_inside_texts(film: Any, written: str, wanted: list[str]) -> None:
    assert film(written) == wanted


def test_tags_and_variables_of_the_block_around(film: Any) -> None:
    def inside(lines: str) -> set[str]:
        return set(film(lines, before='scene more {\n  var own = "a"\n  image @Dog = "https://example.com/c.png"\n  shot t for guest in ["a"] {\n    ', after="\n  }\n}\n"))  # fmt: skip

    film("", before='scene more {\n  var own = "a"\n  image @Dog = "https://example.com/c.png"\n  shot t for guest in ["a"] {\n    ', after="\n  }\n}\n")  # fmt: skip
    assert inside('prompt = "@') == {"@Mika", "@Tom", "@dance", "@Dog"}
    assert inside('prompt = "{{ ') == {"own", "guest", "city", "mood", "p", "shot", "scene", "storyboard", "variant"}


@pytest.mark.parametrize("quotes", ['"{{ ', "{{ ", '"""\n  {{ '])
def test_inside_expressions(film: Any, quotes: str) -> None:
    assert film(f"prompt = {quotes}")[:3] == ["city", "mood", "p"]
    assert film(f"prompt = {quotes}p.") == ["name", "copy text"]
    assert film(f'prompt = {quotes}p["') == ["name", "copy text"]
    assert film(f"prompt = {quotes}shot.") == ["name"]
    assert "upper" in film(f"prompt = {quotes}city | ")
    assert "plain" in film(f"prompt = {quotes}city | up")
    assert "divisibleby" in film(f"prompt = {quotes}1 is not ")
    assert film(f"prompt = {quotes}'words ") == []


def test_what_is_chosen_replaces_what_was_typed(film: Any) -> None:
    film('prompt = "She meets @To')
    assert any('prompt = "She meets @Tom\n}' in text for text in film.results)
    film("first_frame = last_frame(den.")
    assert any("first_frame = last_frame(den.talk.1\n}" in text for text in film.results)
    film("aspect_ratio = 16:")
    assert any("aspect_ratio = 16:9\n}" in text for text in film.results)


def test_files_that_fit(editor: Any) -> None:
    for name in (
        "cast/Mika.PNG",
        "cast/voice.mp3",
        "cast/.hidden.png",
        "cast/more/x.png",
        "rows.csv",
        "other.sky",
        "move.mp4",
    ):
        editor.put(name, "")
    uri = editor.open(
        'image @Mika = "\nvoice @Mika = "cast/\nvideo @m = "\nvar p from "\nuse "\nshot s { first_frame = "cast/M\n}\n'
    )
    assert editor.labels(uri, 'image @Mika = "') == ["cast/"]
    assert editor.labels(uri, 'voice @Mika = "cast/') == ["more/", "voice.mp3"]
    assert editor.labels(uri, 'video @m = "') == ["cast/", "move.mp4"]
    assert editor.labels(uri, 'from "') == ["cast/", "rows.csv"]
    assert editor.labels(uri, 'use "') == ["cast/", "other.sky"]
    (item, folder) = editor.items(uri, 'first_frame = "cast/M')
    assert (item["label"], folder["label"]) == ("Mika.PNG", "more/")
    assert editor.apply(editor.texts[uri], item).endswith('first_frame = "cast/Mika.PNG\n}\n')


def test_files_outside_the_project_are_not_shown(editor: Any) -> None:
    editor.put("inside.png", "")
    (editor.folder / "away").symlink_to("/")
    uri = editor.open('image @a = "../\nimage @b = "away/\nimage @c = "/\nimage @d = "https://example.com/\n')
    for mark in ('@a = "../', '@b = "away/', '@c = "/', '@d = "https://example.com/'):
        assert editor.labels(uri, mark) == []


def test_editors_without_snippets_get_plain_words(start: Any, window: Any) -> None:
    wire = start()
    editor = window(wire)
    wire.begin(editor.folder, capabilities={})
    uri = editor.open("sho")
    texts = {item["label"]: item["textEdit"]["newText"] for item in editor.items(uri, "sho")}
    assert texts["shot"] == "shot"
    assert texts["when"] == "when ="


def test_names_are_known_while_the_text_is_broken(editor: Any) -> None:
    uri = editor.open(FILM)
    editor.diagnostics(uri)
    editor.type(uri, editor.texts[uri].index("storyboard"), 'shot new { prompt = """ @')
    assert {"@Mika", "@Tom", "@dance"} <= set(editor.labels(uri, '""" @'))
    editor.codes(uri)  # now the broken text is known, too
    assert {"@Mika", "@Tom", "@dance"} <= set(editor.labels(uri, '""" @'))


def test_nothing_is_offered_where_a_name_is_made(film: Any) -> None:
    for written in ("var ", "image ", "image @Ne", "# a comment ", "prompt = 5 "):
        assert film(written) == []
