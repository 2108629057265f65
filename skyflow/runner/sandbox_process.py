"""The preview server that a run starts for itself: another process on a free loopback port with a random key, gone when the run is."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from skyflow.config import ApiKey
from skyflow.ledger import SANDBOX, STATE_FOLDER
from skyflow.runner.refusal import RunRefused
from skyflow.runner.service import Service

_READY_SECONDS = 60.0  # an interpreter with PyAV on a cold, busy disk
_END_SECONDS = 10.0
_LOG_TAIL = 600
_MOST_REVIVALS = 3
LOG = "server.log"
_REMARK = "skyflow sandbox: "  # how the server begins a line that is for people


class OwnSandbox:
    """The server process. Its folder keeps tasks, uploads and journal, so a further process goes on where one has died."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], log: IO[bytes]) -> None:
        self._folder, self._arguments, self._log = folder, arguments, log
        self._key = secrets.token_urlsafe(24)
        self._revivals = 0
        self._process = _start(folder, self._key, ("--port", "0", *arguments), log)
        try:
            url = _wait_until_ready(self._process, folder / LOG)
        except BaseException:
            _end(self._process)
            raise
        self.service = Service(url, ApiKey(self._key), SANDBOX)

    def revive(self) -> bool:
        """Start the server again, at its address, where it has died; whether it had. Raises RunRefused where it does not stay alive."""
        if self._process.poll() is None:
            return False
        if self._revivals >= _MOST_REVIVALS:
            raise RunRefused(
                f"The preview server ended {self._revivals + 1} times{_last_words(self._folder / LOG)}.",
                f"What was made is kept; run again. Its whole output is in {self._folder / LOG}.",
            )
        self._revivals += 1
        self.end()
        port = str(urlsplit(self.service.base_url).port)
        self._process = _start(self._folder, self._key, ("--port", port, *self._arguments), self._log)
        _wait_until_ready(self._process, self._folder / LOG)
        return True

    def remarks(self) -> list[str]:
        """What the server said about its previews, such as characters that no font here has."""
        try:
            said = (self._folder / LOG).read_text("utf-8", "replace")
        except OSError:
            return []
        return [line.removeprefix(_REMARK) for line in said.splitlines() if line.startswith(_REMARK)]

    def end(self) -> None:
        """End the process and give back what it held."""
        _end(self._process)


@contextmanager
def own_sandbox(root: Path, arguments: tuple[str, ...] = ()) -> Iterator[OwnSandbox]:
    """The sandbox of the project at `root` while the block lasts; `arguments` are further ones of `skyflow serve`.

    Raises RunRefused where it cannot be started or another run has it.
    """
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise RunRefused(
            "The preview server is not installed.",
            'In the folder that skyflow was installed from: pip install ".[sandbox]". Or run with --live.',
        )
    folder = root / STATE_FOLDER / "sandbox"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / LOG).open("wb")
    except OSError as error:
        raise RunRefused(
            f"{folder} cannot be written: {error.strerror}.", "Give yourself the right to write there."
        ) from error
    with log, _only_one(folder / "lock"):
        own = OwnSandbox(folder, arguments, log)
        try:
            yield own
        finally:
            own.end()


def _start(folder: Path, key: str, arguments: tuple[str, ...], log: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-P",  # a `random.py` in the folder of a storyboard must not stand in for the standard library's
        "-m",
        "skyflow.sandbox",
        "--dir",
        str(folder),
        "--die-with-parent",
        "--allow",
        "prompt-too-long",  # the storyboard's own check has judged that, with what its writer allows
        *arguments,
    ]
    return subprocess.Popen(  # noqa: S603  (our own module, no shell)
        command,
        env={**os.environ, "SKYFLOW_API_KEY": key},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        # Ctrl-C is for us: the server must still answer what is on its way.
        start_new_session=True,
    )


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    """The URL that the server prints when it is ready."""
    line = _first_line(process, time.monotonic() + _READY_SECONDS)
    try:
        url = json.loads(line)["url"]
    except (ValueError, KeyError, TypeError):
        raise RunRefused(
            f"The preview server did not start{_last_words(log)}.", f"Its whole output is in {log}."
        ) from None
    return str(url).rstrip("/")


def _last_words(log: Path) -> str:
    """The end of what the server said, behind a colon; "" where it said nothing."""
    said = log.read_bytes()[-_LOG_TAIL:].decode("utf-8", "replace").strip().rstrip(".")
    return f": {said}" if said else ""


def _first_line(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    if process.stdout is None:
        return b""
    if sys.platform == "win32":  # pipes cannot be waited for there; the read ends with the process
        return process.stdout.readline()
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n") and selector.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(process.stdout.fileno(), 4096)
            if not piece:
                break
            line += piece
    return line.partition(b"\n")[0]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Hold the file locked, so that no second server works in the same folder. The lock goes with the process, however it ends."""
    with lock.open("ab") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunRefused(
                "Another preview of this project is running.", "Wait until it is done, or end it, and run again."
            ) from None
        yield
