"""What a mended slip is read as."""

from __future__ import annotations

from dataclasses import dataclass

from skyflow.diagnostics import Diagnostic
from skyflow.syntax.lexer import Token
from skyflow.syntax.tables import load_tables


@dataclass(frozen=True, slots=True)
class Mend:
    """What to read in place of the token that did not fit; with `restarts`, in place of the whole statement up to it.

    `separates`: a missing separator was put in, which is reported once a statement.
    """

    diagnostic: Diagnostic | None
    tokens: tuple[Token, ...] = ()
    restarts: bool = False
    separates: bool = False


def inserted(kind: str, position: int) -> Token:
    return Token(kind, position, position, "")


def is_word(token: Token) -> bool:
    """A name, or a keyword that may stand for one."""
    return token.kind == "NAME" or token.kind in load_tables().keyword_kinds
