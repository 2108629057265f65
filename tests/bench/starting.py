"""What `skyflow check` costs on a small file beside an empty Python, and how long parsing and checking a long storyboard take."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from tests.bench.compiling import SKYFLOW
from tests.bench.measure import compare, table

SMALL = 'defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city }} at night." }\n'
LINES = 1_000


def startup_section(folder: Path) -> str:
    (folder / "small.sky").write_text(SMALL, encoding="utf-8")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "skyflow check small.sky": [*SKYFLOW, "check", "small.sky"],
        "python -c 'import pydantic'": [sys.executable, "-c", "import pydantic"],
    }
    costs = compare(commands, folder, 15)
    base = costs["python -c pass"].cpu
    rows = [[f"`{name}`", f"{cost.cpu * 1000:.0f}", f"{cost.cpu / base:.1f} ×"] for name, cost in costs.items()]
    return table(["start-up", "CPU ms", "÷ python -c pass"], rows)


def long_storyboard(lines: int) -> str:
    """A storyboard of about so many lines: seven for each shot."""
    shots = [
        f"shot s{number} {{\n  duration = {3 + number % 12}s\n  # what is seen\n"
        f'  prompt = """\n    @Mika walks down street {number} in {{{{ city }}}} at night,\n    while the rain goes on.\n  """\n}}\n'
        for number in range(lines // 8)
    ]
    head = 'defaults { model = fast }\nvar city = "Tokyo"\nimage @Mika = "https://example.com/mika.jpg"\n'
    return head + "\n".join(shots)


def syntax_section(folder: Path) -> str:
    """In one process that has everything imported: the cost that an editor pays at each keystroke."""
    from skyflow.assets import DiskFiles
    from skyflow.pipeline import open_storyboard
    from skyflow.source import SourceFile
    from skyflow.syntax import parse

    text = long_storyboard(LINES)
    (folder / "long.sky").write_text(text, encoding="utf-8")
    parsing, checking = [], []
    for _ in range(9):
        start = time.process_time()
        parse(SourceFile("long.sky", text))
        parsing.append(time.process_time() - start)
        start = time.process_time()
        assert not open_storyboard("long.sky", DiskFiles(folder)).check()
        checking.append(time.process_time() - start)
    lines = text.count("\n") + 1
    rows = [
        ["parse", f"{statistics.median(parsing) * 1000:.0f}"],
        ["open and check, parsing included", f"{statistics.median(checking) * 1000:.0f}"],
    ]
    return table([f"a storyboard of {lines:,} lines", "CPU ms"], rows)
