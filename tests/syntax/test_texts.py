"""What strings and text blocks say, and where each of their characters stands."""

from __future__ import annotations

from itertools import pairwise

import pytest

from skyflow.source import SourceFile
from skyflow.syntax import parse
from skyflow.syntax.tree import Expression, Literal, Setting, Text


def text_of(written: str) -> Text:
    file, diagnostics = parse(SourceFile("test.sky", f"note = {written}\n"))
    assert diagnostics == []
    (setting,) = file.statements
    assert isinstance(setting, Setting)
    assert isinstance(setting.value, Text)
    return setting.value


def said(written: str) -> str:
    """The text with its expressions as written."""
    parts = text_of(written).parts
    return "".join(part.text if isinstance(part, Literal) else part.span.text for part in parts)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('""', ""),
        ('"a"', "a"),
        (r'"\" \\ \n \t \u{41} \u{1F3AC}"', '" \\ \n \t A \U0001f3ac'),
        ('"a {{ b }} c"', "a {{ b }} c"),
        ('"a {{ "{{" }} b"', 'a {{ "{{" }} b'),
        ("\"a {{ '}}' }} b\"", "a {{ '}}' }} b"),
        (r'''"{{ "\"}}" }}"''', r"""{{ "\"}}" }}"""),
        ('"{ } {a} }} # // ; @x"', "{ } {a} }} # // ; @x"),
        ('"{{ a }}{{ b }}"', "{{ a }}{{ b }}"),
        ("\"{{ {'a': 1}['a'] }}\"", "{{ {'a': 1}['a'] }}"),
    ],
)
def test_strings(written: str, text: str) -> None:
    assert said(written) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('""""""', ""),
        ('"""   \n\n  """', ""),
        ('"""a"""', "a"),
        ('"""\n  a\n    b\n"""', "a b"),
        ('"""\n  a\n\n  b\n\n\n\n  c\n"""', "a\nb\nc"),
        ('"""\r\n  a  \r\n  b\r\n\r\n  c\r\n"""', "a b\nc"),
        ('"""\n\ta\n\tb\n"""', "a b"),
        ('"""\n  他走进\n  夜市。\n  「你好」\n"""', "他走进夜市。「你好」"),
        ('"""\n  カメラ\n  が動く\n"""', "カメラが動く"),
        ('"""\n  안녕\n  하세요\n"""', "안녕 하세요"),
        ('"""\n  夜市\n  night\n  市場\n"""', "夜市 night 市場"),
        ('"""\n  全角！\n  （括弧）\n"""', "全角！（括弧）"),
        ('"""\n  你好 {{ a }}\n  世界\n"""', "你好 {{ a }} 世界"),
        ('"""\n  a\\n\n  b\n"""', "a\n b"),
        ('"""\n  a\n  \\tb\n"""', "a \tb"),
        ('"""\n  \\u{20} a\n"""', "  a"),
        ('"""\n  say "x" and ""\n"""', 'say "x" and ""'),
        ('"""\n  \\"\\"\\"\n"""', '"""'),
        ('"""\n  {{ a\n\n   b }}\n  c\n"""', "{{ a\n\n   b }} c"),
        ('"""\n  {{ \'"""\' }}\n"""', '{{ \'"""\' }}'),
        ('"""\n  a   b\n"""', "a   b"),
        ('"""\n  # no comment\n"""', "# no comment"),
    ],
)
def test_text_blocks(written: str, text: str) -> None:
    assert said(written) == text
    assert text_of(written).block


WRITTEN = [
    '"a\\nb {{ c }} \\u{41}d"',
    '"""\n    first line  \n  second\n\n  他走\n  进 {{ x }} end\\t\n  last\n"""',
    '"""\r\n  a\r\n  b\r\n\r\n  c\r\n"""',
]


@pytest.mark.parametrize("written", WRITTEN)
def test_each_character_knows_its_place(written: str) -> None:
    text = text_of(written)
    source = text.span.source.text
    for part in text.parts:
        if isinstance(part, Expression):
            assert source[part.start : part.start + len(part.text)] == part.text
            assert part.span.text == "{{" + part.text + "}}"
            continue
        for offset, sign in enumerate(part.text):
            there = source[part.source_offset(offset)]
            # An escape stands where its backslash does; what layout put between two lines stands at the line's end.
            assert there == sign or there == "\\" or (sign in " \n" and there in "\r\n")


def test_segments_ascend_and_run_on() -> None:
    for written in WRITTEN:
        for part in text_of(written).parts:
            if isinstance(part, Literal):
                offsets = [offset for offset, _source in part.segments]
                assert offsets[0] == 0
                assert offsets == sorted(set(offsets))


def test_no_two_literals_are_neighbours() -> None:
    for written in WRITTEN:
        kinds = [type(part) for part in text_of(written).parts]
        assert (Literal, Literal) not in pairwise(kinds)


def test_plain() -> None:
    assert text_of('""').plain == ""
    assert text_of(r'"a\n"').plain == "a\n"
    assert text_of('"{{ a }}"').plain is None
