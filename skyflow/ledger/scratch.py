"""A private database for work that may outgrow memory: SQLite keeps it in memory while it is small and in a nameless temporary file beyond that.

Nothing in it is ever true about money, and nothing of it is left when it is closed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from skyflow.ledger.errors import LedgerFullError

# Rows are fetched in parts of this size, so that a result of any length needs little memory.
_ROWS_AT_ONCE = 2_000


class Scratch:
    """Tables of one piece of work, made by the statements of `schema`. All methods raise LedgerError where the temporary folder has no room."""

    def __init__(self, schema: str) -> None:
        # The empty name is SQLite's own for such a database (sqlite.org/inmemorydb.html, "Temporary Databases").
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA temp_store = FILE"):
            self._connection.execute(statement)
        self._connection.executescript(schema)
        self._connection.execute("BEGIN")

    def close(self) -> None:
        self._connection.close()

    def __del__(self) -> None:
        # Its life is that of the plan that holds it, which nobody closes; Python 3.13 warns of a connection that is only forgotten.
        self._connection.close()

    def put(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a changing statement once for each row of values."""
        with _no_room():
            self._connection.executemany(sql, rows)

    def do(self, sql: str, values: Sequence[object] = ()) -> None:
        """Run one changing statement."""
        with _no_room():
            self._connection.execute(sql, values)

    def rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time. The tables must not be changed before the last one was taken."""
        with _no_room():
            cursor = self._connection.execute(sql, values)
            while part := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from part


@contextmanager
def _no_room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
            raise  # a statement of ours that is wrong
        raise LedgerFullError(
            f"The folder for temporary files has no room for the rows of the plan: {error}.",
            "Make room there, or name another folder in SQLITE_TMPDIR.",
        ) from error
