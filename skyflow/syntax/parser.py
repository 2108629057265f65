"""Tokens become the tree. What happens behind a mistake is in `recovery`, which a file without mistakes never loads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from skyflow.diagnostics import Diagnostic, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax import tree
from skyflow.syntax.builder import Builder
from skyflow.syntax.layout import begins_statement, lay_out
from skyflow.syntax.lexer import NEWLINE, Lexer, Token
from skyflow.syntax.machine import Machine
from skyflow.syntax.rule import SYNTAX
from skyflow.syntax.signs import report_signs
from skyflow.syntax.tables import END

if TYPE_CHECKING:
    from skyflow.syntax.recovery import Recovery

MAX_DEPTH = 64  # ours: blocks in blocks, brackets in brackets; no storyboard comes near, and later phases may recurse
MAX_MISTAKES = 200  # ours: behind so many, a file is not a storyboard


def parse(source: SourceFile) -> tuple[tree.File, list[Diagnostic]]:
    """The tree of any text whatever, and what could not be read in it, in order of standing. Never raises."""
    parser = Parser(source)
    parser.run()
    diagnostics = [*parser.diagnostics, *report_signs(source, parser.lexer.signs)]
    diagnostics.sort(key=lambda diagnostic: diagnostic.sort_key)
    return parser.machine.result, diagnostics


def tokens(source: SourceFile) -> list[Token]:
    """The complete tokens of a source, white space and comments too; their texts put together are the source's text.

    A keyword has its own kind only where it is one: in `shot image { … }`, `image` is a NAME.
    """
    parser = Parser(source)
    parser.run()
    names = parser.machine.plain_words
    return [token if token.start not in names else token._replace(kind="NAME") for token in Lexer(source).tokens()]


class OpenBlock(NamedTuple):
    """A `{` without its `}` yet: the tokens of the statement that it belongs to, and the machine's height before them."""

    brace: Token
    statement: list[Token]
    height: int

    @property
    def keyword(self) -> str:
        """The kind of the statement's first token."""
        return self.statement[0].kind


class TooManyMistakesError(Exception):
    """Reading stops. Never leaves this room."""


class NoStoryboardError(Exception):
    """The file is something else, and reading stops; `diagnostic` says what. Never leaves this room."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Parser:
    """Feeds the machine token by token, and knows which statement and which blocks each stands in."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.machine = Machine(Builder(source, self.report))
        self.lexer = Lexer(source)
        self.last_end = 0  # of the last token taken over, line ends apart
        # The statement that is being read.
        self.statement: list[Token] = []
        self.height = 0  # the machine's before it
        self.brackets = 0  # how many `[` and `(` are open in it
        # The blocks around it.
        self.blocks: list[OpenBlock] = []
        self._coming: Iterator[Token] = lay_out(self.lexer.tokens())
        self._returned: list[Token] = []  # taken and given back, last first

    @cached_property
    def recovery(self) -> Recovery:
        from skyflow.syntax.recovery import Recovery

        return Recovery(self)

    # --- tokens

    def take(self) -> Token:
        if self._returned:
            return self._returned.pop()
        end = len(self.source.text)
        return next(self._coming, Token(END, end, end, ""))

    def give_back(self, *tokens: Token) -> None:
        self._returned.extend(reversed(tokens))

    def peek(self, count: int) -> list[Token]:
        """The next tokens, without taking them; fewer where the text ends."""
        ahead: list[Token] = []
        while len(ahead) < count and (not ahead or ahead[-1].kind != END):
            ahead.append(self.take())
        self.give_back(*ahead)
        return ahead

    # --- statements

    def run(self) -> None:
        try:
            while self.step():
                pass
        except TooManyMistakesError:
            self.recovery.give_up(None)
        except NoStoryboardError as reason:
            self.recovery.give_up(reason.diagnostic)

    def step(self) -> bool:
        """One token; False at the end of the text."""
        token = self.take()
        kind = token.kind
        if kind == NEWLINE and not self.statement:
            return True
        if self.blocks and self.ends_blocks(token):
            self.recovery.close_unclosed(token)
        if kind == "RBRACE" and not self.blocks:
            self.recovery.drop_brace(token)
        elif kind in OPENING and self.is_too_deep(token):
            self.recovery.drop_deep(token)
        elif not self.is_no_unit(token) and self.machine.feed(token):
            self.follow(token)
        else:
            self.recovery.mend_or_drop(token)
            return True
        return kind != END

    def follow(self, token: Token) -> None:
        """Keeps track of where the reading is, once the machine has taken a token over."""
        kind = token.kind
        if kind == NEWLINE:
            self.start_statement()
            return
        self.last_end = token.end
        if kind == "LBRACE":
            self.blocks.append(OpenBlock(token, self.statement, self.height))
            self.start_statement()
        elif kind == "RBRACE":
            block = self.blocks.pop()
            if self.column(token) < self.column(block.statement[0]):
                self.recovery.suspect(block, token)
            self.statement, self.height, self.brackets = [*block.statement, token], block.height, 0
        else:
            self.statement.append(token)
            if kind in OPENING:
                self.brackets += 1
            elif kind in _CLOSING:
                self.brackets -= 1

    def start_statement(self) -> None:
        self.statement = []
        self.height = self.machine.height
        self.brackets = 0

    # --- questions

    def begins(self, token: Token) -> bool:
        """Whether a statement clearly begins with a token that was taken."""
        return begins_statement([token, *self.peek(1)])

    def is_no_unit(self, token: Token) -> bool:
        """Whether a word behind a number begins a statement: `takes = 3 pick = 2`, where the grammar would read `3 pick`."""
        behind_number = bool(self.statement) and self.statement[-1].kind == "NUMBER"
        return behind_number and not self.brackets and self.begins(token)

    def is_too_deep(self, token: Token) -> bool:
        return (len(self.blocks) if token.kind == "LBRACE" else self.brackets) >= MAX_DEPTH

    def ends_blocks(self, token: Token) -> bool:
        """Whether a token shows that the innermost block was not closed: the end of the text, or a statement that it cannot hold."""
        if token.kind == END:
            return not self.statement or self.machine.accepts("RBRACE")
        keyword = self.blocks[-1].keyword
        if self.statement or keyword not in _INNER or not self.begins(token):
            return False
        if token.kind in _OUTER:
            return True
        # `defaults` hold settings only; where a declaration is not indented, it was not meant to stand in them.
        unindented = self.column(token) <= self.column(self.blocks[-1].statement[0])
        return keyword == "DEFAULTS" and token.kind != "NAME" and unindented

    def column(self, token: Token) -> int:
        return self.source.position(token.start).column

    # --- mistakes

    def report(self, message: str, start: int, end: int, help: str = "", fix: Fix | None = None) -> None:
        self.add(Diagnostic(SYNTAX, message, Span(self.source, start, end), help=help, fix=fix))

    def add(self, diagnostic: Diagnostic) -> None:
        if len(self.diagnostics) >= MAX_MISTAKES:
            raise TooManyMistakesError
        self.diagnostics.append(diagnostic)


OPENING = ("LSQB", "LPAR", "LBRACE")
_CLOSING = ("RSQB", "RPAR")
_INNER = ("SHOT", "DEFAULTS")
_OUTER = ("SHOT", "SCENE", "STORYBOARD", "USE")
