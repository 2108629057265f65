"""Screenplays in Fountain → their elements in order (fountain.io/syntax, version 1.1). Any text is a screenplay: what nothing else claims is action.

A parser of our own: of those on PyPI (looked at in November 2026: fountain-py 0.3.0, fountain-parser 0.1.1, screenplay-tools 0.0.10) each
loses text or takes names in other letters than English ones for action, and the most complete one needs 40 s for 40 KB of `[[`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal[
    "heading", "action", "character", "parenthetical", "dialogue", "lyric", "song", "transition", "centered", "section", "synopsis", "note"
]  # fmt: skip


class Element(NamedTuple):
    """One element. `text` has neither its marks nor emphasis. A character's `extension` is what stands behind the name: `V.O.`.

    A `lyric` is part of what a character says; a `song` is one that nobody is named for.
    """

    kind: Kind
    text: str
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Fountain:
    """A screenplay: its title page by key (in small letters), and its elements."""

    title_page: Mapping[str, str]
    elements: Sequence[Element]


# A note may run over line ends, but not over a blank line.
_NOTE = re.compile(r"\[\[((?:[^\[\]\n]|\[(?!\[)|\](?!\])|\n(?![ \t]*\n))*+)\]\]")
_TITLE_KEY = re.compile(r"([^\W\d_][\w ]{0,40}):(.*)")
_HEADING = re.compile(r"(?:INT\.?/EXT|EXT\.?/INT|I/E|INT|EXT|EST)(?:\.|[ \t])", re.IGNORECASE)
# The page knows only lines that end in TO:, but every screenplay begins with FADE IN:
_TRANSITION = re.compile(r".*\bTO:|FADE (?:IN|OUT|TO BLACK|TO WHITE)[.:]?|CUT TO BLACK[.:]?")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3})(?=[^\s*])([^\n]{1,300}?)(?<=[^\s\\])\1(?!\*)")
_UNDERLINE = re.compile(r"(?<![\\\w])(_)(?=[^\s_])([^\n]{1,300}?)(?<=[^\s\\])_(?!\w)")
_MARK = re.compile("\0(\\d+)\0")  # stands for a note while lines are told apart


def parse_fountain(text: str) -> Fountain:
    """The title page and elements of a screenplay. Never raises."""
    text = re.sub(r"\r\n?", "\n", text).replace("\0", "\ufffd").expandtabs(4)
    text = "".join(_without_boneyard(text))
    notes: list[str] = []

    def take_note(found: re.Match[str]) -> str:
        notes.append(" ".join(found[1].split()))
        return f"\0{len(notes) - 1}\0"

    lines = _NOTE.sub(take_note, text).split("\n")
    title_page, start = _read_title_page(lines)
    return Fountain(title_page, tuple(_with_notes(_Body(lines[start:]).elements(), notes)))


def _without_boneyard(text: str) -> Iterator[str]:
    """The text without what its writer has cut by `/* … */`; line ends stay."""
    at = 0
    while (start := text.find("/*", at)) != -1 and (end := text.find("*/", start + 2)) != -1:
        yield text[at:start]
        yield "\n" * text.count("\n", start, end)
        at = end + 2
    yield text[at:]


def _read_title_page(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """The keys at the top and where the screenplay begins; indented lines go on with the key above."""
    page: dict[str, list[str]] = {}
    key = ""
    for number, line in enumerate(lines):
        found = _TITLE_KEY.fullmatch(line)
        if not line.strip():
            return {name: _plain(" ".join(values)) for name, values in page.items()}, number
        if key and re.match(r" {3}", line):
            page[key].append(line.strip())
        elif found and not line.isupper():  # `FADE IN:` on the first line is a transition
            key = found[1].strip().lower()
            page[key] = [found[2].strip()] if found[2].strip() else []
        else:
            return {}, 0
    return {}, 0


def _with_notes(elements: Iterator[Element], notes: Sequence[str]) -> Iterator[Element]:
    """Each note behind the element that it stands in."""
    for element in elements:
        text = re.sub(" {2,}", " ", _MARK.sub("", element.text)).strip()
        if text:
            yield element._replace(text=_plain(text), extension=_MARK.sub("", element.extension))
        for mark in _MARK.findall(element.text + element.extension):
            if notes[int(mark)]:
                yield Element("note", notes[int(mark)])


class _Body:
    """The lines behind the title page, told apart by what stands around them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0

    def elements(self) -> Iterator[Element]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip():
                self._at += 1
            elif (cue := self._character()) is not None:
                self._at += 1
                yield cue
                yield from self._speech()
            elif (element := self._single(line.strip())) is not None:
                self._at += 1
                yield element
            else:
                yield self._action()

    def _is_blank(self, number: int) -> bool:
        return not 0 <= number < len(self._lines) or not _MARK.sub("", self._lines[number]).strip()

    def _stands_alone(self) -> bool:
        return self._is_blank(self._at - 1) and self._is_blank(self._at + 1)

    def _character(self) -> Element | None:
        """A name in capitals with a blank line before it and none behind; `@` makes any line one."""
        line = self._lines[self._at].strip()
        if not self._is_blank(self._at - 1) or self._is_blank(self._at + 1) or line[0] in "!>.#=~":
            return None
        forced = line.startswith("@")
        extensions: list[str] = []
        name = line.removeprefix("@").removesuffix("^").rstrip()
        marks = "".join(found[0] for found in _MARK.finditer(name))
        name = _MARK.sub("", name).rstrip()
        while name.endswith(")") and (opening := name.rfind("(")) != -1:
            extensions.insert(0, name[opening + 1 : -1].strip())
            name = name[:opening].rstrip()
        if not name or not (forced or (name.isupper() and not _HEADING.match(name))):
            return None
        return Element("character", name, " ".join(extensions) + marks)

    def _speech(self) -> Iterator[Element]:
        """What stands below a name, up to a blank line. A line of two spaces is no blank line."""
        lines: list[str] = []
        while self._at < len(self._lines) and self._lines[self._at] and self._lines[self._at] != " ":
            line = self._lines[self._at].strip()
            self._at += 1
            kind: Kind = "dialogue"
            if line.startswith("~"):
                kind, line = "lyric", line[1:].strip()
            elif line.startswith("(") and line.endswith(")"):
                kind, line = "parenthetical", line[1:-1].strip()
            if kind != "dialogue":
                if lines:
                    yield Element("dialogue", " ".join(lines))
                    lines = []
                yield Element(kind, line)
            elif line:
                lines.append(line)
        if lines:
            yield Element("dialogue", " ".join(lines))

    def _single(self, line: str) -> Element | None:
        """An element of one line, or None where the line is action."""
        if re.fullmatch(r"={3,}", line):
            return Element("transition", "")
        for mark, kind in _MARKS:
            if line.startswith(mark):
                return Element(kind, line.lstrip(mark).strip())
        if line.startswith(">"):
            inner = line[1:].strip()
            return Element("centered", inner[:-1].strip()) if inner.endswith("<") else Element("transition", inner)
        if (line[0] == "." and line[1:2].isalnum()) or (_HEADING.match(line) and self._is_blank(self._at - 1)):
            return Element("heading", _without_number(line.removeprefix(".")))
        if line.isupper() and _TRANSITION.fullmatch(line) and self._stands_alone():
            return Element("transition", line)
        return None

    def _action(self) -> Element:
        """A paragraph: lines up to a blank one, or one that is something else for sure."""
        lines: list[str] = []
        while self._at < len(self._lines) and (line := self._lines[self._at].strip()):
            if lines and (line[0] in "~>#=!" or (line[0] == "." and line[1:2].isalnum())):
                break
            lines.append(line.removeprefix("!").strip())
            self._at += 1
        return Element("action", " ".join(lines))


_MARKS: tuple[tuple[str, Kind], ...] = (("#", "section"), ("=", "synopsis"), ("~", "song"))


def _without_number(heading: str) -> str:
    """A heading without its scene number, `#12A#`."""
    before, mark, number = heading.removesuffix("#").rpartition("#")
    return before.rstrip() if mark and heading.endswith("#") and re.fullmatch(r"[\w.-]+", number) else heading


def _plain(text: str) -> str:
    """The text without the marks of emphasis; a backslash keeps a mark."""
    for _ in range(3):  # bold in italics in underline
        text = _EMPHASIS.sub(r"\2", _UNDERLINE.sub(r"\2", text))
    return re.sub(r"\\([*_\\])", r"\1", text)
