"""What a string or a text block says: escapes, `{{ }}` and the layout of text blocks, every character with its place in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from skyflow.diagnostics import Edit, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax.tables import load_tables
from skyflow.syntax.tree import Expression, Literal, Text


class Report(Protocol):
    """Takes note of a mistake between two offsets."""

    def __call__(self, message: str, start: int, end: int, help: str = "", fix: Fix | None = None) -> None: ...


class Piece(NamedTuple):
    """A run of characters that stands so in the source from `start` on; or an escape's character; or an expression.

    Layout moves runs only: `kept` pieces are what the writer asked for expressly.
    """

    text: str
    start: int
    kept: bool = False
    expression: Expression | None = None


def read_text(source: SourceFile, start: int, end: int, report: Report) -> Text:
    """The string or text block that stands from `start` to `end`, quotes included."""
    block = end - start >= 6 and source.text.startswith(('"""', "'''"), start)
    margin = 3 if block else 1
    if not block and _WINDOWS_PATH.fullmatch(source.text, start + 1, end - 1):
        return _read_windows_path(source, start, end, report)
    pieces = _read_pieces(source, start + margin, end - margin, report)
    parts = _join_pieces(_lay_out(list(pieces)) if block else pieces)
    return Text(Span(source, start, end), parts, block)


# A path that ends in a file's name; `\\` between its folders is how Windows writes them.
_WINDOWS_PATH = re.compile(r"(?:[A-Za-z]:|\.{1,2}|~)?[\w .-]*+(?:[\\/][\w .-]++)*\\[\w .-]+\.[A-Za-z0-9]{2,5}")


def _read_windows_path(source: SourceFile, start: int, end: int, report: Report) -> Text:
    """`"cast\\mika.jpg"`, read as it is meant."""
    written = source.text[start + 1 : end - 1]
    meant = written.replace("\\", "/")
    edit = Edit(Span(source, start + 1, end - 1), meant)
    help = f'write `"{meant}"`'
    at = start + 1 + written.index("\\")
    report("a path is written with `/`", at, at + 1, help, Fix(help, (edit,)))
    return Text(Span(source, start, end), (Literal(meant, ((0, start + 1),)),), False)


def read_expression(source: SourceFile, start: int, end: int) -> Expression:
    """The expression whose braces stand from `start` to `end`. What it says, or that it says nothing, is judged with all expressions."""
    return Expression(source.text[start + 2 : end - 2], start + 2, Span(source, start, end))


# --- pieces ---------------------------------------------------------------------------------------------------------

# C0 and C1 control characters without tab and line end; a CR is fine before a LF.
_SPECIAL = re.compile(r"\\|\{\{|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_CODE_POINT = re.compile(r"\{([0-9A-Fa-f]{1,6})\}")


def _read_pieces(source: SourceFile, start: int, end: int, report: Report) -> Iterator[Piece]:
    text, position = source.text, start
    jinja_seen = False
    while position < end:
        found = _SPECIAL.search(text, position, end)
        at = found.start() if found else end
        if at > position:
            jinja_seen = jinja_seen or _report_jinja(text, position, at, report)
            yield Piece(text[position:at], position)
        if found is None:
            return
        sign = found.group()
        if sign == "\\":
            piece, position = _read_escape(text, at, end, report)
            yield piece
        elif sign == "{{":
            position = _expression_end(text, at, end)
            yield Piece("", at, True, read_expression(source, at, position))
        else:
            fix = Fix("remove it", (Edit(Span(source, at, at + 1), ""),))
            report(f"this text holds a control character (U+{ord(sign):04X})", at, at + 1, "remove it", fix)
            position = found.end()
            yield Piece(sign, at, True)


def _expression_end(text: str, start: int, end: int) -> int:
    """Where `{{ … }}` ends. The grammar has closed all of them, but between single or curly quotes one may be open."""
    found = load_tables().template.match(text, start, end)
    return found.end() if found else end


def _report_jinja(text: str, start: int, end: int, report: Report) -> bool:
    """Reports the first `{%` of a run, or the first `{#` that a `#}` ends (`{#1}` may be meant); tells whether there was one."""
    opened, kind = text.find("{%", start, end), "%"
    if opened == -1:
        opened, kind = text.find("{#", start, end), "#"
    if opened == -1:
        return False
    closed = text.find(kind + "}", opened + 2, end)
    if kind == "#" and closed == -1:
        return False
    report(
        "`{% … %}` means nothing here" if kind == "%" else "`{# … #}` means nothing here",
        opened,
        closed + 2 if closed != -1 else opened + 2,
        "of Jinja only `{{ expression }}` is known; a choice is written `{{ a if b else c }}`, a comment `#` outside the text",
    )
    return True


def _read_escape(text: str, start: int, end: int, report: Report) -> tuple[Piece, int]:
    letter = text[start + 1 : start + 2] if start + 1 < end else ""
    if letter == "'" and text[end : end + 1] == "'":  # between single quotes, which are reported already
        return Piece("'", start, True), start + 2
    if letter in _ESCAPES and letter:
        return Piece(_ESCAPES[letter], start, True), start + 2
    if letter == "u":
        code = _CODE_POINT.match(text, start + 2, end)
        value = int(code.group(1), 16) if code else -1
        if code and value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF:
            return Piece(chr(value), start, True), code.end()
        stop = code.end() if code else start + 2
        report(f"`{text[start:stop]}` is no character", start, stop, r"write its code point in hex digits: `\u{1F3AC}`")
        return Piece(text[start:stop], start, True), stop
    stop = min(start + 2, end)
    report(
        rf"`{text[start:stop]}` is no escape",
        start,
        stop,
        r"a text knows `\"`, `\\`, `\n`, `\t` and `\u{…}`; a backslash itself is written `\\`",
    )
    return Piece(text[start:stop], start, True), stop


# --- layout of text blocks ------------------------------------------------------------------------------------------

# Chinese and Japanese characters, their punctuation and full-width forms: first and last of each range. Hangul is written with
# spaces and is not among them.
_EAST_ASIAN = (
    (0x2E80, 0x303F),  # radicals, ideographic description, CJK symbols and punctuation
    (0x3040, 0x30FF),  # hiragana, katakana
    (0x3100, 0x312F),  # bopomofo
    (0x3190, 0x31FF),  # kanbun, bopomofo extended, strokes, katakana extensions
    (0x3220, 0x325F),  # enclosed ideographs, without the Korean ones around them
    (0x3280, 0x4DBF),  # enclosed ideographs and kana, squared words, extension A
    (0x4E00, 0x9FFF),  # unified ideographs
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFE30, 0xFE4F),  # vertical forms
    (0xFF01, 0xFF9F),  # full-width signs and letters, half-width katakana
    (0xFFE0, 0xFFE6),  # full-width currency signs
    (0x1AFF0, 0x1B16F),  # kana extensions
    (0x1F200, 0x1F2FF),  # enclosed ideographic supplement
    (0x20000, 0x3FFFF),  # extensions B and later
)


