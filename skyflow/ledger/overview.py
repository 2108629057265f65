"""The ledger as people look at it: how many clips stand how, which need a look, whose key begins so. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

from skyflow.ledger.database import Database
from skyflow.ledger.facts import Label
from skyflow.ledger.rows import attempt_of
from skyflow.ledger.states import Attempt, State
from skyflow.ledger.target import Target

# Only the last attempt of a clip says how the clip stands.
_LAST = "NOT EXISTS (SELECT 1 FROM attempt AS later WHERE later.target = a.target AND later.key = a.key AND later.number > a.number)"
_TYPICAL_OF = 50  # the last tasks that tell how long one takes
_HEX = frozenset("0123456789abcdef")


class Overview:
    """`as_seen` shows an attempt as it stands in truth: what a dead run was sending is in doubt."""

    def __init__(self, database: Database, as_seen: Callable[[Target, str, Attempt], Attempt]) -> None:
        self._database = database
        self._as_seen = as_seen

    def counts(self, target: Target) -> dict[State, int]:
        """How many clips stand how; each clip once, by its last attempt."""
        rows = self._database.rows(
            f"SELECT state, count(*) AS n FROM attempt AS a WHERE target = ? AND {_LAST} GROUP BY state",  # noqa: S608
            (target.name,),
        )
        found = {State(row["state"]): int(row["n"]) for row in rows}
        posting = found.pop(State.POSTING, 0)
        for _, attempt in self.clips(target, (State.POSTING,)) if posting else ():
            found[attempt.state] = found.get(attempt.state, 0) + 1
        return found

    def clips(self, target: Target, states: Iterable[State]) -> list[tuple[str, Attempt]]:
        """The clips whose last attempt is in one of these states, by key, oldest first."""
        names = [state.value for state in states]
        marks = ", ".join("?" * len(names))
        rows = self._database.rows(
            f"SELECT * FROM attempt AS a WHERE target = ? AND state IN ({marks}) AND {_LAST} ORDER BY posted_at, key",  # noqa: S608
            (target.name, *names),
        )
        return [(row["key"], self._as_seen(target, row["key"], attempt_of(row))) for row in rows]

    def beginning_with(self, target: Target, beginning: str) -> list[tuple[str, Attempt]]:
        """The clips whose key begins so, by key, with their last attempts."""
        if not beginning or not _HEX.issuperset(beginning):
            return []
        rows = self._database.rows(
            f"SELECT * FROM attempt AS a WHERE target = ? AND key >= ? AND key < ? AND {_LAST} ORDER BY key",  # noqa: S608
            (target.name, beginning, beginning + "g"),  # keys are hexadecimal, and `g` is behind all their digits
        )
        return [(row["key"], self._as_seen(target, row["key"], attempt_of(row))) for row in rows]

    def called(self, target: Target, shot: str) -> list[tuple[Label, str, Attempt]]:
        """The clips of shots of this name, with or without their scene, by label: as the last run knew them, else as they were sent.

        What a shot was before it was changed is among them only where it may still want something of a person.
        """
        named = "(shot = ? OR substr(shot, -?) = ?)"
        ending = (shot, len(shot) + 1, f".{shot}")
        seen = {
            Label(row["storyboard"], row["variant"], row["shot"], row["take"]): str(row["key"])
            for row in self._database.rows(f"SELECT * FROM shot WHERE target = ? AND {named}", (target.name, *ending))  # noqa: S608
        }
        found = [(label, key, attempt) for label, key in seen.items() for attempt in self._last(target, key)]
        known = {(label, key) for label, key, _ in found}
        rows = self._database.rows(
            f"SELECT * FROM attempt AS a WHERE target = ? AND {named} AND {_LAST}",  # noqa: S608
            (target.name, *ending),
        )
        current = {label for label, _ in known}
        for row in rows:
            attempt = self._as_seen(target, row["key"], attempt_of(row))
            is_past = attempt.label in current and attempt.state is State.HAVE
            if (attempt.label, row["key"]) not in known and not is_past:
                found.append((attempt.label, row["key"], attempt))
        return sorted(found, key=lambda one: (one[0].storyboard, one[0].variant, one[0].shot, one[0].take, one[1]))

    def names(self, target: Target) -> list[str]:
        """What shots are called that were ever sent."""
        rows = self._database.rows("SELECT DISTINCT shot FROM attempt WHERE target = ? ORDER BY shot", (target.name,))
        return [row["shot"] for row in rows]

    def _last(self, target: Target, key: str) -> list[Attempt]:
        rows = self._database.rows(
            f"SELECT * FROM attempt AS a WHERE target = ? AND key = ? AND {_LAST}",  # noqa: S608
            (target.name, key),
        )
        return [self._as_seen(target, key, attempt_of(row)) for row in rows]

    def storyboards(self, target: Target) -> list[str]:
        """The storyboards that anything was sent for, by their project paths."""
        rows = self._database.rows(
            "SELECT DISTINCT storyboard FROM attempt WHERE target = ? ORDER BY storyboard", (target.name,)
        )
        return [row["storyboard"] for row in rows]

    def clip_of_task(self, target: Target, task_id: str) -> str | None:
        """The key of the clip that a task was started for; None where the task is not known."""
        row = self._database.row(
            "SELECT key FROM attempt WHERE target = ? AND task_id = ? LIMIT 1", (target.name, task_id)
        )
        return None if row is None else str(row["key"])

    def typical_seconds(self, target: Target) -> float | None:
        """How long a task usually takes, from accepted to completed: the middle one of the last that were heard of; None where none was."""
        rows = self._database.tuples(
            "SELECT completed_at - accepted_at FROM attempt WHERE target = ? AND state IN ('made', 'have')"
            " AND completed_at IS NOT NULL AND accepted_at IS NOT NULL ORDER BY completed_at DESC LIMIT ?",
            (target.name, _TYPICAL_OF),
        )
        return median(seconds for (seconds,) in rows) if rows else None
