"""What the makers of an animatic share: the spec, fonts, colours, notes; and what a stage is. Draws nothing but placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from skyflow.media.animatic.fonts import FontSet
from skyflow.media.animatic.framing import load_or_none, placeholder
from skyflow.media.animatic.palette import Palette
from skyflow.media.animatic.spec import AnimaticSpec, Picture
from skyflow.media.animatic.typesetting import Colour

if TYPE_CHECKING:
    from PIL.Image import Image

MARGIN = 1.12  # stills are kept this much larger than the frame, so that moving closer stays sharp


@dataclass(frozen=True, slots=True)
class Label:
    """What is seen from `at` seconds on, in words, and the tag whose colour it has."""

    at: float
    text: str
    tag: str = ""


class Stage(Protocol):
    """Anything that has a picture at each moment."""

    @property
    def labels(self) -> Sequence[Label]:
        """What is seen, from when on; in rising order."""

    def picture(self, seconds: float) -> Image:
        """One RGB frame of the spec's size; the caller may draw on it. Moments are asked for in rising order."""


@dataclass(slots=True)
class Workshop:
    """What every stage draws with. `notes` gathers what people should know about this animatic."""

    spec: AnimaticSpec
    fonts: FontSet
    palette: Palette
    colours: Mapping[str, Colour]
    notes: list[str] = field(default_factory=list)

    @property
    def frame(self) -> tuple[int, int]:
        return self.spec.width, self.spec.height

    @property
    def large_frame(self) -> tuple[int, int]:
        return round(self.spec.width * MARGIN), round(self.spec.height * MARGIN)

    def load(self, picture: Picture, size: tuple[int, int], label: str, *, is_card: bool = False) -> Image:
        """A picture at its own ratio and about `size` large, or the placeholder of exactly that size."""
        image = load_or_none(picture, size, self.notes)
        if image is not None:
            return image
        return placeholder(size, picture.name, label, self.palette, self.fonts, is_card=is_card)
