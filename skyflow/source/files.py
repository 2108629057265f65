"""How pure phases get at files: by project path, through a protocol that `assets` implements on disk and tests in memory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

from skyflow.source.text import SourceFile

MediaKind = Literal["image", "video", "audio"]


class FileProblem(Enum):
    """Why a file could not be had. The value is a phrase that follows the path in a message."""

    MISSING = "does not exist"
    OUTSIDE = "lies outside the project folder"
    UNREADABLE = "cannot be read"
    NOT_TEXT = "is not UTF-8 text"
    TOO_LARGE = "is too large"
    FOLDER = "is a folder"


class FilesError(Exception):
    """A file of the project that could not be had: `problem` says why, `path` which, `detail` what is known besides.

    For `NOT_TEXT`, `detail` says where the first bad byte stands. For `MISSING`, `nearest` may name a file that is there.
    """

    def __init__(self, problem: FileProblem, path: str, detail: str = "", nearest: str | None = None) -> None:
        super().__init__(f"{path} {problem.value}" + (f" ({detail})" if detail else ""))
        self.problem = problem
        self.path = path
        self.detail = detail
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What opening a local picture, clip or sound told.

    `format` is what the content is, as a lower-case file extension (`jpg`, `png`, `gif`, `bmp`, `webp`, `mp4`, `mov`, `mp3`, `wav`, …),
    or `""` where the content could not be recognised; with `kind` None it names what is no medium (`pdf`, `svg`, …). `seconds` is None for pictures and where the length could not be known;
    `width`/`height` are pixels as displayed (EXIF rotation applied), None for sounds and where unknown. `note` says why something
    could not be looked at (for one, that the media extra is not installed), else it is empty. Where the content is known and damaged, it is
    a phrase that follows the file's name, `kind` is None, and `remedy` says what to do.
    """

    kind: MediaKind | None
    format: str
    sha256: str
    size: int
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    note: str = ""
    remedy: str = ""


class Files(Protocol):
    """Files of one project, by project path: relative to the project folder, with `/`, no `..`, never absolute."""

    def resolve(self, base: str, reference: str) -> str:
        """The project path of `reference`, written in the file whose project path is `base`. Raises FilesError(OUTSIDE)."""

    def read(self, path: str) -> SourceFile:
        """The text of a file; the same object for the same path. Raises FilesError."""

    def media(self, path: str) -> MediaFacts:
        """Kind, format, hash and measures of a local media file, looked at once. Raises FilesError."""
