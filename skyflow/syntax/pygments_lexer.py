"""Storyboards for Pygments, which colours them in documents and on terminals. Found by its entry point only; skyflow itself never imports this.

The tokens are the parser's own, so what is coloured as a keyword is one. Inside texts, mentions, expressions, escapes and sound cues are
told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pygments import token  # type: ignore[import-untyped]  # Pygments is typed by a package of its own, which nothing else needs
from pygments.lexer import Lexer  # type: ignore[import-untyped]

from skyflow.source import SourceFile
from skyflow.syntax.lexer import COMMENT, NEWLINE, OPEN_STRING, OPEN_TEMPLATE, OPEN_TEXT_BLOCK, SPACE, Token
from skyflow.syntax.parser import tokens
from skyflow.syntax.tables import load_tables

Piece = tuple[int, Any, str]
"""Offset, Pygments' token type, text."""

_KINDS = {
    COMMENT: token.Comment.Single,
    NEWLINE: token.Whitespace,
    SPACE: token.Whitespace,
    "TAG": token.Name.Decorator,
    "NUMBER": token.Number,
    "QUANTITY": token.Number,
    "RATIO": token.Number,
    "EQUAL": token.Operator,
    "VBAR": token.Operator,
    "COMMA": token.Punctuation,
    "LBRACE": token.Punctuation,
    "RBRACE": token.Punctuation,
    "LSQB": token.Punctuation,
    "RSQB": token.Punctuation,
    "LPAR": token.Punctuation,
    "RPAR": token.Punctuation,
}
_DECLARING = (
    "STORYBOARD",
    "USE",
    "VAR",
    "IMAGE",
    "GRID",
    "VIDEO",
    "VOICE",
    "DEFAULTS",
    "SCENE",
    "SHOT",
    "KEYFRAME",
    "EXTEND",
)
_NAMED_BY = {
    "SHOT": token.Name.Class,
    "SCENE": token.Name.Class,
    "VAR": token.Name.Variable,
    "FOR": token.Name.Variable,
}
_CONSTANTS = ("true", "false", "none")
_CUES = "dialogue|sfx|bgm|voice_ref"  # language.md, "Templates and variables": the maker's sound cues

_IN_TEXT = re.compile(
    rf"(?P<escape>\\u\{{[0-9A-Fa-f]{{1,6}}\}}|\\[\"\\nt]|@@)|(?P<bad>\\.)|(?P<expression>\{{\{{)"
    rf"|(?P<mention>(?<![A-Za-z0-9_/])@[\w-]+)|(?P<cue></?(?:{_CUES})>)",
    re.DOTALL,
)
_TEXTS = {
    "STRING": token.String.Double,
    OPEN_STRING: token.String.Double,
    "TEXT_BLOCK": token.String.Heredoc,
    OPEN_TEXT_BLOCK: token.String.Heredoc,
}
_TEXT_TYPES = {
    "escape": token.String.Escape,
    "bad": token.Error,
    "cue": token.Name.Tag,
}
_IN_EXPRESSION = re.compile(
    r"(?P<filter>(?<=\|)\s*[^\W\d]\w*)|(?P<space>\s+)|(?P<string>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>\b(?:if|else|and|or|not|in|is)\b)|(?P<constant>\b(?:true|false|none)\b)"
    r"|(?P<name>[^\W\d]\w*)|(?P<operator>[-+*/%~|=<>!.]+)|(?P<other>.)",
    re.DOTALL,
)
_EXPRESSION_TYPES = {
    "space": token.Whitespace,
    "string": token.String.Single,
    "number": token.Number,
    "word": token.Operator.Word,
    "constant": token.Keyword.Constant,
    "filter": token.Name.Builtin,
    "name": token.Name.Variable,
    "operator": token.Operator,
    "other": token.Punctuation,
}


class StoryboardLexer(Lexer):  # type: ignore[misc]  # see the imports
    """Colours storyboards."""

    name = "Storyboard"
    aliases = ("sky", "storyboard")
    filenames = ("*.sky",)
    mimetypes = ("text/x-storyboard",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[Piece]:
        """Every character of the text, in order."""
        found = tokens(SourceFile("storyboard.sky", text))
        tags = sorted({piece.text for piece in found if piece.kind == "TAG"}, key=len, reverse=True)
        before = ""  # the kind of the last token that is neither a blank nor a comment
        for number, piece in enumerate(found):
            if piece.kind in _TEXTS:
                yield from _colour_text(piece, tags)
            else:
                yield from _colour(piece, before, _next_kind(found, number))
            if piece.kind not in (SPACE, COMMENT):
                before = piece.kind


def _next_kind(found: list[Token], number: int) -> str:
    for piece in found[number + 1 : number + 3]:
        if piece.kind != SPACE:
            return piece.kind
    return ""


def _colour(piece: Token, before: str, after: str) -> Iterator[Piece]:
    kind = piece.kind
    if kind in ("TEMPLATE", OPEN_TEMPLATE):
        yield from _colour_expression(piece.text, piece.start)
    elif kind == "NAME":
        yield piece.start, _colour_name(piece.text, before, after), piece.text
    elif kind in load_tables().keywords.values():
        yield piece.start, token.Keyword.Declaration if kind in _DECLARING else token.Keyword, piece.text
    else:
        yield piece.start, _KINDS.get(kind, token.Error), piece.text


def _colour_name(name: str, before: str, after: str) -> Any:
    if before in _NAMED_BY:
        return _NAMED_BY[before]
    if after == "EQUAL":
        return token.Name.Attribute
    if after == "LPAR":
        return token.Name.Builtin
    return token.Keyword.Constant if name in _CONSTANTS else token.Name.Constant


def _colour_text(piece: Token, tags: list[str]) -> Iterator[Piece]:
    """A string or text block, quotes included. `tags` are those of the file, the longest first."""
    text, at, kind = piece.text, 0, _TEXTS[piece.kind]
    while (found := _IN_TEXT.search(text, at)) is not None:
        if found.start() > at:
            yield piece.start + at, kind, text[at : found.start()]
        at = found.end()
        if found.lastgroup == "mention":
            # Where no space stands behind a tag, as in Chinese, only its declaration tells where it ends.
            mention = next((tag for tag in tags if text.startswith(tag, found.start())), found[0])
            at = found.start() + len(mention)
            yield piece.start + found.start(), token.Name.Decorator, mention
        elif found.lastgroup != "expression":
            yield piece.start + found.start(), _TEXT_TYPES[str(found.lastgroup)], found[0]
        elif (expression := load_tables().template.match(text, found.start())) is not None:
            yield from _colour_expression(expression[0], piece.start + found.start())
            at = expression.end()
        else:
            yield piece.start + found.start(), token.Error, found[0]
    if at < len(text):
        yield piece.start + at, kind, text[at:]


def _colour_expression(text: str, start: int) -> Iterator[Piece]:
    """`{{ … }}`, also one that is not closed."""
    closed = text.endswith("}}") and len(text) > 3
    end = len(text) - 2 if closed else len(text)
    yield start, token.String.Interpol, text[:2]
    for found in _IN_EXPRESSION.finditer(text, 2, end):
        yield start + found.start(), _EXPRESSION_TYPES[str(found.lastgroup)], found[0]
    if closed:
        yield start + end, token.String.Interpol, text[end:]
