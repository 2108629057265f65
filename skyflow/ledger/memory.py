"""What the ledger remembers besides money: uploads, and which clip each shot was when it was last run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from skyflow.ledger.database import Database
from skyflow.ledger.target import Target

ShotName = tuple[str, str, int]  # variant, shot, take
# SQLite takes at least 999 values in one statement (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER).
_NAMES_AT_ONCE = 900


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

    def see(self, target: Target, storyboard: str, shots: Iterable[SeenShot], *, whole: bool = False) -> None:
        """Write down which clips a run was asked for; where that was the `whole` storyboard, what it has no more is forgotten."""
        now = self._clock()
        with self._database.transaction():
            for shot in shots:
                self._database.write("INSERT OR IGNORE INTO request VALUES (?, ?)", (shot.key, shot.compiled))
                self._database.write(
                    "INSERT OR REPLACE INTO shot VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (target.name, storyboard, shot.variant, shot.shot, shot.take, shot.key, now),
                )
            if whole:
                self._database.write(
                    "DELETE FROM shot WHERE target = ? AND storyboard = ? AND seen_at < ?",
                    (target.name, storyboard, now),
                )

    def known(self, target: Target, storyboard: str) -> Mapping[ShotName, str]:
        """The key of each shot of the storyboard when it was last run on this target."""
        rows = self._database.rows(
            "SELECT variant, shot, take, key FROM shot WHERE target = ? AND storyboard = ?", (target.name, storyboard)
        )
        return {(row["variant"], row["shot"], row["take"]): row["key"] for row in rows}

    def of_variants(self, target: Target, storyboard: str, variants: Iterable[str]) -> dict[ShotName, str]:
        """What `known` tells, of some variants only."""
        found: dict[ShotName, str] = {}
        for part in _parts(variants):
            marks = ", ".join("?" * len(part))
            sql = f"SELECT variant, shot, take, key FROM shot WHERE target = ? AND storyboard = ? AND variant IN ({marks})"  # noqa: S608
            rows = self._database.tuples(sql, (target.name, storyboard, *part))
            found.update({(variant, shot, take): key for variant, shot, take, key in rows})
        return found

    def variants(self, target: Target, storyboard: str) -> Iterator[str]:
        """The names of all variants of the storyboard that were ever run on this target, in order."""
        after, clause = "", ">="
        while True:
            sql = f"SELECT DISTINCT variant FROM shot WHERE target = ? AND storyboard = ? AND variant {clause} ? ORDER BY variant LIMIT ?"  # noqa: S608
            names = [
                row["variant"] for row in self._database.rows(sql, (target.name, storyboard, after, _NAMES_AT_ONCE))
            ]
            yield from names
            if len(names) < _NAMES_AT_ONCE:
                return
            after, clause = names[-1], ">"

    def requests(self, keys: Iterable[str]) -> dict[str, str]:
        """The compiled request, as JSON, of each of these clips that a run was ever asked for."""
        found: dict[str, str] = {}
        for part in _parts(keys):
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(f"SELECT key, compiled FROM request WHERE key IN ({marks})", part)  # noqa: S608
            found.update({row["key"]: row["compiled"] for row in rows})
        return found


def _parts(values: Iterable[str]) -> Iterator[Sequence[str]]:
    wanted = list(values)
    for start in range(0, len(wanted), _NAMES_AT_ONCE):
        yield wanted[start : start + _NAMES_AT_ONCE]
