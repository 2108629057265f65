"""The sound of an animatic: voices one after another, the sound of a reference clip, or silence; always as long as the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.media.clips import open_clip, sound_stream
from skyflow.media.errors import MediaUnreadable, reason_of

if TYPE_CHECKING:
    from av import AudioFrame

SAMPLE_RATE = 48_000
SAMPLES = 1024  # of one AAC frame
_FORMAT, _LAYOUT = "fltp", "stereo"
_BYTES_A_SAMPLE = 4


def sound_frames(sources: Sequence[Path], seconds: float, notes: list[str]) -> Iterator[AudioFrame]:
    """AAC-sized frames of the sources in turn, filled up with silence and cut to `seconds`. What cannot be read is noted."""
    total, done = round(seconds * SAMPLE_RATE), 0
    for left, right in _blocks(sources, notes):
        if done >= total:
            return
        yield _frame(left, right, done)
        done += SAMPLES
    silence = bytes(SAMPLES * _BYTES_A_SAMPLE)
    while done < total:
        yield _frame(silence, silence, done)
        done += SAMPLES


def _frame(left: bytes, right: bytes, position: int) -> AudioFrame:
    import av

    frame = av.AudioFrame(format=_FORMAT, layout=_LAYOUT, samples=SAMPLES)
    for plane, data in zip(frame.planes, (left, right), strict=True):
        plane.update(data.ljust(plane.buffer_size, b"\0"))
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, position, Fraction(1, SAMPLE_RATE)
    return frame


def _blocks(sources: Sequence[Path], notes: list[str]) -> Iterator[tuple[bytes, bytes]]:
    """Left and right samples in blocks of SAMPLES; the last block of the last source is filled up with silence."""
    size = SAMPLES * _BYTES_A_SAMPLE
    left, right = bytearray(), bytearray()
    for source in sources:
        for more_left, more_right in _samples(source, notes):
            left += more_left
            right += more_right
            while len(left) >= size:
                yield bytes(left[:size]), bytes(right[:size])
                del left[:size], right[:size]
    if left:
        yield bytes(left).ljust(size, b"\0"), bytes(right).ljust(size, b"\0")


def _samples(source: Path, notes: list[str]) -> Iterator[tuple[bytes, bytes]]:
    """The sound of one file as 48 kHz stereo floats; what breaks off, ends with a note."""
    import av

    try:
        with open_clip(source) as container:
            stream = sound_stream(container)
            if stream is None:
                return
            resampler = av.AudioResampler(format=_FORMAT, layout=_LAYOUT, rate=SAMPLE_RATE)
            for decoded in chain(container.decode(stream), [None]):  # None: what the resampler still holds
                for frame in resampler.resample(decoded):
                    length = frame.samples * _BYTES_A_SAMPLE
                    yield bytes(frame.planes[0])[:length], bytes(frame.planes[1])[:length]
    except (MediaUnreadable, OSError, ValueError) as error:  # ValueError: a sound that changes its own format
        notes.append(f"the sound {source.name} {reason_of(error)}; silence stands for it")
