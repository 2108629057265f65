"""Projects whose clips are there without a run: written into the store and the ledger, as a run leaves them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

import skyflow
from skyflow.ledger import Accepted, ClipStore, Completed, Label, Posting, Stored, open_ledger
from skyflow.planner import PlannedShot

COLOURS = ("navy", "maroon", "darkgreen", "indigo", "teal", "olive")
Made = list[PlannedShot]


def write_clip(path: Path, *, seconds: float, size: tuple[int, int], fps: int, colour: str, sound: bool) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=48_000, layout="stereo") if sound else None
        frame = av.VideoFrame.from_image(Image.new("RGB", size, colour))
        for index in range(round(seconds * fps)):
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        for position in range(0, round(seconds * 48_000) if audio else 0, 1024):
            assert audio is not None
            block = av.AudioFrame("fltp", "stereo", 1024)
            for plane in block.planes:
                plane.update(bytes(plane.buffer_size))
            block.sample_rate, block.pts, block.time_base = 48_000, position, Fraction(1, 48_000)
            container.mux(audio.encode(block))
        if audio is not None:
            container.mux(audio.encode())


@pytest.fixture
def make_clips(folder: Path) -> Callable[..., Made]:
    """Put clips into the project: of all shots that a storyboard has, or of those that `wanted` says."""

    def make(
        storyboard: str = "film.sky",
        *,
        live: bool = False,
        wanted: Callable[[PlannedShot], bool] = lambda shot: True,
        charged: str | None = None,
        seconds: float = 2.0,
        size: tuple[int, int] = (96, 54),
        fps: int = 24,
        sound: bool = True,
        **options: object,
    ) -> Made:
        plan = skyflow.plan(storyboard, live=live, **options)
        store = ClipStore(folder, plan.target)
        store.folder.mkdir(parents=True, exist_ok=True)
        made = list({shot.key: shot for shot in reversed(plan.shots) if wanted(shot)}.values())[::-1]
        with open_ledger(folder) as ledger:
            for number, shot in enumerate(made):
                path = store.path(shot.key)
                colour = COLOURS[number % len(COLOURS)]
                write_clip(path, seconds=seconds, size=size, fps=fps, colour=colour, sound=sound)
                label = Label(plan.storyboard, shot.variant, shot.shot, shot.take)
                content = path.read_bytes()
                for fact in (
                    Posting("key", shot.price, shot.exact, label, {}),
                    Accepted(f"task-{number}"),
                    Completed(("https://example.com/clip.mp4",), cost=None if charged is None else Decimal(charged)),
                    Stored(hashlib.sha256(content).hexdigest(), len(content), seconds),
                ):
                    ledger.record(plan.target, shot.key, fact, run="run", attempt=1)
        return made

    return make
