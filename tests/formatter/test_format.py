"""Single decisions of the style, and what the formatter does not touch."""

from __future__ import annotations

import pytest

from skyflow.formatter.meaning import same_meaning
from skyflow.formatter.text_blocks import indent_text_block
from skyflow.source import SourceFile
from skyflow.syntax import parse


@pytest.mark.parametrize("text", ["", "\n", "   \n\n", "\ufeff", "\r\n"])
def test_nothing_stays_nothing(formatted, text) -> None:
    assert formatted(text) == ""


def test_the_file_ends_with_one_line_end(formatted) -> None:
    assert formatted("takes = 3") == "takes = 3\n"
    assert formatted("takes = 3\n\n\n") == "takes = 3\n"
    assert formatted("# remark") == "# remark\n"


def test_the_kind_of_line_ends_is_kept(formatted) -> None:
    text = 'shot a {\r\nprompt = """\r\nx\r\n"""\r\n}\r\n'
    assert formatted(text) == 'shot a {\r\n  prompt = """\r\n    x\r\n  """\r\n}\r\n'


@pytest.mark.parametrize(
    "text", ['note = "{{ a\r\n}}"\nx   = 1\n', "takes = 3//\n", "takes = 3\0//\n", "shot a {\n\n x = 1\n}// done\n"]
)
def test_odd_signs_beside_a_statement_do_not_keep_it_from_being_written_once(formatted, text) -> None:
    once = formatted(text)
    assert once != text
    assert formatted(once) == once


def test_what_stands_between_quotes_and_braces_is_not_touched(formatted) -> None:
    text = 'note = "a  {{b}}   c"\nwhen = {{a==1}}\nprompt = """  one  line  """\n'
    assert formatted(text) == text


def test_a_long_row_is_not_broken(formatted) -> None:
    text = "var a = " + " | ".join(f'"{number}"' for number in range(100)) + "\n"
    assert formatted(text) == text


def test_a_damaged_statement_stays_byte_for_byte(formatted) -> None:
    damaged = "takes   =  =  =    3"
    assert formatted(f"shot   a   {{\n{damaged}\npick=1\n}}\n") == f"shot a {{\n  {damaged}\n  pick = 1\n}}\n"


def test_a_block_with_a_damaged_first_line_stays_byte_for_byte(formatted) -> None:
    text = "shot  3a  {\n takes=3\n}\n"
    assert formatted(text + "shot b{}\n") == text + "shot b {}\n"


def test_lines_within_an_expression_are_the_expressions_own() -> None:
    written = '"""\n {{ a\n        if b }}\n c\n"""'
    assert indent_text_block(written, "") == '"""\n  {{ a\n        if b }}\n  c\n"""'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("takes = 3", "takes   =   3 # three", True),
        ("takes = 3", "takes = 4", False),
        ("takes = 3", "takes = 3.0", False),
        ("takes = 3\npick = 1", "takes = 3", False),
        ('note = "a"', 'note = """a"""', False),
        ('note = "{{ a }}"', 'note = "{{a}}"', False),
        ("a b c", "a  b c", False),
        ('note = """\n a\n b\n"""', 'note = """a\nb"""', True),
        ("shot a { x = 1 }", "shot a { x = 2 }", False),
    ],
)
def test_same_meaning(one, other, same) -> None:
    trees = [parse(SourceFile("test.sky", text))[0] for text in (one, other)]
    assert same_meaning(*trees) is same
