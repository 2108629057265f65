"""What joining wants to know of each clip before anything is written: how it is encoded, how it is shown, how long it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.media.clips import (
    MAX_COUNTED_PACKETS,
    MAX_PLAYABLE_SECONDS,
    decoded_frames,
    open_clip,
    sound_stream,
    video_stream,
)
from skyflow.media.errors import MediaUnreadable

if TYPE_CHECKING:
    from av import Packet, VideoStream
    from av.container import InputContainer

_GUESSED_RATE = Fraction(24)  # of a clip with a single frame
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ClipSurvey:
    """One clip. `width` and `height` are pixels as shown, `rate` frames a second, `begin` and `seconds` times by its own clock.

    `turned` is the quarter turns to the left that a player gives it. `coding` is what must be the same in clips whose pictures stand in
    one track as they are; `whole` tells that this clip's can, because nothing of it is cut away or shown turned when it is played.
    """

    path: Path
    codec: str
    width: int
    height: int
    rate: Fraction
    begin: Fraction
    seconds: Fraction
    turned: int
    has_sound: bool
    coding: tuple[object, ...]
    whole: bool


def survey_clip(path: Path) -> ClipSurvey:
    """Read a clip's packets and decode its first frame. Raises MediaUnreadable, MediaExtraMissing, OSError."""
    with open_clip(path) as container:
        stream = video_stream(container)
        if stream is None or stream.time_base is None:
            raise MediaUnreadable(path, "holds no moving picture")
        track = _Track(stream.time_base, stream.average_rate)
        for packet in container.demux(stream):
            track.take(packet)
        if not track.count:
            raise MediaUnreadable(path, "holds no picture")
        if track.seconds > MAX_PLAYABLE_SECONDS:
            raise MediaUnreadable(path, f"lasts {float(track.seconds):.0f} s, longer than any clip of the API")
        turned = _turns(path, container, stream)
        width, height = _shown_size(stream)
        return ClipSurvey(
            path=path,
            codec=stream.codec_context.name,
            width=height if turned % 2 else width,
            height=width if turned % 2 else height,
            rate=_rate_of(stream, track),
            begin=track.begin,
            seconds=track.seconds,
            turned=turned,
            has_sound=sound_stream(container) is not None,
            coding=(*_coding(stream), track.lead),
            whole=track.is_whole and not turned,
        )


def differences(clips: Sequence[ClipSurvey]) -> tuple[str, ...]:
    """Why the pictures of these clips cannot stand in one track as they are; nothing where they can."""
    found = [
        _differing("size", (f"{clip.width} × {clip.height}" for clip in clips)),
        _differing("frame rate", (f"{float(clip.rate):.5g}" for clip in clips)),
        _differing("codec", (clip.codec for clip in clips)),
    ]
    told = tuple(one for one in found if one)
    if told:
        return told
    if len({clip.coding for clip in clips}) > 1:
        return ("the settings of their encoder",)
    return () if all(clip.whole for clip in clips) else ("what of their track is shown",)


def _differing(what: str, values: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(values))
    more = ", …" if len(distinct) > _MOST_NAMED else ""
    return f"{what} ({', '.join(distinct[:_MOST_NAMED])}{more})" if len(distinct) > 1 else ""


class _Track:
    """The packets of one picture track, counted."""

    def __init__(self, time_base: Fraction, rate: Fraction | None) -> None:
        self.count = 0
        self.is_whole = True
        self._time_base = time_base
        self._usual = round(1 / (rate * time_base)) if rate else 1
        self._first: int | None = None
        self._first_decoded: int | None = None
        self._end = 0

    def take(self, packet: Packet[VideoStream]) -> None:
        if packet.dts is None and packet.pts is None:
            return  # the empty one behind the last
        if packet.pts is None or packet.dts is None or packet.is_discard or (not self.count and not packet.is_keyframe):
            self.is_whole = False
        if self._first_decoded is None:
            self._first_decoded = packet.dts
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is not None and not packet.is_discard:
            self._first = pts if self._first is None else min(self._first, pts)
            self._end = max(self._end, pts + (packet.duration or self._usual))
        self.count += 1
        if self.count > MAX_COUNTED_PACKETS:
            self.is_whole = False

    @property
    def lead(self) -> Fraction:
        """Seconds by which decoding is ahead of showing: where it grows from clip to clip, decoding times would run backwards."""
        return self.begin - (self._first_decoded or 0) * self._time_base

    @property
    def begin(self) -> Fraction:
        return (self._first or 0) * self._time_base

    @property
    def seconds(self) -> Fraction:
        return self._end * self._time_base - self.begin


def _turns(path: Path, container: InputContainer, stream: VideoStream) -> int:
    container.seek(0)
    for frame in decoded_frames(path, container, stream):
        return round(frame.rotation / 90) % 4
    raise MediaUnreadable(path, "holds no frame that decodes")


def _shown_size(stream: VideoStream) -> tuple[int, int]:
    """Square pixels, even numbers of them: what the common encoders take."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    return max(2, round(stream.width * shape / 2) * 2), max(2, round(stream.height / 2) * 2)


def _rate_of(stream: VideoStream, track: _Track) -> Fraction:
    if stream.average_rate:
        return Fraction(stream.average_rate)
    return Fraction(track.count) / track.seconds if track.seconds else _GUESSED_RATE


def _coding(stream: VideoStream) -> tuple[object, ...]:
    context = stream.codec_context
    return (
        context.name,
        context.width,
        context.height,
        context.pix_fmt,
        bytes(context.extradata or b""),
        stream.sample_aspect_ratio,
        int(context.colorspace),
        int(context.color_range),
        int(context.color_primaries),
        int(context.color_trc),
    )
