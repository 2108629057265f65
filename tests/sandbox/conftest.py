"""A live sandbox on a free loopback port for each test that asks, a clock that tests turn, and small media files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Semaphore
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from skyflow.sandbox import SandboxSettings, parse_fault, sandbox_in_thread
from skyflow.sandbox.rendering import PREPARED_CLIP, Renderer, prepare_clip
from skyflow.sandbox.tasks import Task

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
    rendered: Semaphore

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
        """The task when it has ended; waits for its rendering, not for time to pass."""
        while (task := self.task(task_id))["status"] not in ("completed", "failed"):
            assert self.rendered.acquire(timeout=120), task
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


@pytest.fixture(scope="session")
def rendered() -> Iterator[Semaphore]:
    """Released each time that a sandbox of this process has rendered a task."""
    signal = Semaphore(0)
    render = Renderer._render

    async def render_and_tell(self: Renderer, task: Task, worker: object) -> None:
        await render(self, task, worker)
        signal.release()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Renderer, "_render", render_and_tell)
        yield signal


class Starter:
    """Starts sandboxes in one folder; they end with it, or before that by `stop`. `faults` are written as on the command line."""

    def __init__(self, folder: Path, prepared: Path, rendered: Semaphore, stack: ExitStack) -> None:
        self._folder, self._prepared, self._rendered, self._stack = folder, prepared, rendered, stack

    def __call__(self, *, faults: Sequence[str] = (), clock: Clock | None = None, **options: Any) -> Sandbox:
        values = {
            "dir": self._folder / "sandbox",
            "key": "secret-of-the-test",
            "render": "none",
            "workers": 1,
        } | options
        settings = SandboxSettings(**values, faults=tuple(parse_fault(text) for text in faults))
        (settings.dir / "results").mkdir(parents=True, exist_ok=True)
        shutil.copy(self._prepared, settings.dir / "results" / PREPARED_CLIP)
        clock, ending = clock or Clock(), self._stack.enter_context(ExitStack())
        url, running = ending.enter_context(sandbox_in_thread(settings, clock=clock))
        headers = {"Authorization": f"Bearer {running.key}"}
        http = ending.enter_context(httpx.Client(base_url=url, headers=headers, timeout=30))
        return Sandbox(url, running, http, clock, ending, self._rendered)


@pytest.fixture
def start(tmp_path: Path, prepared: Path, rendered: Semaphore) -> Iterator[Starter]:
    with ExitStack() as stack:
        yield Starter(tmp_path, prepared, rendered, stack)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, prepared: Path, rendered: Semaphore) -> Iterator[Sandbox]:
    """A sandbox that renders drafts, shared by the tests of a module."""
    with ExitStack() as stack:
        yield Starter(tmp_path_factory.mktemp("studio"), prepared, rendered, stack)(render="draft")


@pytest.fixture
def sandbox(start: Starter) -> Sandbox:
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
