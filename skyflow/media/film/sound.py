"""The sound of a film: each clip's own, cut and filled up with silence to the length of its picture, so that nothing drifts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, groupby
from typing import TYPE_CHECKING

from skyflow.media.clips import open_clip, sound_stream
from skyflow.media.film.survey import ClipSurvey

if TYPE_CHECKING:
    from av import AudioFrame

SAMPLE_RATE = 48_000
LAYOUT = "stereo"
_FORMAT = "flt"  # packed, so that one run of bytes holds both channels
_BYTES = 8  # of one moment of it
_BLOCK = 4_800
_JITTER = SAMPLE_RATE // 100  # time stamps of sound waver by less; more is a hole


def sound_of(clip: ClipSurvey, start: int, end: int) -> Iterator[AudioFrame]:
    """What is heard of a clip whose picture stands in the film from sample `start` to sample `end`. Raises MediaUnreadable, OSError."""
    at, begin = start, start - round(clip.begin * SAMPLE_RATE)
    for moment, samples in _samples(clip):
        place = begin + moment
        if place > at + _JITTER:
            yield from _silence(at, min(place, end))
            at = min(place, end)
        early = min(max(0, at - place - _JITTER), len(samples) // _BYTES)  # heard before the picture begins
        kept = samples[early * _BYTES : (early + end - at) * _BYTES]
        if kept:
            yield _frame(kept, at)
            at += len(kept) // _BYTES
        if at >= end:
            return
    yield from _silence(at, end)


def _silence(at: int, end: int) -> Iterator[AudioFrame]:
    while at < end:
        count = min(_BLOCK, end - at)
        yield _frame(bytes(count * _BYTES), at)
        at += count


def _samples(clip: ClipSurvey) -> Iterator[tuple[int, bytes]]:
    """Runs of samples, each with its place by the clip's own clock; nothing of a clip without sound."""
    with open_clip(clip.path) as container:
        stream = sound_stream(container)
        if stream is None:
            return
        # A sound may change its form midway, and a resampler takes one form only.
        for _, run in groupby(
            container.decode(stream), key=lambda frame: (frame.format.name, frame.layout.name, frame.rate)
        ):
            yield from _resampled(run)


def _resampled(decoded: Iterator[AudioFrame]) -> Iterator[tuple[int, bytes]]:
    import av

    resampler = av.AudioResampler(format=_FORMAT, layout=LAYOUT, rate=SAMPLE_RATE)
    for one in chain(decoded, [None]):  # None: what the resampler still holds
        for frame in resampler.resample(one):
            moment = round((frame.pts or 0) * (frame.time_base or Fraction(1, SAMPLE_RATE)) * SAMPLE_RATE)
            yield moment, bytes(frame.planes[0])[: frame.samples * _BYTES]


def _frame(samples: bytes, at: int) -> AudioFrame:
    import av

    frame = av.AudioFrame(format=_FORMAT, layout=LAYOUT, samples=len(samples) // _BYTES)
    plane = frame.planes[0]
    plane.update(samples.ljust(plane.buffer_size, b"\0"))
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
    return frame
