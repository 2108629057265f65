"""Where things stand on a frame: the caption, and the room that it and the upper strip leave. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

from skyflow.media.animatic.caption import Caption, set_caption, side_margin
from skyflow.media.animatic.workshop import Workshop

TOP_STRIP, TIME_LINE = 46, 3  # units
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels: `margin` at the sides, and `room` (left, top, right, bottom) for insets."""

    caption: Caption
    margin: int
    room: Box


def lay_out(shop: Workshop) -> Layout:
    """The prompt is a title card where nothing else rules the picture, else a caption below it."""
    spec = shop.spec
    is_card = not (spec.keyframes or spec.grid or spec.clip or spec.references)
    caption = set_caption(spec, shop.fonts, shop.colours, is_card=is_card)
    margin = round(side_margin(spec, is_card=False))
    bottom = spec.height - (0 if is_card else round(caption.height + 34 * spec.unit))
    return Layout(caption, margin, (margin, round((TOP_STRIP - 2) * spec.unit), spec.width - margin, bottom))
