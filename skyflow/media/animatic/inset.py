"""Pictures in the picture: subjects as cards with their tags, and the map of a collage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyflow.media.animatic.framing import covering, rounded_mask
from skyflow.media.animatic.labels import pill, pill_width
from skyflow.media.animatic.layers import Layer, Place, clear, pen, with_shadow
from skyflow.media.animatic.palette import WHITE, mixed
from skyflow.media.animatic.spec import Reference
from skyflow.media.animatic.workshop import Workshop

if TYPE_CHECKING:
    from PIL.Image import Image

_NARROWEST, _WIDEST = 0.66, 1.5  # ratios of a card's main picture
_GAP = 0.06  # between cards, and between the pictures of one, of a card's height
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Card:
    """A subject's pictures at about their final size: the first one large, the others in a column beside it."""

    reference: Reference
    pictures: tuple[Image, ...]

    @property
    def main_ratio(self) -> float:
        return min(max(self.pictures[0].width / self.pictures[0].height, _NARROWEST), _WIDEST)

    @property
    def ratio(self) -> float:
        others = len(self.pictures) - 1
        return self.main_ratio + (1 / max(2, others) + _GAP / 2 if others else 0)


def subject_cards(shop: Workshop, canvas: Image, room: Box, unit: float, *, small: bool) -> Image:
    """All subjects as cards on a copy of `canvas`, in `room`: large ones in its middle, or `small` ones in its upper right corner.

    `unit` is the canvas's own (1.0 where its short side has 360 pixels).
    """
    cards = [_card(shop, reference, room[3] - room[1]) for reference in shop.spec.references]
    width, height = room[2] - room[0], room[3] - room[1]
    rows = [[card] for card in cards]
    if not small:
        rows = max(([cards], rows), key=lambda rows: _fit(rows, width, height))
    side = min(_fit(rows, width, height), 84 * unit if small else height)
    layer = clear(canvas.size)
    gap = side * _GAP * 2
    y = room[1] if small else room[1] + (height - len(rows) * side - (len(rows) - 1) * gap) / 2
    for row in rows:
        across = sum(card.ratio * side for card in row) + (len(row) - 1) * gap
        x = room[2] - across if small else room[0] + (width - across) / 2
        for card in row:
            _draw_card(shop, layer, card, (round(x), round(y)), side, min(14 * unit, side * 0.15), label_outside=small)
            x += card.ratio * side + gap
        y += side + gap
    whole = canvas.copy()
    whole.alpha_composite(with_shadow(layer, 5 * unit, 0.75))
    return whole


def _card(shop: Workshop, reference: Reference, height: int) -> _Card:
    wanted = (max(48, height), max(48, height))
    return _Card(
        reference, tuple(shop.load(picture, wanted, reference.tag, is_card=True) for picture in reference.pictures)
    )


def _fit(rows: list[list[_Card]], width: float, height: float) -> float:
    """The height of a card with which all rows fit."""
    tall = height / (len(rows) + (len(rows) - 1) * _GAP * 2)
    wide = min(width / (sum(card.ratio for card in row) + (len(row) - 1) * _GAP * 2) for row in rows)
    return min(tall, wide)


def _draw_card(
    shop: Workshop, canvas: Image, card: _Card, place: Place, side: float, text: float, *, label_outside: bool
) -> None:
    """A card `side` pixels high, with its label at font size `text` on it, or to the left of it."""
    main = (round(card.main_ratio * side), round(side))
    _draw_picture(canvas, card.pictures[0], (*place, *main), side * 0.05)
    others = card.pictures[1:]
    if others:
        gap = side * _GAP / 2
        each = (side - gap * (max(2, len(others)) - 1)) / max(2, len(others))
        x = place[0] + main[0] + gap
        for index, picture in enumerate(others):
            y = place[1] + index * (each + gap)
            _draw_picture(canvas, picture, (round(x), round(y), round(each), round(each)), side * 0.04)
    size = max(9, round(text))
    inset = round(size * 0.5)
    room = place[0] - size if label_outside else main[0] - 2 * inset
    label = _label(shop, card.reference, size, room)
    x = place[0] - label.width - inset if label_outside else place[0] + inset
    canvas.alpha_composite(label, (max(0, x), max(0, place[1] + main[1] - label.height - inset)))


def _label(shop: Workshop, reference: Reference, size: int, room: float) -> Image:
    """The tag in its colour; smaller before it is cut."""
    colour = shop.colours.get(reference.tag, WHITE)
    while size > 9 and pill_width(reference.tag, size, shop.fonts, speaks=reference.has_voice) > room:
        size -= 1
    return pill(reference.tag, size, colour, shop.fonts, room=room, speaks=reference.has_voice)


def _draw_picture(canvas: Image, picture: Image, box: Box, radius: float) -> None:
    """Rounded, with a hair line around it."""
    x, y, width, height = box
    canvas.paste(covering(picture, (width, height)), (x, y), rounded_mask((width, height), radius))
    edge = (x, y, x + width - 1, y + height - 1)
    pen(canvas).rounded_rectangle(
        edge, radius, outline=(*mixed(WHITE, (0, 0, 0), 0.1), 210), width=max(1, round(radius / 5))
    )


def collage_map(shop: Workshop, collage: Image, cells: tuple[Box, ...], current: int, room: Box) -> Layer | None:
    """The whole collage, small, in the upper right corner of `room`; all but the current cell darkened."""
    height = min(82 * shop.spec.unit, (room[3] - room[1]) * 0.5)
    scale = min(height / collage.height, (room[2] - room[0]) * 0.3 / collage.width)
    size = (max(8, round(collage.width * scale)), max(8, round(collage.height * scale)))
    small = covering(collage, size)
    dark = small.point(lambda value: value * 0.35)
    box = tuple(round(edge * scale) for edge in cells[current])
    dark.paste(small.crop((box[0], box[1], box[2], box[3])), (box[0], box[1]))
    canvas = clear((shop.spec.width, shop.spec.height))
    place = (room[2] - size[0], room[1])
    canvas.paste(dark, place, rounded_mask(size, 4 * shop.spec.unit))
    colour = shop.colours.get(shop.spec.grid.tag, WHITE) if shop.spec.grid else WHITE
    right, bottom = max(box[0], box[2] - 1), max(box[1], box[3] - 1)  # a cell may be a fraction of a pixel
    edge = (place[0] + box[0], place[1] + box[1], place[0] + right, place[1] + bottom)
    pen(canvas).rectangle(edge, outline=(*colour, 255), width=max(2, round(1.6 * shop.spec.unit)))
    return Layer.of(with_shadow(canvas, 5 * shop.spec.unit, 0.75), (0, 0))
