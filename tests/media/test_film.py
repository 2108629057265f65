"""Clips joined into a film: its length, its picture and its sound in step, measured in what was written."""

from __future__ import annotations

import array
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from skyflow.media import MediaUnreadable, check_playable
from skyflow.media.film import is_film, join_clips
from skyflow.media.film.slate import time_of

RATE = 48_000


@dataclass(frozen=True)
class Shape:
    """How a clip of these tests is made: a flash and a beep, each a quarter of a second long, begin together at `at`."""

    seconds: float = 2.0
    at: float = 1.0
    size: tuple[int, int] = (128, 72)
    fps: int = 24
    sound: bool = True
    codec: str = "libx264"
    bframes: int = 2
    late: float = 0.0
    """Seconds by which the track of sound begins behind the picture."""


def write(path: Path, shape: Shape) -> Path:
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "bf": str(shape.bframes)} if shape.codec == "libx264" else {}
        video = container.add_stream(shape.codec, rate=shape.fps, options=options)
        video.width, video.height, video.pix_fmt = *shape.size, "yuv420p"
        audio = container.add_stream("aac", rate=RATE, layout="stereo") if shape.sound else None
        for index in range(round(shape.seconds * shape.fps)):
            lit = shape.at <= index / shape.fps < shape.at + 0.25
            frame = av.VideoFrame.from_image(Image.new("RGB", shape.size, "white" if lit else "black"))
            frame.pts, frame.time_base = index, Fraction(1, shape.fps)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        for position in range(round(shape.late * RATE), round(shape.seconds * RATE) if audio else 0, 1024):
            assert audio is not None
            container.mux(audio.encode(_beep(position, shape.at)))
        if audio is not None:
            container.mux(audio.encode())
    return path


def _beep(position: int, at: float) -> av.AudioFrame:
    frame = av.AudioFrame("fltp", "stereo", 1024)
    times = ((position + n) / RATE for n in range(1024))
    wave = array.array("f", (math.sin(5000 * t) * 0.8 if at <= t < at + 0.25 else 0.0 for t in times))
    for plane in frame.planes:
        plane.update(wave.tobytes().ljust(plane.buffer_size, b"\0"))
    frame.sample_rate, frame.pts, frame.time_base = RATE, position, Fraction(1, RATE)
    return frame


@dataclass(frozen=True)
class Measured:
    """What a film turned out to be: when flashes and beeps begin, and how long each track plays, in seconds."""

    flashes: tuple[float, ...]
    beeps: tuple[float, ...]
    picture: float
    sound: float
    size: tuple[int, int]


