"""A source clip shown from its own frames: followed to its end, or its ending with the last frame held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from skyflow.media.animatic.framing import framed, placeholder
from skyflow.media.animatic.motion import Move, Still, faded, smooth
from skyflow.media.animatic.spec import FRAME_RATE, SourceClip
from skyflow.media.animatic.workshop import Label, Workshop
from skyflow.media.clips import (
    clean_stream,
    decoded_frames,
    frame_image,
    frame_seconds,
    open_clip,
    start_seconds,
    stream_seconds,
)
from skyflow.media.errors import MediaUnreadable, reason_of

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

LEAD_SECONDS = 1.5  # how much of a source's ending is seen before it is gone on with
_LEAD_SHARE = 0.4
_FADE_SECONDS = 0.5


class ClipStage:
    """The frames of a `reference` clip in its own time; of an `extend` clip the ending, then its last frame, held."""

    def __init__(self, shop: Workshop, clip: SourceClip) -> None:
        self._seconds = shop.spec.seconds
        self._footage: Footage | None = None
        self._lead = 0.0  # seconds of footage before the held frame
        self._held = placeholder(shop.large_frame, clip.picture.name, clip.tag, shop.palette, shop.fonts)
        if clip.picture.path is not None:
            try:
                self._open(shop, clip.picture.path, clip.use)
            except (MediaUnreadable, OSError) as error:
                shop.notes.append(f"{clip.picture.name} {reason_of(error)}; a placeholder stands for it")
        self._still = Still(self._held, shop.frame, self._lead, self._seconds, Move.of(shop.spec.seed))
        self.labels = _labels(clip, self._lead)

    def _open(self, shop: Workshop, path: Path, use: Literal["reference", "extend"]) -> None:
        """Raises MediaUnreadable, OSError, and then has changed nothing."""
        if use == "reference":
            self._footage, self._lead = Footage(path, shop.frame, 0.0), self._seconds
            return
        seconds, last = ending_of(path, shop.large_frame)
        lead = min(LEAD_SECONDS, self._seconds * _LEAD_SHARE, seconds)
        self._footage = Footage(path, shop.frame, seconds - lead)
        self._lead, self._held = lead, last

    def picture(self, seconds: float) -> Image:
        if self._footage is None or seconds > self._lead:
            return self._still.picture(seconds)
        fade = smooth((seconds - self._lead + _FADE_SECONDS) / _FADE_SECONDS)
        if fade > 0 and self._lead < self._seconds:
            return faded(self._footage.frame(seconds), self._still.picture(seconds), fade)
        return self._footage.frame(seconds).copy()


def _labels(clip: SourceClip, lead: float) -> list[Label]:
    if clip.use == "reference":
        return [Label(0.0, f"{clip.tag}  reference", clip.tag)]
    goes_on = Label(lead, f"{clip.tag}  goes on", clip.tag)
    return [Label(0.0, f"{clip.tag}  source", clip.tag), goes_on] if lead else [goes_on]


class Footage:
    """The frames of a clip from `begin` seconds on, asked for in rising order. Raises MediaUnreadable where it has none."""

    def __init__(self, path: Path, size: tuple[int, int], begin: float) -> None:
        self._frames = frames_of(path, size, begin)
        first = next(self._frames, None)
        if first is None:
            raise MediaUnreadable(path, "holds no frame that decodes")
        self._shown = first[1]
        self._next = next(self._frames, None)

    def frame(self, seconds: float) -> Image:
        """The frame of this moment; behind the end, the last one."""
        while self._next is not None and self._next[0] <= seconds + 0.5 / FRAME_RATE:
            self._shown, self._next = self._next[1], next(self._frames, None)
        return self._shown


def frames_of(path: Path, size: tuple[int, int], begin: float) -> Iterator[tuple[float, Image]]:
    """The frames of a clip from `begin` seconds on, with their time since then. What breaks off, ends.

    Raises MediaUnreadable where not even the first frame can be had.
    """
    has_begun = False
    try:
        with open_clip(path) as container:
            stream = clean_stream(container)
            start = start_seconds(stream)
            if begin > 0:
                container.seek(int((start + begin) * 1_000_000))
            for frame in decoded_frames(path, container, stream):
                at = frame_seconds(frame, start) - begin
                if at >= -0.5 / FRAME_RATE:
                    yield at, framed(frame_image(frame, size=_near(frame.width, frame.height, size)), size)
                    has_begun = True
    except MediaUnreadable:
        if not has_begun:
            raise


def ending_of(path: Path, size: tuple[int, int]) -> tuple[float, Image]:
    """How long a clip lasts, and its last frame. Raises MediaUnreadable where it has none."""
    with open_clip(path) as container:
        stream = clean_stream(container)
        seconds = (stream_seconds(container, stream) if stream is not None else None) or 0.0
        start = start_seconds(stream)
        container.seek(int((start + max(0.0, seconds - 1.0)) * 1_000_000))
        last = None
        for frame in decoded_frames(path, container, stream):
            last = frame
        if last is None:
            raise MediaUnreadable(path, "holds no frame that decodes")
        return seconds, framed(frame_image(last, size=_near(last.width, last.height, size)), size)


def _near(width: int, height: int, size: tuple[int, int]) -> tuple[int, int]:
    """A size of the clip's own ratio that just covers `size`: FFmpeg scales faster than it would convert all pixels."""
    scale = min(1.0, max(size[0] / width, size[1] / height, size[0] / height, size[1] / width))
    return max(2, round(width * scale)), max(2, round(height * scale))
