"""Tokens become the tree: an LALR(1) parser over the grammar's tables that goes on behind a mistake.

A statement that cannot be read is reported once and dropped: the parser forgets what it has read of it and takes a DAMAGED in its
place. Nothing is invented. What a slip plainly meant is mended in the token stream, reported with its fix and read on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from skyflow.diagnostics import Diagnostic, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax import tree
from skyflow.syntax.builder import Builder
from skyflow.syntax.layout import begins_statement, lay_out
from skyflow.syntax.lexer import NEWLINE, Lexer, Token
from skyflow.syntax.mending import find_mend
from skyflow.syntax.rule import SYNTAX
from skyflow.syntax.slips import (
    Trouble,
    diagnose_depth,
    diagnose_line_end,
    diagnose_stray_brace,
    diagnose_too_many,
    diagnose_unclosed,
    explain,
    report_signs,
)
from skyflow.syntax.tables import END, Tables, load_tables

MAX_DEPTH = 64  # ours: blocks in blocks, brackets in brackets; no storyboard comes near, and later phases may recurse
MAX_MISTAKES = 200  # ours: behind so many, a file is not a storyboard


def parse(source: SourceFile) -> tuple[tree.File, list[Diagnostic]]:
    """The tree of any text whatever, and what could not be read in it, in order of standing. Never raises."""
    return _Parser(source).run()


class _Block(NamedTuple):
    """An open block: its `{`, and the statement that it belongs to."""

    keyword: str  # the kind of its statement's first token
    brace: Token
    statement: list[Token]
    height: int


class _TooManyMistakesError(Exception):
    """Reading stops."""


class _Parser:
    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.tables: Tables = load_tables()
        self.diagnostics: list[Diagnostic] = []
        self.builder = Builder(source, self.report)
        self.build = [
            getattr(self.builder, rule.builds) if rule.builds and not rule.passes else None
            for rule in self.tables.rules
        ]
        self.lexer = Lexer(source)
        self.coming: Iterator[Token] = lay_out(self.lexer.tokens())
        self.returned: list[Token] = []  # taken from `coming` and given back, last first
        # The stacks of the parser: states, and for each state but the first the value and where it starts and ends.
        self.states = [0]
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        # The statement that is being read: its tokens so far, and how high the stacks were before it.
        self.statement: list[Token] = []
        self.height = 0
        self.blocks: list[_Block] = []
        self.brackets = 0
        self.last_end = 0  # of the last token taken over, line ends apart
        self.closed_early = 0  # blocks closed for the writer; their `}` may still come

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

    # --- the parser proper

    def feed(self, token: Token) -> bool:
        """Takes a token over; False, and nothing shifted, where the grammar has no place for it."""
        states, tables = self.states, self.tables
        kind = token.kind
        while True:
            row = tables.states[states[-1]]
            action = row.get(kind)
            if action is None:
                if kind == "NAME" or token.text not in tables.keywords:
                    return False
                kind = "NAME"
                continue
            if action >= 0:
                break
            self.reduce(~action)
            if kind == END and states[-1] == tables.end:
                return True
        states.append(action)
        self.values.append(token)
        self.starts.append(token.start)
        self.ends.append(token.end)
        return True

    def reduce(self, number: int) -> None:
        rule = self.tables.rules[number]
        base = len(self.values) - rule.size
        values, starts, ends = self.values, self.starts, self.ends
        if rule.size:
            start, end = starts[base], ends[-1]
        else:
            start = end = ends[-1] if ends else 0
        build = self.build[number]
        if rule.passes:
            value = values[base + rule.kept[0][0]]
        else:
            parts: list[Any] = []
            for index, is_list in rule.kept:
                if not is_list:
                    parts.append(values[base + index])
                elif parts:
                    parts.extend(values[base + index])
                else:
                    parts = values[base + index]  # a list grows in place: a row of n values costs n steps
            value = build(parts, start, end) if build else parts
        del values[base:], starts[base:], ends[base:], self.states[base + 1 :]
        self.states.append(self.tables.states[self.states[-1]][rule.origin])
        values.append(value)
        starts.append(start)
        ends.append(end)

    def accepts(self, kind: str) -> bool:
        """Whether a token of this kind could come next."""
        states = list(self.states)
        while True:
            action = self.tables.states[states[-1]].get(kind)
            if action is None or action >= 0:
                return action is not None
            rule = self.tables.rules[~action]
            del states[len(states) - rule.size :]
            states.append(self.tables.states[states[-1]][rule.origin])

    # --- statements

    def run(self) -> tuple[tree.File, list[Diagnostic]]:
        try:
            while self.step():
                pass
        except _TooManyMistakesError:
            self.give_up()
        diagnostics = [*self.diagnostics, *report_signs(self.source, self.lexer.signs)]
        diagnostics.sort(key=lambda diagnostic: diagnostic.sort_key)
        (file,) = self.values
        return file, diagnostics

    def step(self) -> bool:
        """One token; False at the end of the text."""
        token = self.take()
        kind = token.kind
        if not self.statement:
            if kind == NEWLINE:
                return True
            self.close_unclosed(token)
        if kind == "RBRACE" and not self.blocks:
            self.drop_brace(token)
        elif kind in _OPENING and self.too_deep(token):
            self.drop(token, diagnose_depth(self.source, token))
        elif self.feed(token):
            self.shifted(token)
        else:
            self.mend_or_drop(token)
            return True
        return kind != END

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
            self.statement, self.height, self.brackets = [*block.statement, token], block.height, 0
        else:
            self.statement.append(token)
            if kind in _OPENING:
                self.brackets += 1

    def start_statement(self) -> None:
        self.statement = []
        self.height = len(self.values)
        self.brackets = 0

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
        trouble = Trouble(self.source, self.statement, token, self.peek, self.accepts)
        if self.statement and self.statement[-1].kind == "RBRACE" and token.kind not in (*_ENDS, "STRAY"):
            # A whole block was read; what stands behind its `}` is a statement of its own, readable or not.
            if begins_statement([token, *self.peek(1)]):
                self.add(diagnose_line_end(trouble))
            self.give_back(Token(NEWLINE, token.start, token.start, ""), token)
            return
        mend = find_mend(trouble)
        if mend is None:
            self.drop(token, explain(trouble))
            return
        if mend.diagnostic is not None:
            self.add(mend.diagnostic)
        if mend.restarts:
            self.forget_statement()
            self.statement = []
        self.give_back(*mend.tokens)

    def drop(self, token: Token, diagnostic: Diagnostic) -> None:
        """Puts DAMAGED in the place of the statement that `token` does not fit into, and goes on behind it."""
        self.add(diagnostic)
        first = self.statement[0] if self.statement else token
        self.give_back(token)
        end = self.skip(max(first.start, self.last_end if self.statement else first.start))
        self.forget_statement()
        self.feed(Token("DAMAGED", first.start, end, self.source.text[first.start : end]))
        self.last_end = end
        self.statement = [first]

    def skip(self, end: int) -> int:
        """Takes the rest of a statement, up to a block that opens; where it ended. `end` is where the last token taken did."""
        inner = 0  # `{` within the line, as in JSON
        while True:
            token = self.take()
            if token.kind == "LBRACE":
                if not inner and len(self.blocks) < MAX_DEPTH and self.opens_block():
                    break
                inner += 1
            elif token.kind in _ENDS and not (inner and token.kind == "RBRACE"):
                break
            elif token.kind == "RBRACE":
                inner -= 1
            end = token.end
        self.give_back(token)
        return end

    def opens_block(self) -> bool:
        keyword = self.statement[0].kind if self.statement else ""
        return keyword in _BLOCKS or self.peek(1)[0].kind == NEWLINE

    def forget_statement(self) -> None:
        del self.values[self.height :], self.starts[self.height :], self.ends[self.height :]
        del self.states[self.height + 1 :]
        self.brackets = 0

    # --- blocks that are not closed, and closed too often

    def close_unclosed(self, token: Token) -> None:
        """Closes shots and defaults before a statement that cannot stand in them; all blocks at the end of the text."""
        while self.blocks and (token.kind == END or self.cannot_hold(self.blocks[-1], token)):
            block = self.blocks[-1]
            self.add(diagnose_unclosed(self.source, block.keyword, block.statement, block.brace, token))
            brace = Token("RBRACE", self.last_end, self.last_end, "")
            self.feed(brace)
            self.shifted(brace)
            if token.kind != END:
                self.closed_early += 1
                line_end = Token(NEWLINE, self.last_end, self.last_end, "")
                self.feed(line_end)
                self.shifted(line_end)

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
        self.feed(Token("DAMAGED", start, end, self.source.text[start:end]))
        for _block in self.blocks:
            self.feed(Token("RBRACE", end, end, ""))
        self.feed(Token(END, end, end, ""))


_OUTER = ("SHOT", "SCENE", "STORYBOARD", "USE")
_BLOCKS = ("SHOT", "SCENE", "DEFAULTS")
_OPENING = ("LSQB", "LPAR", "LBRACE")
_ENDS = (NEWLINE, END, "RBRACE")
