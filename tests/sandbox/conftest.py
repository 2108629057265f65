"""A live sandbox on a free loopback port for each test that asks, a clock that tests turn, and small media files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from skyflow.sandbox import SandboxSettings, parse_fault, sandbox_in_thread
from skyflow.sandbox.rendering import PREPARED_CLIP, prepare_clip

FOREST = {"model": "skyreels-v4-fast", "prompt": "A serene forest at sunset."}


@dataclass
class Clock:
    """Stands still until it is turned."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Sandbox:
    """A running sandbox and a client with its key."""

    url: str
    settings: SandboxSettings
    http: httpx.Client
    clock: Clock
    ending: ExitStack

    def stop(self) -> None:
        """End the server; its folder stays."""
        self.ending.close()

    def submit(self, request: dict[str, Any] | None = None, **headers: str) -> str:
        """Ask for a clip; the task's id."""
        answer = self.http.post("/v1/videos/generations", json=request or FOREST, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"][0]["task_id"]

    def task(self, task_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/v1/tasks/{task_id}", params={"language": "en"})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def finished(self, task_id: str) -> dict[str, Any]:
        """Ask until the task has ended; each question waits for the server's answer, so this is no busy loop of a tenth of a core."""
        while (task := self.task(task_id))["status"] not in ("completed", "failed"):
            os.sched_yield()
        return task

    def clip(self, task_id: str, target: Path) -> Path:
        """The result of a task, downloaded."""
        task = self.finished(task_id)
        assert task["status"] == "completed", task
        target.write_bytes(self.http.get(task["result"]["videos"][0]["url"][0]).content)
        return target

    def upload(self, path: Path, call: str = "/v1/uploads/images") -> str:
        answer = self.http.post(call, files={"file": (path.name, path.read_bytes())})
        assert answer.status_code == 200, answer.text
        return answer.json()["url"]

    def local(self, path: Path) -> str:
        return self.upload(path, "/_sandbox/files")

    def journal(self) -> dict[str, Any]:
        return self.http.get("/_sandbox/journal").json()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / PREPARED_CLIP
    prepare_clip(path)
    return path


@pytest.fixture
def start(tmp_path: Path, prepared: Path) -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox; it ends with the test, or before that by `stop`. `faults` are written as on the command line."""
    with ExitStack() as stack:

        def start_one(*, faults: Sequence[str] = (), clock: Clock | None = None, **options: Any) -> Sandbox:
            values = {"dir": tmp_path / "sandbox", "key": "secret-of-the-test", "render": "none"} | options
            settings = SandboxSettings(**values, faults=tuple(parse_fault(text) for text in faults))
            (settings.dir / "results").mkdir(parents=True, exist_ok=True)
            shutil.copy(prepared, settings.dir / "results" / PREPARED_CLIP)
            clock, ending = clock or Clock(), stack.enter_context(ExitStack())
            url, running = ending.enter_context(sandbox_in_thread(settings, clock=clock))
            headers = {"Authorization": f"Bearer {running.key}"}
            http = ending.enter_context(httpx.Client(base_url=url, headers=headers, timeout=30))
            return Sandbox(url, running, http, clock, ending)

        yield start_one


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    return start()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "red.png", size: tuple[int, int] = (64, 36), colour: object = "red") -> Path:
        Image.new("RGB", size, colour).save(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """A clip of one colour; with `tone`, a loud sound beside it."""

    def make(
        name: str = "clip.mp4", *, seconds: float = 2.0, size: tuple[int, int] = (64, 36), colour: object = "blue"
    ) -> Path:
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            frame = av.VideoFrame.from_image(Image.new("RGB", size, colour))
            for index in range(round(seconds * 24)):
                frame.pts, frame.time_base = index, Fraction(1, 24)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return tmp_path / name

    return make


@pytest.fixture
def voice(tmp_path: Path) -> Callable[..., Path]:
    """A loud square wave as WAV."""

    def make(name: str = "voice.wav", seconds: float = 1.0) -> Path:
        import wave

        with wave.open(str(tmp_path / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes((b"\x00\x60" * 20 + b"\x00\xa0" * 20) * round(seconds * 200))
        return tmp_path / name

    return make
