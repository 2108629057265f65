"""The grammar is one file that people can read, and what reads storyboards is made from it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from skyflow.source import SourceFile
from skyflow.syntax import RULES, grammar_folder, grammar_text, parse
from skyflow.syntax.tables import load_tables


def test_every_production_cites_a_section_of_the_reference() -> None:
    definitions = re.findall(r"^[ ]*(?:[!?]*[a-zA-Z_.0-9]+:|\|)\s.*$", grammar_text(), re.MULTILINE)
    reference = (grammar_folder() / "README.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^##+ (.+)$", reference, re.MULTILINE))
    assert len(definitions) >= 40
    for definition in definitions:
        cited = re.search(r"// \[(.+)\]$", definition)
        assert cited, definition
        assert cited[1] in sections, definition


def test_the_grammar_lies_in_its_folder() -> None:
    assert (grammar_folder() / "storyboard.lark").read_text(encoding="utf-8") == grammar_text()


def test_every_production_has_something_that_builds_it() -> None:
    from skyflow.syntax.builder import Builder

    names = {rule.builds for rule in load_tables().rules if rule.builds and not rule.passes}
    assert [name for name in names if not hasattr(Builder, name)] == []


def test_lark_reads_the_grammar_as_it_is() -> None:
    from lark import Lark

    lark = Lark(grammar_text(), parser="lalr", lexer="contextual", start="file")
    tree = lark.parse('shot street {\n  prompt = "x"\n}\n')
    assert [node.data for node in tree.iter_subtrees_topdown()][:2] == ["file", "shot"]


def test_reading_needs_no_lark() -> None:
    program = "import sys; from skyflow.source import SourceFile; from skyflow.syntax import parse; parse(SourceFile('a', 'x = 1')); print('lark' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_a_changed_grammar_is_read_without_its_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    from skyflow.syntax import tables

    monkeypatch.setattr(tables, "grammar_text", lambda: grammar_text().replace('"shot" NAME', '"clip" NAME'))
    changed = tables.load_tables.__wrapped__()
    assert "clip" in changed.keywords
    assert "shot" not in changed.keywords


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_examples_of_a_rule_are_wrong_and_right(rule) -> None:
    assert [found.rule.id for found in parse(SourceFile("wrong.sky", rule.wrong))[1]] == [rule.id]
    assert parse(SourceFile("right.sky", rule.right))[1] == []
