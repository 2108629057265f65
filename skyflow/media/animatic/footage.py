"""A source clip shown from its own frames: followed to its end, or its ending with the last frame held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skyflow.media.animatic.framing import framed, placeholder
from skyflow.media.animatic.motion import Move, Still, faded, smooth
from skyflow.media.animatic.spec import FRAME_RATE, SourceClip
from skyflow.media.animatic.workshop import Workshop
from skyflow.media.clips import (
    clean_stream,
    decoded_frames,
    frame_image,
    frame_seconds,
    open_clip,
    start_seconds,
    stream_seconds,
)
from skyflow.media.errors import MediaUnreadable

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

LEAD_SECONDS = 1.5  # how much of a source's ending is seen before it is gone on with
_LEAD_SHARE = 0.4
_FADE_SECONDS = 0.5


class ClipStage:
    """The frames of a `reference` clip in its own time; of an `extend` clip the ending, then its last frame, held."""

    def __init__(self, shop: Workshop, clip: SourceClip) -> None:
        self._shop = shop
        self._frames: Iterator[tuple[float, Image]] = iter(())
        self._shown: Image | None = None
        self._next: tuple[float, Image] | None = None
        self.lead = 0.0
        try:
            self._open(clip)
        except (MediaUnreadable, OSError) as error:
            reason = error.reason if isinstance(error, MediaUnreadable) else "cannot be read"
            shop.notes.append(f"{clip.picture.name} {reason}; a placeholder stands for it")
        if self._next is None:
            image = placeholder(shop.large_frame, clip.picture.name, clip.tag, shop.palette, shop.fonts)
            self._held = Still(image, shop.frame, 0.0, shop.spec.seconds, Move.of(shop.spec.seed))
            self.lead = 0.0

    def _open(self, clip: SourceClip) -> None:
        """Set the frames going; for an extended clip, the held frame too. Raises MediaUnreadable, OSError."""
        path = clip.picture.path
        if path is None:
            return
        spec = self._shop.spec
        if clip.use == "reference":
            self.lead = spec.seconds
            self._frames = frames_of(path, self._shop.frame, 0.0)
        else:
            seconds, last = ending_of(path, self._shop.large_frame)
            self.lead = min(LEAD_SECONDS, spec.seconds * _LEAD_SHARE, seconds)
            self._held = Still(last, self._shop.frame, self.lead, spec.seconds, Move.of(spec.seed))
            self._frames = frames_of(path, self._shop.frame, seconds - self.lead)
        self._next = next(self._frames, None)

    def picture(self, seconds: float) -> Image:
        """The frame of this moment; moments are asked for in rising order."""
        if seconds > self.lead or (self._next is None and self._shown is None):
            return self._held.picture(seconds)
        while self._next is not None and self._next[0] <= seconds + 0.5 / FRAME_RATE:
            self._shown, self._next = self._next[1], next(self._frames, None)
        shown = self._shown or (self._next[1] if self._next is not None else self._held.picture(seconds))
        fade = smooth((seconds - self.lead + _FADE_SECONDS) / _FADE_SECONDS)
        is_ending = self.lead < self._shop.spec.seconds and fade > 0
        return faded(shown, self._held.picture(seconds), fade) if is_ending else shown.copy()


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
