"""Writes the film: one MP4 with one picture track and one sound track, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyflow.media.clips import open_clip, video_stream
from skyflow.media.errors import MediaUnreadable, media_extra
from skyflow.media.film.picture import Frame, copied_packets, fitted_frames, frame_of
from skyflow.media.film.slate import Slate
from skyflow.media.film.sound import LAYOUT, SAMPLE_RATE, sound_of
from skyflow.media.film.survey import ClipSurvey, differences, survey_clip

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoStream
    from av.container import OutputContainer
    from av.container.core import Chapter

MARK = "a film made by skyflow"
"""Stands in the comment of every film, so that none but these are ever replaced."""
_PICTURE = {"preset": "fast", "crf": "17"}
_SOUND_BITS = 192_000
_TICKS = 1_000  # of a second, in which chapters are counted
_BT709 = 1  # FFmpeg, AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709
_LIMITED_RANGE = 1  # FFmpeg, AVCOL_RANGE_MPEG
# The index in front, so that a film plays while it loads; picture and sound wait for each other, however long a clip is.
_CONTAINER = {"movflags": "faststart", "max_interleave_delta": "0"}


@dataclass(frozen=True, slots=True)
class Joined:
    """The film that was written. `differing` says in what its clips differ: where they do, its picture was encoded anew."""

    seconds: float
    width: int
    height: int
    differing: tuple[str, ...]


def join_clips(
    clips: Sequence[Path],
    target: Path,
    *,
    title: str,
    names: Sequence[str] = (),
    slate: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Joined:
    """Join clips, at least one, into an MP4. Equal pictures are copied bit for bit; a clip without sound is silent.

    `names`, one for each clip, are the film's chapters. With a `slate` the name and the film's time stand in a band below the picture,
    which is encoded anew for it.

    `target` appears whole or not at all, in place of what was there. `progress` hears how many clips are done.
    Raises MediaUnreadable, MediaExtraMissing, OSError (a builtin one, of the target).
    """
    with media_extra():
        import av
    surveys = [survey_clip(clip) for clip in clips]
    differing, frame = differences(surveys), frame_of(surveys)
    band = Slate(frame) if slate else None
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        with _writing(target), av.open(str(part), "w", format="mp4", container_options=_CONTAINER) as container:
            container.metadata.update({"title": title, "comment": MARK})
            container.set_chapters(_chapters(surveys, names))
            film = _Film(container, surveys, frame if differing or band else None, band, target)
            for done, clip in enumerate(surveys):
                film.add(clip, names[done] if names else "")
                progress(done + 1)
            film.finish()
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Joined(float(film.position), frame.width, frame.height + (band.band if band else 0), differing)


def is_film(path: Path) -> bool:
    """Whether a file is a film that `join_clips` wrote. Raises MediaExtraMissing, OSError."""
    try:
        with open_clip(path) as container:
            return container.metadata.get("comment") == MARK
    except MediaUnreadable:
        return False


def _chapters(clips: Sequence[ClipSurvey], names: Sequence[str]) -> list[Chapter]:
    """A chapter for each clip that has a name: where players and editing programs jump to."""
    chapters: list[Chapter] = []
    end = Fraction(0)
    for number, (clip, name) in enumerate(zip(clips, names, strict=False)):
        start, end = end, end + clip.seconds
        chapters.append({
            "id": number, "start": round(start * _TICKS), "end": round(end * _TICKS),
            "time_base": Fraction(1, _TICKS), "metadata": {"title": name},
        })  # fmt: skip
    return chapters


class _Film:
    """The film that is being written. `frame` is the shape of its picture where that is encoded anew, None where it is copied."""

    def __init__(
        self,
        container: OutputContainer,
        clips: Sequence[ClipSurvey],
        frame: Frame | None,
        slate: Slate | None,
        target: Path,
    ) -> None:
        self.position = Fraction(0)
        self._container = container
        self._frame = frame
        self._slate = slate
        self._target = target
        if frame is None:
            self._picture = _copying_stream(container, clips[0])
        else:
            self._picture = _encoding_stream(container, frame, slate.band if slate else 0)
        self._sound: AudioStream = container.add_stream("aac", rate=SAMPLE_RATE, layout=LAYOUT)
        self._sound.bit_rate = _SOUND_BITS

    def add(self, clip: ClipSurvey, name: str) -> None:
        """Put a clip behind the others. Both tracks count from the film's beginning, so that no rounding adds up."""
        start, end = self.position, self.position + clip.seconds
        if self._frame is None:
            self._mux(copied_packets(clip, start, self._picture))
        else:
            rate = self._frame.rate
            named = self._slate.named(name) if self._slate else None
            for frame in fitted_frames(clip, self._frame, round(start * rate), round(end * rate)):
                slated = self._slate.under(frame, named) if self._slate and named else frame
                self._mux(self._picture.encode(slated))
        for sound in sound_of(clip, round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)):
            self._mux(self._sound.encode(sound))
        self.position = end

    def finish(self) -> None:
        if self._frame is not None:
            self._mux(self._picture.encode())
        self._mux(self._sound.encode())

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            with _writing(self._target):
                self._container.mux(packet)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """What FFmpeg says of writing is about the film, whichever clip is open meanwhile."""
    import av

    try:
        yield
    except av.error.FFmpegError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


def _copying_stream(container: OutputContainer, clip: ClipSurvey) -> VideoStream:
    with open_clip(clip.path) as source:
        template = video_stream(source)
        if template is None:
            raise MediaUnreadable(clip.path, "holds no moving picture")
        return container.add_stream_from_template(template)


def _encoding_stream(container: OutputContainer, frame: Frame, band: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=frame.rate, options=dict(_PICTURE))
    stream.width, stream.height, stream.pix_fmt = frame.width, frame.height + band, "yuv420p"
    context = stream.codec_context
    context.colorspace, context.color_range = _BT709, _LIMITED_RANGE
    context.color_primaries, context.color_trc = _BT709, _BT709
    return stream
