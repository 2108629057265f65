"""A clumsy writer at a real `skyflow lsp`: opens damaged storyboards, types anywhere, asks everything everywhere, and wants an answer each time."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skyflow.formatter import format_text
from skyflow.source import SourceFile
from tests.fuzz.loop import Tally
from tests.fuzz.texts import PIECES, damage, load_seeds
from tests.lsp.conftest import Editor, Wire, edited, position

AT_A_PLACE = (
    "hover", "completion", "definition", "references", "documentHighlight", "prepareRename", "rename",
)  # fmt: skip
OF_THE_TEXT = (
    "documentSymbol", "foldingRange", "documentLink", "semanticTokens/full", "formatting", "inlayHint", "codeAction",
)  # fmt: skip
CONTEXTS: dict[str, Any] = {"references": {"includeDeclaration": True}, "codeAction": {"diagnostics": []}}
INTERNAL_ERROR = -32603
KEYS = 12  # edits and questions in one text


class Failure(Exception):
    """The server said something it must not say, or nothing."""


def fuzz_server(folder: Path, *, seconds: float, seed: int, most: int | None = None) -> Tally:
    """Writes damaged storyboards for so many seconds, or `most` of them. Each edit and each question counts as an input."""
    chance, seeds, tally = random.Random(seed), load_seeds(), Tally()
    (folder / "skyflow.toml").touch()
    end = time.monotonic() + seconds
    wire = _begin(folder)
    while time.monotonic() < end and (most is None or tally.inputs < most) and len(tally.found) < 5:
        writer = _Writer(Editor(wire, folder), chance, tally)
        try:
            writer.write(damage(chance, seeds).replace("\ud800", ""))
        except Exception as error:
            tally.found.setdefault(f"{type(error).__name__}: {str(error)[:300]}", writer.text)
            wire.process.kill()
            wire.hang_up()
            wire = _begin(folder)
    code = wire.end()
    wire.hang_up()
    if code or wire.log:
        tally.found[f"exit code {code}; the server logged: {b''.join(wire.log).decode()[-2000:]}"] = ""
    return tally


def _begin(folder: Path) -> Wire:
    wire = Wire(folder)
    wire.begin(folder, initializationOptions={"pictures": True})
    return wire


class _Writer:
    """One text that is written and asked about."""

    def __init__(self, editor: Editor, chance: random.Random, tally: Tally) -> None:
        self.editor = editor
        self.chance = chance
        self.tally = tally
        self.uri = ""

    @property
    def text(self) -> str:
        return self.editor.texts.get(self.uri, "")

    def write(self, text: str) -> None:
        """Opens the text, types and asks, and closes it. Raises Failure."""
        self.uri = self.editor.open(text)
        for _ in range(KEYS):
            self.tally.inputs += 1
            if self.chance.random() < 0.4:
                self._type()
            else:
                self._ask()
        self.editor.diagnostics(self.uri)
        self._format()
        self.editor.close(self.uri)
        self._no_log()

    def _type(self) -> None:
        at = self._somewhere()
        removed = min(self.chance.choice((0, 0, 1, 5)), len(self.text) - at)
        if self.text[at - 1 : at + 1] == "\r\n" or self.text[at + removed - 1 : at + removed + 1] == "\r\n":
            return  # between CR and LF there is no position
        self.editor.type(self.uri, at, self.chance.choice(PIECES).replace("\ud800", ""), removed)

    def _somewhere(self) -> int:
        return self.chance.randrange(len(self.text) + 1)

    def _ask(self) -> None:
        what = self.chance.choice((*AT_A_PLACE, *OF_THE_TEXT))
        everything = {"start": {"line": 0, "character": 0}, "end": position(self.text, len(self.text))}
        params: dict[str, Any] = {
            "textDocument": {"uri": self.uri},
            "position": self._place(),
            "range": everything,
            "newName": self.chance.choice(("@Ada", "ada", "3a", "", "a b", "previous", "🎬")),
            "context": CONTEXTS.get(what),
            "options": {"tabSize": 2, "insertSpaces": True},
        }
        self._answer(f"textDocument/{what}", params)

    def _place(self) -> Mapping[str, int]:
        if self.chance.random() < 0.1:
            return {"line": self.chance.randrange(1000), "character": self.chance.randrange(1000)}
        return position(self.text, self._somewhere())

    def _answer(self, method: str, params: Mapping[str, Any]) -> Any:
        start = time.monotonic()
        outcome = self.editor.wire.outcome(self.editor.wire.ask_later(method, params))
        self.tally.slowest = max(self.tally.slowest, time.monotonic() - start)
        error = outcome.get("error")
        if error is not None and error["code"] == INTERNAL_ERROR:
            raise Failure(f"{method} at {json.dumps(params['position'])}: {error['message']}")
        return outcome.get("result")

    def _format(self) -> None:
        """The server's text is the writer's: it is formatted to the same."""
        edits = self._answer("textDocument/formatting", {"textDocument": {"uri": self.uri}, "position": None, "options": {"tabSize": 2, "insertSpaces": True}})  # fmt: skip
        wanted = format_text(SourceFile("film.sky", self.text))
        if edits and edited(self.text, edits) != wanted:
            raise Failure("the server formats another text than the one that was written")

    def _no_log(self) -> None:
        if self.editor.wire.log:
            raise Failure(b"".join(self.editor.wire.log).decode()[-2000:])
