"""How long action and speech last, and how they are cut to the length that a shot can have.

All figures are ours, from the rules of the trade: a page of a screenplay is a minute, and people speak some 150 words in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from skyflow.contract import MAX_DURATION

_SPOKEN_WORD = 0.4  # seconds; 150 words a minute
_SPOKEN_HAN = 0.25  # a Chinese or Japanese character
_TOLD_WORD = 0.25  # some 240 words on a page of action
_TOLD_HAN = 0.125

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_SENTENCE = re.compile(r"(?s:.)+?(?:[.!?…]{1,4}[\"”’)]{0,3}(?=\s|$)|[。！？]{1,4}[」』”]{0,3}|$)")


def told_seconds(text: str) -> float:
    """How long it takes to see what a piece of action tells."""
    return _seconds(text, _TOLD_WORD, _TOLD_HAN)


def spoken_seconds(text: str) -> float:
    """How long it takes to say something."""
    return _seconds(text, _SPOKEN_WORD, _SPOKEN_HAN)


def split_action(text: str) -> Iterator[str]:
    """Action in parts that a shot has time for."""
    return _split(text, _TOLD_WORD, _TOLD_HAN)


def split_speech(text: str) -> Iterator[str]:
    """Speech in parts that a shot has time for."""
    return _split(text, _SPOKEN_WORD, _SPOKEN_HAN)


def _seconds(text: str, word: float, han: float) -> float:
    characters = len(_HAN.findall(text))
    return characters * han + len(_HAN.sub(" ", text).split()) * word


def _split(text: str, word: float, han: float) -> Iterator[str]:
    """At the ends of sentences where that suffices, else between words, else between characters."""
    part, taken = "", 0.0
    for piece in _pieces(text, word, han):
        seconds = _seconds(piece, word, han)
        if part.strip() and taken + seconds > MAX_DURATION:
            yield part.strip()
            part, taken = "", 0.0
        part, taken = part + piece, taken + seconds
    if part.strip():
        yield part.strip()


def _pieces(text: str, word: float, han: float) -> Iterator[str]:
    for sentence in _SENTENCE.findall(text):
        if _seconds(sentence, word, han) <= MAX_DURATION:
            yield sentence
        else:
            yield from re.findall(rf"\s*{_HAN.pattern}|\s*(?:(?!{_HAN.pattern})\S)+|\s+$", sentence)
