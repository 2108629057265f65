"""A token that the grammar has no place for, and what may be asked about it; what is said of it stands in `slips` and `mending`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skyflow.diagnostics import Diagnostic, Edit, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax.lexer import Token
from skyflow.syntax.rule import SYNTAX

BLOCKS = ("SHOT", "SCENE", "DEFAULTS")
NAMED = ("SHOT", "SCENE", "VAR", "FOR")
ASSETS = ("IMAGE", "GRID", "VIDEO", "VOICE")
TAGGED = (*ASSETS, "KEYFRAME", "EXTEND")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A token that does not fit behind the tokens of its statement.

    `ahead(n)` looks at the tokens behind it, `accepts(kind)` asks the grammar what could have stood instead. `brackets` counts the open
    ones; `separated` tells whether a missing `,` or `|` was mended in this statement before.
    """

    source: SourceFile
    statement: Sequence[Token]
    token: Token
    ahead: Callable[[int], list[Token]]
    accepts: Callable[[str], bool]
    brackets: int
    separated: bool

    @property
    def before(self) -> Token | None:
        return self.statement[-1] if self.statement else None

    @property
    def keyword(self) -> str:
        """The kind of the statement's first token."""
        return self.statement[0].kind if self.statement else ""

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def behind(self) -> Span:
        """The place behind the last token that fitted."""
        end = self.before.end if self.before else self.token.start
        return Span(self.source, end, end)

    def diagnose(
        self, message: str, span: Span | None = None, help: str = "", *edits: Edit, title: str = ""
    ) -> Diagnostic:
        place = span or Span(self.source, self.token.start, self.token.end)
        fix = Fix(title or help, edits) if edits else None
        return Diagnostic(SYNTAX, message, place, help=help, fix=fix)

    def text_between(self, start: int, end: int) -> str:
        return self.source.text[start:end]


def shown(text: str) -> str:
    """A piece of source for a message: one short line."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 40 else line[:39] + "…"


def skip_blanks(text: str, position: int) -> int:
    """The offset of the next character that is no blank; line ends are not skipped."""
    found = _BLANKS.match(text, position)
    return found.end() if found else position


_BLANKS = re.compile(r"[^\S\n]*+")
