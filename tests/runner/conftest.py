"""A service in memory, a clock that jumps, and a studio that plans and runs against both."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from skyflow.config import ApiKey, HostSettings
from skyflow.contract import DEFAULT_PRICES, mode_of
from skyflow.ledger import SANDBOX, ClipStore, Ledger, Target, live_target, open_ledger
from skyflow.planner import LedgerHistory, Plan, make_plan
from skyflow.requests.compiled import CompiledClip
from skyflow.runner import RunEvent, RunOptions, RunResult, Service, World, run_plan
from skyflow.runner.client import Client
from skyflow.runner.hosts import AssetHost, open_host
from skyflow.runner.retry import Backoff, Polling

KEY = "sk-a-very-secret-key"
BASE = "https://api.example.com"
START = 1_790_000_000.0


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> float:
        return START + self.elapsed


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self._clock.elapsed += timeout
            assert self._clock.elapsed < 30 * 86400, "the run never ends"
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the clock's: a wait of an hour takes no time."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_JumpingSelector(clock))
        self._jumping_clock = clock

    def time(self) -> float:
        return self._jumping_clock.elapsed

    def run_in_executor(self, executor: Any, function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """No time passes in threads, so there are none."""
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass
class FakeTask:
    id: str
    body: dict[str, Any]
    polls: int = 0


Answer = httpx.Response | Exception
Script = Callable[["FakeService", httpx.Request], Answer | None]


@dataclass
class FakeService:
    """Keeps the contract, in memory. `scripts` may answer a request in its stead: an exception is a broken connection.

    `journal` lists every accepted task; `finish_after` polls a task is completed.
    """

    clock: Clock
    video: bytes
    base: str = BASE
    finish_after: int = 2
    cost: float | None = 0.5
    scripts: list[Script] = field(default_factory=list)
    tasks: dict[str, FakeTask] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)

    def remember(self, tasks: list[dict[str, Any]]) -> None:
        """Take up tasks of an earlier life."""
        self.tasks = {task["id"]: FakeTask(**task) for task in tasks}

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [task.body for task in self.tasks.values()]

    def count(self, method: str, start: str) -> int:
        return sum(request.method == method and request.url.path.startswith(start) for request in self.requests)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        for script in self.scripts:
            answer = script(self, request)
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST" and path == "/v1/videos/generations":
            return self.accept(json.loads(request.content))
        if path.startswith("/v1/tasks/"):
            return self.tell(path.rsplit("/", 1)[1])
        if path in ("/v1/uploads/images", "/_sandbox/files"):
            self.uploads.append(request.content)
            digest = hashlib.sha256(request.content).hexdigest()[:8]
            return httpx.Response(200, json={"url": f"{self.base}/uploads/{digest}.png", "bytes": len(request.content)})
        if path.startswith("/results/"):
            return httpx.Response(200, content=self.video)
        return httpx.Response(404, json={"error": {"code": 404, "message": "no such place", "type": "x"}})

    def accept(self, body: dict[str, Any]) -> httpx.Response:
        task = FakeTask(f"task_{len(self.tasks) + 1}", body)
        self.tasks[task.id] = task
        return httpx.Response(200, json={"code": 200, "data": [{"status": "submitted", "task_id": task.id}]})

    def tell(self, task_id: str) -> httpx.Response:
        task = self.tasks.get(task_id)
        if task is None:
            return httpx.Response(404, json={"error": {"code": 404, "message": "unknown task", "type": "x"}})
        task.polls += 1
        data: dict[str, Any] = {"id": task_id, "status": "processing", "progress": 40, "estimated_time": 20}
        if task.polls > self.finish_after:
            video = {"url": [f"{self.base}/results/{task_id}.mp4"], "expires_at": self.clock.now() + 86400}
            data |= {"status": "completed", "progress": 100, "result": {"videos": [video]}, "cost": self.cost}
        return httpx.Response(200, json={"code": 200, "data": data})


@dataclass
class Studio:
    """A project folder with a fake service; plans and runs clips the way the command does."""

    root: Path
    clock: Clock
    service: FakeService
    target: Target
    events: list[RunEvent] = field(default_factory=list)
    host: HostSettings | None = None
    asset_host: AssetHost | None = None

    @property
    def store(self) -> ClipStore:
        return ClipStore(self.root, self.target)

    def ledger(self) -> Ledger:
        return open_ledger(self.root, self.clock.now)

    def plan(self, clips: list[CompiledClip], ledger: Ledger, **kwargs: Any) -> Plan:
        history = LedgerHistory(ledger, self.store, self.target, "film.sky")
        return make_plan(
            clips,
            history=history,
            prices=DEFAULT_PRICES,
            target=self.target,
            storyboard="film.sky",
            title="Film",
            **kwargs,
        )

    def world(self) -> World:
        transport = httpx.MockTransport(self.service.handle)

        def run_loop(work: Any) -> Any:
            with asyncio.Runner(loop_factory=lambda: JumpingLoop(self.clock)) as runner:
                return runner.run(work)

        return World(
            now=self.clock.now,
            chance=lambda: 0.5,
            connect=lambda service: Client(service, transport),
            run_loop=run_loop,
            open_host=open_host if self.asset_host is None else lambda _settings, _url: self.asset_host,
        )

    def run(
        self,
        clips: list[CompiledClip],
        *,
        options: RunOptions | None = None,
        on_event: Callable[[RunEvent], None] | None = None,
        **kwargs: Any,
    ) -> RunResult:
        def hear(event: RunEvent) -> None:
            self.events.append(event)
            if on_event is not None:
                on_event(event)

        with self.ledger() as ledger:
            return self.run_planned(self.plan(clips, ledger, **kwargs), ledger, options=options, on_event=hear)

    def run_planned(self, plan: Plan, ledger: Ledger, **kwargs: Any) -> RunResult:
        given = {"on_event": self.events.append, **kwargs}
        return run_plan(
            plan,
            root=self.root,
            out=self.root / "out",
            ledger=ledger,
            variant_folder=lambda variant: variant,
            service=Service(BASE, ApiKey(KEY), self.target, self.host),
            world=self.world(),
            **given,
        )

    def kinds(self) -> Counter[str]:
        return Counter(type(event).__name__ for event in self.events)


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A playable clip of one second."""
    import av
    from PIL import Image

    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(8):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (shade * 30, 0, 0)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock, video: bytes) -> FakeService:
    return FakeService(clock, video)


