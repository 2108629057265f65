"""Definitions, references and new names, across files."""

from __future__ import annotations

from typing import Any

import pytest

CAST = """\
var mood = "hopeful"
image @Mika = "https://example.com/a.png"
defaults { look = "{{ mood }} light" }
"""
FILM = """\
use "cast.sky"
defaults { model = fast }
var city = "Tokyo" | "Osaka"
var p from "rows.csv"
voice @Mika = "https://example.com/a.mp3"

scene den {
  var light = "warm {{ mood }}"
  shot talk for guest in ["Ann", "Bo"] {
    keyframe @door = "https://example.com/d.png" at 2s
    prompt = "@door opens in {{ city }}. {{ guest }} in {{ light }}. {{ p.copy }}"
  }
  shot walk {
    prompt = "@Mika walks in {{ city }}, {{ "@Mika" if city == "Tokyo" else "she" }} smiles. 😀 @Mika's {{ mood }}"
  }
}

shot street {
  first_frame = last_frame(den.talk.2)
  prompt = "Rain in {{ city }}"
}
shot bye {
  first_frame = last_frame(previous)
  prompt = "Bye"
}
"""
OTHER = 'use "cast.sky"\ndefaults { model = std }\nshot other { prompt = "@Mika: {{ mood }}" }\n'
ROWS = "name,copy\nmug,Hot\ncup,Cold\n"


@pytest.fixture
def film(editor: Any) -> str:
    for name, text in (("cast.sky", CAST), ("film.sky", FILM), ("sub/../other.sky", OTHER), ("rows.csv", ROWS)):
        editor.put(name, text)
    uri: str = editor.open(FILM)
    assert editor.codes(uri) == []
    return uri


def define(editor: Any, uri: str, mark: str, after: int = 0) -> str:
    found = editor.wire.ask("textDocument/definition", editor.at(uri, mark, after))
    return str(editor.covered(found)) if found is not None else ""


def line_of(editor: Any, uri: str, mark: str, after: int = 0) -> tuple[str, int]:
    found = editor.wire.ask("textDocument/definition", editor.at(uri, mark, after))
    return found["uri"].rpartition("/")[2], found["range"]["start"]["line"]


def references(editor: Any, uri: str, mark: str, after: int = 0, *, declarations: bool = True) -> list[str]:
    context = {"context": {"includeDeclaration": declarations}}
    found = editor.wire.ask("textDocument/references", {**editor.at(uri, mark, after), **context})
    return [f"{place['uri'].rpartition('/')[2]}:{place['range']['start']['line'] + 1}" for place in found]


def test_definitions(editor: Any, film: str) -> None:
    assert line_of(editor, film, "@Mika walks", 1) == ("cast.sky", 1)
    assert line_of(editor, film, "@door opens") == ("film.sky", 9)
    assert line_of(editor, film, "mood }}") == ("cast.sky", 0)
    assert line_of(editor, film, "light }}") == ("film.sky", 7)
    assert line_of(editor, film, "guest }}") == ("film.sky", 8)
    assert line_of(editor, film, "den.talk.2") == ("film.sky", 6)
    assert line_of(editor, film, "den.talk.2", 5) == ("film.sky", 8)
    assert line_of(editor, film, "previous") == ("film.sky", 17)
    assert define(editor, film, "p.copy", 3) == "rows.csv: copy"
    assert line_of(editor, film, "cast.sky") == ("cast.sky", 0)
    assert line_of(editor, film, "rows.csv") == ("rows.csv", 0)
    assert define(editor, film, "walks in") == ""


@pytest.mark.parametrize(("name", "text"), [("t.json", '[{"a b": 1, "c": 2}]'), ("t.jsonl", '{"a b": 1, "c": 2}\n'), ("t.csv", '\n"a b", c\n1,2\n')])  # fmt: skip
def test_columns_are_found_in_every_kind_of_table(editor: Any, name: str, text: str) -> None:
    editor.put(name, text)
    uri = editor.open(
        f'defaults {{ model = fast }}\nvar p from "{name}"\nshot s {{ prompt = "{{{{ p["a b"] }}}} {{{{ p.c }}}}" }}\n'
    )
    assert define(editor, uri, 'a b"]').strip('"') == f"{name}: a b" or define(editor, uri, 'a b"]') == f'{name}: "a b"'
    assert define(editor, uri, "p.c", 2) == f"{name}: c"


