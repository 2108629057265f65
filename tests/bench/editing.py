"""What an editor waits for: a long storyboard is typed into through the real server, at the pace of a fast typist, and every answer is timed."""

from __future__ import annotations

import json
import os
import queue
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.bench.compiling import SKYFLOW
from tests.bench.measure import table

LINES = 1_000
BURSTS = 40
KEYS = 6  # in a burst; then the typist waits for what is wrong
PACE = 0.11  # seconds between two keys: some 110 words a minute
PATIENCE = 60.0
CLIENT = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True}},
        "publishDiagnostics": {"versionSupport": True},
    }
}


def section(folder: Path) -> str:
    """A table of waiting times: the keys alone, and with all that an editor asks beside."""
    rows = []
    for words, busy in (("keys and completion", False), ("with colours, hints and outline after each key", True)):
        times = _measure(folder, busy=busy)
        rows.append([f"completion, {words}", *_figures(times.completion)])
        rows.append([f"diagnostics after the last key, {words}", *_figures(times.diagnostics)])
        if times.processor:
            rows.append(
                [
                    f"processor time of the server for each key, {words}",
                    f"{times.processor / BURSTS / KEYS * 1000:.0f}",
                    "",
                    "",
                    "",
                ]
            )
    lines = storyboard(LINES).count("\n")
    head = [f"a storyboard of {lines:,} lines, 6 variants: waiting, ms", "median", "95 %", "longest", "times"]
    return table(head, rows)


def _figures(times: list[float]) -> list[str]:
    ordered = sorted(times)
    worst = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    return [f"{one * 1000:.0f}" for one in (statistics.median(ordered), worst, ordered[-1])] + [f"{len(ordered):,}"]


def storyboard(lines: int) -> str:
    """Scenes of five shots with references, axes, keyed frames and comments."""
    written = [
        'storyboard "Long film"', "", "defaults {", "  model = fast", "  resolution = 720p", '  look = "35mm film grain, {{ mood }} light."', "}", "",
        'var city = "Tokyo" | "Osaka" | "Kyoto"', 'var mood = "hopeful" | "sombre"', "",
        *(f'image @actor{n} = "https://example.com/{n}-front.jpg", "https://example.com/{n}-side.jpg"' for n in range(20)), "",
    ]  # fmt: skip
    number = 0
    while len(written) < lines - 20:
        written += _scene(number)
        number += 1
    return "\n".join(written) + "\n"


def _scene(number: int) -> Iterator[str]:
    yield from (f"scene act{number} {{", f'  var place = "harbour {number}"', "")
    for shot in range(4):
        yield from (
            f"  shot take{shot} {{", f"    duration = {3 + shot}s", "    # what is seen", '    prompt = """',
            f"      @actor{(number + shot) % 20} walks along the {{{{ place }}}} of {{{{ city | title }}}},",
            f"      past @actor{(number + shot + 7) % 20} who waits in the rain.", '    """', "  }", "",
        )  # fmt: skip
    yield from (
        "  shot end {",
        "    first_frame = last_frame(take3)",
        "    duration = 4s",
        '    prompt = "The street is empty."',
        "  }",
        "}",
        "",
    )


@dataclass(slots=True)
class Times:
    """Seconds of waiting."""

    completion: list[float] = field(default_factory=list)
    diagnostics: list[float] = field(default_factory=list)
    processor: float = 0.0


def _measure(folder: Path, *, busy: bool) -> Times:
    (folder / "skyflow.toml").touch()
    process = subprocess.Popen([*SKYFLOW, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
    try:
        typist = _Typist(process, folder, storyboard(LINES), busy=busy)
        typist.begin()
        chance = random.Random(7)
        before = _processor_seconds(process.pid)
        for _ in range(BURSTS):
            typist.burst(chance)
        typist.times.processor = _processor_seconds(process.pid) - before
        return typist.times
    finally:
        process.kill()
        process.communicate()


def _processor_seconds(pid: int) -> float:
    """What a running process has used so far, where the system tells (Linux); else 0."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Typist:
    """Types into one file and keeps the times."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, text: str, *, busy: bool) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input = process.stdin
        self._folder = folder
        self._uri = (folder / "long.sky").as_uri()
        self._lines = text.split("\n")
        self._busy = busy
        self._version = 1
        self._number = 0
        self._messages: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        self.times = Times()
        threading.Thread(target=_read, args=(process.stdout, self._messages), daemon=True).start()

    def begin(self) -> None:
        self._ask("initialize", {"processId": None, "rootUri": self._folder.as_uri(), "capabilities": CLIENT})
        self._until(lambda message: message.get("id") == self._number)
        self._tell("initialized", {})
        item = {"uri": self._uri, "languageId": "skyflow", "version": 1, "text": "\n".join(self._lines)}
        self._tell("textDocument/didOpen", {"textDocument": item})
        self._until(self._is_checked)

    def burst(self, chance: random.Random) -> None:
        """Some keys at one place, each followed by the question what could stand there; then the wait for what is wrong."""
        line = chance.choice([n for n, text in enumerate(self._lines) if "walks along" in text])
        column = self._lines[line].index(" walks")
        pressed = 0.0
        for key in " @acto"[:KEYS]:
            pressed = time.perf_counter()
            self._press(line, column, key)
            column += 1
            place = {"textDocument": {"uri": self._uri}, "position": {"line": line, "character": column}}
            wanted = self._ask("textDocument/completion", place)
            if self._busy:
                self._ask_beside()
            arrived, _ = self._until(lambda message, wanted=wanted: message.get("id") == wanted)
            self.times.completion.append(arrived - pressed)
            time.sleep(max(0.0, pressed + PACE - time.perf_counter()))
        arrived, _ = self._until(self._is_checked)
        self.times.diagnostics.append(arrived - pressed)
        self._press(line, column - KEYS, "", removed=KEYS)
        self._until(self._is_checked)

    def _ask_beside(self) -> None:
        document = {"textDocument": {"uri": self._uri}}
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": len(self._lines), "character": 0}}
        self._ask("textDocument/semanticTokens/full", document)
        self._ask("textDocument/inlayHint", {**document, "range": everything})
        self._ask("textDocument/documentSymbol", document)

    def _press(self, line: int, column: int, text: str, removed: int = 0) -> None:
        old = self._lines[line]
        self._lines[line] = old[:column] + text + old[column + removed :]
        self._version += 1
        span = {"start": {"line": line, "character": column}, "end": {"line": line, "character": column + removed}}
        document = {"uri": self._uri, "version": self._version}
        self._tell(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": text}]}
        )

    # --- the wire

    def _is_checked(self, message: dict[str, Any]) -> bool:
        said = message.get("params") if message.get("method") == "textDocument/publishDiagnostics" else None
        return said is not None and said["uri"] == self._uri and said.get("version") == self._version

    def _until(self, wanted: Any) -> tuple[float, dict[str, Any]]:
        while True:
            arrived, message = self._messages.get(timeout=PATIENCE)
            if wanted(message):
                return arrived, message

    def _ask(self, method: str, params: Any) -> int:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        return self._number

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._input.flush()


def _read(stream: IO[bytes], messages: queue.Queue[tuple[float, dict[str, Any]]]) -> None:
    while True:
        length = 0
        while line := stream.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        if not length:
            return
        body = stream.read(length)
        messages.put((time.perf_counter(), json.loads(body)))


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        print(section(Path(place)))
    sys.exit()
