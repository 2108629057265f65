"""What rules the picture: keyframes, a grid, a clip, subjects, or light. Captions and badges are the overlay's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from skyflow.media.animatic.backdrop import Backdrop
from skyflow.media.animatic.footage import ClipStage
from skyflow.media.animatic.framing import blurred, covering, dimmed, framed, load_or_none, vignette
from skyflow.media.animatic.grid import GridStage
from skyflow.media.animatic.inset import subject_cards
from skyflow.media.animatic.layout import Box
from skyflow.media.animatic.motion import Move, Still, across
from skyflow.media.animatic.spec import Keyframe
from skyflow.media.animatic.workshop import Label, Stage, Workshop

if TYPE_CHECKING:
    from PIL.Image import Image

_APPROACH = 1.045  # how far cards are gone in on


class KeyframeStage:
    """Each picture whole at its time, slowly moving before and after, cross-faded into the next."""

    def __init__(self, shop: Workshop) -> None:
        keyframes = sorted(shop.spec.keyframes, key=lambda keyframe: keyframe.at)
        stills = [self._still(shop, keyframe, index) for index, keyframe in enumerate(keyframes)]
        if keyframes[0].at > 0.5:
            # Nothing is known of the beginning but where it leads: the first picture, out of focus.
            veiled = dimmed(blurred(stills[0].image), 0.85)
            stills.insert(0, Still(veiled, shop.frame, 0.0, keyframes[0].at, Move.of(shop.spec.seed + 7)))
        self._stills = stills
        starts = [0.0, *((one.at + other.at) / 2 for one, other in pairwise(keyframes))]
        self.labels = [Label(at, k.label, k.tag) for at, k in zip(starts, keyframes, strict=True)]

    @staticmethod
    def _still(shop: Workshop, keyframe: Keyframe, index: int) -> Still:
        image = framed(shop.load(keyframe.picture, shop.large_frame, keyframe.label), shop.large_frame)
        return Still(image, shop.frame, keyframe.at, shop.spec.seconds, Move.of(shop.spec.seed + index))

    def picture(self, seconds: float) -> Image:
        return across(self._stills, seconds)


class SubjectStage:
    """Subjects as cards, slowly approached, on their first picture out of focus, or on light where none could be had.

    What the shot will look like nobody knows: the cards say who is in it, they are no picture of it. A shot that goes on from this one
    is given the ground alone.
    """

    def __init__(self, shop: Workshop, room: Box) -> None:
        pictures = [picture for reference in shop.spec.references for picture in reference.pictures]
        image = next(filter(None, (load_or_none(picture, shop.frame, []) for picture in pictures)), None)
        if image is not None:
            ground = vignette(dimmed(blurred(covering(image, shop.large_frame)), 0.62), 0.7)
        else:
            ground = Backdrop(shop.spec, shop.palette).picture(0).resize(shop.large_frame)
        scale = shop.large_frame[0] / shop.spec.width
        left, top, right, bottom = (edge * scale for edge in room)
        # Going in moves the edges outward; cards keep as much away from the borders of their room.
        slack_x, slack_y = (edge * (_APPROACH - 1) / 2 for edge in shop.large_frame)
        inner = (round(left + slack_x), round(top + slack_y), round(right - slack_x), round(bottom - slack_y))
        cards = subject_cards(shop, ground.convert("RGBA"), inner, shop.spec.unit * scale, small=False)
        self._still = Still(cards.convert("RGB"), shop.frame, 0.0, shop.spec.seconds, Move(0, 0), _APPROACH)
        self._ground = Still(ground, shop.frame, 0.0, shop.spec.seconds, Move(0, 0), _APPROACH)
        self.labels: Sequence[Label] = ()

    def picture(self, seconds: float) -> Image:
        return self._still.picture(seconds)

    def ground(self, seconds: float) -> Image:
        """The same moment without the cards."""
        return self._ground.picture(seconds)


def stage_for(shop: Workshop, room: Box) -> Stage:
    """What rules the picture of this spec; `room` is what the overlay leaves free."""
    spec = shop.spec
    if spec.keyframes:
        return KeyframeStage(shop)
    if spec.grid is not None:
        return GridStage(shop, spec.grid)
    if spec.clip is not None:
        return ClipStage(shop, spec.clip)
    if spec.references:
        return SubjectStage(shop, room)
    return Backdrop(spec, shop.palette)
