"""Small signs of text: the badge of the mode, a tag's coloured label, the running time code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyflow.media.animatic.fonts import FontSet
from skyflow.media.animatic.layers import Layer, clear, pen
from skyflow.media.animatic.palette import INK, WHITE
from skyflow.media.animatic.spec import FRAME_RATE
from skyflow.media.animatic.typesetting import Colour, Style, draw_line, line_of, shortened, text_width

if TYPE_CHECKING:
    from PIL.Image import Image

_CAP_HEIGHT = 0.714  # Noto Sans: height of capitals and figures, of the font size


def pill(text: str, size: int, ground: Colour, fonts: FontSet, *, room: float, speaks: bool = False) -> Image:
    """Dark text on a coloured, rounded ground, no wider than `room`; with a small loudspeaker where it `speaks`."""
    pad, sign = _pads(size, speaks=speaks)
    line = line_of(
        shortened(text, fonts, size, max(size, room - 2 * pad - sign), "bold"), Style("bold", INK), fonts, size
    )
    width, height = round(line.width + 2 * pad + sign), round(size * 1.55)
    image = clear((width * 4, height * 4))
    pen(image).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), height * 4 * 0.32, fill=(*ground, 240))
    image = image.resize((width, height), resample=4)  # BOX: drawn four times as large for smooth corners
    draw_line(image, line, (pad, baseline(height, size)), size)
    if speaks:
        _draw_loudspeaker(image, width - pad - size * 0.75, height / 2, size * 0.36)
    return image


def pill_width(text: str, size: int, fonts: FontSet, *, speaks: bool = False) -> float:
    """How wide a pill is that holds the whole text."""
    pad, sign = _pads(size, speaks=speaks)
    return text_width(text, fonts, size, "bold") + 2 * pad + sign


def _pads(size: int, *, speaks: bool) -> tuple[float, float]:
    """Pixels beside the text on each side, and for the loudspeaker."""
    return size * 0.55, size * 1.05 if speaks else 0.0


def baseline(height: float, size: int) -> float:
    """Where capitals of a font size stand in the middle of a height."""
    return height / 2 + size * _CAP_HEIGHT / 2


def _draw_loudspeaker(image: Image, x: float, y: float, radius: float) -> None:
    """A cone and one wave: this subject has a voice."""
    draw = pen(image)
    draw.rectangle((x, y - radius * 0.4, x + radius * 0.5, y + radius * 0.4), fill=INK)
    cone = [(x + radius * 0.4, y - radius * 0.4), (x + radius * 1.1, y - radius), (x + radius * 1.1, y + radius)]
    draw.polygon([*cone, (x + radius * 0.4, y + radius * 0.4)], fill=INK)
    wave = (x + radius * 0.6, y - radius, x + radius * 1.9, y + radius)
    draw.arc(wave, -45, 45, fill=INK, width=max(1, round(radius * 0.35)))


class TimeCode:
    """Minutes, seconds and frames, `00:03:12`. Figures are drawn once and laid side by side."""

    def __init__(self, fonts: FontSet, size: int, right: int, middle: int) -> None:
        self._height = round(size * 1.4)
        self._glyphs = {sign: self._glyph(sign, fonts, size) for sign in "0123456789:"}
        self._left = right - self._width(time_code(0))
        self._top = middle - self._height // 2

    def _glyph(self, sign: str, fonts: FontSet, size: int) -> Image:
        line = line_of(sign, Style("bold", WHITE), fonts, size)
        image = clear((round(line.width), self._height))
        draw_line(image, line, (0, baseline(self._height, size)), size)
        return image

    def _width(self, text: str) -> int:
        return sum(self._glyphs[sign].width for sign in text)

    @property
    def left(self) -> int:
        return self._left

    def layer(self, frame: int) -> Layer | None:
        text = time_code(frame)
        image = clear((self._width(text), self._height))
        x = 0
        for sign in text:
            image.paste(self._glyphs[sign], (x, 0))
            x += self._glyphs[sign].width
        return Layer.of(image, (self._left, self._top))


def time_code(frame: int) -> str:
    """`MM:SS:FF` of a frame's number, from 0."""
    seconds, rest = divmod(frame, FRAME_RATE)
    return f"{seconds // 60:02}:{seconds % 60:02}:{rest:02}"
