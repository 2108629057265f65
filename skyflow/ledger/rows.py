"""Rows of the tables as values, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from skyflow.ledger.facts import Event, Label, decode_fact
from skyflow.ledger.money import from_nano, to_nano
from skyflow.ledger.states import Attempt, State

_COLUMNS = (
    "target", "key", "number", "last_event", "state", "run", "idempotency_key", "estimate", "exact", "charged",
    "storyboard", "variant", "shot", "take", "task_id", "posted_at", "accepted_at", "completed_at", "stored_at", "changed_at",
    "reason", "urls", "expires_at", "sha256", "size", "seconds", "adopted",
)  # fmt: skip

# Two statements and not one upsert: SQLite fires the insert trigger of an upsert also where it updates.
INSERT_ATTEMPT = f"INSERT INTO attempt ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + name for name in _COLUMNS)})"  # noqa: S608
UPDATE_ATTEMPT = (
    f"UPDATE attempt SET {', '.join(f'{name} = :{name}' for name in _COLUMNS[3:])}"  # noqa: S608
    " WHERE target = :target AND key = :key AND number = :number"
)


def attempt_values(target: str, key: str, attempt: Attempt, last_event: int) -> Mapping[str, Any]:
    """The values of both statements."""
    label = attempt.label
    return {
        "target": target,
        "key": key,
        "number": attempt.number,
        "last_event": last_event,
        "state": attempt.state.value,
        "run": attempt.run,
        "idempotency_key": attempt.idempotency_key,
        "estimate": to_nano(attempt.estimate),
        "exact": int(attempt.exact),
        "charged": None if attempt.charged is None else to_nano(attempt.charged),
        "storyboard": label.storyboard,
        "variant": label.variant,
        "shot": label.shot,
        "take": label.take,
        "task_id": attempt.task_id,
        "posted_at": attempt.posted_at,
        "accepted_at": attempt.accepted_at,
        "completed_at": attempt.completed_at,
        "stored_at": attempt.stored_at,
        "changed_at": attempt.changed_at,
        "reason": attempt.reason,
        "urls": json.dumps(attempt.urls),
        "expires_at": attempt.expires_at,
        "sha256": attempt.sha256,
        "size": attempt.size,
        "seconds": attempt.seconds,
        "adopted": int(attempt.adopted),
    }


def attempt_of(row: sqlite3.Row) -> Attempt:
    charged = row["charged"]
    return Attempt(
        number=row["number"],
        state=State(row["state"]),
        run=row["run"],
        idempotency_key=row["idempotency_key"],
        estimate=from_nano(row["estimate"]),
        exact=bool(row["exact"]),
        label=Label(row["storyboard"], row["variant"], row["shot"], row["take"]),
        posted_at=row["posted_at"],
        changed_at=row["changed_at"],
        charged=None if charged is None else from_nano(charged),
        task_id=row["task_id"],
        accepted_at=row["accepted_at"],
        completed_at=row["completed_at"],
        stored_at=row["stored_at"],
        reason=row["reason"],
        urls=tuple(json.loads(row["urls"])),
        expires_at=row["expires_at"],
        sha256=row["sha256"],
        size=row["size"],
        seconds=row["seconds"],
        adopted=bool(row["adopted"]),
    )


def event_of(row: sqlite3.Row) -> Event:
    return Event(row["number"], row["at"], row["attempt"], row["run"], decode_fact(row["kind"], row["fact"]))
