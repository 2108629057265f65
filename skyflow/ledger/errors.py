"""What can go wrong with the ledger's file, said in words and with what to do; SQLite's own errors never leave this room."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LedgerError(Exception):
    """The ledger could not be read or written. `message` says what was found, `remedy` what to do.

    Nothing is lost by it: what could not be written was rolled back whole, and what stood there before still does.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


class LedgerReadOnlyError(LedgerError):
    """The file or its folder may not be written."""


class LedgerFullError(LedgerError):
    """The disk has no room for the next row."""


class LedgerBusyError(LedgerError):
    """Another program keeps the file locked for longer than we wait."""


class LedgerCorruptError(LedgerError):
    """The file is no ledger, or a damaged one."""


class LedgerVersionError(LedgerError):
    """The file was written by a newer skyflow."""


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at `path` into a LedgerError."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a broken invariant is our mistake, not the user's
    except sqlite3.DatabaseError as error:
        raise _explain(error, path) from error


def _explain(error: sqlite3.DatabaseError, path: Path) -> LedgerError:
    # The low byte is SQLite's primary result code (sqlite.org/rescode.html).
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_READONLY or code == sqlite3.SQLITE_PERM:
        return LedgerReadOnlyError(
            f"The ledger {path} may not be written.", "Give yourself the right to write it and its folder."
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return LedgerReadOnlyError(
            f"The ledger {path} cannot be opened.", "See that its folder exists and that you may read and write there."
        )
    if code == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR:
        return LedgerFullError(
            f"The ledger {path} could not be written: {error}.",
            "Make room on the disk and run again; what was known is kept.",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerBusyError(
            f"The ledger {path} is locked by another program.", "Close the program that has it open and run again."
        )
    return LedgerCorruptError(
        f"The ledger {path} is damaged or no ledger: {error}.",
        "Do not delete it, it knows what was paid. Put a copy of an earlier day in its place, or move it aside and settle by hand what was running.",
    )
