"""Text broken into lines and drawn: Latin at spaces, Chinese and Japanese between characters, tags never in their middle."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from skyflow.media.animatic.fonts import Face, FontSet, Weight

if TYPE_CHECKING:
    from PIL.Image import Image

Colour = tuple[int, int, int]
_EM = 100  # pixels: the size at which text is measured before its size is known

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


Character = tuple[str, Style]


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
class Atom:
    """What stays together on a line. Widths are in ems: `bare` without the space at its end. A `hard` line break may follow."""

    characters: tuple[Character, ...]
    bare: float
    full: float
    hard: bool = False


def atoms_of(pieces: Sequence[Piece], fonts: FontSet) -> tuple[Atom, ...]:
    """Text cut where lines may break, and measured: once, for all sizes and widths that are tried on it."""
    return tuple(_atoms(pieces, fonts))


def wrap(atoms: Sequence[Atom], size: int, width: float) -> list[list[Character]]:
    """The characters of each line, none wider than `width` pixels at font size `size`.

    What alone is wider is broken between characters.
    """
    lines: list[list[Character]] = []
    current: list[Character] = []
    room = width / size
    used = 0.0
    for atom in atoms:
        for part in (atom,) if atom.bare <= room else _parts(atom, room):
            if current and used + part.bare > room:
                lines.append(current)
                current, used = [], 0.0
            current += part.characters
            used += part.full
            if part.hard:
                lines.append(current)
                current, used = [], 0.0
    return [*lines, current] if current else lines


def set_lines(lines: Iterable[Sequence[Character]], fonts: FontSet, size: int) -> list[Line]:
    """Wrapped characters as lines that can be drawn."""
    return [_line(characters, fonts, size) for characters in lines]


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


def _atoms(pieces: Sequence[Piece], fonts: FontSet) -> Iterator[Atom]:
    pending: list[Character] = []
    before: tuple[str, bool] | None = None
    for piece in pieces:
        for place, character in enumerate(unicodedata.normalize("NFC", piece.text)):
            if character == "\n":
                yield _atom(pending, fonts, hard=True)
                pending, before = [], None
                continue
            inside = piece.solid and place > 0
            if before is not None and not inside and _may_break(before[0], character, solid_before=before[1]):
                yield _atom(pending, fonts)
                pending = []
            pending.append((" " if character.isspace() else character, piece.style))
            before = (character, piece.solid)
    if pending:
        yield _atom(pending, fonts)


def _atom(characters: Sequence[Character], fonts: FontSet, *, hard: bool = False) -> Atom:
    bare = _measure(_stripped(characters), fonts, _EM) / _EM
    return Atom(tuple(characters), bare, _measure(characters, fonts, _EM) / _EM, hard)


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


def _parts(atom: Atom, room: float) -> Iterator[Atom]:
    """An atom that is wider than a line in parts that are not; every character counts as the widest of its kind would."""
    part: list[Character] = []
    each = atom.full / max(1, len(atom.characters))
    used = 0.0
    for entry in atom.characters:
        width = 0.0 if unicodedata.combining(entry[0]) else max(each, 1.0 if _is_wide(entry[0]) else 0.95)
        if part and used + width > room:
            yield Atom(tuple(part), used, used)
            part, used = [], 0.0
        part.append(entry)
        used += width
    yield Atom(tuple(part), used, used, atom.hard)


def _stripped(characters: Sequence[Character]) -> Sequence[Character]:
    end = len(characters)
    while end and characters[end - 1][0] == " ":
        end -= 1
    return characters[:end]


def _line(characters: Sequence[Character], fonts: FontSet, size: int) -> Line:
    runs = tuple(_runs(_stripped(characters), fonts))
    return Line(runs, sum(_run_width(run.face, run.text, size) for run in runs))


def _runs(characters: Sequence[Character], fonts: FontSet) -> Iterator[Run]:
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


def _measure(characters: Sequence[Character], fonts: FontSet, size: int) -> float:
    return sum(_run_width(run.face, run.text, size) for run in _runs(characters, fonts))


@lru_cache(maxsize=20_000)
def _run_width(face: Face, text: str, size: int) -> float:
    return face.at(size * _FINE).getlength(text) / _FINE
