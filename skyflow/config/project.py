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
