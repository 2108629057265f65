"""Text broken into lines and drawn: Latin at spaces, Chinese and Japanese between characters, tags never in their middle."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from skyflow.media.animatic.fonts import Face, FontSet, Weight

if TYPE_CHECKING:
    from PIL.Image import Image

Colour = tuple[int, int, int]

# JIS X 4051 (kinsoku): what may not begin a line, and what may not end one.
_NO_LINE_START = set(
    "、。，．：；？！）］｝」』】〉》〕”’…‥・ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々〜～,.:;?!)]}%‰°"
)
_NO_LINE_END = set("（［｛「『【〈《〔“‘([{$£¥＠@#")
_BREAK_AFTER = set("-–—/")

# Letters are drawn this much larger and reduced: FreeType sets them on whole pixels, which spaces small text unevenly.
_FINE = 3


@dataclass(frozen=True, slots=True)
class Style:
    weight: Weight
    colour: Colour


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style and one font, drawn in one go so that kerning and shaping work."""

    text: str
    style: Style
    face: Face


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one style. `solid` text is broken only where it is longer than a line."""

    text: str
    style: Style
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    runs: tuple[Run, ...]
    width: float


@dataclass(frozen=True, slots=True)
class _Atom:
    """What stays together on a line. `space` is the width of the space behind it, `hard` a line break after it."""

    characters: tuple[tuple[str, Style], ...]
    hard: bool = False

    @property
    def text(self) -> str:
        return "".join(character for character, _ in self.characters)


def break_lines(pieces: Sequence[Piece], fonts: FontSet, size: int, width: float) -> list[Line]:
    """Lines no wider than `width` pixels at font size `size`; what alone is wider is broken between characters."""
    lines: list[Line] = []
    current: list[tuple[str, Style]] = []
    used = 0.0

    def end_line() -> None:
        nonlocal current, used
        lines.append(_line(current, fonts, size))
        current, used = [], 0.0

    for atom in _atoms(pieces):
        for part in _fitting(atom, fonts, size, width):
            bare = _measure(_stripped(part.characters), fonts, size)
            if current and used + bare > width:
                end_line()
            current += part.characters
            used += _measure(part.characters, fonts, size)
            if part.hard:
                end_line()
    if current:
        end_line()
    return lines


def text_width(text: str, fonts: FontSet, size: int, weight: Weight = "medium") -> float:
    return _measure([(character, Style(weight, (0, 0, 0))) for character in text], fonts, size)


def draw_line(image: Image, line: Line, at: tuple[float, float], size: int) -> None:
    """Draw a line whose baseline begins at `at` on an RGB or RGBA image."""
    x = at[0]
    for run in line.runs:
        _draw_run(image, run, (x, at[1]), size)
        x += _run_width(run.face, run.text, size)


def _draw_run(image: Image, run: Run, at: tuple[float, float], size: int) -> None:
    from PIL import Image as Images
    from PIL import ImageDraw

    left, top = math.floor(at[0]) - size, math.floor(at[1]) - 2 * size
    extent = (math.ceil(_run_width(run.face, run.text, size)) + 3 * size, 3 * size)
    fine = Images.new("L", (extent[0] * _FINE, extent[1] * _FINE), 0)
    place = ((at[0] - left) * _FINE, (at[1] - top) * _FINE)
    ImageDraw.Draw(fine).text(place, run.text, font=run.face.at(size * _FINE), fill=255, anchor="ls")
    mask = fine.reduce(_FINE)
    if image.mode == "RGB":
        image.paste(run.style.colour, (left, top), mask)
        return
    drawn = Images.new("RGBA", mask.size, run.style.colour)
    drawn.putalpha(mask)
    # Only what is inside: alpha_composite takes no place outside the image.
    inside = (max(0, -left), max(0, -top), mask.width, mask.height)
    image.alpha_composite(drawn.crop(inside), (max(0, left), max(0, top)))


def line_of(text: str, style: Style, fonts: FontSet, size: int) -> Line:
    """One line of one style, however long."""
    return _line([(character, style) for character in text], fonts, size)


def shortened(text: str, fonts: FontSet, size: int, width: float, weight: Weight = "medium") -> str:
    """The text, or its beginning and `…`, no wider than `width`."""
    if text_width(text, fonts, size, weight) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", fonts, size, weight) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _atoms(pieces: Sequence[Piece]) -> Iterator[_Atom]:
    pending: list[tuple[str, Style]] = []
    before: tuple[str, bool] | None = None
    for piece in pieces:
        for place, character in enumerate(unicodedata.normalize("NFC", piece.text)):
            if character == "\n":
                yield _Atom(tuple(pending), hard=True)
                pending, before = [], None
                continue
            inside = piece.solid and place > 0
            if before is not None and not inside and _may_break(before[0], character, solid_before=before[1]):
                yield _Atom(tuple(pending))
                pending = []
            pending.append((" " if character.isspace() else character, piece.style))
            before = (character, piece.solid)
    if pending:
        yield _Atom(tuple(pending))


def _may_break(before: str, after: str, *, solid_before: bool) -> bool:
    if after.isspace() or after in _NO_LINE_START or unicodedata.combining(after):
        return False
    if before.isspace():
        return True
    if before in _NO_LINE_END:
        return False
    if before in _BREAK_AFTER and not solid_before:
        return after.isalpha()
    return _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    """Characters of scripts without spaces, between which a line may break (Unicode East Asian Width)."""
    return unicodedata.east_asian_width(character) in "WF" and not "\uac00" <= character <= "\ud7a3"


def _fitting(atom: _Atom, fonts: FontSet, size: int, width: float) -> Iterator[_Atom]:
    """The atom, or where it is wider than a line, parts of it that are not."""
    if _measure(_stripped(atom.characters), fonts, size) <= width:
        yield atom
        return
    part: list[tuple[str, Style]] = []
    for entry in atom.characters:
        if part and _measure([*part, entry], fonts, size) > width and not unicodedata.combining(entry[0]):
            yield _Atom(tuple(part))
            part = []
        part.append(entry)
    yield _Atom(tuple(part), hard=atom.hard)


def _stripped(characters: Sequence[tuple[str, Style]]) -> Sequence[tuple[str, Style]]:
    end = len(characters)
    while end and characters[end - 1][0] == " ":
        end -= 1
    return characters[:end]


def _line(characters: Sequence[tuple[str, Style]], fonts: FontSet, size: int) -> Line:
    runs = tuple(_runs(_stripped(characters), fonts))
    return Line(runs, sum(_run_width(run.face, run.text, size) for run in runs))


def _runs(characters: Sequence[tuple[str, Style]], fonts: FontSet) -> Iterator[Run]:
    text, style, face = "", None, None
    for character, wanted in characters:
        # A combining mark and a space stay in the font of what they follow: a run that breaks there loses its shaping.
        follows = style == wanted and face is not None and (unicodedata.combining(character) or character == " ")
        own = face if follows else fonts.face(character, wanted.weight)
        if text and style is not None and face is not None and (style != wanted or face != own):
            yield Run(text, style, face)
            text = ""
        text, style, face = text + character, wanted, own
    if text and style is not None and face is not None:
        yield Run(text, style, face)


def _measure(characters: Sequence[tuple[str, Style]], fonts: FontSet, size: int) -> float:
    return sum(_run_width(run.face, run.text, size) for run in _runs(characters, fonts))


@lru_cache(maxsize=20_000)
def _run_width(face: Face, text: str, size: int) -> float:
    return face.at(size * _FINE).getlength(text) / _FINE
