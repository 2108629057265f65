"""What fills the frame where no picture of the request does: slow light in the colours of the prompt."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from skyflow.media.animatic.palette import Palette
from skyflow.media.animatic.spec import FRAME_RATE, AnimaticSpec
from skyflow.media.animatic.workshop import Label

if TYPE_CHECKING:
    from PIL.Image import Image

_COARSE = 8  # the light is computed on every eighth pixel and scaled up smoothly


class Backdrop:
    """Light that wanders through the prompt's colours; `picture(seconds)` is one RGB frame."""

    def __init__(self, spec: AnimaticSpec, palette: Palette) -> None:
        from PIL import Image as Images

        self.labels: Sequence[Label] = ()
        self._size = (spec.width, spec.height)
        self._small = (max(24, spec.width // _COARSE), max(24, spec.height // _COARSE))
        rng = random.Random(spec.seed)  # noqa: S311  (looks, not secrets)
        self._ground = _ground(self._small, palette, rng)
        radius = max(self._small)
        glow = Images.radial_gradient("L").point(_falloff)
        self._lights = [
            _Light(glow.resize((round(radius * scale),) * 2, Images.Resampling.BICUBIC), colour, rng)
            for colour, scale in ((palette.cool, 1.7), (palette.light, 1.4), (palette.warm, 1.2), (palette.light, 0.7))
        ]
        self._shade = _shade(self._size, rng)
        self._drawn = (0, self._lit(0.0))

    def picture(self, seconds: float) -> Image:
        # The light is slow: every second frame shows it again, at half the cost.
        tick = round(seconds * FRAME_RATE) // 2
        if self._drawn[0] != tick:
            self._drawn = (tick, self._lit(seconds))
        return self._drawn[1].copy()

    def _lit(self, seconds: float) -> Image:
        from PIL import Image as Images
        from PIL import ImageChops

        small = self._ground.copy()
        for light in self._lights:
            x, y = light.place(seconds)
            left = round(x * self._small[0] - light.glow.width / 2)
            top = round(y * self._small[1] - light.glow.height / 2)
            small.paste(light.colour, (left, top), light.glow)
        return ImageChops.multiply(small.resize(self._size, Images.Resampling.BICUBIC), self._shade)


class _Light:
    """One soft light on a slow ellipse."""

    def __init__(self, glow: Image, colour: tuple[int, int, int], rng: random.Random) -> None:
        self.glow, self.colour = glow, colour
        self._centre = (rng.uniform(0.15, 0.85), rng.uniform(0.1, 0.75))
        self._reach = (rng.uniform(0.08, 0.22), rng.uniform(0.05, 0.14))
        self._phase = rng.uniform(0, math.tau)
        self._speed = math.tau / rng.uniform(11, 19) * rng.choice((-1, 1))

    def place(self, seconds: float) -> tuple[float, float]:
        angle = self._phase + self._speed * seconds
        return (
            self._centre[0] + self._reach[0] * math.cos(angle),
            self._centre[1] + self._reach[1] * math.sin(angle),
        )


def _falloff(value: int) -> int:
    """From the centre of Pillow's radial gradient (0) to where it touches the sides (181): a light that dies away softly."""
    edge = math.exp(-((181 / 82) ** 2))
    return round(190 * max(0.0, math.exp(-((value / 82) ** 2)) - edge))


def _ground(size: tuple[int, int], palette: Palette, rng: random.Random) -> Image:
    """A slope of light, brighter above or below, a little tilted."""
    from PIL import Image as Images
    from PIL import ImageOps

    tilt = rng.choice((0, 180)) + rng.uniform(-25, 25)
    slope = Images.linear_gradient("L").rotate(tilt, Images.Resampling.BICUBIC)
    # The middle of the turned square: its corners are empty.
    return ImageOps.colorize(slope.crop((45, 45, 211, 211)).resize(size), palette.dark, palette.middle)


def _shade(size: tuple[int, int], rng: random.Random) -> Image:
    """A vignette with fine grain in it: without grain, slopes this soft would show steps."""
    from PIL import Image as Images
    from PIL import ImageChops

    round_off = Images.radial_gradient("L").point(lambda value: 255 - max(0, value - 70) * 0.62).resize(size)
    grain = Images.frombytes("L", size, rng.randbytes(size[0] * size[1])).point(lambda value: 255 - value // 9)
    shade = ImageChops.multiply(round_off, grain)
    return Images.merge("RGB", (shade, shade, shade))
