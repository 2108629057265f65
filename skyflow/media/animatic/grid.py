"""A collage of steps: where its cells are, and the walk through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyflow.media.animatic.framing import framed, load_or_none, placeholder
from skyflow.media.animatic.motion import Move, Still, across
from skyflow.media.animatic.spec import Reference
from skyflow.media.animatic.workshop import Label, Workshop

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 5  # rows and columns that are looked for
_ANALYSED = 240  # pixels on each side of the copy that is searched
_REACH = 4  # of them to each side of where a division should be
_SHARP = 14  # levels between neighbours, in the colour that differs most
_EDGE_SHARE, _CLEAR = 0.7, 0.25  # of a division's length that must be sharp, and how much more than elsewhere
Box = tuple[int, int, int, int]


class GridStage:
    """Each cell in reading order for an equal time, with the whole collage as a small map that shows the place."""

    def __init__(self, shop: Workshop, grid: Reference) -> None:
        self._seconds = shop.spec.seconds
        collage = load_or_none(grid.pictures[0], (shop.large_frame[0] * 3, shop.large_frame[1] * 3), shop.notes)
        if collage is None:
            self.cells: tuple[Box, ...] = ()
            pictures = [placeholder(shop.large_frame, grid.pictures[0].name, grid.tag, shop.palette, shop.fonts)]
        else:
            self.cells = find_cells(collage)
            pictures = [framed(collage.crop(box), shop.large_frame) for box in self.cells]
        self.collage = collage
        each = self._seconds / len(pictures)
        self._stills = [
            Still(image, shop.frame, (index + 0.5) * each, self._seconds, Move.of(shop.spec.seed + index))
            for index, image in enumerate(pictures)
        ]
        steps = [f"  {index + 1}/{len(self.cells)}" for index in range(len(self.cells))] or [""]
        self.labels = [Label(index * each, grid.tag + step, grid.tag) for index, step in enumerate(steps)]

    def picture(self, seconds: float) -> Image:
        return across(self._stills, seconds)

    def cell_at(self, seconds: float) -> int:
        """Which cell stands at this moment."""
        return min(int(seconds / self._seconds * len(self._stills)), len(self._stills) - 1)


def find_cells(collage: Image) -> tuple[Box, ...]:
    """The boxes of a collage's cells in reading order: divided where straight edges run through it, else by its ratio."""
    columns, rows = _divisions(collage, across=True), _divisions(collage, across=False)
    if columns == 1 and rows == 1:
        columns, rows = _guess(collage.width / collage.height)
    width, height = collage.width / columns, collage.height / rows
    return tuple(
        (round(column * width), round(row * height), round((column + 1) * width), round((row + 1) * height))
        for row in range(rows)
        for column in range(columns)
    )


def _guess(ratio: float) -> tuple[int, int]:
    """Collages without visible edges: strips are read along, others are taken for two by two."""
    if ratio >= 2.2:
        return min(MAX_SIDE, round(ratio)), 1
    if ratio <= 0.45:
        return 1, min(MAX_SIDE, round(1 / ratio))
    return 2, 2


def _divisions(collage: Image, *, across: bool) -> int:
    """Into how many equal columns (`across`) or rows straight edges divide the picture; 1 where they do not."""
    steps = _steps(collage, across=across)
    usual = sorted(steps)[len(steps) // 2]
    best = 1
    for count in range(2, MAX_SIDE + 1):
        centres = [round(len(steps) * index / count) for index in range(1, count)]
        if min(steps[at] for at in centres) >= max(_EDGE_SHARE, usual + _CLEAR):
            best = count
    return best


def _steps(collage: Image, *, across: bool) -> list[float]:
    """For each column (row), the share of its length, 0 to 1, along which the picture changes sharply near it."""
    from PIL import Image as Images
    from PIL import ImageChops

    small = collage.resize((_ANALYSED, _ANALYSED), Images.Resampling.BOX)
    if not across:
        small = small.transpose(Images.Transpose.TRANSPOSE)
    red, green, blue = ImageChops.difference(small, ImageChops.offset(small, 1, 0)).split()
    sharp = ImageChops.lighter(ImageChops.lighter(red, green), blue).point(lambda value: 255 * (value > _SHARP))
    near = sharp
    for shift in range(1, _REACH + 1):
        either = ImageChops.lighter(ImageChops.offset(sharp, shift, 0), ImageChops.offset(sharp, -shift, 0))
        near = ImageChops.lighter(near, either)
    return [value / 255 for value in near.resize((_ANALYSED, 1), Images.Resampling.BOX).tobytes()]
