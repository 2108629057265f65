"""One editor that is connected: its open texts, their analyses, and what is told to it unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types

from skyflow.lsp.analysis import Analysis
from skyflow.lsp.coordinates import Rulers
from skyflow.lsp.publishing import Publisher, Send
from skyflow.lsp.refresher import KEY_PAUSE, Refresher
from skyflow.lsp.workspace import Workspace

_Result = TypeVar("_Result")


@dataclass(slots=True)
class Options:
    """What the editor said at the beginning: values of variables that are given from outside, and whether it shows pictures in a hover."""

    variables: dict[str, list[str]] = field(default_factory=dict)
    pictures: bool = False

    @classmethod
    def read(cls, written: Any) -> Options:
        """Takes what can be read of `{"variables": {"city": "Tokyo"}, "pictures": true}`."""
        if not isinstance(written, dict):
            return cls()
        variables = written.get("variables")
        given = {
            str(name): [str(one) for one in (value if isinstance(value, list) else [value])]
            for name, value in (variables.items() if isinstance(variables, dict) else ())
        }
        return cls(given, written.get("pictures") is True)


class Session:
    """`send` publishes diagnostics; `refresh` asks the editor to draw hints and colours anew, where it could not know that they changed."""

    def __init__(self, send: Send, refresh: Callable[[], None]) -> None:
        self.options = Options()
        self.rulers = Rulers()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._refresh = refresh
        self._media_workers = ThreadPoolExecutor(2, "skyflow-media")
        self._folder_workers = ThreadPoolExecutor(2, "skyflow-folders")
        self._worker = ThreadPoolExecutor(1, "skyflow-analysis")
        self.workspace = Workspace(self._media_workers, self._media_changed)
        self.publisher = Publisher(self.workspace, lambda: self.rulers, send)
        self.refresher = Refresher(self.workspace, self._worker, lambda: self.options.variables, self._finished)

    # --- the editor's side

    def begin(self, encoding: str, options: Any, folder: Path | None) -> None:
        self._loop = asyncio.get_running_loop()
        self.options = Options.read(options)
        self.rulers = Rulers(encoding)
        self.workspace.encoding = encoding
        self.workspace.folder = folder

    def end(self) -> None:
        """Stops all background work; what is under way is left behind."""
        for workers in (self._worker, self._media_workers, self._folder_workers):
            workers.shutdown(wait=False, cancel_futures=True)

    def opened(self, item: types.TextDocumentItem) -> None:
        buffer = self.workspace.open(item)
        if buffer.is_storyboard:
            self.refresher.touch(buffer.uri, 0.0)
        self._touch_users(buffer.root, buffer.path, buffer.uri)

    def changed(self, uri: str, version: int, changes: Iterable[types.TextDocumentContentChangeEvent]) -> None:
        buffer = self.workspace.change(uri, version, list(changes))
        if buffer is not None:
            if buffer.is_storyboard:
                self.refresher.touch(uri)
            self._touch_users(buffer.root, buffer.path, uri)

    def closed(self, uri: str) -> None:
        buffer = self.workspace.close(uri)
        if buffer is not None:
            self.refresher.forget(uri)
            self.publisher.forget(uri)
            self._touch_users(buffer.root, buffer.path, uri)

    def configured(self, settings: Any) -> None:
        """New options: all of them, or those below the key `skyflow`."""
        if isinstance(settings, dict):
            self.options = Options.read(settings.get("skyflow", settings))
            for analysis in self.refresher.finished_analyses():
                self.refresher.touch(analysis.buffer.uri)

    def changed_on_disk(self, uris: Iterable[str]) -> None:
        for uri in uris:
            for root, path in self.workspace.known_places(uri):
                self.workspace.project(root).media.forget(path)
                self._touch_users(root, path, "")

    # --- work in the background

    async def current(self, uri: str) -> Analysis:
        """The analysis of the text as it stands now. Raises Outdated where it changes meanwhile."""
        return await self.refresher.current(uri)

    async def work(self, task: Callable[[], _Result]) -> _Result:
        """Does something that takes longer than an answer may, behind the analyses that are under way."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, task)

    async def look(self, task: Callable[[], _Result]) -> _Result:
        """Asks the disk something."""
        return await asyncio.get_running_loop().run_in_executor(self._folder_workers, task)

    def _finished(self, analysis: Analysis, again: bool) -> None:
        self.publisher.publish(analysis)
        if again:
            self._refresh()
        if analysis.files.is_stale:  # a file was looked at while the analysis was under way
            self.refresher.touch(analysis.buffer.uri)

    def _touch_users(self, root: Path, path: str, own: str, pause: float = KEY_PAUSE) -> None:
        """Everything open that asked for a file is looked at again."""
        for analysis in self.refresher.finished_analyses():
            buffer = analysis.buffer
            if buffer.root == root and buffer.uri != own and path in analysis.files.touched:
                self.refresher.touch(buffer.uri, pause)

    def _media_changed(self, root: Path, path: str) -> None:
        """Called from another thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._touch_users, root, path, "")
