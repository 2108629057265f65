"""A storyboard with wide, combining and hidden characters in it, and diagnostics that point at its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from skyflow.diagnostics import Rule, Severity
from skyflow.source import SourceFile, Span


def make_rule(rule_id: str, severity: Severity = "error") -> Rule:
    return Rule(rule_id, severity, "a summary", "what it is.", "why it is.", "wrong = 1\n", "right = 1\n", "the page")


def find(source: SourceFile, words: str, after: str = "") -> Span:
    """The span of `words` in the source, looked for behind `after`."""
    start = source.text.index(words, source.text.index(after) + len(after))
    return source.span(start, start + len(words))


@pytest.fixture
def rule() -> Callable[..., Rule]:
    return make_rule


@pytest.fixture
def span() -> Callable[..., Span]:
    return find


@pytest.fixture
def dragon() -> SourceFile:
    return SourceFile("dragon.sky", DRAGON)


DRAGON = """storyboard "Dragon"

shot dragon {
\tfirst_frame = "龍.png"
  prompt = \"\"\"
    小梅走进 @Mika1 the cafe\u0301 den.

    Then she waves.
  \"\"\"
  note = "two \u202e marks \x1b[31m"

  prompt = "The King summons a dragon. The beast lowers."

  keyframe @image1 at 3s
}
"""
