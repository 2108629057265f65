"""The token stream that formatter, editor and highlighter read."""

from __future__ import annotations

from skyflow.source import SourceFile
from skyflow.syntax import tokens


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(SourceFile("test.sky", text)) if token.kind != "SPACE"]


def test_white_space_and_comments_are_tokens() -> None:
    found = tokens(SourceFile("test.sky", "takes = 3 # three\r\n\n"))
    assert [token.kind for token in found] == [
        "NAME", "SPACE", "EQUAL", "SPACE", "NUMBER", "SPACE", "COMMENT", "_NEWLINE", "_NEWLINE",
    ]  # fmt: skip
    assert found[6].text == "# three"


def test_a_keyword_has_its_kind_only_where_it_is_one() -> None:
    assert kinds("shot image { at = in }") == [
        ("SHOT", "shot"), ("NAME", "image"), ("LBRACE", "{"), ("NAME", "at"), ("EQUAL", "="), ("NAME", "in"), ("RBRACE", "}"),
    ]  # fmt: skip
    assert kinds("keyframe @at = at at 3s")[-2:] == [("AT", "at"), ("QUANTITY", "3s")]
    assert kinds("keyframe @at = at at 3s")[3] == ("NAME", "at")


def test_unfinished_pieces_have_kinds_of_their_own() -> None:
    assert kinds('x = "abc') == [("NAME", "x"), ("EQUAL", "="), ("OPEN_STRING", '"abc')]
    assert kinds("x = {{ a")[-1] == ("OPEN_TEMPLATE", "{{ a")
    assert kinds('x = """ a')[-1] == ("OPEN_TEXT_BLOCK", '""" a')
    assert kinds("x = ?")[-1] == ("STRAY", "?")


def test_signs_of_another_keyboard_are_what_they_mean() -> None:
    assert kinds("ｘ ＝ ＠a，“b”") == [
        ("NAME", "ｘ"), ("EQUAL", "＝"), ("TAG", "＠a"), ("COMMA", "，"), ("STRING", "“b”"),
    ]  # fmt: skip
