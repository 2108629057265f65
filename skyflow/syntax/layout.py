"""Between lexer and parser: comments and blanks go, and of all line ends only those stay that end a statement.

A bracket that is not closed, or a comma behind which nothing comes, must not swallow the statements below: where a line clearly begins
a statement of its own, the statement above ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skyflow.syntax.lexer import NEWLINE, Token
from skyflow.syntax.tables import load_tables

# Kinds that the grammar has no place for; the parser reports them where it meets them.
OPEN_BRACKET = "OPEN_BRACKET"  # the text is the bracket that is not closed
DANGLING = "DANGLING"  # the text is the `,` or `|` behind which nothing comes
_OPENING = ("LSQB", "LPAR")
_CLOSING = ("RSQB", "RPAR")
_BRACES = ("LBRACE", "RBRACE")
_JOINING = ("COMMA", "VBAR")


def lay_out(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens that the parser reads; the last statement may end without a line end."""
    brackets: list[Token] = []
    held: Token | None = None  # the last token of the line above, whose part depends on this line
    line_end: Token | None = None
    for line, end in _lines(tokens):
        if held is not None and line_end is not None:
            separate = begins_statement(line) or line[0].kind == "RBRACE"
            if brackets and separate:
                yield held
                yield from _report_open(brackets)
                yield line_end
            elif brackets or line[0].kind in _JOINING:
                yield held
            elif held.kind in _JOINING:
                if separate:
                    yield held._replace(kind=DANGLING)
                    yield line_end
                else:
                    yield held
            else:
                yield held
                yield line_end
        for token in line[:-1]:
            yield from _follow(token, brackets)
            yield token
        held, line_end = line[-1], end
        yield from _follow(held, brackets)
    if held is not None:
        yield held._replace(kind=DANGLING) if held.kind in _JOINING and not brackets else held
    yield from _report_open(brackets)
    if line_end is not None:
        yield line_end


def _follow(token: Token, brackets: list[Token]) -> Iterator[Token]:
    """Keeps the stack of open brackets; a brace ends them all."""
    if token.kind in _OPENING:
        brackets.append(token)
    elif token.kind in _CLOSING:
        if brackets:
            brackets.pop()
    elif token.kind in _BRACES:
        yield from _report_open(brackets)


def _report_open(brackets: list[Token]) -> Iterator[Token]:
    if brackets:
        yield brackets[-1]._replace(kind=OPEN_BRACKET)
        brackets.clear()


def _lines(tokens: Iterable[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """The tokens of each line that has any, with the line's end."""
    ignored = load_tables().ignored
    line: list[Token] = []
    for token in tokens:
        if token.kind == NEWLINE:
            if line:
                yield line, token
            line = []
        elif token.kind not in ignored:
            line.append(token)
    if line:
        yield line, None


def begins_statement(line: list[Token]) -> bool:
    """Whether these tokens can be nothing but the first of a statement: `NAME =`, or a keyword and what it introduces."""
    if len(line) < 2:
        return False
    first, second = line[0].kind, line[1].kind
    if first == "NAME":
        return second == "EQUAL"
    return second in STATEMENTS.get(first, ())


# What follows the keyword of a statement.
_NAMES = ("NAME", *load_tables().keywords.values())
STATEMENTS: dict[str, tuple[str, ...]] = {
    "STORYBOARD": ("STRING", "TEXT_BLOCK"),
    "USE": ("STRING", "TEXT_BLOCK"),
    "VAR": _NAMES,
    "IMAGE": ("TAG",),
    "GRID": ("TAG",),
    "VIDEO": ("TAG",),
    "VOICE": ("TAG",),
    "KEYFRAME": ("TAG",),
    "EXTEND": ("TAG",),
    "DEFAULTS": ("LBRACE",),
    "SCENE": _NAMES,
    "SHOT": _NAMES,
}
