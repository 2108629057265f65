"""A file as text: statements one below the other, blocks indented, comments and blank-line groups where they were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from skyflow.formatter.rows import Row, is_balanced, write_rows
from skyflow.formatter.text_blocks import INDENT
from skyflow.source import SourceFile
from skyflow.syntax import Token
from skyflow.syntax.lexer import COMMENT, NEWLINE, SPACE, Lexer
from skyflow.syntax.signs import INVISIBLE
from skyflow.syntax.tree import Block, Damaged, Defaults, File, Statement

MAX_WIDTH = 100  # ours: a block that was written on one line stays on it up to this width


@dataclass(slots=True)
class Entry:
    """What stands on a line of its own: a statement, a comment, or something that is to be left alone (then `statement` is None).

    `start` and `end` count tokens. `blank` tells of a blank line above it.
    """

    start: int
    end: int
    blank: bool
    statement: Statement | None = None
    comment: str = ""


@dataclass(slots=True)
class Printer:
    """Prints one source. `mistakes` are the places of its diagnostics: offsets, ascending."""

    source: SourceFile
    mistakes: list[int]
    tokens: list[Token] = field(init=False)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = list(Lexer(self.source).tokens())
        self.starts = [token.start for token in self.tokens]
        # Characters that cannot be seen are blanks outside texts: formatting removes them.
        self.mistakes = [place for place in self.mistakes if not self.is_unseen(place)]

    def rows(self, statements: Sequence[Statement], start: int, end: int, indent: str) -> Iterator[Row]:
        """The rows of the statements between two tokens."""
        first = True
        for entry in self.entries(statements, start, end):
            if entry.blank and not first:
                yield Row()
            first = False
            if entry.start == entry.end:
                yield Row(indent, "", entry.comment)
                continue
            rows = self.entry_rows(entry, indent)
            rows[-1].comment = entry.comment or rows[-1].comment
            yield from rows

    def is_unseen(self, place: int) -> bool:
        index = self.index_at(place)
        token = self.tokens[index] if index < len(self.tokens) else None
        return token is not None and token.start == place and token.kind == SPACE and bool(INVISIBLE.match(token.text))

    # --- what there is

    def entries(self, statements: Sequence[Statement], start: int, end: int) -> Iterator[Entry]:
        """The statements and comments between two tokens, line by line."""
        by_start = {statement.span.start: statement for statement in statements}
        entry: Entry | None = None
        line_ends = 0
        index = start
        while index < end:
            token = self.tokens[index]
            if token.kind == NEWLINE:
                line_ends += 1
            elif token.kind == COMMENT and entry is not None and not line_ends:
                entry.comment = token.text.rstrip()
            elif token.kind != SPACE:
                if entry is not None and line_ends:
                    yield entry
                    entry = None
                entry = self.read_entry(entry, by_start.get(token.start), index, line_ends > 1)
                index, line_ends = max(entry.end, index + 1), 0
                continue
            index += 1
        if entry is not None:
            yield entry

    def read_entry(self, entry: Entry | None, statement: Statement | None, index: int, blank: bool) -> Entry:
        """The entry that the token at `index` starts, or goes on with where it stands on a line that has one."""
        token = self.tokens[index]
        if token.kind == COMMENT:
            return Entry(index, index, blank, None, token.text.rstrip())
        end = self.index_at(statement.span.end) if statement is not None else index + 1
        end = max(end, index + 1)
        if entry is not None:
            return Entry(entry.start, end, entry.blank)
        return Entry(index, end, blank, statement)

    def index_at(self, offset: int) -> int:
        """The first token that starts at an offset or behind it."""
        return bisect_left(self.starts, offset)

    # --- how it is written

    def entry_rows(self, entry: Entry, indent: str) -> list[Row]:
        statement = entry.statement
        first, last = self.tokens[entry.start].start, self.tokens[entry.end - 1].end
        if isinstance(statement, (Block, Defaults)):
            brace = self.opening_brace(entry)
            if brace is not None and self.is_readable(entry, brace):
                return self.block_rows(entry, brace, statement.statements, indent)
        elif statement is not None and not isinstance(statement, Damaged) and not self.has_mistake(first, last):
            tokens = self.tokens[entry.start : entry.end]
            if is_balanced(tokens):
                return write_rows(tokens, indent)
        return [Row(indent, self.source.text[first:last])]

    def is_readable(self, entry: Entry, brace: int) -> bool:
        """Whether a block has no mistake but in its statements, each on lines of its own."""
        first, last = self.tokens[entry.start].start, self.tokens[entry.end - 1].end
        if not is_balanced(self.tokens[entry.start : brace]):
            return False
        if not self.has_line_end(entry):
            return not self.has_mistake(first, last)
        return not self.has_mistake(first, self.tokens[brace].end) and not self.has_mistake(last - 1, last)

    def block_rows(self, entry: Entry, brace: int, statements: Sequence[Statement], indent: str) -> list[Row]:
        header = write_rows(self.tokens[entry.start : brace], indent)
        comment = self.comment_behind(brace)
        body = brace + 1 if comment is None else comment + 1
        inner = list(self.rows(statements, body, entry.end - 1, indent + INDENT))
        header[-1].code += " {"
        if comment is not None:
            header[-1].comment = self.tokens[comment].text.rstrip()
        elif not inner:
            header[-1].code += "}"
            return header
        elif not self.has_line_end(entry) and self.fits_on_line(header[-1], inner, statements):
            header[-1].code += f" {inner[0].code} }}"
            return header
        return [*header, *inner, Row(indent, "}")]

    def fits_on_line(self, header: Row, inner: list[Row], statements: Sequence[Statement]) -> bool:
        """Whether a block that was written on one line stays on it: one statement that is no block itself."""
        if len(inner) != 1 or isinstance(statements[0], (Block, Defaults)) or "\n" in inner[0].code:
            return False
        return len(f"{header} {inner[0].code} }}") <= MAX_WIDTH

    def opening_brace(self, entry: Entry) -> int | None:
        """The `{` that the last token of a block closes."""
        depth = 0
        for index in range(entry.end - 1, entry.start, -1):
            kind = self.tokens[index].kind
            depth += (kind == "RBRACE") - (kind == "LBRACE")
            if not depth:
                return index if kind == "LBRACE" else None
        return None

    def comment_behind(self, brace: int) -> int | None:
        """The comment on the line of a `{`, if there is one."""
        index = brace + 1
        while self.tokens[index].kind == SPACE:
            index += 1
        return index if self.tokens[index].kind == COMMENT else None

    def has_line_end(self, entry: Entry) -> bool:
        return any(token.kind == NEWLINE for token in self.tokens[entry.start : entry.end])

    def has_mistake(self, start: int, end: int) -> bool:
        """Whether a diagnostic points into the characters from `start` to `end`."""
        index = bisect_left(self.mistakes, start)
        return index < len(self.mistakes) and self.mistakes[index] < end


def print_file(file: File, mistakes: Sequence[int]) -> str:
    """The text of a file; statements that hold one of the offsets in `mistakes` stay as written."""
    printer = Printer(file.source, sorted(mistakes))
    rows = [str(row) for row in printer.rows(file.statements, 0, len(printer.tokens), "")]
    text = "\n".join(rows) + "\n" if rows else ""
    # The first line end tells the file's kind of them: the first that was written, or the first that is left.
    first = next((token.text for token in printer.tokens if token.kind == NEWLINE), "\n")
    is_crlf = first == "\r\n" or text.partition("\n")[0].endswith("\r")
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if is_crlf else text
