"""The shape of a file: outline, folds, colours, links, hints."""

from __future__ import annotations

from typing import Any

FILM = '''\
# A film,
# in two lines of comment.
storyboard "Neon 😀"
use "cast/all.sky"

defaults {
  model = fast
  resolution = 720p
}

var city = "Tokyo" | "Osaka"   # an axis
image @Mika = "cast/front.png",
  "https://example.com/side.png"

scene den for guest in ["Ann"] {
  shot talk {
    prompt = """
      @Mika meets {{ guest | upper }} 雨,
      {{ 1 if city is defined else "@Mika" }}.
    """
    takes = 2
  }
}

shot image {
  first_frame = last_frame(den.1.talk)
  prompt = "Bye."
}
'''


def open_film(editor: Any) -> str:
    editor.put("cast/all.sky", "")
    uri: str = editor.open(FILM)
    return uri


def test_the_outline(editor: Any) -> None:
    entries = editor.ask(open_film(editor), "documentSymbol")
    assert [(entry["name"], entry.get("detail")) for entry in entries] == [
        ("Neon 😀", None),
        ("cast/all.sky", "use"),
        ("defaults", None),
        ("city", '"Tokyo" | "Osaka"'),
        ("@Mika", "image"),
        ("den", 'for guest in ["Ann"]'),
        ("image", None),
    ]
    (talk,) = entries[5]["children"]
    assert talk["name"] == "talk"
    for entry in (*entries, talk):
        outer, inner = entry["range"], entry["selectionRange"]
        assert (outer["start"]["line"], outer["start"]["character"]) <= (
            inner["start"]["line"],
            inner["start"]["character"],
        )
        assert (inner["end"]["line"], inner["end"]["character"]) <= (outer["end"]["line"], outer["end"]["character"])


def test_folds(editor: Any) -> None:
    found = editor.ask(open_film(editor), "foldingRange")
    assert {(fold["startLine"], fold["endLine"], fold.get("kind")) for fold in found} == {
        (0, 1, "comment"),
        (5, 7, None),
        (11, 12, None),
        (14, 21, None),
        (15, 20, None),
        (16, 19, None),
        (24, 26, None),
    }


def painted(editor: Any, uri: str, what: str = "semanticTokens/full", **more: Any) -> list[tuple[str, str, int]]:
    """What is coloured: the words, their type and modifiers. Every piece stands on one line, and they come in order."""
    legend = ("keyword", "property", "variable", "class", "namespace", "decorator", "string", "number", "enumMember", "function", "comment", "operator")  # fmt: skip
    data = editor.ask(uri, what, **more)["data"]
    lines = editor.texts[uri].split("\n")
    found, line, column = [], 0, 0
    for at in range(0, len(data), 5):
        down, right, length, kind, modifiers = data[at : at + 5]
        line, column = line + down, right if down else column + right
        words = lines[line].encode("utf-16-le")[2 * column : 2 * (column + length)].decode("utf-16-le")
        assert words
        found.append((words, legend[kind], modifiers))
    return found


def test_colours(editor: Any) -> None:
    found = painted(editor, open_film(editor))
    for expected in [
        ("# in two lines of comment.", "comment", 0),
        ("storyboard", "keyword", 0),
        ('"Neon 😀"', "string", 0),
        ("model", "property", 0),
        ("fast", "enumMember", 0),
        ("720p", "number", 0),
        ("city", "variable", 1),
        ("@Mika", "decorator", 1),
        ("den", "namespace", 1),
        ("guest", "variable", 1),
        ("in", "keyword", 0),
        ("talk", "class", 1),
        ("@Mika", "decorator", 0),
        (" meets ", "string", 0),
        ("{{", "operator", 0),
        ("guest", "variable", 0),
        ("|", "operator", 0),
        ("upper", "function", 2),
        ("}}", "operator", 0),
        (" 雨,", "string", 0),
        ("1", "number", 0),
        ("if", "keyword", 0),
        ("defined", "function", 2),
        ("image", "class", 1),  # a shot may be called like a keyword
        ("last_frame", "function", 0),
        ("den", "namespace", 0),
        ("talk", "class", 0),
    ]:
        assert expected in found
    assert ("image", "keyword", 0) in found
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    uri = editor.uri("film.sky")
    assert painted(editor, uri, "semanticTokens/range", range=whole) == found
    part = {"start": {"line": 5, "character": 0}, "end": {"line": 6, "character": 9}}
    words = [word for word, _, _ in painted(editor, uri, "semanticTokens/range", range=part)]
    assert words == ["defaults", "model"]


