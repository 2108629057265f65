"""Paths as URLs in timelines and pages: whole, or relative to the file that they stand in."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def address(path: Path, home: Path | None = None) -> str:
    """The URL of a file; relative to the folder `home` where one is given and the file is on the same drive."""
    if home is not None:
        try:
            relative = Path(os.path.relpath(path, home)).as_posix()
        except ValueError:  # another drive
            return path.absolute().as_uri()
        return quote(relative, safe="/") if not relative.startswith("/") else path.as_uri()
    return path.absolute().as_uri()