def test_references_across_files(editor: Any, film: str) -> None:
    tag = ["cast.sky:2", "film.sky:5", "film.sky:14", "film.sky:14", "film.sky:14", "other.sky:3"]
    assert references(editor, film, "@Mika walks", 1) == tag
    assert references(editor, film, "@Mika walks", 1, declarations=False) == tag[2:]
    variable = ["cast.sky:1", "cast.sky:3", "film.sky:8", "film.sky:14", "other.sky:3"]
    assert references(editor, film, "mood }}") == variable
    assert references(editor, film, "talk for") == ["film.sky:9", "film.sky:19"]
    assert references(editor, film, "den {") == ["film.sky:7", "film.sky:19"]
    cast = editor.open(CAST, "cast.sky")
    assert references(editor, cast, "mood =") == variable


def test_what_is_named_here_is_marked(editor: Any, film: str) -> None:
    found = editor.wire.ask("textDocument/documentHighlight", editor.at(film, "city ="))
    assert [place["range"]["start"]["line"] for place in found] == [2, 10, 13, 13, 19]


# --- new names ------------------------------------------------------------------------------------------------------


def bodies(project: Any, editor: Any, path: str = "film.sky") -> list[Any]:
    from skyflow.assets import DiskFiles
    from skyflow.pipeline import open_storyboard

    for uri, text in editor.texts.items():
        editor.put(uri.removeprefix(editor.folder.as_uri() + "/"), text)
    storyboarding = open_storyboard(path, DiskFiles(editor.folder))
    assert storyboarding.check() == ()
    return [clip.request for clip in storyboarding.clips()]


@pytest.mark.parametrize(
    ("mark", "after", "name", "changed"),
    [
        ("mood }}", 1, "feeling", {"cast.sky": 2, "film.sky": 2, "other.sky": 1}),
        ("city =", 0, "stadt", {"film.sky": 5}),
        ("guest }}", 0, "visitor", {"film.sky": 2}),
        ("den {", 0, "cave-2", {"film.sky": 2}),
        ("den.talk", 5, "speak", {"film.sky": 2}),
        ("light =", 0, "Schein", {"film.sky": 2}),
    ],
)
def test_a_new_name_changes_every_place_and_no_film(
    editor: Any, film: str, project: Any, mark: str, after: int, name: str, changed: dict[str, int]
) -> None:
    before, other = bodies(project, editor), bodies(project, editor, "other.sky")
    old = {path: (editor.folder / path).read_text() for path in changed}
    editor.rename(film, mark, name, after)
    assert bodies(project, editor) == before
    assert bodies(project, editor, "other.sky") == other
    for path, count in changed.items():
        text = (editor.folder / path).read_text()
        assert text != old[path]
        assert text.count(name) == count


def test_a_new_tag(editor: Any, film: str, project: Any) -> None:
    before = bodies(project, editor)
    editor.rename(film, "@Mika walks", "小雨", 2)
    after = bodies(project, editor)
    assert [str(body).replace("@小雨", "@Mika") for body in after] == [str(body) for body in before]
    assert "@Mika" not in (editor.folder / "other.sky").read_text() + (editor.folder / "cast.sky").read_text()
    editor.rename(film, "@door opens", "@gate-1")
    assert "@gate-1 opens" in editor.texts[film]
    assert bodies(project, editor)


def test_versions_are_told_where_the_editor_can_tell_texts_apart(start: Any, window: Any) -> None:
    wire = start()
    editor = window(wire)
    wire.begin(editor.folder, capabilities={"workspace": {"workspaceEdit": {"documentChanges": True}}})
    editor.put("cast.sky", CAST)
    uri = editor.open('use "cast.sky"\ndefaults { model = fast }\nshot s { prompt = "{{ mood }}" }\n')
    editor.diagnostics(uri)
    edit = wire.ask("textDocument/rename", {**editor.at(uri, "mood }}"), "newName": "feeling"})
    told = {change["textDocument"]["uri"]: change["textDocument"]["version"] for change in edit["documentChanges"]}
    assert told == {uri: 1, editor.uri("cast.sky"): None}


def refusal(refused: Any, editor: Any, uri: str, mark: str, name: str, after: int = 0) -> str:
    with pytest.raises(refused) as caught:
        editor.wire.ask("textDocument/rename", {**editor.at(uri, mark, after), "newName": name})
    assert caught.value.code == -32803  # RequestFailed: the message is shown
    return str(caught.value)


@pytest.mark.parametrize(
    ("mark", "after", "name", "reason"),
    [
        ("city =", 0, "2x", "is no name of a variable"),
        ("city =", 0, "a-b", "is no name of a variable"),
        ("city =", 0, "true", "is a word of the language"),
        ("city =", 0, "mood", "cannot become mood"),  # it would hide the one of the cast
        ("city =", 0, "light", "cannot become light"),  # hidden by the one of the scene
        ("city =", 0, "guest", "cannot become guest"),
        ("city =", 0, "p", "cannot become p: `p` is declared twice"),
        ("@Mika", 0, "a b", "is no tag"),
        ("@Mika", 0, "", "is no tag"),
        ("street {", 0, "bye", "cannot become bye"),
        ("street {", 0, "den", "cannot become den"),
        ("street {", 0, "a.b", "is no name of a shot"),
        ("street {", 0, "previous", "is a word of the language"),
        ("previous", 0, "x", "stands for one"),
        ("copy }}", 0, "text", "a column is named in its table"),
        ("cast.sky", 0, "x", "a file is renamed on the disk"),
    ],
)
def test_a_name_that_cannot_be(
    editor: Any, refused: Any, film: str, mark: str, after: int, name: str, reason: str
) -> None:
    assert reason in refusal(refused, editor, film, mark, name, after)