def test_links(editor: Any) -> None:
    uri = open_film(editor)
    found = {
        editor.covered({"uri": uri, "range": link["range"]}): link["target"] for link in editor.ask(uri, "documentLink")
    }
    assert found == {
        "film.sky: cast/all.sky": editor.uri("cast/all.sky"),
        "film.sky: cast/front.png": editor.uri("cast/front.png"),
        "film.sky: https://example.com/side.png": "https://example.com/side.png",
    }


def hinted(editor: Any, uri: str, **more: Any) -> list[tuple[int, int, str]]:
    found = editor.wire.ask("textDocument/inlayHint", {**editor.whole(uri), **more})
    return [(hint["position"]["line"], hint["position"]["character"], hint["label"]) for hint in found]


def test_hints_tell_mode_length_and_cost(editor: Any, png: Any) -> None:
    editor.put("cast/front.png", png(8, 8))
    uri = open_film(editor)
    wanted = [(15, 11, "Omni · 5 s · 1.10 USD"), (24, 10, "I2V · 5 s · 0.55 USD")]
    assert hinted(editor, uri) == wanted
    part = {"range": {"start": {"line": 20, "character": 0}, "end": {"line": 26, "character": 0}}}
    assert hinted(editor, uri, **part) == wanted[1:]


def test_a_reference_of_unknown_length_costs_about_something(editor: Any) -> None:
    text = 'defaults { model = fast }\nvideo @dance = "https://example.com/a.mp4"\nshot s { prompt = "She copies @dance." }\n'
    assert hinted(editor, editor.open(text)) == [(2, 6, "Omni · 10 s · about 5.00 USD")]


def test_the_projects_own_prices_hold(editor: Any) -> None:
    from importlib.resources import files

    table = files("skyflow.contract").joinpath("prices.toml").read_text(encoding="utf-8")
    editor.put("prices.toml", table.replace("0.275", "0.2"))
    editor.put("skyflow.toml", '[project]\nprices = "prices.toml"\n')
    uri = editor.open('defaults { model = fast }\nshot s { prompt = "Rain." }\n')
    assert hinted(editor, uri) == [(1, 6, "T2V · 5 s · 1.00 USD")]
    editor.put("prices.toml", "nonsense")
    editor.wire.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": editor.uri("prices.toml"), "type": 2}]})
    editor.until_codes(editor.uri("skyflow.toml"), ["config-invalid"])


def test_a_shot_with_a_mistake_has_no_hint_and_hides_no_other(editor: Any) -> None:
    uri = editor.open('defaults { model = fast }\nshot a { duration = 99s\n  prompt = "A" }\nshot b { prompt = "B" }\n')
    assert hinted(editor, uri) == [(3, 6, "T2V · 5 s · 1.375 USD")]


def test_a_broken_text_has_a_shape_too(editor: Any) -> None:
    uri = editor.open(
        'shot one {\n  prompt = "A"\n\nshot two {\n  prompt = """\n    B {{ \n}\nscene three { shot four { }\n'
    )
    names = [entry["name"] for entry in editor.ask(uri, "documentSymbol")]
    assert {"one", "two"} <= set(names)
    assert painted(editor, uri)
    editor.ask(uri, "foldingRange")
    editor.ask(uri, "documentLink")
