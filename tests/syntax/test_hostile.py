"""Texts that were made to hurt: they are read in a time that grows with their length, and at no depth of Python's stack."""

from __future__ import annotations

import sys

import pytest

from skyflow.syntax.lexer import MAX_LINE_TOKENS, MAX_SIGNS

REPEATED = [
    "{", "}", "[", "(", '"', '"""', "'", "“", "{{", "{{\n", '"{{\n', '"{{ x', 'x = """\n{{ a\n', "@", "=", "=\n", "|", "|\n", ",", "\\", '"\\', "#",
    "shot {", "shot a {\n", "scene a {\n", "shot a\n{\n", "shot 3a {\n", "x = [", "x = a(", "x = [1 2 3 ", "x = {\n", "a.", "-", "1", "word ",
    "@a ", "x ＝ 3\n", "include \"x\" ", "$", "\0", "\r", "x = 1;", "x = 1,\n", '"""\n}\n', 'x = """\n}\n', 'x = "{{ \'"\'"\' ', "''' ",
    'x = "{% {# ', "for ", "at ", "  \n",
]  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED, ids=repr)
def test_a_piece_repeated_forty_thousand_times_is_read(read, piece) -> None:
    _file, diagnostics = read(piece * 40_000)
    assert len(diagnostics) <= 201 + MAX_SIGNS


@pytest.mark.parametrize("opening", ["[", "a(", "scene s { "])
def test_nesting_is_bounded(read, opening) -> None:
    prefix = "" if opening.startswith("scene") else "x = "
    deep = sys.getrecursionlimit() * 2
    _file, diagnostics = read(prefix + opening * deep + "\n")
    assert any(diagnostic.message.startswith("too many") for diagnostic in diagnostics)


def test_what_people_nest_is_read(read_well) -> None:
    read_well("x = " + "[" * 64 + "]" * 64)
    read_well("scene s { " * 64 + "}" * 64)


def test_a_line_has_an_end(read) -> None:
    file, diagnostics = read("x = [" + "1," * MAX_LINE_TOKENS + "1]\ny = 2\n")
    assert [diagnostic.message for diagnostic in diagnostics] == ["this line holds more than a line can hold"]
    assert len(file.statements) == 2


def test_a_long_row_of_alternatives_is_read(read_well) -> None:
    (statement,) = read_well("var a = " + " | ".join(f'"{number}"' for number in range(10_000))).statements
    assert len(statement.values) == 10_000
