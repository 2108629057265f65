"""The two streams of a command: UTF-8 wherever it runs, with colour where a person sees it."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from skyflow.cli.outcome import Stop
from skyflow.diagnostics.cells import shown

_WIDTH_OF_LOGS = 120  # cells, where the output is no terminal


def speak_utf8() -> None:
    """Both streams write UTF-8, whatever the locale says; half a surrogate pair, which UTF-8 cannot write, becomes an escape.

    A stream that the caller closed becomes one that forgets what it is told.
    """
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test's stand-in may be without
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to write colours to `stream`. `choice` is `auto`, `always` or `never`; NO_COLOR (no-color.org) speaks for `auto`."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty() and (sys.platform != "win32" or "WT_SESSION" in os.environ)


def screen_width(stream: TextIO) -> int:
    """Cells in a line of the terminal behind `stream`; a fixed number where there is none, so that logs do not differ."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _WIDTH_OF_LOGS
    except OSError:  # also what a stream without a file number raises
        return _WIDTH_OF_LOGS


def tell_stop(stop: Stop) -> None:
    """Say on standard error why a command ends: one line, and where the hint has lines of its own, these below it."""
    separator = "\n" if "\n" in stop.hint else " " if stop.message.endswith(".") else "; "
    text = f"skyflow: {stop.message}{separator if stop.hint else ''}{stop.hint}"
    print("\n".join(map(shown, text.splitlines())), file=sys.stderr)
