"""`[allow]` in skyflow.toml: rules that a project breaks on purpose. What may be written there, and where each rule stands in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from skyflow.source import SourceFile, Span

_RULE = re.compile(r"[a-z][a-z0-9-]*")
# A comment is looked at so that what it quotes is passed over.
_TEXT = re.compile(r"""#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_SECTION = re.compile(r"""^[ \t]*\[?[ \t]*["']?allow\b""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AllowedRule:
    """One rule that may be broken: in the files that `pattern` describes, or anywhere where it is empty."""

    rule: str
    span: Span
    pattern: str = ""

    def covers_file(self, path: str) -> bool:
        """Whether a file of the project is meant: by its path, by its name alone, or by a folder it is in."""
        pattern = self.pattern.removeprefix("./")
        if not pattern or fnmatchcase(path, pattern) or path.startswith(f"{pattern.rstrip('/')}/"):
            return True
        if "/" not in pattern:
            return fnmatchcase(path.rsplit("/", 1)[-1], pattern)
        return "**/" in pattern and fnmatchcase(path, pattern.replace("**/", ""))


def read_rules(value: Any) -> tuple[str, ...]:
    """The ids of a list. Raises ValueError that says what was expected."""
    if not isinstance(value, list) or not all(isinstance(rule, str) and _RULE.fullmatch(rule) for rule in value):
        raise ValueError('expected a list of rule ids, such as ["duration-overridden"]')
    return tuple(value)


def read_rules_of_files(value: Any) -> Mapping[str, tuple[str, ...]]:
    """The ids by pattern. Raises ValueError that says what was expected."""
    expected = 'expected patterns with their rules, such as "drafts/*.sky" = ["name-unused"]'
    if not isinstance(value, dict) or not all(pattern.strip() for pattern in value):
        raise ValueError(expected)
    try:
        return {pattern: read_rules(rules) for pattern, rules in value.items()}
    except ValueError:
        raise ValueError(expected) from None


def place_rules(
    source: SourceFile, rules: Sequence[str] = (), files: Mapping[str, Sequence[str]] | None = None
) -> tuple[AllowedRule, ...]:
    """The rules with their places in the text of `skyflow.toml` (tomllib keeps none)."""
    header = _SECTION.search(source.text)
    start = header.start() if header is not None else 0
    texts = list(_texts(source, start))
    found: list[AllowedRule] = []
    taken: set[Span] = set()
    for pattern, ids in (("", rules), *(files or {}).items()):
        at = _start_of(source, texts, pattern, start)
        for rule in ids:
            places = (span for span in texts if span.start >= at and span not in taken and span.text[1:-1] == rule)
            span = next(places, Span(source, at, at))
            taken.add(span)
            found.append(AllowedRule(rule, span, pattern))
    return tuple(found)


def _texts(source: SourceFile, start: int) -> Iterator[Span]:
    for found in _TEXT.finditer(source.text, start):
        if found[0][0] != "#":
            yield Span(source, found.start(), found.end())


def _start_of(source: SourceFile, texts: Sequence[Span], pattern: str, start: int) -> int:
    """Where the rules of a pattern are written, or those of the whole project."""
    if pattern:
        return next((span.end for span in texts if span.text[1:-1] == pattern), start)
    key = re.compile(r"\brules\b").search(source.text, start)
    return key.end() if key is not None else start
