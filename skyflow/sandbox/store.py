"""What a sandbox remembers across restarts: tasks, files, journal, counters, in one SQLite file. Decides nothing."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from skyflow.sandbox.settings import SandboxRefused

DATABASE = "sandbox.db"
_VERSION = 1
_SCHEMA = """
CREATE TABLE tasks (
    id TEXT PRIMARY KEY, created REAL NOT NULL, request TEXT NOT NULL, seconds REAL NOT NULL, fate TEXT NOT NULL,
    estimate INTEGER NOT NULL, cost TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL, completed REAL, error TEXT NOT NULL, notes TEXT NOT NULL
);
CREATE INDEX tasks_by_idempotency_key ON tasks (idempotency_key);
CREATE TABLE files (
    id TEXT PRIMARY KEY, extension TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL, bytes INTEGER NOT NULL,
    filename TEXT NOT NULL, created REAL NOT NULL, lives REAL
);
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, call TEXT NOT NULL, status INTEGER, fault TEXT NOT NULL,
    idempotency_key TEXT NOT NULL, task_id TEXT NOT NULL, billed TEXT NOT NULL, request TEXT NOT NULL
);
CREATE TABLE counters (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

TaskState = Literal["open", "completed", "failed"]
Fate = Literal["", "task-fails", "moderation"]


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task as it was accepted, and what became of it. Times are seconds since 1970, `cost` is what is charged for it now."""

    id: str
    created: float
    seconds: float
    fate: Fate
    estimate: int
    cost: Decimal
    state: TaskState = "open"
    completed: float | None = None
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file. `seconds` of a clip or sound where known; `lives` is how long its URL works, None for ever."""

    id: str
    extension: str
    kind: str
    seconds: float | None
    bytes: int
    filename: str
    created: float
    lives: float | None

    @property
    def name(self) -> str:
        """Of the file on disk and in its URL."""
        return f"{self.id}.{self.extension}"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that the sandbox received or booked. `status` is that of the answer, None where the connection was cut instead.

    `billed` is added to the account's charges: positive for an accepted task, negative where a charge is given back.
    """

    at: float
    call: str
    status: int | None
    fault: str = ""
    idempotency_key: str = ""
    task_id: str = ""
    billed: Decimal = Decimal(0)
    request: Any = None


class Store:
    """The open database. One process owns it; every method returns when its change is durable against a killed process."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.secret = bytes.fromhex(self._fact("secret", secrets.token_hex(32)))
        self.billed = sum((Decimal(row[0]) for row in self._db.execute("SELECT billed FROM journal")), Decimal(0))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The store in a folder, which is made where it is missing. Raises SandboxRefused."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("uploads", "results"):
                (folder / name).mkdir(exist_ok=True)
        except OSError as error:
            raise SandboxRefused(
                f"cannot write to {folder} ({error.strerror}); name another folder with --dir"
            ) from error
        try:
            return cls(_connect(folder / DATABASE))
        except sqlite3.DatabaseError as error:
            raise SandboxRefused(_why_not(folder, error)) from error

    def close(self) -> None:
        self._db.close()

    def _fact(self, name: str, first: str) -> str:
        self._db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, first))
        return str(self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0])

    def count(self, name: str) -> int:
        """Add one to a counter; the first time gives 1."""
        question = (
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1 RETURNING count"
        )
        return int(self._db.execute(question, (name,)).fetchone()[0])

    def add_task(self, task: StoredTask, request: Any, entry: JournalEntry) -> None:
        """An accepted task and its charge, both or neither."""
        with self._db:
            self._db.execute("BEGIN")
            values = (task.id, task.created, _dump(request), task.seconds, task.fate, task.estimate, str(task.cost))
            self._db.execute(
                "INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL, '', '[]')",
                (*values, entry.idempotency_key),
            )
            self._write(entry)
        self.billed += entry.billed

    def settle_task(self, task: StoredTask, entry: JournalEntry | None) -> None:
        """The end of a task, and what is given back for it."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute(
                "UPDATE tasks SET state = ?, completed = ?, error = ?, notes = ?, cost = ? WHERE id = ?",
                (task.state, task.completed, task.error, json.dumps(task.notes), str(task.cost), task.id),
            )
            if entry is not None:
                self._write(entry)
        self.billed += entry.billed if entry is not None else 0

    def add_entry(self, entry: JournalEntry) -> None:
        self._write(entry)
        self.billed += entry.billed

    def _write(self, entry: JournalEntry) -> None:
        request = "" if entry.request is None else _dump(entry.request)
        values = (
            entry.at,
            entry.call,
            entry.status,
            entry.fault,
            entry.idempotency_key,
            entry.task_id,
            str(entry.billed),
        )
        self._db.execute(
            "INSERT INTO journal (at, call, status, fault, idempotency_key, task_id, billed, request)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, request),
        )

    def tasks(self) -> Iterator[StoredTask]:
        """Every task, oldest first."""
        columns = "id, created, seconds, fate, estimate, cost, state, completed, error, notes"
        for row in self._db.execute(f"SELECT {columns} FROM tasks ORDER BY created, id"):  # noqa: S608  (our own words)
            identity, created, seconds, fate, estimate, cost, state, completed, error, notes = row
            told = tuple(json.loads(notes))
            yield StoredTask(identity, created, seconds, fate, estimate, Decimal(cost), state, completed, error, told)

    def request_of(self, task_id: str) -> Any:
        """The body with which a task was asked for."""
        row = self._db.execute("SELECT request FROM tasks WHERE id = ?", (task_id,)).fetchone()
        return None if row is None else json.loads(row[0])

    def task_with_key(self, idempotency_key: str) -> str | None:
        """The task that was first asked for with an idempotency key."""
        question = "SELECT id FROM tasks WHERE idempotency_key = ? ORDER BY created LIMIT 1"
        row = self._db.execute(question, (idempotency_key,)).fetchone()
        return None if row is None else str(row[0])

    def add_file(self, file: StoredFile) -> None:
        self._db.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (file.id, file.extension, file.kind, file.seconds, file.bytes, file.filename, file.created, file.lives),
        )

    def file(self, name: str) -> StoredFile | None:
        """The file with a name such as `ID.png`."""
        row = self._db.execute("SELECT * FROM files WHERE id = ?", (name.partition(".")[0],)).fetchone()
        stored = None if row is None else StoredFile(*row)
        return stored if stored is not None and stored.name == name else None

    def journal(self, after: int, limit: int) -> Iterator[tuple[int, JournalEntry]]:
        """Entries in the order in which they were written, with their numbers, from the one behind `after` on."""
        question = "SELECT * FROM journal WHERE id > ? ORDER BY id LIMIT ?"
        for number, at, call, status, fault, key, task_id, billed, request in self._db.execute(
            question, (after, limit)
        ):
            body = json.loads(request) if request else None
            yield number, JournalEntry(at, call, status, fault, key, task_id, Decimal(billed), body)


def _dump(request: Any) -> str:
    # ASCII: a lone surrogate in a JSON string is legal there and nowhere else.
    return json.dumps(request, separators=(",", ":"))


def _connect(path: Path) -> sqlite3.Connection:
    """The database, made or opened, owned by this process alone. Raises sqlite3.DatabaseError, SandboxRefused."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
    try:
        # In exclusive mode a second sandbox on the same folder is refused instead of sharing tasks with this one.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise SandboxRefused(
                f"{path} was written by a newer skyflow; update skyflow, or name another folder with --dir"
            )
        if version == 0:
            db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        db.execute("UPDATE counters SET count = count WHERE name = ''")  # takes the lock, or shows that it is taken
    except BaseException:
        db.close()
        raise
    return db


def _why_not(folder: Path, error: sqlite3.DatabaseError) -> str:
    if "locked" in str(error):
        return f"another sandbox is using {folder}; end it, or name another folder with --dir"
    if isinstance(error, sqlite3.OperationalError):
        return f"cannot write to {folder / DATABASE} ({error}); name another folder with --dir"
    return f"{folder / DATABASE} is no sandbox's memory ({error}); remove it, or name another folder with --dir"
