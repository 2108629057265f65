"""Names for what came without one: shots from the words of their prompts, tags from file names and characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from unicodedata import category, normalize

MAX_NAME_WORDS = 3
MAX_NAME_LENGTH = 32
MAX_HAN_NAME = 6  # characters of a name in Chinese or Japanese, which has no spaces to end it at

_HAN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
# Sound cues, and tags that only count.
_NO_WORDS = re.compile(
    r"</?[A-Za-z_]+>|@(?:image|img|video|vid|ref|reference|pic|picture|frame)[\d_-]*(?![^\W_])", re.IGNORECASE
)
# Words that say nothing about a shot.
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a an the this that these those and or but of in on at to from with into onto through over under by for as is are was were be it
        its his her their our your my he she they we you i there here then while very slowly camera shot scene video create show shows
        showing based""",
    )
)
_RESERVED = frozenset({"previous"})  # `last_frame(previous)` is the shot before


def name_shot(prompt: str) -> str:
    """A shot's name from its prompt: the first words that say something; empty where there are none."""
    words = [word for word in _words(_NO_WORDS.sub(" ", prompt)) if word[0].isalpha()]
    if words and _HAN.match(words[0]):
        return words[0][:MAX_HAN_NAME]
    telling = [word for word in words if word.lower() not in _EMPTY_WORDS]
    return join_words((telling or words)[:MAX_NAME_WORDS])


def name_words(text: str) -> str:
    """A name of the words of a text, in small letters."""
    return join_words(_words(text))


def join_words(words: Iterable[str]) -> str:
    """The words as one name in small letters, no longer than a name should be."""
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if name and len(longer) > MAX_NAME_LENGTH:
            break
        name = longer
    return as_name(name[:MAX_NAME_LENGTH].lower())


def as_name(text: str) -> str:
    """The text as the name of a shot or scene: letters, digits, `_` and `-`, a letter first; empty where nothing is left."""
    name = _spell(text)
    first = next((at for at, sign in enumerate(name) if sign.isalpha()), len(name))
    return name[first:]


def as_tag(text: str) -> str:
    """The text as a tag, such as `@Old-Tom`; empty where nothing is left."""
    name = _spell(text)
    return f"@{name}" if name else ""


class Names:
    """Names that differ, in small letters too: on some disks, two that differ in case only are one file."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}
        self._counts: Counter[str] = Counter()

    def give(self, name: str) -> str:
        """The name, or it with a number behind, such as nobody else has; it is taken from then on."""
        distinct = name
        while distinct.lower() in self._taken or distinct in _RESERVED:
            self._counts[name] += 1
            distinct = f"{name}-{self._counts[name] + 1}"
        self._taken.add(distinct.lower())
        return distinct


# --- words ----------------------------------------------------------------------------------------------------------


def _words(text: str) -> Iterator[str]:
    """Runs of letters and digits; Chinese and Japanese characters are words apart. `Nora's` is a word about Nora."""
    for run in _spell(re.sub(r"['’]s\b", "", text)).replace("_", "-").split("-"):
        yield from (piece for piece in re.split(rf"({_HAN.pattern}+)", run) if piece)


def _spell(text: str) -> str:
    """The text with nothing but what a name may hold; a `-` stands for everything between."""
    kept = (
        sign if _may_stand_in_name(sign) else " " for sign in normalize("NFC", text).replace("'", "").replace("’", "")
    )
    words = "".join(kept).split()
    # A mark belongs to the letter before it; where that is gone, so is the mark.
    return "-".join(filter(None, (word.lstrip("".join(filter(_is_mark, word))) for word in words)))


def _may_stand_in_name(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or _is_mark(sign)


def _is_mark(sign: str) -> bool:
    """Whether it is a vowel sign or an accent of its own, without which no word of Hindi or Thai can be written."""
    return not sign.isascii() and category(sign)[0] == "M"
