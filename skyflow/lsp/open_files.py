"""The files of a project as its editor shows them: open buffers rule over the disk, and media are what is known of them so far."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

from skyflow.assets import DiskFiles
from skyflow.config import list_storyboards
from skyflow.contract import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS
from skyflow.lsp.media_desk import MediaDesk
from skyflow.source import FilesError, MediaFacts, SourceFile
from skyflow.variants import Unevaluated

AUDIO_EXTENSIONS = ("mp3", "wav", "m4a", "aac", "ogg", "flac")
PICTURE_EXTENSIONS = (
    *IMAGE_EXTENSIONS,
    "webp",
)  # local webp pictures are converted for the upload (language, What is checked)
MEDIA_EXTENSIONS = frozenset({*PICTURE_EXTENSIONS, *VIDEO_EXTENSIONS, *AUDIO_EXTENSIONS})
LISTING_HOLDS = 10.0  # seconds, ours: a storyboard that is new meanwhile is seen a little later


class DiskTexts:
    """Text files of one project on disk, each read once for each state it is in: the same object while it is unchanged."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.places = DiskFiles(root)  # for paths only: it would keep what it reads for ever
        self._known: dict[str, tuple[tuple[int, ...], SourceFile]] = {}
        self._listing: list[str] | None = None
        self._listed = float("-inf")

    def read(self, path: str) -> SourceFile:
        """The text of a file. Raises FilesError."""
        try:
            status = self.places.disk_path(path).stat()
        except OSError:  # it went in this very moment
            return DiskFiles(self.root).read(path)
        state = (status.st_size, status.st_mtime_ns, status.st_ino)
        known = self._known.get(path)
        if known is None or known[0] != state:
            known = self._known[path] = (state, DiskFiles(self.root).read(path))
        return known[1]

    def storyboards(self) -> list[str] | None:
        """The project paths of all storyboards, as they were a moment ago; None where there are too many."""
        if time.monotonic() - self._listed > LISTING_HOLDS:
            self._listing, self._listed = list_storyboards(self.root), time.monotonic()
        return self._listing


class OpenFiles:
    """One moment of a project. Implements `skyflow.source.Files`; `touched` gathers the project paths that were asked for."""

    def __init__(self, buffers: Mapping[str, SourceFile], texts: DiskTexts, media: MediaDesk) -> None:
        self._buffers = buffers
        self._texts = texts
        self._media = media
        self.touched: set[str] = set()
        self._seen: dict[str, MediaFacts | FilesError | None] = {}

    def resolve(self, base: str, reference: str) -> str:
        return self._texts.places.resolve(base, reference)

    def read(self, path: str) -> SourceFile:
        self.touched.add(path)
        found = self._buffers.get(path)
        return found if found is not None else self._texts.read(path)

    def media(self, path: str) -> MediaFacts:
        """What is known of a file. Nothing is said against one that nobody has looked at: it passes for what its name says.

        Raises FilesError, and Unevaluated without a diagnostic where even the name says nothing.
        """
        self.touched.add(path)
        found = self._seen[path] = self._media.find(path)
        if isinstance(found, FilesError):
            raise found
        if found is not None:
            return found
        extension = path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
        if extension not in MEDIA_EXTENSIONS:
            raise Unevaluated(None)
        return MediaFacts(None, extension, hashlib.sha256(path.encode()).hexdigest(), 0)

    def storyboards(self) -> set[str] | None:
        """The project paths of all storyboards, saved or open; None where there are too many."""
        saved = self._texts.storyboards()
        opened = {path for path in self._buffers if path.lower().endswith(".sky")}
        return {*saved, *opened} if saved is not None else None

    def with_texts(self, texts: Mapping[str, SourceFile]) -> OpenFiles:
        """The same files, but with these texts in place of what the editor or the disk has."""
        return OpenFiles({**self._buffers, **texts}, self._texts, self._media)

    @property
    def guesses(self) -> bool:
        """Whether something was asked of a media file that nobody had looked at."""
        return None in self._seen.values()

    @property
    def is_stale(self) -> bool:
        """Whether more is known of some media file by now than when it was asked for."""
        return any(self._media.known(path) is not found for path, found in self._seen.items())

    def look(self, path: str) -> MediaFacts | FilesError | None:
        """What is known of a media file by now, or why it cannot be had; None while nobody has looked."""
        return self._media.find(path)

    def disk_path(self, path: str) -> Path:
        """Where a file of the project lies, whether it is there or not."""
        return self._texts.root / path
