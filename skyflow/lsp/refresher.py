"""Keeps the analysis of every open storyboard up to date: a moment after the last key, in one background thread, never two of one text at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from skyflow.lsp.analysis import CHECK_SECONDS, GLANCE_SECONDS, Analysis, Superseded, analyse
from skyflow.lsp.buffers import Buffer
from skyflow.lsp.workspace import Workspace
from skyflow.syntax.rule import SYNTAX

KEY_PAUSE = (
    0.05  # seconds without a key before a text is looked at: between two keys of a fast typist there is time for both
)
LONGEST_PAUSE = 1.0  # for who never stops typing
LOOK_PAUSE = 0.3  # between a glance at the first variants and the look at all of them
_log = logging.getLogger(__name__)


class Outdated(Exception):
    """The text changed, or was closed, before its analysis was ready."""


@dataclass(eq=False)
class _State:
    """`latest` is the last finished analysis, `readable` the last one of a text without a syntax error. `glanced`: a longer look is due."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    dirty: bool = False
    glanced: bool = False
    due: float = 0.0
    since: float = 0.0
    task: asyncio.Task[None] | None = None
    latest: Analysis | None = None
    readable: Analysis | None = None
    waiting: list[tuple[Buffer, asyncio.Future[Analysis]]] = field(default_factory=list)


class Refresher:
    """`finished` is called with every analysis whose text has not changed meanwhile, and whether that text had been analysed before."""

    def __init__(
        self,
        workspace: Workspace,
        worker: Executor,
        options: Callable[[], dict[str, list[str]]],
        finished: Callable[[Analysis, bool], None],
    ) -> None:
        self._workspace = workspace
        self._worker = worker
        self._variables = options
        self._finished = finished
        self._states: dict[str, _State] = {}

    def touch(self, uri: str, pause: float = KEY_PAUSE) -> None:
        """The text, or something that it uses, changed: look at it after a pause."""
        now = asyncio.get_running_loop().time()
        state = self._states.setdefault(uri, _State())
        if not state.dirty:
            state.since = now
        state.dirty = True
        state.due = min(now + pause, state.since + LONGEST_PAUSE)
        self._outdate(state, self._workspace.buffers.get(uri))
        if state.task is None or state.task.done():
            state.task = asyncio.create_task(self._refresh(uri, state))

    def forget(self, uri: str) -> None:
        """The text was closed."""
        state = self._states.pop(uri, None)
        if state is not None:
            self._outdate(state, None)
            if state.task is not None:
                state.task.cancel()

    def latest(self, uri: str) -> list[Analysis]:
        """What is known by now, whatever the text looks like: the last analysis, and one of a text that could be read."""
        state = self._states.get(uri)
        found = [] if state is None else [state.latest, state.readable]
        return list(dict.fromkeys(analysis for analysis in found if analysis is not None))

    def finished_analyses(self) -> list[Analysis]:
        """The last analysis of every open storyboard."""
        return [state.latest for state in self._states.values() if state.latest is not None]

    async def current(self, uri: str) -> Analysis:
        """The analysis of the text as it stands now, at once if need be. Raises Outdated where it changes before that is ready."""
        buffer, state = self._workspace.buffers.get(uri), self._states.get(uri)
        if buffer is None or state is None:
            raise Outdated
        if state.latest is not None and state.latest.buffer is buffer:
            return state.latest
        ready: asyncio.Future[Analysis] = asyncio.get_running_loop().create_future()
        state.waiting.append((buffer, ready))
        state.due = 0.0
        state.wake.set()
        return await ready

    async def _refresh(self, uri: str, state: _State) -> None:
        loop = asyncio.get_running_loop()
        while state.dirty or state.glanced:
            pause = state.due - loop.time()
            if pause > 0:
                state.wake.clear()
                await _wait(state.wake, pause)
                continue
            seconds = GLANCE_SECONDS if state.dirty else CHECK_SECONDS
            state.dirty = state.glanced = False
            buffer = self._workspace.buffers.get(uri)
            if buffer is None:
                return
            try:
                analysis = await loop.run_in_executor(self._worker, self._analysing(buffer, seconds))
            except Superseded:
                continue  # the next text is on its way
            except Exception as error:
                _log.exception("%s could not be analysed", uri)
                self._fail(state, error)
                continue
            again = state.latest is not None and state.latest.buffer is buffer
            self._keep(state, analysis)
            if analysis.is_glance and seconds == GLANCE_SECONDS:
                state.glanced, state.due = True, loop.time() + LOOK_PAUSE
            if self._workspace.buffers.get(uri) is buffer:
                self._finished(analysis, again)

    def _analysing(self, buffer: Buffer, seconds: float) -> Callable[[], Analysis]:
        """The work to do, with everything as it is open at this moment."""
        files, versions = self._workspace.files(buffer.root)
        variables = self._variables()

        def superseded() -> bool:
            return self._workspace.buffers.get(buffer.uri) is not buffer

        return lambda: analyse(buffer, files, versions, variables, superseded, seconds)

    def _keep(self, state: _State, analysis: Analysis) -> None:
        state.latest = analysis
        if not any(diagnostic.rule is SYNTAX for diagnostic in analysis.diagnostics):
            state.readable = analysis
        waiting, state.waiting = state.waiting, []
        for buffer, ready in waiting:
            if ready.done():
                continue
            if buffer is analysis.buffer:
                ready.set_result(analysis)
            else:
                state.waiting.append((buffer, ready))

    def _outdate(self, state: _State, buffer: Buffer | None) -> None:
        """Nobody will analyse a text that has changed: who waits for it is told."""
        for waited, ready in state.waiting:
            if waited is not buffer and not ready.done():
                ready.set_exception(Outdated())
        state.waiting = [(waited, ready) for waited, ready in state.waiting if not ready.done()]

    def _fail(self, state: _State, error: Exception) -> None:
        for _, ready in state.waiting:
            if not ready.done():
                ready.set_exception(error)
        state.waiting = []


async def _wait(event: asyncio.Event, pause: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), pause)
