"""Turns a path as somebody wrote it into a project path, by its spelling alone; the disk is never asked here."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from skyflow.source import FileProblem, FilesError

_DRIVE = re.compile(r"[A-Za-z]:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def join_project_path(root: Path, base: str, reference: str) -> str:
    """The project path of `reference`, written in the file whose project path is `base`.

    Backslashes part folders too, since tables come from Windows. Raises FilesError: OUTSIDE where the path leaves the project `root`,
    UNREADABLE where it can be no path at all.
    """
    _require_path(reference)
    written = reference.replace("\\", "/")
    _require_local(reference, written)
    if written.startswith("/"):
        parts = _parts_below(root, written, reference)
    else:
        parts = [*PurePosixPath(base).parts[:-1], *written.split("/")]
    return "/".join(_climb(parts, reference))


def _require_path(reference: str) -> None:
    if not reference.strip():
        raise FilesError(FileProblem.UNREADABLE, reference, "the path is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in reference):
        raise FilesError(FileProblem.UNREADABLE, reference, "there is a control character in the path")


def _require_local(reference: str, written: str) -> None:
    if _DRIVE.match(written):
        raise FilesError(FileProblem.OUTSIDE, reference, "write it relative to the storyboard, without a drive letter")
    if _SCHEME.match(written):
        raise FilesError(FileProblem.OUTSIDE, reference, "only http and https addresses can stand in place of a path")
    if re.match(r"~[^/]*/|~$", written):
        raise FilesError(
            FileProblem.OUTSIDE, reference, "`~` is not read as the home folder; write it relative to the storyboard"
        )


def _parts_below(root: Path, written: str, reference: str) -> list[str]:
    """The parts of an absolute path below the project folder; one that lies elsewhere is OUTSIDE."""
    try:
        return [*PurePosixPath(written).relative_to(PurePosixPath(root.as_posix())).parts]
    except ValueError:
        raise FilesError(FileProblem.OUTSIDE, reference, "write it relative to the storyboard") from None


def _climb(parts: list[str], reference: str) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if part == "..":
            if not kept:
                raise FilesError(FileProblem.OUTSIDE, reference, "`..` climbs out of the project folder")
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return kept
