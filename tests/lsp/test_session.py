"""The session: hello and goodbye, diagnostics of the text as it stands, buffers over files, files that are looked at in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILM = 'defaults { model = fast }\nshot street { prompt = "Rain." }\n'


def test_it_says_what_it_can_do(start: Callable[[], Any], tmp_path: Path) -> None:
    capabilities = start().begin(tmp_path)
    for name in (
        "completion", "hover", "definition", "references", "documentSymbol", "codeAction", "documentLink", "documentFormatting", "rename",
        "foldingRange", "semanticTokens", "inlayHint",
    ):  # fmt: skip
        assert capabilities[f"{name}Provider"]
    assert capabilities["textDocumentSync"]["change"] == 2  # only what changed is sent


def test_goodbye_and_going_away(start: Callable[[], Any], tmp_path: Path) -> None:
    polite = start()
    polite.begin(tmp_path)
    assert polite.end() == 0
    rude = start()
    rude.begin(tmp_path)
    assert rude.hang_up() == 1


def test_what_is_wrong_is_said_with_the_version_of_the_text(editor: Any) -> None:
    uri = editor.open(FILM)
    assert editor.diagnostics(uri) == []
    editor.type(uri, FILM.index("Rain"), "@Mika in the ")
    (found,) = editor.diagnostics(uri)
    assert (found["code"], found["severity"], found["source"]) == ("tag-unknown", 1, "skyflow")
    assert found["message"].splitlines()[0] == "`@Mika` is no asset here"
    editor.type(uri, FILM.index("Rain"), "", len("@Mika in the "))
    assert editor.diagnostics(uri) == []


def test_keys_in_a_row_are_one_change(editor: Any) -> None:
    uri = editor.open(FILM)
    for number, key in enumerate("note = 5\n"):
        editor.type(uri, len(FILM) + number, key)
    assert editor.codes(uri) == ["syntax"]  # `note` stands outside a shot
    assert editor.texts[uri].endswith("note = 5\n")


def test_a_second_place_and_an_unused_name(editor: Any) -> None:
    uri = editor.open(
        'defaults { model = fast }\nvar city = "Tokyo"\nvar city = "Osaka"\nshot street { prompt = "Rain." }\n'
    )
    duplicate, unused = sorted(editor.diagnostics(uri), key=lambda found: str(found["code"]))
    assert duplicate["code"] == "name-duplicate"
    (related,) = duplicate["relatedInformation"]
    assert related["location"]["range"]["start"]["line"] == 1
    assert unused["code"] == "name-unused"
    assert unused["tags"] == [1]  # shown faded


def test_a_value_that_is_given_from_outside_is_no_mistake_in_an_editor(editor: Any) -> None:
    uri = editor.open('defaults { model = fast }\nvar city\nshot street { prompt = "{{ city }}" }\n')
    (found,) = editor.diagnostics(uri)
    assert (found["code"], found["severity"]) == ("var-missing", 3)


def test_values_can_be_given_to_the_editor(
    start: Callable[[], Any], tmp_path: Path, window: Callable[..., Any]
) -> None:
    wire = start()
    wire.begin(tmp_path, initializationOptions={"variables": {"city": ["Tokyo", "@Mika"]}})
    editor = window(wire)
    uri = editor.open('defaults { model = fast }\nvar city\nshot street { prompt = "{{ city }}" }\n')
    (found,) = editor.diagnostics(uri)
    assert found["code"] == "tag-unknown"
    assert "in variant city=@Mika" in found["message"]
    wire.tell("workspace/didChangeConfiguration", {"settings": {"skyflow": {"variables": {"city": "Osaka"}}}})
    editor.until_codes(uri, [])


def test_unsaved_buffers_rule_over_files(editor: Any) -> None:
    editor.put("cast.sky", 'image @Mika = "https://example.com/a.png"\n')
    film = editor.open('use "cast.sky"\ndefaults { model = fast }\nshot street { prompt = "@Mika walks." }\n')
    assert editor.codes(film) == []
    cast = editor.open('image @Mio = "https://example.com/a.png"\n', "cast.sky")
    editor.until_codes(film, ["tag-unknown"])
    editor.write(cast, 'image @Mika = "https://example.com/a.png"\n')
    editor.until_codes(film, [])
    editor.write(cast, 'image @Mio = "https://example.com/a.png"\n')
    editor.until_codes(film, ["tag-unknown"])
    editor.close(cast)  # the file on the disk still says @Mika
    editor.until_codes(film, [])


def test_a_mistake_in_a_used_file_is_said_there_and_taken_back(editor: Any) -> None:
    cast = editor.put("cast.sky", 'image @Mika = "a.png\n')
    film = editor.open('use "cast.sky"\ndefaults { model = fast }\nshot street { prompt = "Rain." }\n')
    editor.diagnostics(film)
    editor.until_codes(cast, ["syntax"])
    editor.close(film)
    editor.until_codes(cast, [])


def test_a_mistake_of_two_films_is_said_once(editor: Any) -> None:
    cast = editor.put("cast.sky", 'image @Mika = "a.png\n')
    text = 'use "cast.sky"\ndefaults { model = fast }\nshot street { prompt = "Rain." }\n'
    for name in ("one.sky", "two.sky"):
        editor.diagnostics(editor.open(text, name))
    editor.until_codes(cast, ["syntax"])


def test_settings_of_the_project_are_checked_and_hold(editor: Any) -> None:
    settings = editor.put("skyflow.toml", "[project]\nvariants-limit = 1\nprices = 5\n")
    film = editor.open('defaults { model = fast }\nvar city = "A" | "B"\nshot street { prompt = "{{ city }}" }\n')
    assert editor.codes(film) == []
    editor.until_codes(settings, ["config-invalid"])
    editor.put("skyflow.toml", "[project]\nvariants-limit = 1\n")
    editor.wire.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": settings, "type": 2}]})
    editor.until_codes(film, ["variants-too-many"])


def test_media_are_looked_at_in_the_background(editor: Any, png: Any) -> None:
    editor.put("wide.png", png(64, 36))
    editor.put("mika.png", b"this is no picture")
    text = 'defaults { model = fast }\nshot street { first_frame = "NAME"\n  prompt = "Rain." }\n'
    uri = editor.open(text.replace("NAME", "wide.png"))
    assert editor.codes(uri) == []
    editor.write(uri, text.replace("NAME", "mika.png"))
    editor.until_codes(uri, ["file-type"])
    editor.write(uri, text.replace("NAME", "gone.png"))
    editor.until_codes(uri, ["file-missing"])
    address = editor.put("gone.png", png(64, 36))
    editor.wire.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": address, "type": 1}]})
    editor.until_codes(uri, [])


def test_nothing_is_said_of_a_file_before_it_was_looked_at(editor: Any) -> None:
    """The first diagnostics of a text never speak of its media: they could only guess."""
    names = ["a.png", "b.webp", "c.mp4", "d.mp3", "nothing", "odd.dat"]
    text = "defaults { model = fast }\n" + "".join(
        f'shot s{number} {{ first_frame = "{name}"\n  prompt = "Rain." }}\n' for number, name in enumerate(names)
    )
    uri = editor.open(text)
    first = {found["code"] for found in editor.diagnostics(uri)}
    assert first <= {"image-format", "file-missing"}  # what a name alone tells; or it was looked at in time
    editor.until_codes(uri, ["file-missing"] * len(names))


def test_hints_are_drawn_anew_when_more_is_known(editor: Any, png: Any) -> None:
    editor.put("cast/mika.png", png(30, 30))
    editor.wire.asked.clear()
    uri = editor.open('defaults { model = fast }\nimage @Mika = "cast/mika.png"\nshot street { prompt = "@Mika" }\n')
    editor.diagnostics(uri)
    editor.wire.until(lambda: "workspace/inlayHint/refresh" in editor.wire.asked)


def test_a_text_that_was_never_saved(editor: Any) -> None:
    uri = "untitled:Untitled-1"
    item = {"uri": uri, "languageId": "skyflow", "version": 1, "text": 'shot street { prompt = "Rain." }\n'}
    editor.wire.tell("textDocument/didOpen", {"textDocument": item})
    editor.versions[uri], editor.texts[uri] = 1, str(item["text"])
    assert editor.codes(uri) == ["model-required"]


@pytest.mark.parametrize(
    "uri", ["file:///no/such/place/film.sky", "file:///", "git:/a/b.sky?ref=HEAD", "film.sky", "file://%00/a.sky", ""]
)
def test_odd_addresses_end_nothing(editor: Any, uri: str) -> None:
    item = {"uri": uri, "languageId": "skyflow", "version": 1, "text": 'shot street { prompt = "Rain." }\n'}
    editor.wire.tell("textDocument/didOpen", {"textDocument": item})
    editor.versions[uri], editor.texts[uri] = 1, str(item["text"])
    assert editor.codes(uri) == ["model-required"]


def test_questions_about_texts_that_are_not_open_have_no_answer(editor: Any) -> None:
    uri = editor.uri("closed.sky")
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    assert editor.wire.ask("textDocument/completion", place) is None
    assert editor.wire.ask("textDocument/hover", place) is None
    assert editor.ask(uri, "documentSymbol") is None
    editor.wire.tell(
        "textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": ""}]}
    )
    editor.wire.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.ask(uri, "formatting", options={"tabSize": 2, "insertSpaces": True}) is None


def test_a_question_about_a_text_that_changes_meanwhile_is_told_so(editor: Any) -> None:
    uri = editor.open(FILM)
    editor.diagnostics(uri)
    editor.type(uri, len(FILM), "\n")
    number = editor.wire.ask_later("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    editor.type(uri, len(FILM), "\n")
    outcome = editor.wire.outcome(number)
    names = [entry["name"] for entry in outcome.get("result", ())]
    assert outcome.get("error", {}).get("code") == -32801 or names == [
        "defaults",
        "street",
    ]  # ContentModified, unless it was fast


def test_what_cannot_be_read_is_answered_and_forgotten(
    editor: Any, refused: Any, start: Callable[[], Any], tmp_path: Path
) -> None:
    wire = start()
    wire.begin(tmp_path)
    for params in (None, {}, [], {"textDocument": {"uri": 5}, "position": {"line": -1, "character": "x"}}):
        with pytest.raises(refused):
            wire.ask("textDocument/hover", params)
    with pytest.raises(refused):
        wire.ask("textDocument/noSuchQuestion", {})
    wire.tell("textDocument/didChange", {"textDocument": {}})
    wire.tell("no/such/thing", {"a": [1]})
    wire.send({"method": 5})
    assert wire.end() == 0


def test_a_cancelled_question_does_no_harm(editor: Any) -> None:
    uri = editor.open(FILM)
    number = editor.wire.ask_later("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})
    editor.wire.tell("$/cancelRequest", {"id": number})
    outcome = editor.wire.outcome(number)
    assert "data" in (outcome.get("result") or {}) or outcome["error"]["code"] == -32800  # RequestCancelled
    assert editor.codes(uri) == []


def test_a_storyboard_with_many_variants_is_glanced_at_first(editor: Any) -> None:
    """What the first variants show is said at once; the mistake of the last of 20,000 comes later, and so does what is unused."""
    editor.put("rows.csv", "name,copy\n" + "".join(f"r{number},fine\n" for number in range(19_999)) + "last,@nobody\n")
    uri = editor.open(
        'defaults { model = fast }\nvar p from "rows.csv"\nimage @Mika = "https://example.com/a.png"\nshot s { prompt = "{{ p.copy }} {{ p.name }}" }\nshot t { prompt = "@Tom {{ p.name }}" }\n'
    )
    assert editor.codes(uri) == ["tag-unknown"]
    assert "@Tom" in editor.diagnostics(uri)[0]["message"]


def test_watching_files_is_asked_for(start: Callable[[], Any], tmp_path: Path) -> None:
    wire = start()
    capabilities = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    wire.begin(tmp_path, capabilities=capabilities)
    wire.until(lambda: "client/registerCapability" in wire.asked)


def test_a_project_behind_a_link_keeps_the_editors_addresses(editor: Any) -> None:
    editor.put("real/skyflow.toml", "")
    editor.put("real/cast.sky", 'image @Mika = "a.png\n')
    (editor.folder / "link").symlink_to("real")
    uri = editor.open('use "cast.sky"\ndefaults { model = fast }\nshot s { prompt = "Rain." }\n', "link/film.sky")
    editor.diagnostics(uri)
    editor.until_codes(editor.uri("link/cast.sky"), ["syntax"])
