"""The texts that are open in the editor, kept in step with every key; never a file on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lsprotocol import types

from skyflow.lsp.coordinates import Ruler
from skyflow.source import SourceFile

LANGUAGES = ("skyflow", "sky", "storyboard")  # what editors call the language of storyboards


@dataclass(eq=False)
class Buffer:
    """One open text at one moment: the next key makes another one. `path` is its project path in the project of folder `root`."""

    uri: str
    root: Path
    path: str
    version: int
    text: str = field(repr=False)
    language: str = ""

    @property
    def is_storyboard(self) -> bool:
        return self.language in LANGUAGES or self.path.lower().endswith(".sky")

    @cached_property
    def source(self) -> SourceFile:
        """The text as the language reads it: halves of characters, which some editors send, are no characters."""
        try:
            self.text.encode()
        except UnicodeEncodeError:
            whole = self.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return SourceFile(self.path, whole)
        return SourceFile(self.path, self.text)

    def changed(self, version: int, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: str) -> Buffer:
        """The buffer after some changes, each of which counts on those before it."""
        text = self.text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = Ruler(text, encoding).offsets(change.range)
                text = text[:start] + change.text + text[end:]
            else:
                text = change.text
        return Buffer(self.uri, self.root, self.path, version, text, self.language)
