"""Positions: UTF-16 unless client and server agree on something else, with emoji, Chinese, every line end, and edits that arrive piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from skyflow.lsp.buffers import Buffer
from skyflow.lsp.coordinates import Ruler

SIGNS = st.lists(
    st.sampled_from(
        ["a", "é", "雨", "😀", "👩‍👩‍👧", "\r", "\n", "\r\n", "\u2028", "\x0b", "\x85", "\t", "\ufeff", "e\u0301"]
    ),
    max_size=12,
).map("".join)
ENCODINGS = {"utf-8": lambda sign: len(sign.encode()), "utf-16": lambda sign: len(sign.encode("utf-16-le")) // 2, "utf-32": lambda _: 1}  # fmt: skip


def lines_of(text: str) -> list[str]:
    """The lines by the protocol's three line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
@given(text=SIGNS)
def test_every_offset_has_a_position_and_the_way_back(encoding: str, text: str) -> None:
    ruler, width = Ruler(text, encoding), ENCODINGS[encoding]
    line = column = at = 0
    while at <= len(text):
        found = ruler.position(at)
        assert (found.line, found.character) == (line, column)
        assert ruler.offset(found) == at
        if at == len(text):
            break
        if text[at] in "\r\n":
            at += 2 if text.startswith("\r\n", at) else 1
            line, column = line + 1, 0
        else:
            column += width(text[at])
            at += 1
    assert line == len(lines_of(text)) - 1


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
@given(text=SIGNS, line=st.integers(0, 9), column=st.integers(0, 99))
def test_a_position_that_is_not_there_is_the_nearest_before_it(
    encoding: str, text: str, line: int, column: int
) -> None:
    ruler = Ruler(text, encoding)
    found = ruler.offset(types.Position(line, column))
    back = ruler.position(found)
    assert 0 <= found <= len(text)
    if line < len(lines_of(text)):
        assert back.line == line
        assert back.character <= column
    else:
        assert found == len(text)


def test_between_the_halves_of_a_character() -> None:
    assert Ruler("😀!", "utf-16").offset(types.Position(0, 1)) == 0
    assert Ruler("😀!", "utf-8").offset(types.Position(0, 3)) == 0
    assert Ruler("😀!", "utf-16").offset(types.Position(0, 2)) == 1


@given(text=SIGNS, edits=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), SIGNS), max_size=5))
def test_edits_in_a_row_give_the_text_that_the_editor_has(text: str, edits: list[tuple[int, int, str]]) -> None:
    buffer = Buffer("file:///a.sky", Path("/"), "a.sky", 1, text)
    for first, second, new in edits:
        ruler = Ruler(text, "utf-16")
        start, end = sorted(
            (ruler.offset(ruler.position(min(first, len(text)))), ruler.offset(ruler.position(min(second, len(text)))))
        )
        change = types.TextDocumentContentChangePartial(ruler.range(start, end), new)
        text = text[:start] + new + text[end:]
        buffer = buffer.changed(buffer.version + 1, [change], "utf-16")
    assert buffer.text == text


@given(text=SIGNS, start=st.integers(0, 20), end=st.integers(0, 20))
def test_a_range_is_the_sum_of_its_lines(text: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    pieces = Ruler(text).lines_between(start, end)
    assert "".join(text[a:b] for a, b in pieces) == text[start:end].replace("\r", "").replace("\n", "")


def test_halves_of_characters_are_joined_or_replaced() -> None:
    buffer = Buffer("u", Path("/"), "a.sky", 1, "a\ud83d\ude00b\ud83dc")
    assert buffer.source.text == "a😀b\ufffdc"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "雨の街 ", "😀😀 ", "👩‍👩‍👧 é\u0301 ", "\u2028\u2029"])
def test_what_is_wrong_is_pointed_at(editor: Any, before: str, line_end: str) -> None:
    text = f'defaults {{ model = fast }}\nshot street {{ prompt = "{before}@Mica" }}\n'.replace("\n", line_end)
    uri = editor.open(text)
    (found,) = editor.diagnostics(uri)
    assert editor.covered({"uri": uri, "range": found["range"]}) == "film.sky: @Mica"
    editor.type(uri, text.index("@Mica") + 5, "😀雨")
    (found,) = editor.diagnostics(uri)
    assert editor.covered({"uri": uri, "range": found["range"]}).startswith("film.sky: @Mica")


def test_a_lone_cr_ends_a_line_for_the_editor(editor: Any) -> None:
    uri = editor.open('defaults { model = fast }\rshot street { prompt = "@Mica" }\r')
    found = next(found for found in editor.diagnostics(uri) if found["code"] == "tag-unknown")
    assert found["range"]["start"] == {"line": 1, "character": 24}


@pytest.mark.parametrize(("offered", "column"), [("utf-8", 35), ("utf-32", 28), ("utf-16", 29), ("utf-7", 29)])
def test_the_encoding_is_agreed_on(
    start: Callable[[], Any], tmp_path: Path, window: Callable[..., Any], offered: str, column: int
) -> None:
    wire = start()
    capabilities = wire.begin(tmp_path, capabilities={"general": {"positionEncodings": [offered]}})
    assert capabilities["positionEncoding"] == ("utf-16" if offered == "utf-7" else offered)
    editor = window(wire)
    uri = editor.open('defaults { model = fast }\nshot street { prompt = "雨の😀 @Mica" }\n')
    (found,) = editor.diagnostics(uri)
    assert found["range"]["start"] == {"line": 1, "character": column}
    insertion = {"line": 1, "character": column}
    editor.change(uri, {"range": {"start": insertion, "end": insertion}, "text": "@"})
    assert editor.codes(uri) == []  # `@@Mica` mentions nothing
