"""Where the VS Code extension stands, and node with the packages that its checks need."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "grammar" / "editors" / "vscode"

Coloured = list[list[tuple[str, tuple[str, ...]]]]
"""For each line its pieces: text, and scopes from the outermost one on."""


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """Runs a script of the extension. Skipped without node or without `npm ci` in the extension's folder; CI has both."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs node (20 or later) on the PATH")
    if not (EXTENSION / "node_modules" / "vscode-textmate").is_dir():
        pytest.skip("needs the extension's packages: npm ci --prefix grammar/editors/vscode")

    def run(*words: str) -> str:
        ended = subprocess.run([program, *words], cwd=EXTENSION, capture_output=True, encoding="utf-8", check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return run


@pytest.fixture(scope="session")
def colour(node: Callable[..., str]) -> Callable[[Sequence[Path]], dict[Path, Coloured]]:
    """Colours files with VS Code's own TextMate engine."""

    def run(paths: Sequence[Path]) -> dict[Path, Coloured]:
        found = json.loads(node("scripts/scopes.cjs", *map(str, paths)))
        return {path: _as_pieces(path.read_text(encoding="utf-8"), found[str(path)]) for path in paths}

    return run


def _as_pieces(text: str, lines: list[list[tuple[int, int, list[str]]]]) -> Coloured:
    """The engine counts in UTF-16 units."""
    coloured: Coloured = []
    for line, pieces in zip(text.replace("\r\n", "\n").split("\n"), lines, strict=True):
        units = line.encode("utf-16-le")
        coloured.append([(units[2 * a : 2 * b].decode("utf-16-le"), tuple(scopes)) for a, b, scopes in pieces if b > a])
    return coloured