def measure(path: Path) -> Measured:
    with av.open(str(path)) as container:
        levels = []
        for frame in container.decode(video=0):
            row = bytes(frame.planes[0])
            levels.append((frame.time, row[len(row) // 2 + frame.width // 2] > 128))
            size, picture = (frame.width, frame.height), frame.time + 1 / float(container.streams.video[0].average_rate)
        container.seek(0)
        loud = []
        for frame in container.decode(audio=0):
            samples = array.array("f", bytes(frame.planes[0])[: frame.samples * 4])
            loud += [abs(sample) > 0.2 for sample in samples]
    return Measured(_rises(levels), _beeps(loud), picture, len(loud) / RATE, size)


def _rises(levels: Sequence[tuple[float, bool]]) -> tuple[float, ...]:
    before = [False, *(lit for _, lit in levels)]
    return tuple(time for (time, lit), was in zip(levels, before, strict=False) if lit and not was)


def _beeps(loud: Sequence[bool]) -> tuple[float, ...]:
    """Where it gets loud after a tenth of a second of quiet."""
    found, last = [], -RATE
    for n, is_loud in enumerate(loud):
        if is_loud:
            if n - last > RATE // 10:
                found.append(n / RATE)
            last = n
    return tuple(found)


@pytest.fixture
def clips(tmp_path: Path) -> Callable[..., list[Path]]:
    def make(*shapes: Shape) -> list[Path]:
        return [write(tmp_path / f"clip{number}.mp4", shape) for number, shape in enumerate(shapes)]

    return make


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_equal_clips_are_copied_bit_for_bit_and_stay_in_step(clips, tmp_path: Path) -> None:
    made = clips(Shape(), Shape(seconds=3, at=2.5), Shape(seconds=1.5, at=0.5), Shape())
    told: list[int] = []
    joined = join_clips(made, tmp_path / "film.mp4", title="Night", progress=told.append)
    film = measure(tmp_path / "film.mp4")
    assert joined.differing == ()
    assert joined.seconds == pytest.approx(8.5)
    assert packets(tmp_path / "film.mp4") == [packet for clip in made for packet in packets(clip)]
    assert film.flashes == pytest.approx([1, 4.5, 5.5, 7.5], abs=1e-3)
    assert film.beeps == pytest.approx(film.flashes, abs=0.01)
    assert film.picture == pytest.approx(8.5, abs=1e-3)
    assert film.sound == pytest.approx(8.5, abs=0.03)
    assert check_playable(tmp_path / "film.mp4") == pytest.approx(8.5, abs=1 / 24)
    assert told == [1, 2, 3, 4]


def test_many_short_clips_do_not_drift(clips, tmp_path: Path) -> None:
    """Clips whose lengths are no whole number of AAC frames; copied one behind the other their sound would lag."""
    join_clips(clips(*[Shape(seconds=26 / 24, at=0.5)] * 20), tmp_path / "film.mp4", title="")
    film = measure(tmp_path / "film.mp4")
    assert film.flashes == pytest.approx([n * 26 / 24 + 0.5 for n in range(20)], abs=1e-3)
    assert film.beeps == pytest.approx(film.flashes, abs=0.01)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Shape(size=(96, 96)), "size (128 × 72, 96 × 96)"),
        (Shape(fps=30), "frame rate (24, 30)"),
        (Shape(codec="mpeg4"), "codec (h264, mpeg4)"),
    ],
)
def test_clips_that_differ_are_encoded_anew_and_it_is_said(clips, tmp_path: Path, other: Shape, said: str) -> None:
    joined = join_clips(clips(Shape(seconds=3), other, Shape(sound=False)), tmp_path / "film.mp4", title="")
    film = measure(tmp_path / "film.mp4")
    assert joined.differing == (said,)
    assert (joined.width, joined.height) == film.size == (128, 72)
    assert film.flashes == pytest.approx([1, 4, 6], abs=1 / 24)
    assert film.beeps == pytest.approx([1, 4], abs=0.01)
    assert film.picture == pytest.approx(7, abs=1 / 24)


def test_clips_that_are_decoded_in_other_orders_are_encoded_anew(clips, tmp_path: Path) -> None:
    made = clips(Shape(bframes=0), Shape(), Shape(bframes=0))
    with av.open(str(made[1])) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.size]
    assert times != sorted(times)
    assert join_clips(made, tmp_path / "film.mp4", title="").differing == ("the settings of their encoder",)
    film = measure(tmp_path / "film.mp4")
    assert film.flashes == pytest.approx([1, 3, 5], abs=1 / 24)
    assert film.beeps == pytest.approx([1, 3, 5], abs=0.01)


def test_a_clip_of_another_shape_stands_on_black(clips, tmp_path: Path) -> None:
    join_clips(clips(Shape(seconds=3), Shape(size=(72, 72), at=0)), tmp_path / "film.mp4", title="")
    with av.open(str(tmp_path / "film.mp4")) as container:
        lit = next(frame for frame in container.decode(video=0) if frame.time >= 3.1).to_image()
    assert [lit.getpixel((x, 36))[0] > 128 for x in (5, 64, 122)] == [False, True, False]


def test_a_clip_without_sound_is_silent_and_those_around_it_are_not(clips, tmp_path: Path) -> None:
    joined = join_clips(clips(Shape(), Shape(sound=False), Shape()), tmp_path / "film.mp4", title="")
    film = measure(tmp_path / "film.mp4")
    assert joined.differing == ()
    assert film.flashes == pytest.approx([1, 3, 5], abs=1e-3)
    assert film.beeps == pytest.approx([1, 5], abs=0.01)


def test_sound_that_begins_late_stays_where_it_is(clips, tmp_path: Path) -> None:
    join_clips(clips(Shape(), Shape(late=0.5)), tmp_path / "film.mp4", title="")
    assert measure(tmp_path / "film.mp4").beeps == pytest.approx([1, 3], abs=0.01)


