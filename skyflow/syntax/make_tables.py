"""Makes the parse tables from the grammar with Lark: `python -m skyflow.syntax.make_tables` after each change of the grammar.

Lark is imported here and nowhere else: importing it and building LALR(1) tables takes longer than checking a small storyboard.
"""

from __future__ import annotations

import json
import re
from typing import Any

from skyflow.syntax.grammar_folder import grammar_text
from skyflow.syntax.tables import END, TABLES_FILE, grammar_digest


def make_tables(grammar: str) -> dict[str, Any]:
    """The tables of a grammar as JSON data, equal for equal grammars. Raises lark's GrammarError, also for an ambiguous grammar."""
    from lark import Lark
    from lark.lexer import BasicLexer, PatternStr
    from lark.parsers.lalr_parser import LALR_Parser

    lark = Lark(grammar, parser="lalr", lexer="basic", start="file")
    parser, lexer = lark.parser.parser, lark.parser.lexer
    assert isinstance(parser, LALR_Parser)
    assert isinstance(lexer, BasicLexer)
    name = re.compile(next(terminal.pattern.to_regexp() for terminal in lark.terminals if terminal.name == "NAME"))
    # Lark sorts terminals by how they are to be tried; keywords are read as names first and told apart by their text.
    terminals, keywords = [], {}
    for terminal in lexer.terminals:
        if isinstance(terminal.pattern, PatternStr) and name.fullmatch(terminal.pattern.value):
            keywords[terminal.pattern.value] = terminal.name
        else:
            terminals.append([terminal.name, terminal.pattern.to_regexp()])
    table = parser._parse_table
    rules = {rule: index for index, rule in enumerate(lark.rules)}
    states, end = _number_states(table.states, table.start_states["file"], table.end_states["file"], rules)
    return {
        "grammar": grammar_digest(grammar),
        "ignored": sorted(lark.ignore_tokens),
        "keywords": dict(sorted(keywords.items())),
        "terminals": terminals,
        "rules": [_describe_rule(rule) for rule in rules],
        "end": end,
        "states": states,
    }


def _number_states(
    states: dict[Any, dict[str, tuple[Any, ...]]], start: Any, end: Any, rules: dict[Any, int]
) -> tuple[list[dict[str, int]], int]:
    """Rows of `symbol → state to go to`, or `symbol → ~rule` to reduce by; numbered as they are met from the start, which is 0."""
    from lark.parsers.lalr_analysis import Shift

    order, numbers = [start], {start: 0}
    for state in order:
        for _symbol, (action, target) in sorted(states[state].items()):
            if action is Shift and target not in numbers:
                numbers[target] = len(order)
                order.append(target)
    rows = [
        {
            symbol: numbers[target] if action is Shift else ~rules[target]
            for symbol, (action, target) in sorted(states[state].items())
        }
        for state in order
    ]
    assert END in rows[0]
    return rows, numbers[end]


def _describe_rule(rule: Any) -> dict[str, Any]:
    """`keep`: which parts the tree is built of, and whether a part is a list whose items stand for themselves."""
    parts = []
    for index, symbol in enumerate(rule.expansion):
        dropped = symbol.is_term and symbol.filter_out and not rule.options.keep_all_tokens
        if not dropped:
            parts.append([index, not symbol.is_term and symbol.name.startswith("_")])
    return {
        "origin": rule.origin.name,
        "builds": "" if rule.origin.name.startswith("_") else rule.alias or rule.origin.name,
        "passes": bool(rule.options.expand1 and not rule.alias),
        "size": len(rule.expansion),
        "keep": parts,
    }


def tables_text(tables: dict[str, Any]) -> str:
    """One entry a line, so that a change of the grammar is a change that can be read."""
    lines = []
    for key, value in tables.items():
        if isinstance(value, list):
            entries = ",\n".join("  " + json.dumps(entry) for entry in value)
            lines.append(f'"{key}": [\n{entries}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TABLES_FILE.write_text(tables_text(make_tables(grammar_text())), encoding="utf-8")
