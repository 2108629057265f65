"""Quick fixes and formatting."""

from __future__ import annotations

from typing import Any

from skyflow.formatter import format_text
from skyflow.source import SourceFile

WRONG = """\
defaults { model = fast }
image @Mika = "https://example.com/a.png"
var city = "Tokyo"
shot street { prompt = "@Mica walks." }
shot bar { prompt = "A bar in {{ citty }}, with @Mika." }
shot bye {
  end_frame = last_frame(street)
  prompt = "Bye."
}
"""


def actions(editor: Any, uri: str, **context: Any) -> list[Any]:
    found: list[Any] = editor.wire.ask(
        "textDocument/codeAction", {**editor.whole(uri), "context": {"diagnostics": [], **context}}
    )
    return found


def take(editor: Any, uri: str, action: Any) -> str:
    (edits,) = action["edit"]["changes"].values()
    return str(editor.edited(editor.texts[uri], edits))


def test_each_mistake_offers_its_fix(editor: Any) -> None:
    uri = editor.open(WRONG)
    found = {action["title"]: action for action in actions(editor, uri, only=["quickfix"])}
    assert set(found) == {"Write `@Mika`", "Write `city`", "Write `last_frame`"}
    for action in found.values():
        assert action["kind"] == "quickfix"
        # A name may be meant otherwise: it is offered, and never mended without asking.
        assert action.get("isPreferred", False) == (action["title"] != "Write `@Mika`")
        (mended,) = action["diagnostics"]
        assert mended in editor.diagnostics(uri)
    assert "@Mika walks." in take(editor, uri, found["Write `@Mika`"])
    assert "{{ city }}" in take(editor, uri, found["Write `city`"])


def test_only_what_is_under_the_cursor(editor: Any) -> None:
    uri = editor.open(WRONG)
    at = editor.at(uri, "citty", 2)["position"]
    question = {
        "textDocument": {"uri": uri},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "only": ["quickfix"]},
    }
    (action,) = editor.wire.ask("textDocument/codeAction", question)
    assert action["title"] == "Write `city`"


def test_all_certain_fixes_at_once(editor: Any) -> None:
    uri = editor.open(WRONG)
    for only in (["source.fixAll"], ["source"], ["source.fixAll.skyflow"]):
        (action,) = actions(editor, uri, only=only)
        assert action["kind"] == "source.fixAll.skyflow"
    editor.write(uri, take(editor, uri, action))
    assert editor.codes(uri) == ["tag-unknown"]
    assert [action["title"] for action in actions(editor, uri)] == ["Write `@Mika`"]
    assert actions(editor, uri, only=["refactor"]) == []


def test_a_fix_that_is_a_guess_is_not_taken_with_the_others(editor: Any) -> None:
    uri = editor.open(
        'defaults { model = fast }\nimage @Mika = "https://example.com/m.png"\nshot s { prompt = "@Mica and @Mika." }\n'
    )
    (action,) = actions(editor, uri)
    assert "isPreferred" not in action
    assert 'prompt = "@Mika and @Mika."' in take(editor, uri, action)


def test_signs_of_another_keyboard(editor: Any) -> None:
    uri = editor.open("defaults ｛ model ＝ fast ｝\nshot s { prompt = “雨。” }\n")
    everything = actions(editor, uri, only=["source.fixAll"])[0]
    assert take(editor, uri, everything) == 'defaults { model = fast }\nshot s { prompt = "雨。" }\n'


def format_in(editor: Any, uri: str) -> list[Any]:
    found: list[Any] = editor.ask(uri, "formatting", options={"tabSize": 2, "insertSpaces": True})
    return found


def test_formatting_is_that_of_fmt_in_small_edits(editor: Any) -> None:
    text = 'defaults {model=fast}\n# 😀\n\n\n\nshot s   {\nprompt="Rain."\n}\n\nshot t {\n  prompt = "Snow."\n}\n'
    uri = editor.open(text)
    edits = format_in(editor, uri)
    assert editor.edited(text, edits) == format_text(SourceFile("film.sky", text)) != text
    assert all("Snow" not in edit["newText"] for edit in edits)  # what is well stays untouched
    editor.write(uri, editor.edited(text, edits))
    assert format_in(editor, uri) == []


def test_formatting_what_is_broken(editor: Any) -> None:
    text = 'shot s {\nprompt = "Rain\n}\nshot   t { prompt="Snow." }\n'
    uri = editor.open(text)
    assert editor.edited(text, format_in(editor, uri)) == format_text(SourceFile("film.sky", text))


def test_a_warning_can_be_allowed_where_it_is_meant(editor: Any) -> None:
    text = 'defaults { model = fast }\r\nimage @Mika = "https://example.com/a.png"\r\nshot s {\r\n  takes = 2\r\n  prompt = """\r\n    <sfx>rain\r\n  """\r\n}\r\n'
    uri = editor.open(text)
    assert editor.codes(uri) == ["name-unused", "cue-unbalanced"]
    for title in ("Allow name-unused here", "Allow cue-unbalanced here"):
        found = {action["title"]: action for action in actions(editor, uri)}
        editor.write(uri, take(editor, uri, found[title]))
    assert editor.texts[uri].count("# allow: ") == 2
    assert "  # allow: cue-unbalanced\r\n  prompt" in editor.texts[uri]
    assert editor.codes(uri) == []


def test_an_error_cannot_be_allowed(editor: Any) -> None:
    uri = editor.open('shot s {\n  duration = 99s\n  prompt = "Rain."\n}\n')
    assert not any(action["title"].startswith("Allow") for action in actions(editor, uri))


def test_what_the_project_allows_is_quiet_and_what_it_allows_idly_is_told_there(editor: Any) -> None:
    editor.put("skyflow.toml", '[allow]\nrules = ["name-unused", "shot-repeated"]\n')
    uri = editor.open('defaults { model = fast }\nvar idle = 1\nshot street { prompt = "Rain." }\n')
    assert editor.codes(uri) == []
    editor.until_codes(editor.uri("skyflow.toml"), ["allow-unused"])
