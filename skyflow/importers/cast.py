"""The characters of a screenplay: which of them get a tag, and where action speaks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from skyflow.importers.fountain import Element
from skyflow.importers.naming import Names, as_tag

# Cues that no single picture can stand for.
_GROUPS = frozenset({"all", "both", "everyone", "everybody", "crowd", "together", "various"})
# Voices of people who are not in the picture: V.O., O.S., O.C. and the like.
_UNSEEN = re.compile(
    r"\b(?:v\.?\s?o|o\.?\s?s|o\.?\s?c|voice[ -]?over|off|filtered|on phone|画外音|旁白)\b", re.IGNORECASE
)

_MOST_SOUGHT = 600  # spellings that are looked for in action; every one makes the search slower


@dataclass(frozen=True, slots=True)
class Member:
    """A character: the name as prose has it, and the tag, which is empty for who cannot be shown by one picture."""

    name: str
    tag: str


class Cast:
    """All characters that speak, in the order of their first words."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._members: dict[str, Member] = {}
        self._used: dict[Member, None] = {}
        names = Names()
        for element in elements:
            cue = element.text.upper()
            if element.kind == "character" and cue not in self._members:
                name = element.text.title().replace("'S", "'s") if element.text.isupper() else element.text
                tag = "" if name.lower() in _GROUPS else as_tag(name)
                self._members[cue] = Member(name, tag and names.give(tag))
        self._spellings = dict(self._spell())
        longest_first = sorted(map(re.escape, islice(self._spellings, _MOST_SOUGHT)), key=len, reverse=True)
        self._pattern = (
            re.compile(rf"(?<![\w@])({'|'.join(longest_first)})(?![A-Za-z0-9_]|-[A-Za-z0-9_])")
            if longest_first
            else None
        )

    @property
    def used(self) -> Sequence[Member]:
        """Those who are mentioned by their tag somewhere."""
        return [member for member in self._members.values() if member in self._used]

    def use(self, member: Member) -> None:
        self._used[member] = None

    def of_cue(self, cue: Element) -> Member:
        """Who speaks. A voice from outside the picture has no tag: mentioning it would bring its picture in."""
        member = self._members[cue.text.upper()]
        return Member(member.name, "") if _UNSEEN.search(cue.extension) else member

    def find_in(self, text: str) -> Iterator[tuple[str | Member, str]]:
        """The text in parts: what lies between names, and each name as its member with how it was written."""
        at = 0
        for found in self._pattern.finditer(text) if self._pattern else ():
            yield text[at : found.start()], ""
            yield self._spellings[found[1]], found[1]
            at = found.end()
        yield text[at:], ""

    def _spell(self) -> Iterator[tuple[str, Member]]:
        """How action writes each name: in capitals where somebody comes in, else as any name."""
        for cue, member in self._members.items():
            if member.tag:
                yield from ((spelling, member) for spelling in (cue, member.name))