def test_a_film_is_known_as_one_and_replaced_whole_or_not_at_all(clips, tmp_path: Path) -> None:
    good, film = clips(Shape())[0], tmp_path / "film.mp4"
    join_clips([good], film, title="Night")
    assert is_film(film)
    assert not is_film(good)
    (tmp_path / "notes.mp4").write_text("mine")
    assert not is_film(tmp_path / "notes.mp4")
    before = film.read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    with pytest.raises(MediaUnreadable, match=r"broken\.mp4"):
        join_clips([good, broken], film, title="Night")
    assert film.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_a_film_that_cannot_be_written_is_the_systems_word(clips, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as raised:
        join_clips(clips(Shape()), tmp_path / "nowhere" / "film.mp4", title="")
    assert not isinstance(raised.value, av.error.FFmpegError)
    assert raised.value.filename == str(tmp_path / "nowhere" / "film.mp4")


@pytest.mark.parametrize(("degrees", "size", "corner"), [(90, (72, 128), (18, 96)), (180, (128, 72), (96, 54))])
def test_a_clip_that_players_turn_is_turned(tmp_path: Path, degrees: int, size, corner) -> None:
    picture = Image.new("RGB", (128, 72), "black")
    picture.paste("white", (0, 0, 64, 36))
    with av.open(str(tmp_path / "turned.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        stream.set_display_rotation(degrees)
        frame = av.VideoFrame.from_image(picture)
        container.mux([*stream.encode(frame), *stream.encode()])
    joined = join_clips([tmp_path / "turned.mp4"], tmp_path / "film.mp4", title="")
    with av.open(str(tmp_path / "film.mp4")) as container:
        shown = next(container.decode(video=0)).to_image()
    assert (joined.width, joined.height) == shown.size == size
    assert shown.getpixel(corner)[0] > 128
    assert shown.getpixel((size[0] - corner[0], size[1] - corner[1]))[0] < 128


def chapters_of(film: Path) -> list[tuple[str, int, int]]:
    with av.open(str(film)) as container:
        return [
            (
                found["metadata"]["title"],
                round(found["start"] * found["time_base"] * 24),
                round(found["end"] * found["time_base"] * 24),
            )
            for found in container.chapters()
        ]


def test_each_clip_is_a_chapter_under_its_name(clips, tmp_path: Path) -> None:
    made = clips(Shape(seconds=1.5), Shape(seconds=2))
    join_clips(made, tmp_path / "film.mp4", title="", names=["den.talk take 2", "夜"])
    assert chapters_of(tmp_path / "film.mp4") == [("den.talk take 2", 0, 36), ("夜", 36, 84)]
    join_clips(made, tmp_path / "film.mp4", title="")
    assert chapters_of(tmp_path / "film.mp4") == []


@pytest.mark.parametrize("size", [(128, 72), (72, 128), (130, 74)])
def test_a_slate_stands_below_the_picture_and_covers_nothing(clips, tmp_path: Path, size: tuple[int, int]) -> None:
    made = clips(Shape(size=size, at=0), Shape(size=size, at=9))
    joined = join_clips(made, tmp_path / "film.mp4", title="", names=["den", ""], slate=True)
    assert (joined.width, joined.height, joined.differing) == (size[0], size[1] + 12, ())
    with av.open(str(tmp_path / "film.mp4")) as container:
        frames = [frame.to_image().convert("L") for frame in container.decode(video=0)]
    assert len(frames) == 96
    assert frames[0].crop((0, 0, size[0], size[1] - 2)).getextrema()[0] > 220  # the flash, all of it
    left, right = (0, size[1], size[0] // 4, size[1] + 12), (size[0] // 2, size[1], size[0], size[1] + 12)
    assert frames[0].crop(left).getextrema()[1] > 100  # the name
    assert frames[60].crop(left).getextrema()[1] < 60  # none
    assert frames[60].crop(right).getextrema()[1] > 100  # the time
    assert check_playable(tmp_path / "film.mp4") == pytest.approx(4, abs=1 / 24)


def test_the_time_of_a_slate_counts_as_editing_programs_do() -> None:
    assert time_of(0, Fraction(24)) == "00:00:00:00"
    assert time_of(24 * 3_661 + 23, Fraction(24)) == "01:01:01:23"
    assert time_of(30, Fraction(30_000, 1_001)) == "00:00:01:00"
