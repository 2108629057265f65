"""What holds for the formatting of any text whatever."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from skyflow.formatter.meaning import same_meaning
from skyflow.source import SourceFile
from skyflow.syntax import parse, tokens

WORDS = [
    "shot", "scene", "defaults", "image", "var", "use", "keyframe", "for", "in", "from", "at", "a", "b-c", "@Mika", "3", "5s", "16:9", '"text"',
    '"""\n  one\n   two\n"""', '"""', '"', "{{ x }}", "{{\n x }}", "{", "}", "[", "]", "(", ")", "=", "|", ",", ";", "# remark", "\n", "\n", "\n\n",
    "\r\n", " ", "\t", "\u200b", "\0", "＝", "'a'", "$x", "prompt = ", "shot a {", "takes = 3\n", "var a = 1 |", "x = [1,\n",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    st.text(),
)

STATEMENTS = [
    ["storyboard", '"Neon"'], ["var", "a", "=", "1", "|", "2"], ["var", "c", "from", '"rows.csv"'],
    ["image", "@m", "=", '"a.jpg"', ",", '"b.jpg"'], ["when", "=", "{{ a == 1 }}"], ["x", "=", "[", "1", ",", "last_frame", "(", "t.u", ")", "]"],
    ["shot", "s", "{", "}"], ["keyframe", "@k", "=", '"k.png"', "at", "3", "s"], ["shot", "v", "for", "i", "in", "[", "1", "]", "{", "takes", "=", "3", "}"],
]  # fmt: skip


def meaning_of(text: str):
    return parse(SourceFile("test.sky", text))[0]


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_formatting_keeps_the_meaning_and_is_done_once(formatted, text: str) -> None:
    once = formatted(text)
    assert same_meaning(meaning_of(text), meaning_of(once))
    assert formatted(once) == once


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_every_comment_is_kept(formatted, text: str) -> None:
    def comments(written: str) -> list[str]:
        return [token.text.rstrip() for token in tokens(SourceFile("test.sky", written)) if token.kind == "COMMENT"]

    assert comments(formatted(text)) == comments(text)


@given(st.lists(st.sampled_from(STATEMENTS), max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_blanks_make_no_difference(formatted, statements: list[list[str]], data: st.DataObject) -> None:
    """However the blanks between the tokens are set, there is one way that it is written."""
    plain = "\n".join(" ".join(statement) for statement in statements)
    blanks = st.sampled_from([" ", "  ", "\t", " \t "])
    spaced = "\n".join(
        data.draw(blanks) + "".join(token + data.draw(blanks) for token in statement) for statement in statements
    )
    assert formatted(spaced) == formatted(plain)
