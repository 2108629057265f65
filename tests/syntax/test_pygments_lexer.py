"""The Pygments lexer: found by its entry point, colours what the parser reads, loses no character of any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Token

from skyflow.syntax.pygments_lexer import StoryboardLexer

ROOT = Path(__file__).parents[2]
STORYBOARDS = sorted((ROOT / "examples").rglob("*.sky"))


def coloured(text: str) -> list[tuple[str, str]]:
    """The pieces that are neither blanks nor punctuation, with their types' last two words."""
    return [
        (".".join(kind[-2:]), piece)
        for _, kind, piece in StoryboardLexer().get_tokens_unprocessed(text)
        if kind not in Token.Text and kind not in Token.Punctuation
    ]


def test_pygments_finds_it_by_name_and_by_file_name() -> None:
    for alias in ("sky", "storyboard"):
        assert type(get_lexer_by_name(alias)).__name__ == "StoryboardLexer"
    assert get_lexer_for_filename("film.sky").name == "Storyboard"


def test_names_are_coloured_by_what_they_name() -> None:
    assert coloured("shot image for x in [fast] {\n  first_frame = last_frame(den.talk)\n  takes = none # no\n}") == [
        ("Keyword.Declaration", "shot"),
        ("Name.Class", "image"),
        ("Keyword", "for"),
        ("Name.Variable", "x"),
        ("Keyword", "in"),
        ("Name.Constant", "fast"),
        ("Name.Attribute", "first_frame"),
        ("Operator", "="),
        ("Name.Builtin", "last_frame"),
        ("Name.Constant", "den.talk"),
        ("Name.Attribute", "takes"),
        ("Operator", "="),
        ("Keyword.Constant", "none"),
        ("Comment.Single", "# no"),
    ]


def test_texts_show_what_is_in_them() -> None:
    text = r'''look = """a \q @@x @Mika-2's a@b <sfx> {{ p["é}}"] | title if not n > 2.5 }}\u{41}"""'''
    assert coloured(text)[2:] == [
        ("String.Heredoc", '"""a '),
        ("Error", "\\q"),
        ("String.Heredoc", " "),
        ("String.Escape", "@@"),
        ("String.Heredoc", "x "),
        ("Name.Decorator", "@Mika-2"),
        ("String.Heredoc", "'s a@b "),
        ("Name.Tag", "<sfx>"),
        ("String.Heredoc", " "),
        ("String.Interpol", "{{"),
        ("Name.Variable", "p"),
        ("String.Single", '"é}}"'),
        ("Operator", "|"),
        ("Name.Builtin", " title"),
        ("Operator.Word", "if"),
        ("Operator.Word", "not"),
        ("Name.Variable", "n"),
        ("Operator", ">"),
        ("Literal.Number", "2.5"),
        ("String.Interpol", "}}"),
        ("String.Escape", "\\u{41}"),
        ("String.Heredoc", '"""'),
    ]


def test_a_tag_without_a_space_behind_it_ends_where_its_declaration_ends() -> None:
    found = coloured('image @小雨 = "a.png"\nprompt = "@小雨推开@茶馆的门"')
    assert found[-4:-1] == [("Name.Decorator", "@小雨"), ("String.Double", "推开"), ("Name.Decorator", "@茶馆的门")]
    assert ("Name.Decorator", "@हिन्दी") in coloured('image @हिन्दी = "a.png"\nprompt = "@हिन्दी में"')[3:]


@pytest.mark.parametrize("path", STORYBOARDS, ids=lambda path: path.stem)
def test_examples_have_nothing_that_is_coloured_as_an_error(path: Path) -> None:
    found = list(StoryboardLexer().get_tokens_unprocessed(path.read_text(encoding="utf-8")))
    assert [piece for _, kind, piece in found if kind is Token.Error] == []


PIECES = st.sampled_from(
    ["shot", " ", "x", "{", "}", "\n", '"', '"""', "{{", "}}", "@a", "\\", "=", "#", "“", "＠", "5s", "var", "$"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join))
def test_no_character_of_any_text_is_lost(text: str) -> None:
    at = 0
    for start, _, piece in StoryboardLexer().get_tokens_unprocessed(text):
        assert start == at
        at += len(piece)
        assert text.startswith(piece, start)
    assert at == len(text)