def _is_east_asian(sign: str) -> bool:
    return bool(sign) and any(first <= ord(sign) <= last for first, last in _EAST_ASIAN)


def _lay_out(pieces: list[Piece]) -> Iterator[Piece]:
    """The lines of a paragraph joined by a space, or by nothing between Chinese or Japanese characters; paragraphs by a line break."""
    previous: list[Piece] = []
    gap = 0  # where the line above ended
    paragraph_ends = False
    for line, line_end in _split_lines(pieces):
        stripped = _strip(line)
        if not stripped:
            paragraph_ends = True
            continue
        if previous:
            if paragraph_ends:
                yield Piece("\n", gap)
            elif not (_is_east_asian(previous[-1].text[-1:]) and _is_east_asian(stripped[0].text[:1])):
                yield Piece(" ", gap)
        yield from stripped
        previous, gap, paragraph_ends = stripped, line_end, False


def _split_lines(pieces: list[Piece]) -> Iterator[tuple[list[Piece], int]]:
    """Each line's pieces, and where its line end stands."""
    line: list[Piece] = []
    end = pieces[-1].start if pieces else 0
    for piece in pieces:
        if piece.kept:
            line.append(piece)
            continue
        start = piece.start
        *whole, last = piece.text.split("\n")
        for part in whole:
            line.append(Piece(part, start))
            yield line, start + len(part.rstrip("\r"))
            line, start = [], start + len(part) + 1
        line.append(Piece(last, start))
    yield line, end


def _strip(line: list[Piece]) -> list[Piece]:
    """A line without the blanks around it; blanks that the writer asked for by an escape stay."""
    first, last = 0, len(line)
    while first < last and not line[first].kept and not line[first].text.strip():
        first += 1
    while last > first and not line[last - 1].kept and not line[last - 1].text.strip():
        last -= 1
    line = line[first:last]
    if line and not line[-1].kept:
        line[-1] = line[-1]._replace(text=line[-1].text.rstrip())
    if line and not line[0].kept:
        text = line[0].text.lstrip()
        line[0] = Piece(text, line[0].start + len(line[0].text) - len(text))
    return line


# --- parts ----------------------------------------------------------------------------------------------------------


def _join_pieces(pieces: Iterator[Piece]) -> tuple[Literal | Expression, ...]:
    parts: list[Literal | Expression] = []
    texts: list[str] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for piece in pieces:
        if piece.expression is not None:
            if texts:
                parts.append(Literal("".join(texts), tuple(segments)))
                texts, segments, length = [], [], 0
            parts.append(piece.expression)
        elif piece.text:
            if not segments or length - segments[-1][0] != piece.start - segments[-1][1]:
                segments.append((length, piece.start))
            texts.append(piece.text)
            length += len(piece.text)
    if texts:
        parts.append(Literal("".join(texts), tuple(segments)))
    return tuple(parts)
