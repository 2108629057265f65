"""Small media files made on the spot: pictures by Pillow, clips and sounds by PyAV."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

Maker = Callable[..., Path]


def write_clip(
    path: Path, *, seconds: float = 1.0, size: tuple[int, int] = (64, 36), fps: int = 24, sound: bool = False
) -> Path:
    """A clip whose grey rises evenly from black to white, so that a frame tells its own time."""
    total = round(seconds * fps)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=48000) if sound else None
        for index in range(total):
            level = round(255 * index / max(1, total - 1))
            frame = av.VideoFrame.from_image(Image.new("RGB", size, (level, level, level)))
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if audio is not None:
            _write_silence(container, audio, seconds)
    return path


def write_sound(path: Path, *, codec: str, seconds: float = 1.0) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=44100)
        _write_silence(container, stream, seconds)
    return path


def _write_silence(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    left, position = round(seconds * stream.rate), 0
    while left > 0:
        samples = min(left, stream.codec_context.frame_size or 1024)
        frame = av.AudioFrame(stream.codec_context.format.name, "stereo", samples)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.rate, frame.pts, frame.time_base = stream.rate, position, Fraction(1, stream.rate)
        container.mux(stream.encode(frame))
        left, position = left - samples, position + samples
    container.mux(stream.encode())


@pytest.fixture
def clip(tmp_path: Path) -> Maker:
    def make(name: str = "clip.mp4", **facts: object) -> Path:
        return write_clip(tmp_path / name, **facts)

    return make


@pytest.fixture
def sound(tmp_path: Path) -> Maker:
    def make(name: str, **facts: object) -> Path:
        return write_sound(tmp_path / name, **facts)

    return make


@pytest.fixture
def picture(tmp_path: Path) -> Maker:
    def make(
        name: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", colour: object = "red", **options: object
    ) -> Path:
        Image.new(mode, size, colour).save(tmp_path / name, **options)
        return tmp_path / name

    return make