@pytest.fixture
def studio(tmp_path: Path, clock: Clock, service: FakeService) -> Iterator[Studio]:
    yield Studio(tmp_path, clock, service, live_target(BASE))
    for path in tmp_path.rglob("*.mp4"):
        path.chmod(0o644)


@pytest.fixture
def new_studio(tmp_path: Path, video: bytes) -> Callable[..., Studio]:
    """Further projects, each with a service of its own."""

    def make(name: str, *, own_sandbox: bool = False) -> Studio:
        clock = Clock()
        root = tmp_path / name
        root.mkdir()
        return Studio(root, clock, FakeService(clock, video), SANDBOX if own_sandbox else live_target(BASE))

    return make


@pytest.fixture
def preview(studio: Studio) -> Studio:
    """The same with the rules of the run's own sandbox: nothing costs, doubt sends itself again."""
    studio.target = SANDBOX
    return studio


@pytest.fixture
def make_clip() -> Callable[..., CompiledClip]:
    """A compiled clip; its key is a digest of its name, so that equal names are equal clips."""

    def make(
        shot: str, *, needs: tuple[CompiledClip, ...] = (), variant: str = "", take: int = 1, **fields: Any
    ) -> CompiledClip:
        request = {"model": "skyreels-v4-fast", "prompt": f"{shot} in {variant}", "duration": 5, "resolution": "480p"}
        for need in needs:
            request["first_frame_image"] = f"skyflow:shot/{need.key}/last_frame"
        extra = {name: fields.pop(name) for name in ("files", "picked", "video_seconds") if name in fields}
        request |= fields
        key = hashlib.sha256(json.dumps([request, take]).encode()).hexdigest()
        return CompiledClip(variant, shot, take, mode_of(request), key, tuple(n.key for n in needs), request, **extra)

    return make


@pytest.fixture
def picture_in() -> Callable[..., dict[str, Any]]:
    """Writes a picture into a project; the fields of a clip that starts with it."""
    from PIL import Image

    def make(root: Path, name: str, shade: int = 5) -> dict[str, Any]:
        path = root / name
        Image.new("RGB", (32, 24), (shade, 2, 3)).save(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        url = f"skyflow:upload/{sha256}{path.suffix}"
        return {"first_frame_image": url, "files": {url: name}}

    return make


@pytest.fixture
def picture(studio: Studio, picture_in: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The same in the studio's project."""
    return partial(picture_in, studio.root)


@dataclass
class Sandbox:
    """A real `skyflow.sandbox` process, used as a live service."""

    url: str
    key: str
    process: subprocess.Popen[str]

    @property
    def service(self) -> Service:
        return Service(self.url, ApiKey(self.key), live_target(self.url))

    def journal(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}"}
        found: dict[str, Any] = httpx.get(f"{self.url}/_sandbox/journal", headers=headers, trust_env=False).json()
        return found


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes that render nothing, in one folder; arguments are those of `skyflow serve`."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Sandbox:
        command = [sys.executable, "-m", "skyflow.sandbox", "--dir", str(tmp_path / "sandbox"), "--render", "none"]
        process = subprocess.Popen(
            [*command, "--die-with-parent", *arguments],
            env={**os.environ, "SKYFLOW_API_KEY": "sandbox-key"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return Sandbox(json.loads(process.stdout.readline())["url"], "sandbox-key", process)

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@dataclass
class LiveStudio:
    """A project folder whose clips are made by a real sandbox process."""

    root: Path
    sandbox: Sandbox

    @property
    def target(self) -> Target:
        return live_target(self.sandbox.url)

    @property
    def store(self) -> ClipStore:
        return ClipStore(self.root, self.target)

    def run(self, clips: list[CompiledClip], **kwargs: Any) -> RunResult:
        options = kwargs.pop("options", FAST)
        with open_ledger(self.root) as ledger:
            history = LedgerHistory(ledger, self.store, self.target, "film.sky")
            plan = make_plan(
                clips,
                history=history,
                prices=DEFAULT_PRICES,
                target=self.target,
                storyboard="film.sky",
                title="Film",
                again=kwargs.pop("again", False),
            )
            return run_plan(
                plan,
                root=self.root,
                out=self.root / "out",
                ledger=ledger,
                variant_folder=lambda variant: variant,
                service=self.sandbox.service,
                options=options,
                **kwargs,
            )

    def ledger_tasks(self) -> set[str]:
        with open_ledger(self.root) as ledger:
            return {attempt.task_id for _, attempt in ledger.attempts(self.target) if attempt.task_id is not None}


# What a live run does, with the waits of a service that answers at once.
FAST = RunOptions(polling=Polling(0.02, 0.2), backoff=Backoff(0.02, 0.2))


@pytest.fixture
def live(tmp_path: Path, start_sandbox: Callable[..., Sandbox]) -> Callable[..., LiveStudio]:
    return lambda *arguments: LiveStudio(tmp_path / "project", start_sandbox(*arguments))
