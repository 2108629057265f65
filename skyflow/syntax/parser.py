"""Tokens become the tree, and reading goes on behind a mistake.

A statement that cannot be read is reported once and dropped: the parser forgets what it has read of it and takes a DAMAGED in its
place. Nothing is invented. What a slip plainly meant is mended in the token stream, reported with its fix and read on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from skyflow.diagnostics import Diagnostic, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax import tree
from skyflow.syntax.block_mistakes import (
    MAX_DEPTH,
    MAX_MISTAKES,
    diagnose_depth,
    diagnose_misplaced,
    diagnose_stray_brace,
    diagnose_too_many,
    diagnose_unclosed,
)
from skyflow.syntax.builder import Builder
from skyflow.syntax.layout import begins_statement, lay_out
from skyflow.syntax.lexer import NEWLINE, OPEN_TEXT_BLOCK, Lexer, Token
from skyflow.syntax.machine import Machine
from skyflow.syntax.mending import find_mend
from skyflow.syntax.rule import SYNTAX
from skyflow.syntax.signs import report_signs
from skyflow.syntax.slips import explain
from skyflow.syntax.tables import END
from skyflow.syntax.trouble import BLOCKS, Trouble


def parse(source: SourceFile) -> tuple[tree.File, list[Diagnostic]]:
    """The tree of any text whatever, and what could not be read in it, in order of standing. Never raises."""
    parser = _Parser(source)
    parser.run()
    diagnostics = [*parser.diagnostics, *report_signs(source, parser.lexer.signs)]
    diagnostics.sort(key=lambda diagnostic: diagnostic.sort_key)
    return parser.machine.result, diagnostics


def tokens(source: SourceFile) -> list[Token]:
    """The complete tokens of a source, white space and comments too; their texts put together are the source's text.

    A keyword has its own kind only where it is one: in `shot image { … }`, `image` is a NAME.
    """
    parser = _Parser(source)
    parser.run()
    names = parser.machine.plain_words
    return [token if token.start not in names else token._replace(kind="NAME") for token in Lexer(source).tokens()]


class _Block(NamedTuple):
    """An open block: its `{`, and the statement that it belongs to."""

    keyword: str  # the kind of its statement's first token
    brace: Token
    statement: list[Token]
    height: int


class _TooManyMistakesError(Exception):
    """Reading stops."""


class _Parser:
    """Feeds the machine statement by statement, and knows what to do when one of them cannot be read."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.machine = Machine(Builder(source, self.report))
        self.lexer = Lexer(source)
        self.coming: Iterator[Token] = lay_out(self.lexer.tokens())
        self.returned: list[Token] = []  # taken from `coming` and given back, last first
        self.last_end = 0  # of the last token taken over, line ends apart
        # The statement that is being read.
        self.statement: list[Token] = []
        self.height = 0  # the machine's before it
        self.brackets = 0  # how many `[` and `(` are open in it
        self.separated = False  # whether a missing `,` or `|` was mended in it
        # The blocks around it.
        self.blocks: list[_Block] = []
        self.closed_early = 0  # closed for the writer; their `}` may still come
        self.swallowed = False  # whether a text block that is not closed took the rest of the text
        self.suspect: _Block | None = None  # closed by a `}` that was most likely another's

    # --- tokens

    def take(self) -> Token:
        if self.returned:
            return self.returned.pop()
        end = len(self.source.text)
        return next(self.coming, Token(END, end, end, ""))

    def give_back(self, *tokens: Token) -> None:
        self.returned.extend(reversed(tokens))

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
        except _TooManyMistakesError:
            self.give_up()

    def step(self) -> bool:
        """One token; False at the end of the text."""
        token = self.take()
        kind = token.kind
        if not self.statement and kind == NEWLINE:
            return True
        if self.blocks and (not self.statement or (kind == END and self.machine.accepts("RBRACE"))):
            self.close_unclosed(token)
        if kind == "RBRACE" and not self.blocks:
            self.drop_brace(token)
        elif kind in _OPENING and self.too_deep(token):
            self.drop(token, diagnose_depth(self.source, token))
        elif not self.is_no_unit(token) and self.machine.feed(token):
            self.shifted(token)
        else:
            self.mend_or_drop(token)
            return True
        return kind != END

    def is_no_unit(self, token: Token) -> bool:
        """Whether a word behind a number begins a statement: `takes = 3 pick = 2`, where the grammar would read `3 pick`."""
        if not self.statement or self.statement[-1].kind != "NUMBER" or self.brackets:
            return False
        return begins_statement([token, *self.peek(1)])

    def shifted(self, token: Token) -> None:
        kind = token.kind
        if kind == NEWLINE:
            self.start_statement()
            return
        self.last_end = token.end
        if kind == "LBRACE":
            self.blocks.append(_Block(self.statement[0].kind, token, self.statement, self.height))
            self.start_statement()
        elif kind == "RBRACE":
            block = self.blocks.pop()
            self.suspect_indentation(block, token)
            self.statement, self.height, self.brackets = [*block.statement, token], block.height, 0
        else:
            self.statement.append(token)
            if kind in _OPENING:
                self.brackets += 1
            elif kind in _CLOSING:
                self.brackets -= 1

    def start_statement(self) -> None:
        self.statement = []
        self.height = self.machine.height
        self.brackets = 0
        self.separated = False

    def too_deep(self, token: Token) -> bool:
        depth = len(self.blocks) if token.kind == "LBRACE" else self.brackets
        return depth >= MAX_DEPTH

    # --- mistakes

    def report(self, message: str, start: int, end: int, help: str = "", fix: Fix | None = None) -> None:
        self.add(Diagnostic(SYNTAX, message, Span(self.source, start, end), help=help, fix=fix))

    def add(self, diagnostic: Diagnostic) -> None:
        if len(self.diagnostics) >= MAX_MISTAKES:
            raise _TooManyMistakesError
        self.diagnostics.append(diagnostic)

    def mend_or_drop(self, token: Token) -> None:
        trouble = Trouble(
            self.source, self.statement, token, self.peek, self.machine.accepts, self.brackets, self.separated
        )
        mend = find_mend(trouble)
        if mend is None:
            if self.statement and self.statement[-1].kind == "RBRACE":
                # A whole block was read, and stands. What is behind its `}` is a statement of its own.
                self.give_back(Token(NEWLINE, token.start, token.start, ""), token)
            else:
                self.drop(token, explain(trouble))
            return
        if mend.diagnostic is not None:
            self.add(mend.diagnostic)
        self.separated = self.separated or mend.separates
        if mend.restarts:
            self.forget_statement()
            self.statement = []
        self.give_back(*mend.tokens)

    def drop(self, token: Token, diagnostic: Diagnostic) -> None:
        """Puts DAMAGED in the place of the statement that `token` does not fit into, and goes on behind it."""
        self.add(diagnostic)
        first = self.statement[0] if self.statement else token
        self.give_back(token)
        self.swallowed = token.kind == OPEN_TEXT_BLOCK and not self.source.text[token.end :].strip()
        end = self.skip(max(first.start, self.last_end if self.statement else first.start))
        self.forget_statement()
        self.machine.feed(Token("DAMAGED", first.start, end, self.source.text[first.start : end]))
        self.last_end = end
        self.statement = [first]

    def skip(self, end: int) -> int:
        """Takes the rest of a statement, up to a block that opens; where it ended. `end` is where the last token taken did."""
        inner = 0  # open `{` of a value, as in JSON
        before = self.statement[-1].kind if self.statement else ""
        while True:
            token = self.take()
            kind = token.kind
            if kind == "LBRACE":
                if not inner and before != "EQUAL" and len(self.blocks) < MAX_DEPTH and self.opens_block():
                    break
                inner += 1
            elif kind == "RBRACE" and inner:
                inner -= 1
            elif kind == NEWLINE and inner and not begins_statement(self.peek(2)):
                pass
            elif kind in _ENDS:
                break
            if kind != NEWLINE:
                end = token.end
            before = kind
        self.give_back(token)
        return end

    def opens_block(self) -> bool:
        keyword = self.statement[0].kind if self.statement else ""
        return keyword in BLOCKS or self.peek(1)[0].kind == NEWLINE

    def forget_statement(self) -> None:
        self.machine.cut_to(self.height)
        self.brackets = 0

    # --- blocks that are not closed, and closed too often

    def close_unclosed(self, token: Token) -> None:
        """Closes shots and defaults before a statement that cannot stand in them; all blocks at the end of the text."""
        while self.blocks and (token.kind == END or self.cannot_hold(self.blocks[-1], token)):
            block = self.blocks[-1]
            if block.brace.text:  # else its `{` was missing, which is reported
                if token.kind == END and self.swallowed:
                    pass  # its `}` is in the text block
                elif token.kind == END:
                    open_block, self.suspect = self.suspect or block, None
                    self.add(diagnose_unclosed(self.source, open_block.statement, open_block.brace))
                else:
                    self.add(diagnose_misplaced(self.source, block.statement, block.brace, token))
            brace = Token("RBRACE", self.last_end, self.last_end, "")
            self.machine.feed(brace)
            self.shifted(brace)
            if token.kind != END:
                self.closed_early += 1
                line_end = Token(NEWLINE, self.last_end, self.last_end, "")
                self.machine.feed(line_end)
                self.shifted(line_end)

    def suspect_indentation(self, block: _Block, brace: Token) -> None:
        """Where a `}` stands under the first word of an outer block, the block that it closes was most likely left open."""
        column = self.column(brace)
        if self.suspect is None and brace.text and column < self.column(block.statement[0]):
            under_outer = any(column == self.column(outer.statement[0]) for outer in self.blocks)
            self.suspect = block if under_outer else None

    def cannot_hold(self, block: _Block, token: Token) -> bool:
        if block.keyword not in ("SHOT", "DEFAULTS") or not begins_statement([token, *self.peek(1)]):
            return False
        if token.kind in _OUTER:
            return True
        # `defaults` hold settings only; where a declaration is not indented, it was not meant to stand in them.
        return (
            block.keyword == "DEFAULTS"
            and token.kind != "NAME"
            and self.column(token) <= self.column(block.statement[0])
        )

    def column(self, token: Token) -> int:
        return self.source.position(token.start).column

    def drop_brace(self, token: Token) -> None:
        self.last_end = token.end
        if self.closed_early:
            self.closed_early -= 1
        else:
            self.add(diagnose_stray_brace(self.source, token))

    def give_up(self) -> None:
        """Everything that has not been read is damaged."""
        self.diagnostics.append(diagnose_too_many(self.source, self.last_end))
        self.forget_statement()
        start = self.statement[0].start if self.statement else self.last_end
        end = len(self.source.text)
        self.machine.feed(Token("DAMAGED", start, end, self.source.text[start:end]))
        for _block in self.blocks:
            self.machine.feed(Token("RBRACE", end, end, ""))
        self.machine.feed(Token(END, end, end, ""))


_OUTER = ("SHOT", "SCENE", "STORYBOARD", "USE")
_OPENING = ("LSQB", "LPAR", "LBRACE")
_CLOSING = ("RSQB", "RPAR")
_ENDS = (NEWLINE, END, "RBRACE")
