"""Transparent pieces that are drawn once and laid over many frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skyflow.media.animatic.motion import smooth

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layer:
    """A picture with its mask, laid with its upper left corner at `place`."""

    colour: Image
    mask: Image
    place: Place

    @classmethod
    def of(cls, image: Image, place: Place) -> Layer | None:
        """The visible part of an RGBA image; None where nothing of it is visible."""
        box = image.getchannel("A").getbbox()
        if box is None:
            return None
        visible = image.crop(box)
        return cls(visible.convert("RGB"), visible.getchannel("A"), (place[0] + box[0], place[1] + box[1]))

    def lay(self, frame: Image, strength: float = 1.0) -> None:
        """Lay it over a frame, at `strength` 0 to 1 of its own opacity."""
        if strength >= 1:
            frame.paste(self.colour, self.place, self.mask)
        elif strength > 0:
            frame.paste(self.colour, self.place, self.mask.point(lambda value: value * strength))


def clear(size: tuple[int, int]) -> Image:
    """A canvas on which nothing is drawn yet."""
    from PIL import Image as Images

    return Images.new("RGBA", size, (0, 0, 0, 0))


def pen(image: Image) -> ImageDraw:
    from PIL import ImageDraw

    return ImageDraw.Draw(image)


def scrim(size: tuple[int, int], strength: float, *, darkest_at_top: bool) -> Image:
    """Darkness that grows towards one edge, so that white text reads on any picture."""
    from PIL import Image as Images

    slope = Images.linear_gradient("L").resize(size)
    if darkest_at_top:
        slope = slope.transpose(Images.Transpose.FLIP_TOP_BOTTOM)
    image = Images.new("RGBA", size, (6, 7, 10, 0))
    image.putalpha(slope.point(lambda value: 255 * strength * smooth(value / 255)))
    return image


def with_room(image: Image, room: int) -> Image:
    """The image with empty space around it, for its shadow to fall on."""
    canvas = clear((image.width + 2 * room, image.height + 2 * room))
    canvas.paste(image, (room, room))
    return canvas


def with_shadow(image: Image, radius: float, strength: float) -> Image:
    """The image on its own soft shadow."""
    from PIL import Image as Images
    from PIL import ImageFilter

    shadow = Images.new("RGBA", image.size, (0, 0, 0, 0))
    dark = image.getchannel("A").filter(ImageFilter.GaussianBlur(radius))
    shadow.putalpha(dark.point(lambda value: min(255, value * strength)))
    shadow.alpha_composite(image)
    return shadow
