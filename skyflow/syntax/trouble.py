"""A token that the grammar has no place for, and what may be asked about it; what is said of it stands in `slips` and `mending`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skyflow.diagnostics import Diagnostic, Edit, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax.lexer import NEWLINE, OPEN_STRING, Token
from skyflow.syntax.rule import SYNTAX
from skyflow.syntax.tables import END

BLOCKS = ("SHOT", "SCENE", "DEFAULTS")
NAMED = ("SHOT", "SCENE", "VAR", "FOR")
ASSETS = ("IMAGE", "GRID", "VIDEO", "VOICE")
WORDS_OF_USE = ("include", "import", "require")
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
        self,
        message: str,
        span: Span | None = None,
        help: str = "",
        *edits: Edit,
        title: str = "",
        certain: bool = True,
    ) -> Diagnostic:
        """A diagnostic at `span`, else at the token; the edits are its fix."""
        place = span or Span(self.source, self.token.start, self.token.end)
        fix = Fix(title or help, edits, certain) if edits else None
        return Diagnostic(SYNTAX, message, place, help=help, fix=fix)

    @property
    def open_string(self) -> Token | None:
        """A text that is not closed, further on in the line: the quote that is missing may be missing here."""
        for later in self.ahead(LOOK_AHEAD):
            if later.kind in (NEWLINE, END):
                return None
            if later.kind == OPEN_STRING:
                return later
        return None


def is_name(text: str) -> bool:
    """Whether a text could be the name of a shot: letters, digits, `_` and `-`, a letter first."""
    return text[:1].isalpha() and _NOT_IN_NAMES.search(text) is None


def better_name(text: str) -> str:
    """`3a` → `a3`, `3` → `s3`."""
    found = _DIGITS_FIRST.fullmatch(text)
    return (found[2] or "s") + found[1] if found else ""


def shown(text: str) -> str:
    """A piece of source for a message: one short line."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 40 else line[:39] + "…"


def skip_blanks(text: str, position: int) -> int:
    """The offset of the next character that is no blank; line ends are not skipped."""
    found = _BLANKS.match(text, position)
    return found.end() if found else position


LOOK_AHEAD = 40
_DIGITS_FIRST = re.compile(r"(\d+)([^\W\d_][\w-]*)?")
_NOT_IN_NAMES = re.compile(
    r"[^\w\u0300-\u1fff-]"
)  # up to U+1FFF stand the scripts whose words hold marks besides letters
_BLANKS = re.compile(r"[^\S\n]*+")
