"""The tokens of one statement as lines: the blanks between them, and the line breaks that the writer chose, in one style.

A bracket that is broken anywhere is broken behind its opening and before its closing sign, with a comma behind the last value. A comma
ends its line, a `|` starts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from skyflow.formatter.text_blocks import INDENT, indent_text_block
from skyflow.syntax import Token
from skyflow.syntax.lexer import COMMENT, NEWLINE, SPACE

_OPENING = ("LSQB", "LPAR")
_CLOSING = ("RSQB", "RPAR")


@dataclass(slots=True)
class Row:
    """One line; its `code` may end in a text block of several. A row of nothing is a blank line."""

    indent: str = ""
    code: str = ""
    comment: str = ""

    def __str__(self) -> str:
        blanks = "  " if self.code and self.comment else ""
        return self.indent + self.code + blanks + self.comment if self.code or self.comment else ""


class Part(NamedTuple):
    """A token and the line ends before it: one, or two where there is a blank line."""

    token: Token
    breaks: int


def write_rows(tokens: Sequence[Token], indent: str) -> list[Row]:
    """The rows of a statement's tokens, indented by `indent`."""
    rows = [Row(indent)]
    inner: list[str] = []  # the indentation inside each open bracket
    before: Token | None = None
    for token, breaks in _arrange([token for token in tokens if token.kind != SPACE]):
        closes = inner.pop()[: -len(INDENT)] if token.kind in _CLOSING else None
        if breaks:
            rows += [Row()] * (breaks - 1)
            rows.append(Row(closes if closes is not None else inner[-1] if inner else indent + INDENT))
        row = rows[-1]
        if token.kind == COMMENT:
            row.comment = token.text.rstrip()
            continue
        if token.kind in _OPENING:
            inner.append(row.indent + INDENT)
        blank = " " if row.code and _is_apart(before, token) else ""
        row.code += blank + (indent_text_block(token.text, row.indent) if token.kind == "TEXT_BLOCK" else token.text)
        before = token
    return rows


def is_balanced(tokens: Sequence[Token]) -> bool:
    """Whether every bracket among the tokens is closed by one of its own kind."""
    opened: list[str] = []
    for token in tokens:
        if token.kind in _OPENING:
            opened.append(token.kind)
        elif token.kind in _CLOSING and (not opened or _OPENING.index(opened.pop()) != _CLOSING.index(token.kind)):
            return False
    return not opened


def _is_apart(before: Token | None, token: Token) -> bool:
    """Whether a blank stands between two tokens of one line."""
    if before is None or before.kind in _OPENING:
        return False
    return token.kind not in (*_CLOSING, "LPAR", "COMMA")


def _arrange(tokens: list[Token]) -> list[Part]:
    """The tokens with the line ends of the one style."""
    parts: list[Part] = []
    last = -1  # the last part that is no comment
    breaks = 0
    bar: Token | None = None  # waits for the line that it starts
    broken: list[bool] = []  # whether each open bracket is
    for index, token in enumerate(tokens):
        kind = token.kind
        opened = bool(parts) and parts[-1].token.kind in _OPENING
        if kind == NEWLINE:
            breaks += 1
            continue
        if kind == "VBAR" and _ends_line(tokens, index):
            bar = token
            breaks = max(breaks - 1, 0)  # the line that held nothing but the `|` goes
            continue
        if kind == "COMMA":
            if broken and not broken[-1] and _is_last(tokens, index):
                continue
            parts.insert(last + 1, Part(token, 0))
            last += 1
            continue
        if kind in _CLOSING and broken.pop():
            if parts[last].token.kind not in (*_OPENING, "COMMA"):
                parts.insert(last + 1, Part(Token("COMMA", token.start, token.start, ","), 0))
            breaks = 1
        elif opened and kind != COMMENT and broken and broken[-1] and kind not in _CLOSING:
            breaks = 1
        elif kind == COMMENT and parts and parts[-1].token.kind == COMMENT:
            breaks = max(breaks, 1)  # the line between them held only a `|`, which goes to another
        breaks = min(breaks, 1 if opened else 2)
        if bar is not None and kind != COMMENT:
            parts.append(Part(bar, max(breaks, 1)))
            bar, breaks = None, 0
        parts.append(Part(token, breaks))
        breaks = 0
        if kind != COMMENT:
            last = len(parts) - 1
        if kind in _OPENING:
            broken.append(_is_broken(tokens, index))
    return parts


def _ends_line(tokens: list[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].kind in (NEWLINE, COMMENT)


def _is_last(tokens: list[Token], index: int) -> bool:
    """Whether a comma stands before a closing bracket."""
    following = next((token for token in tokens[index + 1 :] if token.kind not in (NEWLINE, COMMENT)), None)
    return following is not None and following.kind in _CLOSING


def _is_broken(tokens: list[Token], index: int) -> bool:
    """Whether there is a line end before the bracket at `index` is closed."""
    depth = 0
    for token in tokens[index:]:
        depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
        if token.kind == NEWLINE:
            return True
        if not depth:
            return False
    return False
