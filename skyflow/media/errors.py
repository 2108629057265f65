"""The two ways in which media cannot be had, and the one place that tries to import PyAV and Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# By folder, not by name: on a public index the name may be another project's.
INSTALL_COMMAND = 'pip install ".[media]"'


class MediaExtraMissing(Exception):
    """PyAV or Pillow is not installed; the message says which and gives the command that installs them."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"pictures, clips and sounds need the package {package}, which is not installed: {INSTALL_COMMAND}"
        )
        self.package = package


class MediaUnreadable(Exception):
    """A media file that does not decode. `path` says which, `reason` why, as a phrase, `remedy` what to do about it."""

    def __init__(self, path: Path, reason: str, remedy: str = "save or download it again") -> None:
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[MediaUnreadable], tuple[Path, str, str]]:
        # An exception crosses from a render process by pickling, which otherwise calls __init__ with the message alone.
        return MediaUnreadable, (self.path, self.reason, self.remedy)


@contextmanager
def media_extra() -> Iterator[None]:
    """Turn a failed import of PyAV or Pillow within the block into MediaExtraMissing."""
    try:
        yield
    except ImportError as error:
        package = "av" if (error.name or "").split(".")[0] == "av" else "pillow"
        raise MediaExtraMissing(package) from error


def reason_of(error: Exception) -> str:
    """Why a file could not be had, as a phrase that follows its name; says nothing of its path."""
    return error.reason if isinstance(error, MediaUnreadable) else "cannot be read"
