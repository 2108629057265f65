"""What the ledger remembers besides money: uploads, and which clip each shot was when it was last run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from skyflow.ledger.database import Database
from skyflow.ledger.target import Target

ShotName = tuple[str, str, int]  # variant, shot, take


@dataclass(frozen=True, slots=True)
class SeenShot:
    """A shot as a run was asked for it: `compiled` is its request as JSON, with the `skyflow:` URLs in it."""

    variant: str
    shot: str
    take: int
    key: str
    compiled: str


class Uploads:
    """The table `upload`: files that a service holds for us, by the hash of their content."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def find(self, base: str, sha256: str, spare_seconds: float) -> str | None:
        """The URL under which the service at `base` has these bytes for at least `spare_seconds` from now."""
        row = self._database.row(
            "SELECT url FROM upload WHERE base = ? AND sha256 = ? AND expires_at > ?",
            (base, sha256, self._clock() + spare_seconds),
        )
        return None if row is None else str(row["url"])

    def remember(self, base: str, sha256: str, url: str, expires_at: float) -> None:
        """Keep a URL until it expires; those that did are dropped."""
        with self._database.transaction():
            self._database.write("DELETE FROM upload WHERE expires_at < ?", (self._clock(),))
            self._database.write("INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?)", (base, sha256, url, expires_at))


class Shots:
    """The tables `shot` and `request`."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def see(self, target: Target, storyboard: str, shots: Iterable[SeenShot]) -> None:
        """Write down which clips a run was asked for."""
        now = self._clock()
        with self._database.transaction():
            for shot in shots:
                self._database.write("INSERT OR IGNORE INTO request VALUES (?, ?)", (shot.key, shot.compiled))
                self._database.write(
                    "INSERT OR REPLACE INTO shot VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (target.name, storyboard, shot.variant, shot.shot, shot.take, shot.key, now),
                )

    def known(self, target: Target, storyboard: str) -> Mapping[ShotName, str]:
        """The key of each shot of the storyboard when it was last run on this target."""
        rows = self._database.rows(
            "SELECT variant, shot, take, key FROM shot WHERE target = ? AND storyboard = ?", (target.name, storyboard)
        )
        return {(row["variant"], row["shot"], row["take"]): row["key"] for row in rows}
