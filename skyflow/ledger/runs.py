"""Runs and their claims: who works on which clip, so that two processes on one ledger never do the same."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from skyflow.ledger.database import Database
from skyflow.ledger.owners import Owner, is_alive, this_process
from skyflow.ledger.target import Target


class Runs:
    """The tables `run` and `claim`. `clock` gives Unix seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def start(self, target: Target, storyboard: str) -> str:
        """Write down a run of this process; its id."""
        run, owner, now = secrets.token_hex(8), this_process(), self._clock()
        with self._database.transaction():
            self._database.write(
                "INSERT INTO run (id, target, storyboard, pid, process_start, host, started_at, heartbeat_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (run, target.name, storyboard, owner.pid, owner.start, owner.host, now, now),
            )
        return run

    def beat(self, run: str) -> None:
        """Say that the run lives."""
        with self._database.transaction():
            self._database.write("UPDATE run SET heartbeat_at = ? WHERE id = ?", (self._clock(), run))

    def end(self, run: str) -> None:
        """The run is over; what it had claimed is free."""
        with self._database.transaction():
            self._database.write("DELETE FROM claim WHERE run = ?", (run,))
            self._database.write("UPDATE run SET ended_at = ? WHERE id = ?", (self._clock(), run))

    def alive(self, run: str) -> bool:
        row = self._database.row("SELECT * FROM run WHERE id = ?", (run,))
        if row is None or row["ended_at"] is not None:
            return False
        owner = Owner(row["pid"], row["process_start"], row["host"])
        return is_alive(owner, self._clock() - row["heartbeat_at"])

    def owner_of(self, target: Target, key: str) -> str | None:
        """The run that has claimed the clip, alive or not."""
        row = self._database.row("SELECT run FROM claim WHERE target = ? AND key = ?", (target.name, key))
        return None if row is None else str(row["run"])

    def hand_over(self, target: Target, key: str, run: str) -> None:
        """Put the claim into the hands of `run`, whoever had it."""
        self._database.write(
            "INSERT INTO claim VALUES (?, ?, ?) ON CONFLICT (target, key) DO UPDATE SET run = excluded.run",
            (target.name, key, run),
        )

    def release(self, target: Target, key: str, run: str) -> None:
        with self._database.transaction():
            self._database.write("DELETE FROM claim WHERE target = ? AND key = ? AND run = ?", (target.name, key, run))
