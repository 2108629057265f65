"""Which folder is the project of a storyboard."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_FILE = "skyflow.toml"
STATE_FOLDER = ".skyflow"  # in the project: the ledger, the clips, the cache


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
