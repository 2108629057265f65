"""Text becomes tokens, all of it: white space and comments too, so that the tokens put together are the text again.

What the grammar knows is matched by the grammar's own terminals. What it does not know becomes a token as well: a sign of another
keyboard is read as the sign that was meant (and noted in `signs`), an unfinished piece gets one of the kinds below. Nothing is
judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from skyflow.source import SourceFile
from skyflow.syntax.signs import CLOSING_QUOTES, FULL_WIDTH, INVISIBLE, Sign, comment_mark
from skyflow.syntax.tables import load_tables

# Kinds that the grammar has no place for.
OPEN_STRING = "OPEN_STRING"
OPEN_TEXT_BLOCK = "OPEN_TEXT_BLOCK"
OPEN_TEMPLATE = "OPEN_TEMPLATE"
STRAY = "STRAY"
TOO_LONG = "TOO_LONG"  # the rest of a line that holds more than a line can hold

MAX_SIGNS = 1000  # ours: more of them are read as what was meant, but not told
MAX_LINE_TOKENS = 100_000  # ours: what a person writes has a hundred; it bounds what a line can cost

# Kinds of the grammar that are spoken of elsewhere.
NEWLINE = "_NEWLINE"
COMMENT = "COMMENT"
SPACE = "SPACE"


class Token(NamedTuple):
    """One piece of the text: `kind` is a terminal of the grammar or one of the kinds above, offsets are in characters."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Lexer:
    """Reads one source. `signs` fills up while the tokens are taken."""

    source: SourceFile
    signs: list[Sign] = field(default_factory=list)
    _comment_start: int = 0
    _comment_end: int = 0
    """Up to here, what was opened by `/*` goes on."""

    def tokens(self) -> Iterator[Token]:
        text, position, length = self.source.text, 0, len(self.source.text)
        tables = load_tables()
        match, keywords = tables.scanner.match, tables.keywords
        left = MAX_LINE_TOKENS
        while position < length:
            found = match(text, position)
            kind = found.lastgroup if found else None
            if position < self._comment_end and kind not in (NEWLINE, SPACE):
                token = self._comment_line(position)
            elif found is None or kind is None or (kind == "LBRACE" and text.startswith("{{", position)):
                token = self._unknown(position)
            else:
                piece = found.group()
                if kind in _WORDS and text[found.end() : found.end() + 1] > _FIRST_MARK:
                    piece = text[position : _end_of_word(text, found.end(), dots=kind == "NAME")]
                if kind == "NAME":
                    kind = keywords.get(piece, kind)
                elif kind == "TEXT_BLOCK" and (end := _swallowing_end(piece)):
                    kind, piece = OPEN_TEXT_BLOCK, piece[:end].rstrip()
                token = Token(kind, position, position + len(piece), piece)
            if token.kind == NEWLINE:
                left = MAX_LINE_TOKENS
            elif not left:
                token = self._token(TOO_LONG, position, _line_end(text, position))
            else:
                left -= 1
            position = token.end
            yield token

    def _unknown(self, start: int) -> Token:
        """What no terminal matches."""
        text = self.source.text
        sign = text[start]
        if sign == '"':
            return self._open_block(start) if text.startswith('"""', start) else self._open_string(OPEN_STRING, start)
        if sign == "{":
            return self._open_string(OPEN_TEMPLATE, start)
        if sign in CLOSING_QUOTES:
            return self._other_quotes(start)
        if sign in FULL_WIDTH:
            kind, meant = FULL_WIDTH[sign]
            return self._meant(kind, start, start + 1, meant)
        if sign == "＠" and (name := _TAG_NAME.match(text, start + 1)):
            self._note(Sign(start, start + 1, "@"))
            return self._token("TAG", start, name.end())
        if mark := comment_mark(text, start):
            return self._other_comment(start, mark)
        if sign == "\r":
            self._note(Sign(start, start + 1, "\n", "line end"))
            return self._token(NEWLINE, start, start + 1)
        if INVISIBLE.match(sign):
            self._note(Sign(start, start + 1, "", "invisible"))
            return self._token(SPACE, start, start + 1)
        run = _RUN.match(text, start)
        return self._token(STRAY, start, run.end() if run else start + 1)

    def _token(self, kind: str, start: int, end: int) -> Token:
        return Token(kind, start, end, self.source.text[start:end])

    def _note(self, *signs: Sign) -> None:
        if len(self.signs) < MAX_SIGNS:
            self.signs.extend(signs)

    def _meant(self, kind: str, start: int, end: int, text: str) -> Token:
        self._note(Sign(start, end, text))
        return self._token(kind, start, end)

    def _other_comment(self, start: int, mark: str) -> Token:
        """A comment of another language; between `/*` and `*/` every line is one."""
        text, end = self.source.text, _line_end(self.source.text, start)
        self._note(Sign(start, start + len(mark), "#", "comment"))
        close = text.find("*/", start + 2) if mark == "/*" else -1
        if end < close:
            self._comment_start, self._comment_end = start, close + 2
        elif close != -1:
            self._note(Sign(close, close + 2, "", "comment", start))
        return self._token(COMMENT, start, end)

    def _comment_line(self, start: int) -> Token:
        """A line between `/*` and `*/`."""
        end, close = _line_end(self.source.text, start), self._comment_end - 2
        if start < close:
            self._note(Sign(start, start, "# ", "comment", self._comment_start))
        if close < end:
            self._note(Sign(close, close + 2, "", "comment", self._comment_start))
        return self._token(COMMENT, start, end)

    def _open_string(self, kind: str, start: int) -> Token:
        """A string or template that is not closed takes the rest of its line, but not the `{` that opens a block."""
        text = self.source.text
        end = _line_end(text, start)
        line_start = text.rfind("\n", 0, start) + 1
        opening = text.rfind("{", start + 2, end)
        if (
            opening != -1
            and _BLOCK_LINE.match(text, line_start, start)
            and _LINE_REST.fullmatch(text, opening + 1, end)
        ):
            end = opening
        else:
            end = _before_closing_braces(text, line_start, start, end)
        return self._token(kind, start, max(start + len(text[start:end].rstrip()), start + 1))

    def _open_block(self, start: int) -> Token:
        """A text block that is not closed ends before a line that holds nothing but `}`, so that the rest can be read."""
        text = self.source.text
        closed = text.find('"""', start + 3)
        piece = text[start : closed + 3] if closed != -1 else text[start:]
        end = _swallowing_end(piece) if closed != -1 else _lone_brace(piece)
        return self._token(OPEN_TEXT_BLOCK, start, start + len(piece[:end].rstrip()))

    def _other_quotes(self, start: int) -> Token:
        """A text between other quotes than `"`, which is read as a string where it is closed on its line."""
        text, closing = self.source.text, CLOSING_QUOTES[self.source.text[start]]
        if text.startswith("'''", start) and (close := text.find("'''", start + 3)) != -1:
            self._note(Sign(start, start + 3, '"""', "quote"), Sign(close, close + 3, '"""', "quote", start))
            return self._token("TEXT_BLOCK", start, close + 3)
        inner: list[Sign] = []
        position, end = start + 1, _line_end(text, start)
        while position < end and len(inner) < MAX_SIGNS:
            if text[position] in closing:
                self._note(Sign(start, start + 1, '"', "quote"), *inner, Sign(position, position + 1, '"', "quote"))
                return self._token("STRING", start, position + 1)
            found = _QUOTED_PIECE.match(text, position, end)
            if found and found[0] == r"\'":
                inner.append(Sign(position, position + 2, "'", "quote"))
            elif text[position] == '"':
                inner.append(Sign(position, position + 1, r"\"", "quote"))
            position = found.end() if found else position + 1
        return self._open_string(OPEN_STRING, start)


