"""Writes a command's result to a file in one step: whoever looks finds the old file or the whole new one."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from skyflow.cli.outcome import UsageError


@contextmanager
def open_output(written: str | None, inputs: list[Path], *, executable: bool = False) -> Iterator[TextIO]:
    """Standard output, or the file that `-o` names, which appears when the block has ended well.

    Raises UsageError where the file is one of the `inputs`, a storyboard, a folder, or cannot be written.
    """
    if written is None or written == "-":
        yield sys.stdout
        return
    target = _check_target(written, inputs)
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("w", encoding="utf-8", newline="\n") as stream:  # a device or a pipe cannot be replaced
            yield stream
        return
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if executable:
            part.chmod(part.stat().st_mode | (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH) & ~_umask())
        part.replace(target)
    except OSError as error:
        raise UsageError(f"`{written}` cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _check_target(written: str, inputs: list[Path]) -> Path:
    try:
        target = Path(written).resolve()
        is_folder, has_home = target.is_dir(), target.parent.is_dir()
    except (OSError, RuntimeError, ValueError):
        raise UsageError(f"`{written}` can be no file") from None
    if any(target == path.resolve() for path in inputs) or target.suffix.lower() == ".sky":
        what = "the storyboard" if target.suffix.lower() == ".sky" else "a file that was read:"
        raise UsageError(f"-o would overwrite {what} `{written}`", "choose another name for the result")
    if is_folder:
        raise UsageError(f"`{written}` is a folder", f"name a file in it, such as {Path(written) / 'requests.jsonl'}")
    if not has_home:
        raise UsageError(f"there is no folder `{Path(written).parent}` to write to", "make it first")
    return target


def _umask() -> int:
    """The bits that new files shall not have; the system tells them only by setting them."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def replace_file(place: Path, text: str) -> None:
    """Puts a text in the place of a file in one step, with the old file's permissions. Raises UsageError where it cannot be written."""
    target = place.resolve()
    part = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(f"`{place}` cannot be written: {error.strerror}") from None


def show_difference(before: str, after: str, name: str, what: str) -> None:
    """Prints what would change as a unified diff."""
    import difflib

    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, f"{name} ({what})")
    sys.stdout.writelines(line if line.endswith("\n") else f"{line}\n" for line in lines)
