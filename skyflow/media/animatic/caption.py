"""The prompt as a caption: which font size and how many pages it needs, and what stands on each. Drawn by the overlay."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skyflow.media.animatic.fonts import FontSet
from skyflow.media.animatic.palette import CUE_GREY, WHITE
from skyflow.media.animatic.spec import AnimaticSpec
from skyflow.media.animatic.typesetting import (
    Atom,
    Character,
    Colour,
    Line,
    Piece,
    Style,
    atoms_of,
    line_of,
    set_lines,
    wrap,
)

MIN_PAGE_SECONDS = 2.0  # a page that stands shorter cannot be read
LINE_HEIGHT = 1.36  # of the font size; Chinese needs more than Latin
_PLAIN = Style("medium", WHITE)
_CUE = Style("medium", CUE_GREY)

# Font sizes in units, tried from the largest: a title card where no picture rules, a strip below one where it does.
_CARD_SIZES = (30, 27, 24, 21, 19, 17, 15, 13, 12)
_STRIP_SIZES = (17, 15, 14, 13, 12)
_COMFORTABLE = 15


@dataclass(frozen=True, slots=True)
class Caption:
    """Pages of lines at one font size in pixels. Each page stands equally long."""

    pages: tuple[tuple[Line, ...], ...]
    size: int
    is_card: bool

    @property
    def line_step(self) -> float:
        return self.size * LINE_HEIGHT

    @property
    def height(self) -> float:
        """Of the fullest page, in pixels."""
        return max((len(page) for page in self.pages), default=0) * self.line_step

    def page_at(self, share: float) -> int:
        """The page that stands at `share` (0 to 1) of the clip."""
        return min(int(share * len(self.pages)), len(self.pages) - 1)


def set_caption(spec: AnimaticSpec, fonts: FontSet, colours: Mapping[str, Colour], *, is_card: bool) -> Caption:
    """The largest setting that holds the whole prompt; a prompt that no setting holds ends with `…`."""
    atoms = atoms_of(tuple(_pieces(spec, colours)), fonts)
    room = spec.height * (0.62 if is_card else 0.30 if spec.width >= spec.height else 0.25)
    width = spec.width - 2 * side_margin(spec, is_card=is_card)
    most_pages = max(1, int(spec.seconds / MIN_PAGE_SECONDS))
    units = _CARD_SIZES if is_card else _STRIP_SIZES
    size, per_page, wrapped = 1, 1, list[list[Character]]()
    for allowed, unit in _tries(units, most_pages):
        size = max(8, round(unit * spec.unit))
        wrapped = wrap(atoms, size, width)
        per_page = max(1, int(room / (size * LINE_HEIGHT)))
        if len(wrapped) <= per_page * allowed:
            lines = set_lines(_evened(atoms, wrapped, size, width), fonts, size)
            return Caption(_pages(lines, per_page), size, is_card)
    kept = set_lines(wrapped[: per_page * most_pages], fonts, size)
    kept[-1] = _with_ellipsis(kept[-1], fonts, size)
    return Caption(_pages(kept, per_page), size, is_card)


def _tries(units: tuple[int, ...], most_pages: int) -> Iterator[tuple[int, int]]:
    """Pages and sizes in the order in which they are good: another page is better than letters that tire the eye."""
    for wanted in (True, False):
        for pages in range(1, most_pages + 1):
            yield from ((pages, unit) for unit in units if (unit >= _COMFORTABLE) is wanted)


def _evened(atoms: Sequence[Atom], wrapped: list[list[Character]], size: int, width: float) -> list[list[Character]]:
    """The same number of lines, but narrower where that leaves no single last word."""
    low, high, best = width * 0.5, width, wrapped
    for _ in range(6):
        middle = (low + high) / 2
        tried = wrap(atoms, size, middle)
        if len(tried) <= len(wrapped):
            high, best = middle, tried
        else:
            low = middle
    return best


def side_margin(spec: AnimaticSpec, *, is_card: bool) -> float:
    """Pixels left free on each side of the text."""
    return spec.width * 0.09 if is_card else max(14 * spec.unit, spec.width * 0.035)


def _pieces(spec: AnimaticSpec, colours: Mapping[str, Colour]) -> Iterator[Piece]:
    """The prompt cut at its marks; overlapping marks count from the first on."""
    place = 0
    for mark in sorted(spec.marks, key=lambda mark: mark.start):
        if mark.start < place or mark.end <= mark.start:
            continue
        yield Piece(spec.prompt[place : mark.start], _PLAIN)
        style = Style("bold", colours.get(mark.name, WHITE)) if mark.kind == "tag" else _CUE
        yield Piece(spec.prompt[mark.start : mark.end], style, solid=True)
        place = mark.end
    yield Piece(spec.prompt[place:], _PLAIN)


def _pages(lines: list[Line], per_page: int) -> tuple[tuple[Line, ...], ...]:
    """Lines shared out evenly, so that no page holds a single last word."""
    count = max(1, math.ceil(len(lines) / per_page))
    even = max(1, math.ceil(len(lines) / count))
    return tuple(tuple(lines[start : start + even]) for start in range(0, len(lines), even)) or ((),)


def _with_ellipsis(line: Line, fonts: FontSet, size: int) -> Line:
    dots = line_of("…", _PLAIN, fonts, size)
    return Line(line.runs + dots.runs, line.width + dots.width)
