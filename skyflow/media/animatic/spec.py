"""What an animatic is to show, as plain values: made from a request by the sandbox, drawn by this room. No drawing here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FRAME_RATE = 24  # issue 2, section 5: "a real H.264/AAC MP4 at 24 frames a second"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a request. `path` is None where it could not be had; `name` is then written on its placeholder."""

    path: Path | None
    name: str


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A picture that is reached at `at` seconds. `label` is its tag, or says which frame it is."""

    picture: Picture
    at: float
    label: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A subject: its pictures and its tag, and whether it speaks."""

    tag: str
    pictures: tuple[Picture, ...]
    has_voice: bool = False


@dataclass(frozen=True, slots=True)
class SourceClip:
    """A clip whose motion is followed (`reference`) or that is gone on with (`extend`)."""

    tag: str
    picture: Picture
    use: Literal["reference", "extend"]


@dataclass(frozen=True, slots=True)
class Mark:
    """The characters `start` ≤ offset < `end` of the prompt that are drawn otherwise: a declared tag, or a sound cue."""

    start: int
    end: int
    kind: Literal["tag", "cue"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class AnimaticSpec:
    """One animatic. Width and height are even pixels; `seed` varies colours and moves, so that takes look different.

    At most one of `keyframes`, `grid` and `clip` rules the picture, in this order; `references` are an inset, or the subject
    where nothing else rules. `voices` are played one after another; without any, the sound of a reference clip, else silence.
    """

    prompt: str
    mode: str
    seconds: float
    width: int
    height: int
    seed: int = 0
    badge: str = ""
    marks: tuple[Mark, ...] = ()
    keyframes: tuple[Keyframe, ...] = ()
    grid: Reference | None = None
    clip: SourceClip | None = None
    references: tuple[Reference, ...] = ()
    voices: tuple[Path, ...] = ()

    @property
    def frame_count(self) -> int:
        return max(1, round(self.seconds * FRAME_RATE))

    @property
    def unit(self) -> float:
        """The length that everything drawn is measured in: 1.0 where the short side has 360 pixels."""
        return min(self.width, self.height) / 360

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag once, in the order in which colours are given out."""
        named = [k.tag for k in self.keyframes] + [r.tag for r in self.references]
        named += [self.grid.tag] if self.grid else []
        named += [self.clip.tag] if self.clip else []
        return tuple(dict.fromkeys(tag for tag in named if tag))


@dataclass(frozen=True, slots=True)
class Rendering:
    """What came of an animatic: its measures, and notes for people about what could not be shown as it should."""

    seconds: float
    frames: int
    width: int
    height: int
    notes: tuple[str, ...] = ()


def frame_size(ratio: float, short_side: int) -> tuple[int, int]:
    """Even width and height for a ratio (width / height), with `short_side` pixels on the shorter side."""
    bounded = min(max(ratio, 1 / 3), 3.0)  # a picture of one line would make a clip that nobody can watch
    if bounded >= 1:
        return _even(short_side * bounded), _even(short_side)
    return _even(short_side), _even(short_side / bounded)


def _even(pixels: float) -> int:
    # H.264 with 4:2:0 chroma has even sides only.
    return max(2, round(pixels / 2) * 2)
