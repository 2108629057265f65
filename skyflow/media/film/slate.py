"""A band below the picture that says what is seen: which shot, which take, and the film's time. It covers nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from skyflow.media.animatic.fonts import FontSet, language_of
from skyflow.media.animatic.labels import baseline
from skyflow.media.animatic.typesetting import Style, draw_line, line_of, shortened
from skyflow.media.film.picture import Frame

if TYPE_CHECKING:
    from av import VideoFrame
    from PIL.Image import Image

_TEXT = (235, 235, 235)
_BLACK, _GREY = 16, b"\x80"  # luma of black and chroma of grey in limited range
_SIDE = 360  # pixels of the short side at which the band is _BAND high
_BAND = 26


class Slate:
    """The band of a film with pictures of this size, in pixels, and this rate. Raises MediaExtraMissing."""

    def __init__(self, frame: Frame) -> None:
        self.band = max(12, round(_BAND * min(frame.width, frame.height) / _SIDE / 2) * 2)  # even, as H.264 wants it
        self._frame = frame
        self._size = round(self.band / 2)
        fonts = FontSet("SC")
        self._signs = {sign: self._drawn(sign, fonts, frame.width) for sign in "0123456789:"}

    def named(self, name: str) -> Image:
        """The band with a name on its left, as luma."""
        from PIL import Image as Images

        band = Images.new("L", (self._frame.width, self.band), _BLACK)
        band.paste(self._drawn(name, FontSet(language_of(name)), round(self._frame.width * 0.7)), (self.band // 2, 0))
        return band

    def under(self, picture: VideoFrame, named: Image) -> VideoFrame:
        """A new frame: the picture, and below it the band of its clip with the time at which the film shows it."""
        import av

        width, height = self._frame.width, self._frame.height
        band = named.copy()
        signs = [self._signs[sign] for sign in time_of(picture.pts or 0, self._frame.rate)]
        left = width - self.band // 2 - sum(sign.width for sign in signs)
        for sign in signs:
            band.paste(sign, (left, 0))
            left += sign.width
        whole = av.VideoFrame(width, height + self.band, "yuv420p")
        _fill(whole, 0, _rows(picture, 0, width, height) + band.tobytes(), width)
        for plane in (1, 2):
            rows = _rows(picture, plane, width // 2, height // 2)
            _fill(whole, plane, rows + _GREY * (width // 2 * (self.band // 2)), width // 2)
        whole.pts, whole.time_base = picture.pts, picture.time_base
        return whole

    def _drawn(self, text: str, fonts: FontSet, room: int) -> Image:
        from PIL import Image as Images

        line = line_of(shortened(text, fonts, self._size, room, "bold"), Style("bold", _TEXT), fonts, self._size)
        image = Images.new("RGB", (max(1, round(line.width)), self.band), (_BLACK,) * 3)
        draw_line(image, line, (0, baseline(self.band, self._size)), self._size)
        return image.convert("L")


def time_of(number: int, rate: Fraction) -> str:
    """`00:01:07:12`: hours, minutes, seconds and frames, as editing programs count."""
    whole = round(rate)
    seconds, frames = divmod(number, whole)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def _rows(frame: VideoFrame, plane: int, width: int, height: int) -> bytes:
    """The pixels of a plane without what fills its lines up."""
    line = frame.planes[plane].line_size
    pixels = memoryview(frame.planes[plane])
    if line == width:
        return bytes(pixels[: width * height])
    return b"".join(pixels[row * line : row * line + width] for row in range(height))


def _fill(frame: VideoFrame, plane: int, rows: bytes, width: int) -> None:
    line = frame.planes[plane].line_size
    if line != width:
        rows = b"".join(rows[start : start + width].ljust(line, b"\0") for start in range(0, len(rows), width))
    frame.planes[plane].update(rows.ljust(frame.planes[plane].buffer_size, b"\0"))
