"""The storyboards of a whole project, indexed: who names a thing that another file declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skyflow.config import list_storyboards
from skyflow.lsp.names.index import NameIndex, Occurrence, Symbol, linked_symbols
from skyflow.lsp.names.indexing import index_names
from skyflow.lsp.open_files import OpenFiles
from skyflow.source import FilesError, SourceFile
from skyflow.storyboard import Storyboard, resolve


class TooMany(Exception):
    """The project has more storyboards or folders than are looked through."""


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One storyboard with its index. `sources` are the texts that it was made from, by project path."""

    storyboard: Storyboard
    index: NameIndex
    sources: Mapping[str, SourceFile]

    @property
    def source(self) -> SourceFile:
        return self.sources[self.storyboard.path]


class ProjectNames:
    """The indexes of a project's storyboards, each kept while nothing that it was made from changes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, IndexedFile] = {}

    def storyboards(self, open_paths: Iterator[str] | None = None) -> list[str]:
        """The project paths of all storyboards, those too that are open and not saved yet. Raises TooMany."""
        saved = list_storyboards(self._root)
        if saved is None:
            raise TooMany
        return sorted({*saved, *(open_paths or ())})

    def index(self, path: str, files: OpenFiles) -> IndexedFile | None:
        """The index of a storyboard as it stands now; None where it cannot be read."""
        known = self._known.get(path)
        if known is not None and _is_current(known, files):
            return known
        try:
            source = files.read(path)
        except FilesError:
            return None
        storyboard, _ = resolve(source, files)
        sources = {used: file.source for used, file in storyboard.trees.items()}
        made = self._known[path] = IndexedFile(storyboard, index_names(storyboard, files), sources)
        return made

    def mentioning(self, word: str, files: OpenFiles, open_paths: Iterator[str]) -> list[IndexedFile]:
        """The indexes of all storyboards in whose text a word stands. Raises TooMany."""
        found = []
        for path in self.storyboards(open_paths):
            try:
                stands = word in files.read(path).text
            except FilesError:
                continue
            if stands and (indexed := self.index(path, files)) is not None:
                found.append(indexed)
        return found


def _is_current(known: IndexedFile, files: OpenFiles) -> bool:
    try:
        return all(files.read(path) is source for path, source in known.sources.items())
    except FilesError:
        return False


def find_everywhere(symbol: Symbol, indexed: list[IndexedFile]) -> dict[SourceFile, list[Occurrence]]:
    """All places that name a symbol, or one that must keep the same name, by the text they stand in."""
    symbols = linked_symbols(symbol, (pair for one in indexed for pair in one.index.linked))
    found: dict[SourceFile, list[Occurrence]] = {}
    for one in indexed:
        if places := list(one.index.of(symbols)):
            found[one.source] = places
    return found
