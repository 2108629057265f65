"""Which word is what, for editors that colour by meaning: keywords, settings, tags, variables, shots, and what stands inside texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from skyflow.lsp.analysis import Analysis
from skyflow.lsp.coordinates import Ruler
from skyflow.lsp.names import SymbolKind
from skyflow.lsp.tree_search import parts_of, statements_of, values_of
from skyflow.lsp.words import FILTERS, OBJECTS, TESTS
from skyflow.syntax import Token, tree
from skyflow.syntax.lexer import COMMENT, OPEN_STRING, OPEN_TEXT_BLOCK, Lexer
from skyflow.variants import expressions_in

TYPES = (
    "keyword", "property", "variable", "class", "namespace", "decorator", "string", "number", "enumMember", "function", "comment",
    "operator",
)  # fmt: skip
MODIFIERS = ("declaration", "defaultLibrary")
_TYPE_NUMBERS = {name: number for number, name in enumerate(TYPES)}
_DECLARATION, _LIBRARY = 1, 2
_OF_SYMBOLS: Mapping[SymbolKind, str] = {
    "tag": "decorator",
    "variable": "variable",
    "shot": "class",
    "scene": "namespace",
    "column": "property",
}
_OF_TOKENS = {
    "STRING": "string",
    "TEXT_BLOCK": "string",
    OPEN_STRING: "string",
    OPEN_TEXT_BLOCK: "string",
    "NUMBER": "number",
    "QUANTITY": "number",
    "RATIO": "number",
    "TAG": "decorator",
    COMMENT: "comment",
}
_KEYWORDS = {
    "STORYBOARD", "USE", "VAR", "IMAGE", "GRID", "VIDEO", "VOICE", "DEFAULTS", "SCENE", "SHOT", "FOR", "IN", "FROM", "KEYFRAME", "EXTEND",
    "AT",
}  # fmt: skip
_IN_EXPRESSION = re.compile(
    r"(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[^\W\d]\w*)|(?P<operator>\|)"
)
_EXPRESSION_WORDS = {"if", "else", "and", "or", "not", "in", "is"}
_CONSTANTS = {"true", "false", "none", "True", "False", "None"}


@dataclass(frozen=True, slots=True)
class Paint:
    """The characters from `start` to `end` are of a type; `modifiers` are bits, in the order of MODIFIERS."""

    start: int
    end: int
    type: str
    modifiers: int = 0


def colours(analysis: Analysis) -> list[Paint]:
    """What to colour in the file, in order, nothing twice."""
    over = _overlay(analysis)
    plain = _plain_names(analysis.file)
    found: list[Paint] = []
    index = 0
    for token in Lexer(analysis.source).tokens():
        inside: list[Paint] = []
        while index < len(over) and over[index].end <= token.end:
            if over[index].start >= token.start:
                inside.append(over[index])
            index += 1
        kind = plain.get(token.start) or _of_token(token)
        if kind == "string":
            found.extend(_around(token, inside))
        elif inside:
            found.extend(inside)
        elif kind is not None:
            found.append(Paint(token.start, token.end, kind))
    return found


def _of_token(token: Token) -> str | None:
    return _OF_TOKENS.get(token.kind) or ("keyword" if token.kind in _KEYWORDS else None)


def _around(text: Token, inside: Iterable[Paint]) -> Iterator[Paint]:
    """The pieces in a text, and the text between them."""
    at = text.start
    for piece in inside:
        if at < piece.start:
            yield Paint(at, piece.start, "string")
        yield piece
        at = piece.end
    if at < text.end:
        yield Paint(at, text.end, "string")


def _plain_names(file: tree.File) -> dict[int, str]:
    """Names that no index knows: settings, words, calls. They may be spelt like keywords."""
    found: dict[int, str] = {}
    for statement in statements_of(file.statements):
        if isinstance(statement, tree.Setting):
            found[statement.name.span.start] = "property"
        for value in values_of(statement):
            for part in parts_of(value):
                if isinstance(part, tree.Word):
                    found[part.span.start] = "enumMember"
                elif isinstance(part, tree.Call):
                    found[part.name.span.start] = "function"
    return found


def _overlay(analysis: Analysis) -> list[Paint]:
    """What the index and the expressions say, in order; of two at one place the one that starts first."""
    found = {paint.start: paint for paint in _expressions(analysis.file)}
    for occurrence in analysis.names.occurrences:
        kind = _OF_SYMBOLS.get(occurrence.symbol.kind)
        if kind is not None:
            modifiers = _DECLARATION if occurrence.declares else 0
            found[occurrence.start] = Paint(occurrence.start, occurrence.end, kind, modifiers)
    ordered: list[Paint] = []
    for start in sorted(found):
        if not ordered or start >= ordered[-1].end:
            ordered.append(found[start])
    return ordered


def _expressions(file: tree.File) -> Iterator[Paint]:
    for statement in statements_of(file.statements):
        for value in values_of(statement):
            for expression in expressions_in(value):
                yield from _in_expression(expression)


def _in_expression(expression: tree.Expression) -> Iterator[Paint]:
    start, end = expression.span.start, expression.span.end
    yield Paint(start, start + 2, "operator")
    before = ""
    for found in _IN_EXPRESSION.finditer(expression.text):
        kind, modifiers = _of_piece(found.lastgroup or "", found[0], before)
        if kind:
            yield Paint(expression.start + found.start(), expression.start + found.end(), kind, modifiers)
        before = found[0]
    yield Paint(end - 2, end, "operator")


def _of_piece(group: str, text: str, before: str) -> tuple[str, int]:
    if group != "name":
        return group, 0
    if text in _EXPRESSION_WORDS:
        return "keyword", 0
    if (before == "|" and text in FILTERS) or (before in ("is", "not") and text in TESTS):
        return "function", _LIBRARY
    if text in _CONSTANTS:
        return "enumMember", 0
    return ("variable", _LIBRARY) if text in OBJECTS else ("", 0)


def encode(paints: Iterable[Paint], ruler: Ruler, start: int = 0, end: int | None = None) -> list[int]:
    """As the protocol wants them: five numbers for each piece of a line, relative to the one before."""
    data: list[int] = []
    line = column = 0
    for paint in paints:
        if paint.end <= start or (end is not None and paint.start >= end):
            continue
        for piece_start, piece_end in ruler.lines_between(paint.start, paint.end):
            at = ruler.position(piece_start)
            length = ruler.units(piece_start, piece_end)
            data += [
                at.line - line,
                at.character - (column if at.line == line else 0),
                length,
                _TYPE_NUMBERS[paint.type],
                paint.modifiers,
            ]
            line, column = at.line, at.character
    return data