_TAG_NAME = re.compile(r"[\w-]+")
_WORDS = ("NAME", "TAG")
_FIRST_MARK = "\u02ff"  # the last character before U+0300, the first combining mark
_NAME_TAIL = re.compile(r"[\w-]*+(?:\.[\w-]++)*+")
_TAG_TAIL = re.compile(r"[\w-]*+")
_RUN = re.compile(r"(?P<sign>[^\w\s])(?P=sign)*+|\w++|\s")
_BRACES = re.compile(r"(?P<lone>^[^\S\n]*+\}[^\S\n]*+$)|[{}]", re.MULTILINE)
_SETTING_START = re.compile(r'(?:[^\n]*[\s{])?\w++[^\S\n]*+=[^\S\n]*+"""')
_BLOCK_LINE = re.compile(r"[^\S\n]*+(?:shot|scene|defaults)\b")
_CLOSED_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|\{\{(?:(?!\}\})[^\n])*+\}\}')
_LONE_BRACE_BELOW = re.compile(r"\r?\n(?:[^\S\n]*+\n)*+([^\S\n]*+)\}[^\S\n]*+(?:#[^\n]*+)?$", re.MULTILINE)
_INDENT = re.compile(r"[^\S\n]*+")
_LINE_REST = re.compile(r"[^\S\n]*+(?:#[^\n]*+)?")
_QUOTED_PIECE = re.compile(r"[^\\{\"'“”‘’＂」』»\n]++|\\.|\{\{[^{}\n]*+\}\}")


