"""Gives tasks their clips: a few render processes fed from one queue, so that the server itself never waits for a frame."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from skyflow.sandbox.references import FileIndex
from skyflow.sandbox.settings import SandboxSettings
from skyflow.sandbox.store import Store
from skyflow.sandbox.tasks import Task

log = logging.getLogger("skyflow.sandbox")

PREPARED_CLIP = "prepared.mp4"
_LONGEST_RENDER = {
    "draft": 120.0,
    "full": 900.0,
}  # seconds; far above what was measured, so that it ends only what hangs
_FIRST_GUESS = {
    "draft": 0.25,
    "full": 2.0,
    "none": 0.0,
}  # seconds of rendering for a second of clip, until some were measured
_LINE_LIMIT = 1024 * 1024


class WorkerLost(Exception):
    """A render process ended, or was ended because it took too long."""


class Renderer:
    """Renders tasks in the order in which they come. `clock` gives seconds since 1970."""

    def __init__(self, settings: SandboxSettings, store: Store, files: FileIndex, clock: Callable[[], float]) -> None:
        self._settings, self._store, self._files, self._clock = settings, store, files, clock
        self._queue: asyncio.Queue[Task] = asyncio.Queue()
        self._loops: list[asyncio.Task[None]] = []
        self._pace = _FIRST_GUESS[settings.render]
        self._said: set[str] = set()

    @property
    def _folder(self) -> Path:
        return self._settings.dir / "results"

    def result(self, task: Task) -> Path:
        """Where the clip of a task lies once it is rendered."""
        return self._folder / (PREPARED_CLIP if self._settings.render == "none" else f"{task.stored.id}.mp4")

    def estimate(self, seconds: float) -> float:
        """How long a clip of this length will probably take, with those before it, in seconds."""
        return self._pace * seconds * (1 + self._queue.qsize() / self._settings.workers)

    async def start(self) -> None:
        if self._settings.render == "none":
            await asyncio.to_thread(prepare_clip, self._folder / PREPARED_CLIP)
            return
        for part in self._folder.glob("*.part"):
            part.unlink(missing_ok=True)
        self._loops = [asyncio.create_task(self._serve_queue()) for _ in range(self._settings.workers)]

    async def stop(self) -> None:
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def take(self, task: Task) -> None:
        """Render a task when its turn comes; one that will fail, or has its clip already, needs no rendering."""
        if self._settings.render == "none" or task.stored.fate or self.result(task).exists():
            task.rendered, task.progress = self._clock(), 1.0
            return
        self._queue.put_nowait(task)

    async def _serve_queue(self) -> None:
        worker = _Worker()
        try:
            while True:
                task = await self._queue.get()
                task.started = True
                begun = monotonic()
                try:
                    await self._render(task, worker)
                except Exception:  # a mistake of ours must not leave all later tasks without a renderer
                    log.exception("rendering %s", task.stored.id)
                    task.broken = "rendering failed"
                task.rendered = self._clock()
                measured = (monotonic() - begun) / max(1.0, task.stored.seconds)
                self._pace += (measured - self._pace) * 0.3
        finally:
            await worker.stop()

    async def _render(self, task: Task, worker: _Worker) -> None:
        request = self._store.request_of(task.stored.id)
        # What ended one process must not end the next: without its media a task cannot.
        for with_media in (True, False):
            job = self._job(task, request, with_media=with_media)
            try:
                answer = await asyncio.wait_for(worker.render(job, task), timeout=job["longest"])
            except (WorkerLost, TimeoutError):
                log.warning("rendering %s ended a render process", task.stored.id)
                await worker.stop()
                continue
            task.broken, task.notes = answer.get("failed", ""), tuple(answer.get("done", {}).get("notes", ()))
            self._say(task.notes)
            return
        task.broken = "rendering failed twice"

    def _say(self, notes: Iterable[str]) -> None:
        """Log what could not be shown as it should, each kind of trouble once."""
        for note in notes:
            kind = note.partition(" (")[0]
            if kind not in self._said:
                self._said.add(kind)
                log.warning("%s", note)

    def _job(self, task: Task, request: Mapping[str, Any], *, with_media: bool) -> dict[str, Any]:
        files = self._files.files_of(request) if with_media else {}
        fetch = self._files.to_fetch(request, files) if with_media and self._settings.fetch else {}
        return {
            "request": request,
            "task_id": task.stored.id,
            "draft": self._settings.render == "draft",
            "target": str(self.result(task)),
            "files": {url: str(path) for url, path in files.items()},
            "fetch": {url: str(path) for url, path in fetch.items()},
            "longest": _LONGEST_RENDER[self._settings.render],
        }


class _Worker:
    """One render process, started when it is first needed and again after it was stopped."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def render(self, job: Mapping[str, Any], task: Task) -> dict[str, Any]:
        """Send a job and wait for its end. Raises WorkerLost."""
        process = self._process = self._process or await _start_process()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerLost from error
        while line := await process.stdout.readline():
            answer: dict[str, Any] = json.loads(line)
            if "progress" not in answer:
                return answer
            task.progress = answer["progress"]
        raise WorkerLost

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _start_process() -> asyncio.subprocess.Process:
    # The key is none of a render process's business.
    environment = {name: value for name, value in os.environ.items() if name != "SKYFLOW_API_KEY"}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the folder it happens to run in may hold a json.py
        "-m",
        "skyflow.sandbox.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
        env=environment,
        start_new_session=True,  # Ctrl-C is for the server, which ends its render processes itself
    )


def prepare_clip(target: Path) -> None:
    """The one clip that `--render none` answers with: real, and small."""
    if target.exists():
        return
    from skyflow.media.animatic.rendering import render_animatic
    from skyflow.media.animatic.spec import AnimaticSpec

    render_animatic(AnimaticSpec("Prepared clip", "T2V", 3.0, 160, 90), target)
