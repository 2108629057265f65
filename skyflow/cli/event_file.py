"""`run --events FILE`: what happens in a run, for other programs, one JSON object a line, as it happens."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from skyflow.cli.outcome import UsageError
from skyflow.cli.storyboard_input import Input
from skyflow.runner import RunEvent, event_as_dict

Hear = Callable[[RunEvent], None]


@contextmanager
def open_events(written: str | None, opened: Input, hear: Hear) -> Iterator[Hear]:
    """What hears the events of a run while the block lasts: `hear`, and the file where one is named, which is begun anew.

    Raises UsageError where the file cannot be written, before anything is sent.
    """
    if written is None:
        yield hear
        return
    path = Path(written)
    if path.suffix.lower() == ".sky" or path.resolve() == (opened.root / opened.path).resolve():
        raise UsageError(f"--events would overwrite the storyboard `{written}`", "choose another name for the events")
    try:
        file = path.open("wb", buffering=0)  # nothing is left to be written when it is closed, on a disk that is full
    except OSError as error:
        raise UsageError(f"the events cannot be written to `{written}`: {error.strerror}") from None
    with file:
        yield _Writer(file, written, hear).hear


class _Writer:
    """Writes each event and hands it on. A full disk ends the writing and not the paid run."""

    def __init__(self, file: FileIO, written: str, hear: Hear) -> None:
        self._file, self._written, self._hear = file, written, hear
        self._is_broken = False

    def hear(self, event: RunEvent) -> None:
        self._hear(event)
        if self._is_broken:
            return
        line = json.dumps({"at": round(time.time(), 3), **event_as_dict(event)}, ensure_ascii=False)
        try:
            self._file.write(f"{line}\n".encode("utf-8", "backslashreplace"))
        except OSError as error:
            self._is_broken = True
            print(f"the events are no longer written to {self._written}: {error.strerror}", file=sys.stderr)