def _end_of_word(text: str, end: int, *, dots: bool) -> int:
    """Where a name or tag ends that goes on behind `end` with vowel signs or accents of their own.

    No word of Hindi or Thai can be written without them, and no pattern of `re` can name them.
    """
    from unicodedata import category

    tail = _NAME_TAIL if dots else _TAG_TAIL
    while end < len(text) and category(text[end])[0] == "M":
        end += 1
        found = tail.match(text, end)
        end = found.end() if found else end
    return end


def _swallowing_end(block: str) -> int | None:
    """Where a text block that ends in the opening quotes of the next one should have ended, else None."""
    last_line = block.rfind("\n") + 1
    return _lone_brace(block) if last_line and _SETTING_START.fullmatch(block, last_line) else None


def _lone_brace(block: str) -> int | None:
    """The start of the first line that holds nothing but a `}` that nothing in the text block has opened."""
    depth = 0
    for brace in _BRACES.finditer(block):
        if brace.group() == "{":
            depth += 1
        elif depth:
            depth -= 1
        elif brace["lone"] is not None:
            return brace.start()
    return None


def _before_closing_braces(text: str, line_start: int, start: int, end: int) -> int:
    """Where what is unclosed from `start` on ends, less the `}` at the line's end that close the blocks which the line opened."""
    opened = _CLOSED_PIECE.sub("", text[line_start:start]) if _BLOCK_LINE.match(text, line_start, start) else ""
    left = opened.count("{") - opened.count("}")
    if left <= 0 or _closed_below(text, line_start, end):
        return end
    position = end
    while left and position > start + 1 and (text[position - 1] == "}" or text[position - 1].isspace()):
        position -= 1
        if text[position] == "}":
            end, left = position, left - 1
    return end


def _closed_below(text: str, line_start: int, line_end: int) -> bool:
    """Whether a lone `}` under the first word of the line closes what the line opened."""
    below = _LONE_BRACE_BELOW.match(text, line_end)
    indent = _INDENT.match(text, line_start)
    return below is not None and indent is not None and below[1] == indent[0]


def _line_end(text: str, start: int) -> int:
    """The offset of the line's end, before a CR."""
    end = text.find("\n", start)
    end = len(text) if end == -1 else end
    return end - 1 if end > start and text[end - 1] == "\r" else end
