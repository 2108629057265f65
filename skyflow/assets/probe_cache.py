"""Remembers on disk what opening a media file told, so that an unchanged file is not read again. A cache that cannot be used is silently none."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from skyflow.source import MediaFacts
from skyflow.version import __version__

# A file may change twice within one tick of its clock without its times showing it; FAT keeps two seconds.
SETTLED_NS = 2_000_000_000
_LOOK = 2  # raised whenever a look tells more, so that what an older build of the same version kept is not believed; 2: pictures are whole


class ProbeCache:
    """One small JSON file for each media file in `folder`, good for one state of it: size, times, inode and skyflow's version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, path: str, status: os.stat_result) -> MediaFacts | None:
        """What was kept for the file at project path `path` while its status was `status`."""
        try:
            kept = json.loads(self._place(path).read_bytes())
            return MediaFacts(**kept["facts"]) if kept["state"] == _state(path, status) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, path: str, before: os.stat_result, after: os.stat_result, facts: MediaFacts) -> None:
        """Keep the facts, unless the file changed while it was read, or so lately that a next change might not show.

        `note` tells that something was not looked at; such facts are not kept.
        """
        state = _state(path, before)
        settled = time.time_ns() - max(before.st_mtime_ns, before.st_ctime_ns) >= SETTLED_NS
        if settled and not facts.note and state == _state(path, after):
            with contextlib.suppress(OSError):
                self._write(self._place(path), {"state": state, "facts": asdict(facts)})

    def _place(self, path: str) -> Path:
        return self._folder / f"{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"

    def _write(self, place: Path, kept: dict[str, Any]) -> None:
        import tempfile  # late: most runs write nothing

        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._folder.parents[1] / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        descriptor, temporary = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        Path(temporary).replace(place)


def _state(path: str, status: os.stat_result) -> list[Any]:
    return [
        __version__,
        _LOOK,
        path,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    ]
