"""What living runs let others see, and what others may ask of them: their queues, the news of their tasks, a person's word to stop.

Nothing here is about money, and none of it is needed to go on after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from skyflow.ledger.database import Database
from skyflow.ledger.facts import Label
from skyflow.ledger.money import from_nano, to_nano
from skyflow.ledger.target import Target, target_named


@dataclass(frozen=True, slots=True)
class Queued:
    """A clip that a run will send: `estimate` is its cost in dollars, `cancelled` whether a person took it back."""

    run: str
    target: Target
    key: str
    label: Label
    estimate: Decimal
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class RunAtWork:
    """A run whose process is alive, and the project path of the storyboard that it makes."""

    run: str
    target: Target
    storyboard: str


@dataclass(frozen=True, slots=True)
class News:
    """What the service last said of a task: its own word, per cent, the seconds that such a task takes; `heard_at` is Unix seconds."""

    status: str
    progress: int | None
    estimated: float | None
    heard_at: float = 0.0


class Live:
    """The tables `queued` and `news`, and who asked a run to stop. `alive` tells whether a run is at work."""

    def __init__(self, database: Database, clock: Callable[[], float], alive: Callable[[str], bool]) -> None:
        self._database = database
        self._clock = clock
        self._alive = alive

    # --- the run's side -------------------------------------------------------------------------------------------

    def enqueue(self, run: str, clips: Iterable[Queued]) -> None:
        """Show what the run will send. What runs that are gone left here is swept away."""
        with self._database.transaction():
            for row in self._database.rows("SELECT DISTINCT run FROM queued"):
                if not self._alive(row["run"]):
                    self.forget(row["run"])
            for clip in clips:
                label = clip.label
                self._database.write(
                    "INSERT OR IGNORE INTO queued VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                    (run, clip.key, label.storyboard, label.variant, label.shot, label.take, to_nano(clip.estimate)),
                )

    def dequeue(self, run: str, keys: Iterable[str]) -> None:
        """These are sent, or will not be."""
        with self._database.transaction():
            for key in keys:
                self._database.write("DELETE FROM queued WHERE run = ? AND key = ?", (run, key))

    def hush(self, target: Target, keys: Iterable[str]) -> None:
        """There is no news of these any more: they are at their end."""
        with self._database.transaction():
            for key in keys:
                self._database.write("DELETE FROM news WHERE target = ? AND key = ?", (target.name, key))

    def forget(self, run: str) -> None:
        """The run is over: nothing waits in it, and nobody hears news of what it had claimed."""
        claimed = "SELECT claim.target, claim.key FROM claim WHERE run = ?"
        with self._database.transaction():
            self._database.write("DELETE FROM queued WHERE run = ?", (run,))
            self._database.write(f"DELETE FROM news WHERE (target, key) IN ({claimed})", (run,))  # noqa: S608

    def is_cancelled(self, run: str, key: str) -> bool:
        """Whether a person took this clip back."""
        row = self._database.row("SELECT cancelled_at FROM queued WHERE run = ? AND key = ?", (run, key))
        return row is not None and row["cancelled_at"] is not None

    def is_stop_asked(self, run: str) -> bool:
        """Whether a person asked the run to send nothing further."""
        row = self._database.row("SELECT stop_asked_at FROM run WHERE id = ?", (run,))
        return row is not None and row["stop_asked_at"] is not None

    def hear(self, target: Target, news: Iterable[tuple[str, News]]) -> None:
        """Keep the last that was said of each of these tasks, by key."""
        now = self._clock()
        with self._database.transaction():
            for key, said in news:
                self._database.write(
                    "INSERT OR REPLACE INTO news VALUES (?, ?, ?, ?, ?, ?)",
                    (target.name, key, said.status, said.progress, said.estimated, now),
                )

    # --- the side of others ---------------------------------------------------------------------------------------

    def runs(self) -> list[RunAtWork]:
        """The runs that are at work, oldest first."""
        rows = self._database.rows("SELECT * FROM run WHERE ended_at IS NULL ORDER BY started_at, id")
        return [
            RunAtWork(row["id"], target_named(row["target"]), row["storyboard"])
            for row in rows
            if self._alive(row["id"])
        ]

    def queued(self) -> list[Queued]:
        """What runs that are at work will still send."""
        rows = self._database.rows(
            "SELECT queued.*, run.target FROM queued JOIN run ON run.id = queued.run"
            " ORDER BY run.started_at, run.id, storyboard, variant, shot, take"
        )
        living = {run for run in {row["run"] for row in rows} if self._alive(run)}
        return [
            Queued(
                row["run"],
                target_named(row["target"]),
                row["key"],
                Label(row["storyboard"], row["variant"], row["shot"], row["take"]),
                from_nano(row["estimate"]),
                row["cancelled_at"] is not None,
            )
            for row in rows
            if row["run"] in living
        ]

    def cancel(self, run: str, key: str) -> bool:
        """Take a clip back from the queue of a run; whether it was still there."""
        with self._database.transaction():
            self._database.write(
                "UPDATE queued SET cancelled_at = ? WHERE run = ? AND key = ?", (self._clock(), run, key)
            )
            return self.is_cancelled(run, key)

    def ask_to_stop(self, run: str) -> None:
        """Ask a run to send nothing further; what is under way it brings home."""
        with self._database.transaction():
            self._database.write("UPDATE run SET stop_asked_at = ? WHERE id = ?", (self._clock(), run))

    def news(self, target: Target) -> dict[str, News]:
        """The last that was said of each task on the target, by key."""
        rows = self._database.rows("SELECT * FROM news WHERE target = ?", (target.name,))
        return {row["key"]: News(row["status"], row["progress"], row["estimated"], row["heard_at"]) for row in rows}
