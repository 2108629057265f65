"""Names for what came without one: shots from the words of their prompts, tags from file names and characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from unicodedata import normalize

MAX_NAME_WORDS = 3
MAX_NAME_LENGTH = 32
MAX_HAN_NAME = 6  # characters of a name in Chinese or Japanese, which has no spaces to end it at

_HAN = r"\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:['’][^\W\d_]+)?")
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
    words: list[str] = _WORD.findall(normalize("NFC", _NO_WORDS.sub(" ", prompt)))
    words = [re.sub("['’]s$", "", word) for word in words if word[0].isalpha()]
    if words and re.match(f"[{_HAN}]", words[0]):
        return words[0][:MAX_HAN_NAME]
    telling = [word for word in words if word.lower() not in _EMPTY_WORDS]
    return join_words((telling or words)[:MAX_NAME_WORDS])


def join_words(words: Collection[str]) -> str:
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
    name = re.sub(r"\W+", "-", text.replace("'", "").replace("’", "")).rstrip("-")
    first = next(
        (at for at, sign in enumerate(name) if sign.isalpha()), len(name)
    )  # ¼ is no digit for \d, but no letter either
    return name[first:]


def as_tag(text: str) -> str:
    """The text as a tag, such as `@Old-Tom`; empty where nothing is left."""
    name = re.sub(r"[^\w]+", "-", text.replace("'", "").replace("’", "")).strip("-")
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
