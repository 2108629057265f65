"""What is known of a project's pictures, clips and sounds, looked at in the background: asking never waits and never opens a file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from skyflow.assets import DiskFiles
from skyflow.source import FilesError, MediaFacts

FRESH_SECONDS = 2.0  # ours: what was looked at so lately is not looked at again


@dataclass(slots=True)
class _Entry:
    """What the last look told (None before the first one), when it was, and whether another one is under way."""

    found: MediaFacts | FilesError | None = None
    looked: float = float("-inf")
    looking: bool = False


class MediaDesk:
    """The media of one project. `changed` is called, from another thread, with the project path of each file that turned out new or different."""

    def __init__(self, root: Path, workers: Executor, changed: Callable[[str], None]) -> None:
        self._root = root
        self._workers = workers
        self._changed = changed
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def find(self, path: str) -> MediaFacts | FilesError | None:
        """What is known of a file, or why it cannot be had; None while nobody has looked. Has it looked at where that is long ago."""
        with self._lock:
            entry = self._entries.setdefault(path, _Entry())
            wanted = not entry.looking and time.monotonic() - entry.looked > FRESH_SECONDS
            entry.looking = entry.looking or wanted
        if wanted:
            self._workers.submit(self._look, path)
        return entry.found

    def known(self, path: str) -> MediaFacts | FilesError | None:
        """What is known of a file by now: the same object while nothing new is known. Nothing is looked at."""
        entry = self._entries.get(path)
        return entry.found if entry is not None else None

    def forget(self, path: str) -> None:
        """The file changed on disk: the next question has it looked at again. What was known holds meanwhile."""
        entry = self._entries.get(path)
        if entry is not None:
            entry.looked = float("-inf")

    def _look(self, path: str) -> None:
        entry = self._entries[path]
        found: MediaFacts | FilesError | None = entry.found
        try:
            found = DiskFiles(self._root).media(path)
        except FilesError as error:
            found = error
        finally:
            with self._lock:
                differs = _told(entry.found) != _told(found)
                entry.looked, entry.looking = time.monotonic(), False
                if differs:
                    entry.found = found
        if differs:
            self._changed(path)


def _told(found: MediaFacts | FilesError | None) -> object:
    """What a look told, so that two can be compared."""
    return (found.problem, found.detail, found.nearest) if isinstance(found, FilesError) else found
