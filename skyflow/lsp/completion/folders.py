"""Which files could stand between quotes: the one question of completion that goes to the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from skyflow.lsp.completion.suggestions import FileQuestion, Suggestion
from skyflow.lsp.open_files import OpenFiles
from skyflow.source import FilesError

MAX_ENTRIES = 2_000  # ours: of a folder; nobody scrolls through more


def list_files(question: FileQuestion, files: OpenFiles) -> list[Suggestion]:
    """Folders, and the files that fit, in the folder that is written so far. Hidden ones are left out, and what lies outside the project."""
    written = question.written.rpartition("/")[0]
    base = question.base.rpartition("/")[0]
    if question.written.startswith(("/", "\\", "~")):
        return []  # paths are relative to the file that they stand in
    try:
        folder = files.resolve(question.base, written) if written else base
        place = files.disk_path(folder)
        if not place.resolve().is_relative_to(files.disk_path("").resolve()):
            return []
        with os.scandir(place) as entries:
            return sorted(islice(_fitting(entries, question), MAX_ENTRIES), key=lambda found: found.label.lower())
    except (
        FilesError,
        OSError,
        RuntimeError,
        ValueError,
    ):  # RuntimeError: links that go in a circle, before Python 3.13
        return []


def _fitting(entries: Iterator[os.DirEntry[str]], question: FileQuestion) -> Iterator[Suggestion]:
    for entry in entries:
        name = entry.name
        if name.startswith(".") or not name.isprintable() or '"' in name:
            continue
        if entry.is_dir():
            yield Suggestion(f"{name}/", "folder", f"{name}/", question.start, question.end, order=1)
        elif not question.extensions or name.rpartition(".")[2].lower() in question.extensions:
            yield Suggestion(name, "file", name, question.start, question.end)
