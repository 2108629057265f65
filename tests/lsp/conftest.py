"""A scripted editor: it starts `skyflow lsp` as editors do and speaks with it over standard input and output. It waits for messages, never for time."""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

PATIENCE = 20.0  # seconds until a test gives up; nothing here takes one
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"inlayHint": {"refreshSupport": True}},
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True}},
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "rename": {"prepareSupport": True},
    },
}


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Wire:
    """One running server and what it said. `said` are the diagnostics of each address as they were published last."""

    def __init__(self, folder: Path) -> None:
        self.said: dict[str, Mapping[str, Any]] = {}
        self.asked: list[str] = []
        self._numbers = itertools.count(1)
        self._answers: dict[int, Mapping[str, Any]] = {}
        self._messages: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self.log: list[bytes] = []
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-m", "skyflow", "lsp"], cwd=folder, **pipes)
        self._threads = [threading.Thread(target=task, daemon=True) for task in (self._read, self._hear)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while length := self._read_length(stream):
            self._messages.put(json.loads(stream.read(length)))
        self._messages.put(None)

    def _read_length(self, stream: IO[bytes]) -> int:
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return length

    def _hear(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)

    def send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def take(self) -> None:
        """The next message of the server, which must come."""
        message = self._messages.get(timeout=PATIENCE)
        assert message is not None, f"the server has gone: {b''.join(self.log).decode()}"
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            self.said[message["params"]["uri"]] = message["params"]
        elif method is not None and "id" in message:
            self.asked.append(method)
            self.send({"id": message["id"], "result": None})
        elif method is None:
            self._answers[message["id"]] = message

    def until(self, holds: Callable[[], object]) -> None:
        """Takes messages until something holds."""
        while not holds():
            self.take()

    def ask_later(self, method: str, params: Any) -> int:
        number = next(self._numbers)
        self.send({"id": number, "method": method, "params": params})
        return number

    def outcome(self, number: int) -> Mapping[str, Any]:
        """The answer to a question as it came, with a `result` or an `error`."""
        self.until(lambda: number in self._answers)
        return self._answers.pop(number)

    def answer(self, number: int) -> Any:
        message = self.outcome(number)
        if "error" in message:
            raise Refused(message["error"])
        return message.get("result")

    def ask(self, method: str, params: Any = None) -> Any:
        return self.answer(self.ask_later(method, params))

    def tell(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def begin(self, folder: Path, **more: Any) -> Mapping[str, Any]:
        """Says hello; the server's capabilities."""
        params = {"processId": None, "rootUri": folder.as_uri(), "capabilities": CAPABILITIES, **more}
        result: Mapping[str, Any] = self.ask("initialize", params)
        self.tell("initialized", {})
        return result["capabilities"]

    def end(self) -> int:
        """Says goodbye; the server's exit code."""
        self.ask("shutdown")
        self.tell("exit")
        return self.process.wait(PATIENCE)

    def hang_up(self) -> int:
        """Goes away without a word; the server's exit code."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


class Editor:
    """One person's window on the project in `folder`: its open texts, and what is asked about them."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self.wire = wire
        self.folder = folder
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}

    def put(self, name: str, content: str | bytes) -> str:
        """A file on the disk; its address."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return place.as_uri()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, text: str, name: str = "film.sky") -> str:
        uri = self.uri(name)
        self.versions[uri], self.texts[uri] = 1, text
        item = {"uri": uri, "languageId": "skyflow", "version": 1, "text": text}
        self.wire.tell("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, *changes: Mapping[str, Any]) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.wire.tell("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def write(self, uri: str, text: str) -> None:
        """The whole text anew."""
        self.texts[uri] = text
        self.change(uri, {"text": text})

    def type(self, uri: str, at: int, text: str, removed: int = 0) -> None:
        """Keys pressed at an offset of the text as it stands."""
        old = self.texts[uri]
        span = {"start": position(old, at), "end": position(old, at + removed)}
        self.texts[uri] = old[:at] + text + old[at + removed :]
        self.change(uri, {"range": span, "text": text})

    def close(self, uri: str) -> None:
        del self.versions[uri]
        self.wire.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri: str) -> list[Mapping[str, Any]]:
        """What is said of a text as it stands now."""
        said = self.wire.said
        self.wire.until(lambda: said.get(uri, {}).get("version") == self.versions[uri])
        found: list[Mapping[str, Any]] = said[uri]["diagnostics"]
        return found

    def codes(self, uri: str) -> list[str]:
        return [found["code"] for found in self.diagnostics(uri)]

    def until_codes(self, uri: str, wanted: list[str]) -> None:
        """Waits until just these rules are said to be broken in a text: what is known of its files comes later than the text itself."""
        said = self.wire.said
        self.wire.until(
            lambda: [found["code"] for found in said.get(uri, {}).get("diagnostics", [{"code": None}])] == wanted
        )

    def at(self, uri: str, mark: str, after: int = 0) -> dict[str, Any]:
        """A question about the place where some words stand for the first time; `after`: so many characters behind their start."""
        text = self.texts[uri]
        return {"textDocument": {"uri": uri}, "position": position(text, text.index(mark) + after)}

    def whole(self, uri: str) -> dict[str, Any]:
        """A question about the whole text."""
        text = self.texts[uri]
        return {"textDocument": {"uri": uri}, "range": {"start": position(text, 0), "end": position(text, len(text))}}

    def ask(self, uri: str, what: str, **more: Any) -> Any:
        """A question about a text, without a place."""
        return self.wire.ask(f"textDocument/{what}", {"textDocument": {"uri": uri}, **more})

    def items(self, uri: str, mark: str) -> list[Mapping[str, Any]]:
        """What could be typed behind some words."""
        found: list[Mapping[str, Any]] = self.wire.ask("textDocument/completion", self.at(uri, mark, len(mark)))[
            "items"
        ]
        return found

    def edited(self, text: str, edits: list[Mapping[str, Any]]) -> str:
        """The text after some edits."""
        return edited(text, edits)

    def apply(self, text: str, item: Mapping[str, Any]) -> str:
        """The text after an item was chosen."""
        return edited(text, [item["textEdit"]])

    def labels(self, uri: str, mark: str) -> list[str]:
        return [item["label"] for item in self.items(uri, mark)]

    def hover(self, uri: str, mark: str, after: int = 0) -> str:
        """What is said of the thing at some words."""
        found = self.wire.ask("textDocument/hover", self.at(uri, mark, after))
        return str(found["contents"]["value"]) if found is not None else ""

    def covered(self, location: Mapping[str, Any]) -> str:
        """`film.sky: the words that a location covers`."""
        name = location["uri"].removeprefix(self.folder.as_uri() + "/")
        text = self.texts.get(location["uri"])
        text = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        return f"{name}: {covered(text, location['range'])}"

    def rename(self, uri: str, mark: str, name: str, after: int = 0) -> None:
        """Gives the thing at some words another name, and takes the edits over."""
        edit = self.wire.ask("textDocument/rename", {**self.at(uri, mark, after), "newName": name})
        for changed, edits in edit["changes"].items():
            if changed in self.versions:
                self.write(changed, edited(self.texts[changed], edits))
            else:
                place = self.folder / changed.removeprefix(self.folder.as_uri() + "/")
                place.write_text(edited(place.read_text(encoding="utf-8"), edits), encoding="utf-8")


def position(text: str, offset: int) -> dict[str, int]:
    """A position in UTF-16 units, counted apart from the server's way to do it."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rsplit("\n", 1)[-1]
    return {"line": before.count("\n"), "character": sum(2 if ord(sign) > 0xFFFF else 1 for sign in line)}


def offset(text: str, place: Mapping[str, int]) -> int:
    """The way back. Between CR and LF there is no position."""
    places = (at for at in range(len(text) + 1) if text[at - 1 : at + 1] != "\r\n")
    return next(at for at in places if position(text, at) == place)


def covered(text: str, span: Mapping[str, Any]) -> str:
    """The characters of a range."""
    return text[offset(text, span["start"]) : offset(text, span["end"])]


def edited(text: str, edits: list[Mapping[str, Any]]) -> str:
    """The text after some edits, which all count on the text before them."""
    placed = [
        (offset(text, edit["range"]["start"]), offset(text, edit["range"]["end"]), edit["newText"]) for edit in edits
    ]
    for start, end, new in sorted(placed, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def make_png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def make_wav(seconds: float) -> bytes:
    """Silence."""
    rate = 8_000
    samples = b"\x80" * int(rate * seconds)
    body = (
        b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate, 1, 8)
        + b"data"
        + struct.pack("<I", len(samples))
        + samples
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.fixture
def refused() -> type[Exception]:
    """What is raised where the server answers with an error."""
    return Refused


@pytest.fixture
def png() -> Callable[[int, int], bytes]:
    """Makes pictures of a width and height."""
    return make_png


@pytest.fixture
def wav() -> Callable[[float], bytes]:
    """Makes sounds of a length."""
    return make_wav


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Wire]]:
    """Starts servers that nothing was said to yet; they end with the test."""
    (tmp_path / "skyflow.toml").touch()
    wires: list[Wire] = []

    def begin() -> Wire:
        wires.append(Wire(tmp_path))
        return wires[-1]

    yield begin
    for wire in wires:
        wire.hang_up()


@pytest.fixture
def window(tmp_path: Path) -> Callable[[Wire], Editor]:
    """A window on the test's project, through a server of the test's own."""
    return lambda wire: Editor(wire, tmp_path)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """One server for all tests, as an editor has one for all projects."""
    folder = tmp_path_factory.mktemp("server")
    wire = Wire(folder)
    wire.begin(folder)
    yield wire
    assert wire.end() == 0
    wire.hang_up()
    assert b"".join(wire.log) == b""  # no mistake of ours was logged


@pytest.fixture
def editor(server: Wire, tmp_path: Path) -> Iterator[Editor]:
    """A window on a project of its own."""
    (tmp_path / "skyflow.toml").touch()
    window = Editor(server, tmp_path)
    yield window
    for uri in list(window.versions):
        window.close(uri)
