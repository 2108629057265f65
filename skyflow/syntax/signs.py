"""Signs of other keyboards: what a Chinese or Japanese input method, a word processor or another language's habit puts in a file.

The lexer reads each as what was meant and keeps a note; one diagnostic a line tells of them, with the fix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from skyflow.diagnostics import Diagnostic, Edit, Fix
from skyflow.source import SourceFile, Span
from skyflow.syntax.rule import SYNTAX


class Sign(NamedTuple):
    """What stands from `start` to `end`, and what is to be written instead."""

    start: int
    end: int
    text: str
    sort: Literal["sign", "quote", "comment", "invisible"] = "sign"


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

# They take no room on the screen: zero-width spaces and joiners, marks of direction, the soft hyphen.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"

_SAID = {
    "quote": ("a text stands between straight double quotes", 'write `"` before and behind it'),
    "comment": ("a comment starts with `#`", "write `#`"),
    "invisible": ("a character that cannot be seen stands here", "remove it"),
}


def report_signs(source: SourceFile, signs: Iterable[Sign]) -> Iterator[Diagnostic]:
    """One diagnostic a line for all the signs of one sort in it, at the first of them."""

    def line_and_sort(sign: Sign) -> tuple[int, str]:
        return source.position(sign.start).line, sign.sort

    for (_line, sort), group in groupby(
        sorted(signs, key=lambda sign: (*line_and_sort(sign), sign.start)), line_and_sort
    ):
        found = list(group)
        edits = tuple(Edit(Span(source, sign.start, sign.end), sign.text) for sign in found)
        message, help = _SAID[sort] if sort in _SAID else _say_signs(source, found)
        yield Diagnostic(SYNTAX, message, edits[0].span, help=help, fix=Fix(help, edits))


def _say_signs(source: SourceFile, signs: list[Sign]) -> tuple[str, str]:
    pairs = dict.fromkeys((source.text[sign.start : sign.end], sign.text) for sign in signs)
    wrong = " ".join(f"`{wrong}`" for wrong, _right in pairs)
    right = " ".join(dict.fromkeys(f"`{right}`" for _wrong, right in pairs))
    return f"{wrong} is another sign than {right}", f"write {right}, as on a Latin keyboard"
