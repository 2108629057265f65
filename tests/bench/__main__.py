"""`python -m tests.bench [compile] [memory] [plan] [running] [editing] [startup] [syntax]`: prints the tables of the README. See README.md beside this file."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import compiling, editing, planning, running, starting


def machine() -> str:
    """What the figures were measured on."""
    names = [line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    cores = os.cpu_count()
    return f"{names[0] if names else platform.machine()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


SECTIONS: dict[str, Callable[[Path], str]] = {
    "compile": compiling.compile_section,
    "memory": compiling.memory_section,
    "plan": planning.plan_section,
    "running": running.section,
    "editing": editing.section,
    "startup": starting.startup_section,
    "syntax": starting.syntax_section,
}


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        print(f"there is no section {unknown[0]}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    print(f"Measured on: {machine()}\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted or SECTIONS:
            print(SECTIONS[name](Path(folder)), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
