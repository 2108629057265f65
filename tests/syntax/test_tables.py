"""The parse tables belong to the grammar."""

from __future__ import annotations

from skyflow.syntax import grammar_text
from skyflow.syntax.make_tables import make_tables, tables_text
from skyflow.syntax.tables import TABLES_FILE


def test_the_tables_are_those_of_the_grammar() -> None:
    made = tables_text(make_tables(grammar_text()))
    assert TABLES_FILE.read_text(encoding="utf-8") == made, "run: python -m skyflow.syntax.make_tables"
