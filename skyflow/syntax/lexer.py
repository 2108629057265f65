"""Text becomes tokens, all of it: white space and comments too, so that the tokens put together are the text again.

What the grammar knows is matched by the grammar's own terminals. What it does not know becomes a token as well: a sign of another
keyboard is read as the sign that was meant (and gathered in `signs`), an unfinished piece gets one of the kinds below. Nothing is
judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from skyflow.source import SourceFile
from skyflow.syntax.tables import load_tables

# Kinds that the grammar has no place for.
OPEN_STRING = "OPEN_STRING"
OPEN_TEXT_BLOCK = "OPEN_TEXT_BLOCK"
OPEN_TEMPLATE = "OPEN_TEMPLATE"
STRAY = "STRAY"

NEWLINE = "_NEWLINE"
COMMENT = "COMMENT"
SPACE = "SPACE"

# What a Chinese, Japanese or word-processing keyboard writes for the signs of this language.
FULL_WIDTH = {
    "＝": "EQUAL", "｛": "LBRACE", "｝": "RBRACE", "（": "LPAR", "）": "RPAR", "［": "LSQB", "］": "RSQB",
    "，": "COMMA", "、": "COMMA", "｜": "VBAR",
}  # fmt: skip
ASCII_OF = dict(zip("＝｛｝（）［］，、｜", "={}()[],,|", strict=True))
CLOSING_QUOTES = {"“": "”“\"", "”": "”“\"", "„": "“”\"", "＂": "＂\"", "'": "'", "‘": "’‘'", "’": "’‘'", "「": "」", "『": "』"}  # fmt: skip


class Token(NamedTuple):
    """One piece of the text: `kind` is a terminal of the grammar or one of the kinds above, offsets are in characters."""

    kind: str
    start: int
    end: int
    text: str


class Sign(NamedTuple):
    """A sign, or a pair of quotes, of another keyboard: what stands there, and what is to be written instead."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Lexer:
    """Reads one source. `signs` fills up while the tokens are taken."""

    source: SourceFile
    signs: list[Sign] = field(default_factory=list)

    def tokens(self) -> Iterator[Token]:
        text, position, length = self.source.text, 0, len(self.source.text)
        tables = load_tables()
        match, keywords = tables.scanner.match, tables.keywords
        while position < length:
            found = match(text, position)
            kind = found.lastgroup if found else None
            if found is None or kind is None or (kind == "LBRACE" and text.startswith("{{", position)):
                token = self._unknown(position)
            else:
                piece = found.group()
                if kind == "TEXT_BLOCK" and (end := _swallowing_end(piece)):
                    kind, piece = OPEN_TEXT_BLOCK, piece[:end].rstrip()
                if kind == "NAME":
                    kind = keywords.get(piece, kind)
                token = Token(kind, position, position + len(piece), piece)
            position = token.end
            yield token

    def _unknown(self, start: int) -> Token:
        """What no terminal matches."""
        text = self.source.text
        sign = text[start]
        if sign == '"':
            return (
                self._open_text_block(start)
                if text.startswith('"""', start)
                else self._open_to_line_end(OPEN_STRING, start)
            )
        if sign == "{":
            return self._open_to_line_end(OPEN_TEMPLATE, start)
        if sign in CLOSING_QUOTES:
            return self._other_quotes(start)
        if sign in FULL_WIDTH:
            self.signs.append(Sign(start, start + 1, ASCII_OF[sign]))
            return self._token(FULL_WIDTH[sign], start, start + 1)
        if sign == "＃" or (text.startswith("//", start) and text[start - 1 : start] != ":"):
            end = start + (1 if sign == "＃" else 2)
            self.signs.append(Sign(start, end, "#"))
            return self._token(COMMENT, start, _line_end(text, start))
        if sign == "＠" and (name := _NAME_PART.match(text, start + 1)):
            self.signs.append(Sign(start, start + 1, "@"))
            return Token("TAG", start, name.end(), "@" + name.group())
        run = _RUN.match(text, start)
        return self._token(STRAY, start, run.end() if run else start + 1)

    def _token(self, kind: str, start: int, end: int) -> Token:
        return Token(kind, start, end, self.source.text[start:end])

    def _open_to_line_end(self, kind: str, start: int) -> Token:
        """A string or template that is not closed takes the rest of its line, but not the `{` of a block's first line."""
        text = self.source.text
        end = _line_end(text, start)
        line_start = text.rfind("\n", 0, start) + 1
        opening = _BLOCK_OPENING.search(text, start, end) if _BLOCK_LINE.match(text, line_start, start) else None
        if opening:
            end = opening.start()
        return self._token(kind, start, max(len(text[start:end].rstrip()) + start, start + 1))

    def _open_text_block(self, start: int) -> Token:
        """A text block that is not closed ends before a line that holds nothing but `}`, so that the rest can be read."""
        text = self.source.text
        closed = text.find('"""', start + 3)
        piece = text[start : closed + 3] if closed != -1 else text[start:]
        end = _swallowing_end(piece) if closed != -1 else _lone_brace(piece)
        return self._token(OPEN_TEXT_BLOCK, start, start + len(piece[:end].rstrip()))

    def _other_quotes(self, start: int) -> Token:
        text = self.source.text
        closing = CLOSING_QUOTES[text[start]]
        end = _line_end(text, start)
        position = start + 1
        while position < end:
            found = _QUOTED_PIECE.match(text, position, end)
            if found:
                position = found.end()
            elif text[position] in closing:
                self.signs += [Sign(start, start + 1, '"'), Sign(position, position + 1, '"')]
                return self._token("STRING", start, position + 1)
            else:
                position += 1
        return self._open_to_line_end(OPEN_STRING, start)


_NAME_PART = re.compile(r"[\w-]+")
_RUN = re.compile(r"(?P<sign>[^\w\s])(?P=sign)*+|\w++|[^\S\n]")
_BRACES = re.compile(r"[{}]")
_LONE_BRACE = re.compile(r"[^\S\n]*+\}[^\S\n]*+$", re.MULTILINE)
_SETTING_START = re.compile(r'(?:[^\n]*[\s{])?\w++[^\S\n]*+=[^\S\n]*+"""')
_BLOCK_LINE = re.compile(r"[^\S\n]*+(?:shot|scene|defaults)\b")
_BLOCK_OPENING = re.compile(r"[^\S\n]*+\{[^\S\n]*+(?:#[^\n]*+)?$")
_QUOTED_PIECE = re.compile(r"[^\\{\"'“”‘’＂」』\n]++|\\.|\{\{[^{}\n]*+\}\}")


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
        elif found := _LONE_BRACE.match(block, block.rfind("\n", 0, brace.start()) + 1):
            return found.start()
    return None


def _line_end(text: str, start: int) -> int:
    """The offset of the line's end, before a CR."""
    end = text.find("\n", start)
    end = len(text) if end == -1 else end
    return end - 1 if end > start and text[end - 1] == "\r" else end


def tokens(source: SourceFile) -> list[Token]:
    """The complete tokens of a source, white space and comments too; their texts put together are the source's text."""
    return list(Lexer(source).tokens())
