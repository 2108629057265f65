"""The Files protocol on disk: every file of one project is found, opened and measured here, and no path leaves the project."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from skyflow.assets.probe_cache import ProbeCache
from skyflow.assets.project_paths import join_project_path
from skyflow.assets.text_content import decode_text
from skyflow.diagnostics import nearest
from skyflow.media.other_content import name_other_content
from skyflow.media.recognition import HEAD_BYTES, recognise
from skyflow.source import FileProblem, FilesError, MediaFacts, MediaKind, SourceFile

MAX_TEXT_BYTES = 4_000_000  # ours: a storyboard of 4 MB is 40 times the longest one we could think of
MAX_TABLE_BYTES = 256_000_000  # ours: a million rows of 250 bytes
MAX_MEDIA_BYTES = 2_000_000_000  # ours: the API takes clips of 15 s and uploads of 20 MB
TABLE_SUFFIXES = (".csv", ".json", ".jsonl")
_CHUNK = 1 << 20
_SOUND_FORMATS = ("aac", "aiff", "flac", "mp3", "ogg", "wav")
_NOT_OPENED = 'its length and size are unknown; the extra `media` opens it (where skyflow was installed from: pip install ".[media]")'


class DiskFiles:
    """The files of the project in folder `root`, by project path. Implements `skyflow.source.Files`.

    A file is read once for the life of this object, so that all phases see the same bytes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._texts: dict[str, SourceFile] = {}
        self._media: dict[str, MediaFacts] = {}
        self._cache = ProbeCache(self.root / ".skyflow" / "cache" / "media")

    def resolve(self, base: str, reference: str) -> str:
        return join_project_path(self.root, base, reference)

    def read(self, path: str) -> SourceFile:
        if path not in self._texts:
            limit = MAX_TABLE_BYTES if path.lower().endswith(TABLE_SUFFIXES) else MAX_TEXT_BYTES
            with self._open(path, limit) as (file, _):
                content = file.read(limit + 1)
            if len(content) > limit:  # it grew while it was read
                raise FilesError(FileProblem.TOO_LARGE, path, f"more than {limit / 1e6:,.0f} MB")
            self._texts[path] = SourceFile(path, decode_text(path, content))
        return self._texts[path]

    def media(self, path: str) -> MediaFacts:
        if path not in self._media:
            with self._open(path, MAX_MEDIA_BYTES) as (file, status):
                facts = self._cache.find(path, status)
                if facts is None:
                    facts = _look_at(path, file, self.disk_path(path))
                    self._cache.keep(path, status, os.fstat(file.fileno()), facts)
            self._media[path] = facts
        return self._media[path]

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file that was read so far, by project path: of texts as UTF-8 without a byte-order mark, of media as they are."""
        texts = {
            path: hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()
            for path, source in self._texts.items()
        }
        return texts | {path: facts.sha256 for path, facts in self._media.items()}

    def disk_path(self, path: str) -> Path:
        """Where the file of a project path lies, links followed. Raises FilesError where it is missing or lies outside."""
        try:
            found = (self.root / path).resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError):
            raise FilesError(FileProblem.MISSING, path, nearest=self._nearest(path)) from None
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links is a RuntimeError before Python 3.13
            raise FilesError(FileProblem.UNREADABLE, path, _reason(error)) from None
        if not found.is_relative_to(self.root):
            raise FilesError(FileProblem.OUTSIDE, path, "it is a link that leads out of the project folder")
        return found

    def _open(self, path: str, limit: int) -> _Opened:
        return _Opened(path, self.disk_path(path), limit)

    def _nearest(self, path: str) -> str | None:
        """The project path of the file that was probably meant: the same folder first, then the name of a folder above."""
        wanted = PurePosixPath(path)
        folder = self.root / wanted.parent
        try:
            if not folder.resolve().is_relative_to(self.root):
                return None
            names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is needed, and folders are large
        except (OSError, RuntimeError, ValueError):
            return None
        found = nearest(wanted.name, [name for name in names if not name.startswith(".")])
        return str(wanted.parent / found) if found else None


class _Opened:
    """An open regular file with its status; a device or pipe is refused without ever waiting for it."""

    def __init__(self, path: str, disk_path: Path, limit: int) -> None:
        self._path = path
        try:
            _require_regular(path, disk_path.stat().st_mode)  # opening some devices has effects
            descriptor = os.open(disk_path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise FilesError(FileProblem.UNREADABLE, path, _reason(error)) from None
        self._file = os.fdopen(descriptor, "rb")
        self._status = os.fstat(descriptor)
        try:
            _require_regular(path, self._status.st_mode)
            if self._status.st_size > limit:
                size, most = self._status.st_size / 1e6, limit / 1e6
                raise FilesError(FileProblem.TOO_LARGE, path, f"{size:,.1f} MB; at most {most:,.0f} MB are read")
        except FilesError:
            self._file.close()
            raise

    def __enter__(self) -> tuple[BinaryIO, os.stat_result]:
        return self._file, self._status

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        self._file.close()
        if isinstance(error, OSError):
            raise FilesError(FileProblem.UNREADABLE, self._path, _reason(error)) from None


def _require_regular(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise FilesError(FileProblem.FOLDER, path)
    if not stat.S_ISREG(mode):
        raise FilesError(FileProblem.UNREADABLE, path, "it is a device or a pipe, not a file")


def _look_at(path: str, file: BinaryIO, disk_path: Path) -> MediaFacts:
    from skyflow.media import MediaExtraMissing, MediaUnreadable, probe_media  # late: most storyboards name no file

    head, digest, size = file.read(HEAD_BYTES), hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    sha256 = digest.hexdigest()
    try:
        probe = probe_media(disk_path)
    except MediaExtraMissing:
        return MediaFacts(*_recognise_unopened(head), sha256, size, note=_NOT_OPENED)
    except MediaUnreadable as error:
        reason = error.reason.replace(str(disk_path), path)
        return MediaFacts(None, "", sha256, size, note=reason, remedy=error.remedy)
    if probe.kind is None:
        return MediaFacts(None, name_other_content(head), sha256, size)
    return MediaFacts(probe.kind, probe.format, sha256, size, probe.seconds, probe.width, probe.height)


def _recognise_unopened(head: bytes) -> tuple[MediaKind | None, str]:
    """Kind and format by the first bytes alone. An MP4 is taken for a clip unless its brand says that it is a sound."""
    recognised = recognise(head)
    if recognised is None:
        return None, name_other_content(head)
    if head[4:12] in (b"ftypM4A ", b"ftypM4B "):
        return "audio", "m4a"
    if recognised.family == "picture":
        return "image", recognised.format
    return ("audio" if recognised.format in _SOUND_FORMATS else "video"), recognised.format


def _reason(error: Exception) -> str:
    """What the system said, in a few words and without the path on this machine."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    if isinstance(error, UnicodeError):
        return "there is a character in the path that no file name can have"
    return "its links go in a circle" if isinstance(error, RuntimeError) else "it is no path"
