"""Which folder is the project of a storyboard, and which storyboards it holds."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_FILE = "skyflow.toml"
STATE_FOLDER = ".skyflow"  # in the project: the ledger, the clips, the cache

MAX_STORYBOARDS = 1_000  # ours: of one project; a studio with more splits it
MAX_FOLDERS = 20_000
_NOT_OURS = {"node_modules", "__pycache__", "venv", "site-packages"}


def find_project(storyboard: Path) -> Path:
    """The nearest folder upward with `skyflow.toml` or `.git` in it, else the storyboard's own folder; never the current folder.

    Absolute and without links. The storyboard need not exist.
    """
    own = storyboard.absolute().parent.resolve()
    for folder in (own, *own.parents):
        if any(os.path.lexists(folder / mark) for mark in (CONFIG_FILE, ".git")):
            return folder
    return own


def locate_in_project(file: Path) -> tuple[Path, str]:
    """The project folder of a file and the file's project path; links are followed first, so a link into a project leads there.

    Raises OSError where the path can be none, RuntimeError where links go in a circle (an OSError, too, from Python 3.13 on).
    """
    place = file.resolve()
    root = find_project(place)
    return root, place.relative_to(root).as_posix()


def list_storyboards(root: Path) -> list[str] | None:
    """The project paths of all storyboards in a project folder; None where there are more of them, or of folders, than are looked through."""
    found: list[str] = []
    for number, (folder, folders, files) in enumerate(os.walk(root)):
        if number > MAX_FOLDERS or len(found) > MAX_STORYBOARDS:
            return None
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        inside = Path(folder).relative_to(root)
        found.extend((inside / name).as_posix() for name in files if name.lower().endswith(".sky"))
    return sorted(found)