def test_a_tag_that_another_one_has_or_goes_on_from(editor: Any, refused: Any) -> None:
    uri = editor.open(
        'defaults { model = fast }\nimage @小雨 = "https://example.com/a.png"\nimage @Tom = "https://example.com/b.png"\n'
        'shot s { prompt = "@小雨, @Tom走进" }\n'
    )
    assert editor.codes(uri) == []
    assert "`@小雨` is declared twice" in refusal(refused, editor, uri, "@Tom", "@小雨")
    # `@Tom走进` would mention the other one from then on.
    assert "would make another film" in refusal(refused, editor, uri, "@小雨", "@Tom走")


def test_a_mention_that_only_a_table_makes(editor: Any, refused: Any) -> None:
    editor.put("rows.csv", "name,copy\nmug,@Mika holds it\n")
    uri = editor.open(
        'defaults { model = fast }\nvar p from "rows.csv"\nimage @Mika = "https://example.com/a.png"\nshot s { prompt = "{{ p.copy }}" }\n'
    )
    assert editor.codes(uri) == []
    assert "`@Mika` is no asset here" in refusal(refused, editor, uri, "@Mika", "@Mio")


def test_a_mention_that_an_expression_makes(editor: Any, refused: Any) -> None:
    uri = editor.open(
        'defaults { model = fast }\nvar n = "Mika"\nimage @Mika = "https://example.com/a.png"\nshot s { prompt = "{{ "@" ~ n }} walks" }\n'
    )
    assert editor.codes(uri) == []
    assert "@Mika cannot become @Mio" in refusal(refused, editor, uri, "@Mika", "@Mio")


def test_a_name_that_is_spelt_in_another_way(editor: Any, refused: Any) -> None:
    uri = editor.open(
        'defaults { model = fast }\nimage @Mika = "https://example.com/a.png"\nshot s { prompt = "\\u{40}Mika walks" }\n'
    )
    assert editor.codes(uri) == []
    assert "in another way" in refusal(refused, editor, uri, "@Mika", "@Mio")


def test_a_name_in_what_cannot_be_read(editor: Any, refused: Any) -> None:
    uri = editor.open(
        'defaults { model = fast }\nvar city = "Tokyo"\nshot s { prompt = "{{ city }}" }\nshot t { prompt = {{ city }\n}\n'
    )
    assert "cannot be read; mend that first" in refusal(refused, editor, uri, "city", "town")
    uri = editor.open('use "gone.sky"\nvar city = "Tokyo"\nshot s { prompt = "{{ city }}" }\n', "b.sky")
    assert "uses a file that cannot be read" in refusal(refused, editor, uri, "city", "town")


def test_defaults_have_the_values_of_the_shot(editor: Any, project: Any) -> None:
    """A default reads a name that shots give their own values: all of them get the new name."""
    text = 'defaults { model = fast\n  look = "{{ light }}" }\nvar light = "day"\nshot a { prompt = "A" }\nshot b { var light = "night"\n  prompt = "B" }\n'
    uri = editor.open(text)
    editor.rename(uri, "light =", "lamp")
    assert editor.texts[uri] == text.replace("light", "lamp")


def test_prepare(editor: Any, refused: Any, film: str) -> None:
    found = editor.wire.ask("textDocument/prepareRename", editor.at(film, "@Mika walks", 2))
    assert found["placeholder"] == "@Mika"
    assert editor.covered({"uri": film, "range": found["range"]}) == "film.sky: @Mika"
    assert editor.wire.ask("textDocument/prepareRename", editor.at(film, "walks in")) is None
    with pytest.raises(refused, match="stands for one"):
        editor.wire.ask("textDocument/prepareRename", editor.at(film, "previous"))


def test_unsaved_buffers_are_renamed_as_they_are(editor: Any, film: str) -> None:
    other = editor.open(OTHER.replace("{{ mood }}", "{{ mood }} and {{ mood }}"), "other.sky")
    editor.diagnostics(other)
    editor.rename(film, "mood }}", "feeling")
    assert editor.texts[other].count("{{ feeling }}") == 2
    assert (editor.folder / "other.sky").read_text() == OTHER
