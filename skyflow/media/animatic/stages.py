"""What rules the picture: keyframes, a grid, a clip, subjects, or light. Captions and badges are the overlay's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyflow.media.animatic.backdrop import Backdrop
from skyflow.media.animatic.footage import ClipStage
from skyflow.media.animatic.framing import blurred, covering, dimmed, framed, load_or_none, vignette
from skyflow.media.animatic.grid import GridStage
from skyflow.media.animatic.motion import Move, Still, across
from skyflow.media.animatic.spec import Keyframe
from skyflow.media.animatic.workshop import Stage, Workshop

if TYPE_CHECKING:
    from PIL.Image import Image


class KeyframeStage:
    """Each picture whole at its time, slowly moving before and after, cross-faded into the next."""

    def __init__(self, shop: Workshop) -> None:
        keyframes = sorted(shop.spec.keyframes, key=lambda keyframe: keyframe.at)
        stills = [self._still(shop, keyframe, index) for index, keyframe in enumerate(keyframes)]
        if keyframes[0].at > 0.5:
            # Nothing is known of the beginning but where it leads: the first picture, out of focus.
            veiled = dimmed(blurred(stills[0].image), 0.7)
            stills.insert(0, Still(veiled, shop.frame, 0.0, keyframes[0].at, Move.of(shop.spec.seed + 7)))
        self._stills = stills

    @staticmethod
    def _still(shop: Workshop, keyframe: Keyframe, index: int) -> Still:
        image = framed(shop.load(keyframe.picture, shop.large_frame, keyframe.label), shop.large_frame)
        return Still(image, shop.frame, keyframe.at, shop.spec.seconds, Move.of(shop.spec.seed + index))

    def picture(self, seconds: float) -> Image:
        return across(self._stills, seconds)


class SubjectStage:
    """The ground behind subjects that are shown as cards: their first picture out of focus, or light where none could be had."""

    def __init__(self, shop: Workshop) -> None:
        pictures = [picture for reference in shop.spec.references for picture in reference.pictures]
        image = next(filter(None, (load_or_none(picture, shop.frame, []) for picture in pictures)), None)
        self._backdrop: Stage = Backdrop(shop.spec, shop.palette)
        if image is not None:
            ground = vignette(dimmed(blurred(covering(image, shop.large_frame)), 0.62), 0.7)
            self._backdrop = Still(ground, shop.frame, 0.0, shop.spec.seconds, Move.of(shop.spec.seed))

    def picture(self, seconds: float) -> Image:
        return self._backdrop.picture(seconds)


def stage_for(shop: Workshop) -> Stage:
    """What rules the picture of this spec."""
    spec = shop.spec
    if spec.keyframes:
        return KeyframeStage(shop)
    if spec.grid is not None:
        return GridStage(shop, spec.grid)
    if spec.clip is not None:
        return ClipStage(shop, spec.clip)
    if spec.references:
        return SubjectStage(shop)
    return Backdrop(spec, shop.palette)
