"""Runs commands in the test's own process, in an empty folder, as a person would type them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from skyflow.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]

FILM = """\
storyboard "Night"

defaults { model = fast }

shot street {
  duration = 5s
  prompt = "A street at night."
}

shot sea {
  first_frame = last_frame(street)
  prompt = "The sea."
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder that is a project of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "SKYFLOW_API_KEY", "SKYFLOW_API_KEY_FILE", "SKYFLOW_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def film(folder: Path) -> Path:
    path = folder / "film.sky"
    path.write_text(FILM, encoding="utf-8")
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> Ended:
        try:
            code = main(list(words))
        except SystemExit as end:  # argparse ends this way after --help
            code = end.code if isinstance(end.code, int) else 1
        captured = capsys.readouterr()
        return Ended(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def serving(folder: Path) -> Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], str]]]:
    """A sandbox in a process of its own, and all that it printed until it took calls."""

    @contextmanager
    def start(*words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        with subprocess.Popen(
            [sys.executable, "-m", "skyflow", "serve", "--port", "0", *words],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **environment},
        ) as process:
            assert process.stdout is not None
            try:
                yield process, process.stdout.readline() + process.stdout.readline()
            finally:
                process.terminate()

    return start
