"""Where the cursor stands, told from the tokens alone: which blocks are open, what has been written of the statement, what is being typed.

It must hold in the middle of a word, when nothing can be parsed, and cost little: only the outermost statement around it is read.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from skyflow.source import SourceFile
from skyflow.syntax import Token, tree
from skyflow.syntax.lexer import COMMENT, NEWLINE, OPEN_STRING, OPEN_TEMPLATE, OPEN_TEXT_BLOCK, SPACE, Lexer

TEXTS = ("STRING", "TEXT_BLOCK", OPEN_STRING, OPEN_TEXT_BLOCK)
TEMPLATES = ("TEMPLATE", OPEN_TEMPLATE)
_OPEN = (OPEN_STRING, OPEN_TEXT_BLOCK, OPEN_TEMPLATE)
_JOINING = ("COMMA", "VBAR")
_PIECES = ("NAME", "NUMBER", "QUANTITY", "RATIO", "TAG", "STRAY")
_BLOCK_KINDS = {"SCENE": "scene", "SHOT": "shot", "DEFAULTS": "defaults"}


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """A block around the cursor: its keyword (empty where it cannot be read) and its name."""

    keyword: str
    name: str


@dataclass(slots=True)
class Cursor:
    """`before` are the tokens of the statement that stand before the one that is being typed, `typed`; blanks are left out.
    `written` are the names of the settings of the innermost block, those behind the cursor too."""

    source: SourceFile
    offset: int
    blocks: list[OpenBlock] = field(default_factory=list)
    before: list[Token] = field(default_factory=list)
    typed: Token | None = None
    written: set[str] = field(default_factory=set)

    @property
    def block(self) -> str:
        """The kind of the innermost block: file, scene, shot, defaults, or empty where it cannot be read."""
        return self.blocks[-1].keyword if self.blocks else "file"

    @property
    def kinds(self) -> list[str]:
        return [token.kind for token in self.before]

    def unglue(self) -> int:
        """Takes the pieces of the word that is being typed out of `before`: `16:` and `den.` are two tokens each. Where the word starts."""
        start = self.typed.start if self.typed is not None else self.offset
        while self.before and self.before[-1].end == start and self.before[-1].kind in _PIECES:
            start = self.before.pop().start
        return start

    @property
    def line_before(self) -> str:
        """The text of the line up to the cursor."""
        return self.source.text[self.source.text.rfind("\n", 0, self.offset) + 1 : self.offset]


def read_cursor(source: SourceFile, offset: int, known: tree.File | None = None) -> Cursor:
    """The cursor at an offset. `known` is a tree of an earlier text of the file: what still stands above the first change is not read again."""
    offset = max(0, min(offset, len(source.text)))
    start = _start_of_statement(source.text, offset, known) if known is not None else 0
    return _Reading(Cursor(source, offset), start).run()


def _start_of_statement(text: str, offset: int, known: tree.File) -> int:
    """The start of the last outermost statement that stands where it stood, before the cursor."""
    unchanged = min(_common_prefix(text, known.source.text), offset)
    starts = [statement.span.start for statement in known.statements]
    index = bisect_right(starts, unchanged) - 1
    while index >= 0 and (starts[index] >= unchanged or isinstance(known.statements[index], tree.Damaged)):
        index -= 1
    return starts[index] if index >= 0 else 0


def _common_prefix(first: str, second: str) -> int:
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class _Reading:
    """Follows the tokens up to the cursor, and on to the end of the block around it."""

    def __init__(self, cursor: Cursor, start: int) -> None:
        self.cursor = cursor
        self.start = start
        self.statement: list[Token] = []
        self.names: list[set[str]] = [set()]  # the settings of each open block
        self.reached = False
        self.depth = 0  # how many blocks were opened behind the cursor

    def run(self) -> Cursor:
        source = SourceFile(self.cursor.source.path, self.cursor.source.text[self.start :])
        for token in Lexer(source).tokens():
            placed = token._replace(start=token.start + self.start, end=token.end + self.start)
            if not self.reached:
                self.arrive(placed)
            if self.reached and not self.go_on(placed):
                break
            if not self.reached:
                self.take(placed)
        if not self.reached:
            self.stop(None)
        self.cursor.written |= self.names[-1]
        return self.cursor

    def arrive(self, token: Token) -> None:
        """Whether the cursor stands in this token, right behind it, or before it."""
        offset = self.cursor.offset
        if token.kind in (SPACE, NEWLINE):
            if token.start < offset <= token.end and token.kind == SPACE and self.in_open_text():
                self.stop(self.statement.pop())
            elif offset <= token.start or (offset < token.end and token.kind == SPACE):
                self.stop(None)
        elif token.start < offset and (offset < token.end or (offset == token.end and _goes_on(token))):
            self.stop(token)
        elif offset <= token.start:
            self.stop(None)

    def in_open_text(self) -> bool:
        """Whether the blanks behind an open text belong to it: it was cut at its last word."""
        return bool(self.statement) and self.statement[-1].kind in _OPEN

    def stop(self, typed: Token | None) -> None:
        self.reached = True
        self.cursor.typed = typed
        self.cursor.before = list(self.statement)

    def take(self, token: Token) -> None:
        kind = token.kind
        if kind in (SPACE, COMMENT):
            return
        if kind == NEWLINE:
            if not (self.statement and self.statement[-1].kind in _JOINING):
                self.statement = []
        elif kind == "LBRACE":
            self.cursor.blocks.append(_open_block(self.statement))
            self.names.append(set())
            self.statement = []
        elif kind == "RBRACE":
            if self.cursor.blocks:
                self.cursor.blocks.pop()
                self.names.pop()
            self.statement = []
        else:
            if kind == "EQUAL" and len(self.statement) == 1:
                self.names[-1].add(self.statement[0].text)
            self.statement.append(token)

    def go_on(self, token: Token) -> bool:
        """Gathers the settings behind the cursor; False at the end of the block."""
        kind = token.kind
        if not self.cursor.blocks:
            return False
        if kind in (SPACE, COMMENT):
            return True
        if kind == "LBRACE":
            self.depth += 1
        elif kind == "RBRACE":
            self.depth -= 1
            if self.depth < 0:
                return False
        elif (
            kind == "EQUAL"
            and not self.depth
            and len(self.statement) == 1
            and self.statement[0].start > self.cursor.offset
        ):
            self.names[-1].add(self.statement[0].text)
        self.statement = [] if kind in (NEWLINE, "LBRACE", "RBRACE") else [*self.statement[-2:], token]
        return True


def _goes_on(token: Token) -> bool:
    """Whether a key pressed right behind a token would belong to it."""
    return (
        token.kind in (*_OPEN, COMMENT, "TAG", "NAME", "NUMBER", "QUANTITY", "RATIO", "STRAY")
        or token.text[-1:].isalnum()
    )


def _open_block(statement: list[Token]) -> OpenBlock:
    if not statement or statement[0].kind not in _BLOCK_KINDS:
        return OpenBlock("", "")
    name = statement[1].text if len(statement) > 1 and statement[0].kind != "DEFAULTS" else ""
    return OpenBlock(_BLOCK_KINDS[statement[0].kind], name)
