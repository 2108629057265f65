"""What holds for any text whatever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skyflow.source import SourceFile, Span
from skyflow.syntax import parse, tokens
from skyflow.syntax.tree import Damaged, Literal

PIECES = [
    "shot", "scene", "defaults", "image", "voice", "grid", "video", "keyframe", "extend", "var", "use", "storyboard", "for", "in",
    "from", "at", "when", "prompt", "a", "b-c", "x_1", "den.street", "item.2.spin", "@Mika", "@", "@小梅", "夜市", "3", "-1", "2.5", "5s",
    "4k", "16:9", "007", '"text"', '"', '"""', "'", "“", "”", "「", "」", "{{", "}}", "{{ x }}", "{", "}", "[", "]", "(", ")", "=", "==",
    "|", ",", ":", ";", "#", "# remark", "//", "$x", "＝", "＠a", "｛", "\\", "\\n", "\\u{41}", "{%", "{#", "\n", "\n", "\n", "\r\n", "\r",
    " ", "  ", "\t", "\u3000", "\0", "\u200b", "\ufeff", "é", "🎬", "true", "none", "!", "?", ".", "-", "%", "/", "a/b.jpg",
]  # fmt: skip

# Texts of the language's own pieces, and texts of anything at all.
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    st.text(),
)

STATEMENTS = [
    'storyboard "Neon"', "var a = 1 | 2", "var b", 'var c from "rows.csv"', 'image @m = "a.jpg", "b.jpg"', "when = {{ a == 1 }}",
    'prompt = """\n  one\n  two\n"""', "shot s {\n  takes = 3\n}", "scene t { shot u { note = \"x\" } }", "defaults {\n  model = fast\n}",
    "keyframe @k at 3s", "extend @e = clip(s)", "x = [1,\n 2]", "shot v for i in [1, 2] { }", "# a remark", "", "first_frame = last_frame(t.u)",
]  # fmt: skip
DAMAGE = st.sampled_from(
    ["takes = )", "x = ] [", 'note = "open', "note = {{ open", "image", "shot 3a", "y = 1 2 3", "@m @m", "?", "a b c d", "var = 3", "keyframe @k at", "for", "= 3"]
)  # fmt: skip


def nodes(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        for item in node:
            yield from nodes(item)
    elif is_dataclass(node) and not isinstance(node, (Span, SourceFile)):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_parsing_is_total_and_places_lie_in_the_text(text: str) -> None:
    file, diagnostics = parse(SourceFile("test.sky", text))
    for node in nodes(file):
        span = getattr(node, "span", None)
        if span is not None:
            assert 0 <= span.start <= span.end <= len(text)
        if isinstance(node, Literal):
            assert all(0 <= node.source_offset(offset) < len(text) for offset in range(len(node.text)))
    for diagnostic in diagnostics:
        places = [diagnostic.span, *(related.span for related in diagnostic.related)]
        places += [edit.span for edit in diagnostic.fix.edits] if diagnostic.fix else []
        for place in places:
            assert place is not None
            assert 0 <= place.start <= place.end <= len(text)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_tokens_put_together_are_the_text(text: str) -> None:
    found = tokens(SourceFile("test.sky", text))
    assert "".join(token.text for token in found) == text
    assert all(token.text == text[token.start : token.end] for token in found)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_inner_places_lie_in_outer_ones(text: str) -> None:
    file, _diagnostics = parse(SourceFile("test.sky", text))

    def check(statements: tuple[Any, ...], start: int, end: int) -> None:
        for statement in statements:
            assert start <= statement.span.start <= statement.span.end <= end
            start = statement.span.end
            check(getattr(statement, "statements", ()), statement.span.start, statement.span.end)

    check(file.statements, 0, len(text))


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_what_is_damaged_was_reported(text: str) -> None:
    file, diagnostics = parse(SourceFile("test.sky", text))
    assert bool(diagnostics) or not any(isinstance(node, Damaged) for node in nodes(file))


@given(st.lists(st.sampled_from(STATEMENTS), max_size=8), st.data(), DAMAGE)
@settings(max_examples=300, deadline=None)
def test_a_damaged_line_invents_nothing(outline_of, good: list[str], data: st.DataObject, damage: str) -> None:
    place = data.draw(st.integers(0, len(good)))
    with_it, _some = parse(SourceFile("test.sky", "\n".join([*good[:place], damage, *good[place:]])))
    without, none = parse(SourceFile("test.sky", "\n".join(good)))
    assert none == []
    left = tuple(statement for statement in with_it.statements if not isinstance(statement, Damaged))
    assert outline_of(left) == outline_of(without.statements)


@given(st.lists(st.sampled_from(STATEMENTS), max_size=8))
@settings(max_examples=100, deadline=None)
def test_line_ends_and_blanks_mean_nothing(outline_of, good: list[str]) -> None:
    plain, none = parse(SourceFile("test.sky", "\n".join(good)))
    other = "\ufeff" + "\r\n".join(
        "\t" + statement.replace("\n", " \r\n") + " # said" * bool(statement) for statement in good
    )
    varied, also_none = parse(SourceFile("test.sky", other))
    assert none == also_none == []
    assert outline_of(plain.statements) == outline_of(varied.statements)
