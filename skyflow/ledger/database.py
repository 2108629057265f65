"""The ledger's SQLite file: opened so that a commit is on the disk, brought to the present schema, written in whole transactions."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from skyflow.ledger.errors import LedgerCorruptError, LedgerReadOnlyError, LedgerVersionError, sqlite_errors
from skyflow.ledger.schema import APPLICATION_ID, MIGRATIONS

# Transactions take milliseconds; whoever holds the file longer than this is no run of ours.
BUSY_SECONDS = 15.0
_WAL_TRIES = 100
_WAL_PAUSE = 0.05


class Database:
    """One open ledger file. Reads see what was committed; writes happen inside `transaction()`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._depth = 0

    def close(self) -> None:
        self._connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        with sqlite_errors(self.path):
            return self._connection.execute(sql, values).fetchall()

    def tuples(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """`rows` without the names of columns, for very many of them."""
        with sqlite_errors(self.path):
            cursor = self._connection.cursor()
            cursor.row_factory = None
            return cursor.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def write(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> int:
        """Run one changing statement inside a transaction; the id of a row that it inserted."""
        if not self._depth:
            raise RuntimeError("a write outside a transaction")
        with sqlite_errors(self.path):
            return self._connection.execute(sql, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on the disk when it is left. An inner one is part of the outer one."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        with sqlite_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            with sqlite_errors(self.path):
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0


def open_database(path: Path, migrations: Sequence[str] = MIGRATIONS) -> Database:
    """Open the ledger at `path` for writing; make it where it is missing. Raises LedgerError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerReadOnlyError(
            f"The folder {path.parent} cannot be made: {error.strerror}.", "Give yourself the right to write there."
        ) from error
    _refuse_no_file(path)
    with sqlite_errors(path):
        connection = _connect(str(path))
    try:
        with sqlite_errors(path):
            version = _refuse_foreign(connection, path)
            if 0 < version < len(migrations):
                _keep_copy(connection, path.with_name(f"{path.name}.before-schema-{len(migrations)}"))
            _migrate(connection, path, migrations)
            _use_wal(connection)
    except BaseException:
        connection.close()
        raise
    return Database(path, connection)


def read_database(path: Path, migrations: Sequence[str] = MIGRATIONS) -> Database:
    """The ledger at `path` for reading only; an empty one where there is none yet. Nothing on the disk is changed. Raises LedgerError."""
    _refuse_no_file(path)
    if not path.exists():
        memory = _connect(":memory:")
        _migrate(memory, path, migrations)
        return Database(path, memory)
    with sqlite_errors(path):
        connection = _connect_to_read(path)
    try:
        with sqlite_errors(path):
            version = _refuse_foreign(connection, path)
            _refuse_newer(version, path, migrations)
            if version < len(migrations):
                connection = _migrated_copy(connection, path, migrations)
    except BaseException:
        connection.close()
        raise
    return Database(path, connection)


def _refuse_no_file(path: Path) -> None:
    """Raise LedgerCorruptError where something that is no file stands in the place of the ledger; a pipe would be waited for without end."""
    if path.exists() and not path.is_file():
        raise LedgerCorruptError(
            f"{path} is no file.",
            "Move it aside; skyflow keeps its ledger there. If you have a copy of it, put that there.",
        )


def _connect(name: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(name, uri=uri, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    uri = path.resolve().as_uri()
    connection = _connect(f"{uri}?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(path.name + "-wal").exists():
            raise
        # In a folder that may not be written, SQLite cannot lay its index beside the file; without a log there is nothing to index.
        connection = _connect(f"{uri}?mode=ro&immutable=1", uri=True)
    return connection


def _migrated_copy(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    memory = _connect(":memory:")
    connection.backup(memory)
    connection.close()
    _migrate(memory, path, migrations)
    return memory


def _keep_copy(connection: sqlite3.Connection, copy: Path) -> None:
    target = sqlite3.connect(copy)
    try:
        connection.backup(target)
    finally:
        target.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. SQLite does not wait for a lock here by itself, so we do."""
    for attempt in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or attempt == _WAL_TRIES - 1:
                raise
            time.sleep(_WAL_PAUSE)
        else:
            return


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version of the file; raises LedgerCorruptError where it is some other SQLite file."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    known = int(connection.execute("PRAGMA application_id").fetchone()[0]) == APPLICATION_ID
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not known and not empty:
        raise LedgerCorruptError(
            f"The file {path} is no ledger of skyflow.", "Move it aside; skyflow keeps its ledger there."
        )
    return version


def _refuse_newer(version: int, path: Path, migrations: Sequence[str]) -> None:
    if version > len(migrations):
        raise LedgerVersionError(
            f"The ledger {path} was written by a newer skyflow (schema {version}; this one knows {len(migrations)}).",
            "Update skyflow; nothing was changed.",
        )


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read under the lock: another process may have migrated while we waited for it.
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        _refuse_newer(version, path, migrations)
        for script in migrations[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        if version == 0:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("INSERT INTO meta VALUES ('id', ?)", (secrets.token_hex(16),))
        if version < len(migrations):
            connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
