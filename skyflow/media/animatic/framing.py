"""Pictures brought into a frame: filled or set on their own blur, placeholders, rounded cards. Nothing here moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyflow.media.animatic.fonts import FontSet
from skyflow.media.animatic.palette import INK, WHITE, Palette, mixed
from skyflow.media.animatic.spec import Picture
from skyflow.media.animatic.typesetting import Colour, Style, draw_line, line_of, shortened
from skyflow.media.errors import MediaUnreadable, reason_of
from skyflow.media.pictures import load_picture

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Size = tuple[int, int]
_SAME_RATIO = 0.12  # below this difference a picture is cropped, above it is shown whole on its own blur


def load_or_none(picture: Picture, fit: Size, notes: list[str]) -> Image | None:
    """The pixels as RGB on black; None with a note where they cannot be had."""
    if picture.path is None:
        return None
    try:
        image = load_picture(picture.path, fit=fit)
    except (MediaUnreadable, OSError) as error:
        notes.append(f"{picture.name} {reason_of(error)}; a placeholder stands for it")
        return None
    if image.mode == "RGBA":
        from PIL import Image as Images

        ground = Images.new("RGB", image.size, INK)
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image


def framed(image: Image, size: Size) -> Image:
    """A picture that fills `size`: cropped a little where its ratio is near, else whole on its own blur."""
    ratio, wanted = image.width / image.height, size[0] / size[1]
    if abs(ratio / wanted - 1) <= _SAME_RATIO:
        return covering(image, size)
    ground = dimmed(blurred(covering(image, size)), 0.55)
    whole = fitting(image, size)
    ground.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return ground


def covering(image: Image, size: Size) -> Image:
    """Scaled and cropped to fill; from portraits more is kept above, where faces are."""
    from PIL import Image as Images

    scale = max(size[0] / image.width, size[1] / image.height)
    # Division may end a hair outside the picture, which Pillow refuses.
    width, height = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left, top = (image.width - width) / 2, (image.height - height) * 0.35
    box = (left, top, min(left + width, image.width), min(top + height, image.height))
    return image.resize(size, Images.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def fitting(image: Image, size: Size) -> Image:
    """Scaled so that all of it is inside."""
    from PIL import Image as Images

    scale = min(size[0] / image.width, size[1] / image.height)
    inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(inner, Images.Resampling.LANCZOS, reducing_gap=2.0)


def blurred(image: Image) -> Image:
    """Out of focus, as far as only colours are left; done small, since nobody can tell."""
    from PIL import Image as Images
    from PIL import ImageFilter

    small = image.resize((max(2, image.width // 10), max(2, image.height // 10)), Images.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(4)).resize(image.size, Images.Resampling.BICUBIC)


def dimmed(image: Image, share: float) -> Image:
    """`share` of its light is left."""
    return image.point(lambda value: value * share)


def vignette(image: Image, strength: float) -> Image:
    """Darker towards the corners."""
    from PIL import Image as Images
    from PIL import ImageChops

    dark = Images.radial_gradient("L").point(lambda value: 255 - max(0, value - 90) * strength)
    mask = dark.resize(image.size, Images.Resampling.BICUBIC)
    return ImageChops.multiply(image, Images.merge("RGB", (mask, mask, mask)))


def placeholder(size: Size, name: str, label: str, palette: Palette, fonts: FontSet, *, is_card: bool = False) -> Image:
    """Stands for a picture that could not be had: says whose it is and where it would have come from."""
    from PIL import Image as Images
    from PIL import ImageDraw, ImageOps

    slope = Images.linear_gradient("L").resize(size)
    image = ImageOps.colorize(slope, mixed(palette.middle, INK, 0.35), mixed(palette.dark, INK, 0.2))
    draw = ImageDraw.Draw(image)
    unit = min(size) / 100
    line = max(1, round(unit * 0.9))
    inset = round(unit * 5)
    edge = mixed(palette.light, INK, 0.45)
    if is_card:
        corners = (inset, inset, size[0] - inset, size[1] - inset)
        draw.rounded_rectangle(corners, round(unit * 5), outline=edge, width=line)
    _draw_picture_sign(draw, (size[0] / 2, size[1] / 2 - unit * 13), unit * 24, edge, line)
    for text, y, units, colour in ((label, 12, 8.5, WHITE), (name, 22, 5.6, mixed(WHITE, palette.middle, 0.4))):
        pixels = max(7, round(units * unit))
        short = shortened(text, fonts, pixels, size[0] - 4 * inset)
        set_line = line_of(short, Style("medium", colour), fonts, pixels)
        draw_line(image, set_line, ((size[0] - set_line.width) / 2, size[1] / 2 + y * unit), pixels)
    return image


def _draw_picture_sign(draw: ImageDraw, centre: tuple[float, float], width: float, colour: Colour, line: int) -> None:
    """Mountains under a sun: the sign for a picture."""
    x, y = centre
    half, tall = width / 2, width * 0.36
    draw.rounded_rectangle((x - half, y - tall, x + half, y + tall), width * 0.06, outline=colour, width=line)
    floor = y + tall - line * 2
    peaks = [(x - half * 0.8, floor), (x - half * 0.25, y - tall * 0.1), (x + half * 0.1, y + tall * 0.4)]
    peaks += [(x + half * 0.35, y + tall * 0.05), (x + half * 0.8, floor)]
    draw.polygon(peaks, fill=colour)
    sun = width * 0.07
    draw.ellipse((x + half * 0.3 - sun, y - tall * 0.5 - sun, x + half * 0.3 + sun, y - tall * 0.5 + sun), fill=colour)


def rounded_mask(size: Size, radius: float) -> Image:
    """Antialiased: drawn four times as large."""
    from PIL import Image as Images
    from PIL import ImageDraw

    large = Images.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, size[0] * 4 - 1, size[1] * 4 - 1), radius * 4, fill=255)
    return large.resize(size, Images.Resampling.BOX)
