"""Slow moves over stills and fades between them; knows nothing of what the stills show."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

CLOSEST = 1.11  # how far a move goes in
MAX_FADE_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Move:
    """Where a move leads while it goes closer: -1 to 1 from the middle towards each side."""

    x: float
    y: float

    @classmethod
    def of(cls, seed: int) -> Move:
        rng = random.Random(seed)  # noqa: S311  (looks, not secrets)
        return cls(rng.choice((-1, 1)) * rng.uniform(0.35, 1.0), rng.uniform(-0.8, 0.5))


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that is whole at `at` seconds, and up to `closest` times nearer the further away that is.

    `image` is somewhat larger than the frame's `size`, so that it stays sharp.
    """

    image: Image
    size: tuple[int, int]
    at: float
    seconds: float
    move: Move
    closest: float = CLOSEST

    def picture(self, seconds: float) -> Image:
        from PIL import Image as Images

        zoom = 1 + (self.closest - 1) * min(1.0, abs(seconds - self.at) / max(self.seconds, 1.0))
        width, height = self.image.width / zoom, self.image.height / zoom
        left = (self.image.width - width) / 2 * (1 + self.move.x)
        top = (self.image.height - height) / 2 * (1 + self.move.y)
        box = (left, top, min(left + width, self.image.width), min(top + height, self.image.height))
        return self.image.resize(self.size, Images.Resampling.BILINEAR, box=box)


def smooth(share: float) -> float:
    """From 0 to 1 with rest at both ends."""
    bounded = min(1.0, max(0.0, share))
    return bounded * bounded * (3 - 2 * bounded)


def faded(one: Image, other: Image, share: float) -> Image:
    from PIL import Image as Images

    return Images.blend(one, other, share)


def across(stills: Sequence[Still], seconds: float) -> Image:
    """The still of this moment, faded into the next one halfway between their times."""
    for one, other in pairwise(stills):
        middle, gap = (one.at + other.at) / 2, other.at - one.at
        half = min(MAX_FADE_SECONDS, gap * 0.6) / 2
        if seconds < middle - half:
            return one.picture(seconds)
        if seconds < middle + half:
            return faded(one.picture(seconds), other.picture(seconds), smooth((seconds - middle + half) / (2 * half)))
    return stills[-1].picture(seconds)
