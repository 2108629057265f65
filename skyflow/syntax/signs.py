"""Signs of other keyboards: what a Chinese or Japanese input method, a word processor or another language's habit puts in a file.

The lexer reads each as what was meant and keeps a note; one diagnostic a line tells of them, with the fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from skyflow.diagnostics import Diagnostic, Edit, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax.rule import SYNTAX


class Sign(NamedTuple):
    """What stands from `start` to `end`, and what is to be written instead; a closing quote knows where its opening one stands."""

    start: int
    end: int
    text: str
    sort: Literal["sign", "quote", "comment", "invisible", "line end"] = "sign"
    opening: int = -1


# The terminal that each stands for, and how that is written.
FULL_WIDTH: dict[str, tuple[str, str]] = {
    "＝": ("EQUAL", "="),
    "｛": ("LBRACE", "{"),
    "｝": ("RBRACE", "}"),
    "（": ("LPAR", "("),
    "）": ("RPAR", ")"),
    "［": ("LSQB", "["),
    "］": ("RSQB", "]"),
    "，": ("COMMA", ","),
    "、": ("COMMA", ","),
    "｜": ("VBAR", "|"),
}

# What may end a text that starts with each of these.
CLOSING_QUOTES: dict[str, str] = {
    "'": "'",
    "“": '”“"',
    "”": '”“"',
    "„": '“”"',
    "＂": '＂"',
    "‘": "’‘'",
    "’": "’‘'",
    "「": "」",
    "『": "』",
    "«": "»",
}

# They take no room on the screen: control characters, zero-width spaces and joiners, marks of direction, the soft hyphen.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)

_NOTHING_MORE = re.compile(r"[^\S\n]*+(?:#[^\n]*+)?$", re.MULTILINE)
# What starts a comment elsewhere: C and Java, SQL and Lua, an input method.
_COMMENTS = re.compile(r"//|/\*|--+(?=\s|$)|＃")


def comment_mark(text: str, start: int) -> str:
    """The sign at a place that starts a comment in another language; empty where there is none. `://` belongs to an address."""
    found = _COMMENTS.match(text, start)
    if found is None or text[start - 1 : start] == ":":
        return ""
    close = text.find("*/", start + 2) if found[0] == "/*" else -1
    if close != -1 and not _NOTHING_MORE.match(text, close + 2):
        return ""  # something stands behind it on its line: no comment of ours can end there
    return found[0]


_SAID = {
    "quote": ("a text stands between straight double quotes", 'write `"` before and behind it'),
    "comment": ("a comment starts with `#`", "write `#`"),
    "invisible": ("a character that cannot be seen stands here", "remove it"),
    "line end": ("the lines of this file end as on an old Macintosh (CR)", "save it with usual line ends (LF or CRLF)"),
}


def report_signs(source: SourceFile, signs: Iterable[Sign]) -> Iterator[Diagnostic]:
    """One diagnostic a line for all the signs of one sort in it, at the first of them."""

    def line_and_sort(sign: Sign) -> tuple[int, str]:
        return source.position(sign.start if sign.opening == -1 else sign.opening).line, sign.sort

    for (_line, sort), group in groupby(
        sorted(signs, key=lambda sign: (*line_and_sort(sign), sign.start)), line_and_sort
    ):
        found = list(group)
        edits = tuple(Edit(Span(source, sign.start, sign.end), sign.text) for sign in found)
        message, help = _SAID[sort] if sort in _SAID else _say_signs(source, found)
        yield Diagnostic(SYNTAX, message, edits[0].span, help=help, fix=Fix(help, edits))


def _say_signs(source: SourceFile, signs: list[Sign]) -> tuple[str, str]:
    pairs = dict.fromkeys((source.text[sign.start : sign.end], sign.text) for sign in signs)
    wrong = [f"`{wrong}`" for wrong, _right in pairs]
    right = dict.fromkeys(f"`{right}`" for _wrong, right in pairs)
    be = "is a sign" if len(wrong) == 1 else "are signs"
    return f"{_row(wrong)} {be} of another keyboard", f"write {_row([*right])}"


def _row(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
