"""How reading goes on behind a mistake: what was plainly meant is read on, anything else is dropped up to the end of its statement.

A dropped statement is forgotten, and the machine takes a DAMAGED in its place: nothing is invented. Where the first line of a block
is damaged, its body is still read.
"""

from __future__ import annotations

from skyflow.diagnostics import Diagnostic
from skyflow.syntax.block_mistakes import (
    diagnose_depth,
    diagnose_misplaced,
    diagnose_other_language,
    diagnose_stray_brace,
    diagnose_too_many,
    diagnose_unclosed,
)
from skyflow.syntax.layout import begins_statement
from skyflow.syntax.lexer import NEWLINE, OPEN_TEXT_BLOCK, Token
from skyflow.syntax.mending import find_mend
from skyflow.syntax.parser import MAX_DEPTH, MAX_MISTAKES, NoStoryboardError, OpenBlock, Parser
from skyflow.syntax.slips import explain
from skyflow.syntax.tables import END
from skyflow.syntax.trouble import BLOCKS, Trouble
from skyflow.syntax.value_slips import QUOTE_MISSING, TEXT_OPEN

_ENDS = (NEWLINE, END, "RBRACE")


class Recovery:
    """Goes on with a parser's work where the machine refused a token."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self._separated: list[Token] = []  # the statement in which a missing `,` or `|` was put in
        self._closed_early = 0  # blocks closed for the writer; their `}` may still come
        self._swallowed = False  # whether a text block that is not closed took the rest of the text
        self._suspect: OpenBlock | None = None  # closed by a `}` that was most likely another's

    # --- a token that does not fit

    def mend_or_drop(self, token: Token) -> None:
        parser = self.parser
        if not parser.diagnostics and (other := diagnose_other_language(parser.source, token)) is not None:
            raise NoStoryboardError(other)
        separated = parser.statement is self._separated
        trouble = Trouble(
            parser.source, parser.statement, token, parser.peek, parser.machine.accepts, parser.brackets, separated
        )
        mend = find_mend(trouble)
        if mend is None:
            if parser.statement and parser.statement[-1].kind == "RBRACE":
                # A whole block was read, and stands. What is behind its `}` is a statement of its own.
                parser.give_back(Token(NEWLINE, token.start, token.start, ""), token)
            else:
                self._drop(token, explain(trouble))
            return
        if mend.diagnostic is not None:
            parser.add(mend.diagnostic)
        if mend.separates:
            self._separated = parser.statement
        if mend.restarts:
            self._forget_statement()
            parser.statement = []
        parser.give_back(*mend.tokens)

    def drop_deep(self, token: Token) -> None:
        self._drop(token, diagnose_depth(self.parser.source, token, MAX_DEPTH))

    def _drop(self, token: Token, diagnostic: Diagnostic) -> None:
        """Puts DAMAGED in the place of the statement that `token` does not fit into, and goes on behind it."""
        parser, text = self.parser, self.parser.source.text
        if not self._ends_open_text(diagnostic):
            parser.add(diagnostic)
        self._swallowed = token.kind == OPEN_TEXT_BLOCK and not text[token.end :].strip()
        first = parser.statement[0] if parser.statement else token
        parser.give_back(token)
        end = self._skip(parser.last_end if parser.statement else first.start)
        self._forget_statement()
        parser.machine.feed(Token("DAMAGED", first.start, end, text[first.start : end]))
        parser.last_end = end
        parser.statement = [first]

    def _ends_open_text(self, diagnostic: Diagnostic) -> bool:
        """Whether a lone quote ends the text that the line above left open: one text over two lines is one mistake."""
        before = self.parser.diagnostics[-1] if self.parser.diagnostics else None
        if before is None or before.message != TEXT_OPEN or diagnostic.message != QUOTE_MISSING:
            return False
        assert before.span is not None
        assert diagnostic.span is not None
        return diagnostic.span.start_position.line - before.span.start_position.line == 1

    def _skip(self, end: int) -> int:
        """Takes the rest of a statement, up to a block that opens; where it ended. `end` is where the last token taken did."""
        parser = self.parser
        inner = 0  # open `{` of a value, as in JSON
        before = parser.statement[-1].kind if parser.statement else ""
        while True:
            token = parser.take()
            kind = token.kind
            if kind == "LBRACE":
                if not inner and before != "EQUAL" and len(parser.blocks) < MAX_DEPTH and self._opens_block():
                    break
                inner += 1
            elif kind == "RBRACE" and inner:
                inner -= 1
            elif kind in _ENDS and not (kind == NEWLINE and inner and not begins_statement(parser.peek(2))):
                break
            if kind != NEWLINE:
                end = max(end, token.end)  # a bracket that is not closed is told of behind what stands in it
            before = kind
        parser.give_back(token)
        return end

    def _opens_block(self) -> bool:
        """Whether the `{` that was taken opens a block."""
        keyword = self.parser.statement[0].kind if self.parser.statement else ""
        return keyword in BLOCKS or self.parser.peek(1)[0].kind == NEWLINE

    def _forget_statement(self) -> None:
        self.parser.machine.cut_to(self.parser.height)
        self.parser.brackets = 0

    # --- blocks that are not closed, and closed too often

    def close_unclosed(self, token: Token) -> None:
        """Closes the blocks that `token` shows to be open still."""
        parser = self.parser
        while parser.blocks and parser.ends_blocks(token):
            self._report_unclosed(parser.blocks[-1], token)
            self._feed("RBRACE")
            if token.kind != END:
                self._closed_early += 1
                self._feed(NEWLINE)

    def _report_unclosed(self, block: OpenBlock, token: Token) -> None:
        if not block.brace.text:
            return  # its `{` was missing too, and that is reported
        if token.kind != END:
            self.parser.add(diagnose_misplaced(self.parser.source, block.statement, block.brace, token))
        elif not self._swallowed:
            suspect, self._suspect = self._suspect, None
            left_open = (block.statement, block.brace) if suspect else None
            culprit = suspect or block
            self.parser.add(diagnose_unclosed(self.parser.source, culprit.statement, culprit.brace, left_open))

    def _feed(self, kind: str) -> None:
        """Has the machine take a token that nobody wrote."""
        token = Token(kind, self.parser.last_end, self.parser.last_end, "")
        self.parser.machine.feed(token)
        self.parser.follow(token)

    def suspect(self, block: OpenBlock, brace: Token) -> None:
        """Where a `}` stands under the first word of an outer block, the block that it closed was most likely left open."""
        column = self.parser.column
        if self._suspect is None and any(column(brace) == column(outer.statement[0]) for outer in self.parser.blocks):
            self._suspect = block

    def drop_brace(self, token: Token) -> None:
        """A `}` that closes nothing."""
        self.parser.last_end = token.end
        if self._closed_early:
            self._closed_early -= 1
        else:
            self.parser.add(diagnose_stray_brace(self.parser.source, token))

    def give_up(self, reason: Diagnostic | None) -> None:
        """Everything that has not been read is damaged; without a reason, there were too many mistakes."""
        parser, text = self.parser, self.parser.source.text
        parser.diagnostics.append(reason or diagnose_too_many(parser.source, parser.last_end, MAX_MISTAKES))
        self._forget_statement()
        start = parser.statement[0].start if parser.statement else parser.last_end
        parser.machine.feed(Token("DAMAGED", start, len(text), text[start:]))
        for _block in parser.blocks:
            parser.machine.feed(Token("RBRACE", len(text), len(text), ""))
        parser.machine.feed(Token(END, len(text), len(text), ""))
