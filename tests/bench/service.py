"""A real sandbox process that renders nothing, for measurements from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY = "a-key-for-measurements"


@contextmanager
def serving(folder: Path, latency: int) -> Iterator[str]:
    """The address of a server that keeps its files in `folder` and whose tasks take `latency` seconds."""
    words = ["--dir", str(folder), "--port", "0", "--render", "none", "--latency", str(latency), "--die-with-parent"]
    process = subprocess.Popen(
        [sys.executable, "-m", "skyflow.sandbox", *words],
        env={**os.environ, "SKYFLOW_API_KEY": KEY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.communicate()


def environment(url: str) -> dict[str, str]:
    """What a run needs to send to that server."""
    return {**os.environ, "SKYFLOW_API_KEY": KEY, "SKYFLOW_BASE_URL": url}
