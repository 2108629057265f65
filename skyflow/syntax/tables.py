"""The parse tables: which terminals there are, and what the parser does in each state; made from the grammar by `make_tables`.

The tables of the grammar as released lie beside this module; for any other grammar (one that is being worked on) they are made anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from skyflow.syntax.grammar_folder import grammar_text

TABLES_FILE = Path(__file__).with_name("tables.json")
END = "$END"


@dataclass(frozen=True, slots=True)
class GrammarRule:
    """One production, expanded. `builds` names what is built of the `kept` parts; it is empty for a list that is part of another.

    `kept` are pairs (index of the part, whether it is such a list). With `passes` a single kept part stands for the whole.
    """

    origin: str
    builds: str
    passes: bool
    size: int
    kept: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """`scanner` matches any terminal, `template` a `{{ … }}`. `states[s][symbol]` is the state to go to, or `~r` to reduce by rule `r`. State 0 starts, state `end` accepts."""

    scanner: re.Pattern[str]
    template: re.Pattern[str]
    keywords: dict[str, str]
    keyword_kinds: frozenset[str]
    ignored: frozenset[str]
    rules: tuple[GrammarRule, ...]
    states: tuple[dict[str, int], ...]
    end: int


@cache
def load_tables() -> Tables:
    """The tables of the installed grammar."""
    grammar = grammar_text()
    data = json.loads(TABLES_FILE.read_text(encoding="utf-8")) if TABLES_FILE.is_file() else {}
    if data.get("grammar") != grammar_digest(grammar):
        from skyflow.syntax.make_tables import make_tables

        data = make_tables(grammar)
    return read_tables(data)


def grammar_digest(grammar: str) -> str:
    return hashlib.sha256(grammar.encode()).hexdigest()


def read_tables(data: dict[str, Any]) -> Tables:
    return Tables(
        scanner=re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in data["terminals"])),
        template=re.compile(dict(data["terminals"])["TEMPLATE"]),
        keywords=data["keywords"],
        keyword_kinds=frozenset(data["keywords"].values()),
        ignored=frozenset(data["ignored"]),
        rules=tuple(
            GrammarRule(rule["origin"], rule["builds"], rule["passes"], rule["size"], tuple(map(tuple, rule["keep"])))
            for rule in data["rules"]
        ),
        states=tuple(data["states"]),
        end=data["end"],
    )
