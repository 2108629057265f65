"""The facts that the ledger appends: what was done for one clip, or what was heard of it. Each is one row that never changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Label:
    """How people call the clip: the storyboard's project path, the variant, the shot and the take that asked for it first."""

    storyboard: str
    variant: str
    shot: str
    take: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A request is about to be sent. Durable before it is: from here on it may have been billed.

    `estimate` is what it will cost in dollars by the price table, `exact` whether that is certain. `request` is the body as sent.
    """

    idempotency_key: str
    estimate: Decimal
    exact: bool
    label: Label
    request: Mapping[str, Any]
    kind = "posting"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service answered with a task id."""

    task_id: str
    kind = "accepted"


@dataclass(frozen=True, slots=True)
class Refused:
    """The request surely was not accepted, so nothing was billed: `status` is the HTTP status, None where it never left this machine."""

    status: int | None
    message: str
    kind = "refused"


@dataclass(frozen=True, slots=True)
class Doubted:
    """No answer came, or none that could be read: the request may or may not have been accepted and billed."""

    reason: str
    kind = "doubted"


@dataclass(frozen=True, slots=True)
class Completed:
    """The task is completed: where its clip can be fetched, until when (Unix seconds), and what the service says it charged (dollars)."""

    urls: tuple[str, ...]
    expires_at: float | None = None
    cost: Decimal | None = None
    credits_cost: Decimal | None = None
    kind = "completed"


@dataclass(frozen=True, slots=True)
class Failed:
    """The task failed or was cancelled, and said so twice. `cost` is what the service says it charged all the same."""

    code: str
    message: str
    cost: Decimal | None = None
    kind = "failed"


@dataclass(frozen=True, slots=True)
class Stored:
    """The clip lies in the project, whole and playable: `size` in bytes, `seconds` where it could be measured."""

    sha256: str
    size: int
    seconds: float | None = None
    kind = "stored"


@dataclass(frozen=True, slots=True)
class Missing:
    """A clip that was stored is not there any more, or is not what was stored."""

    reason: str
    kind = "missing"


@dataclass(frozen=True, slots=True)
class Lost:
    """A paid clip that can no longer be fetched from anywhere."""

    reason: str
    kind = "lost"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A person found the task that a doubtful request made."""

    task_id: str
    kind = "adopted"


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """The request may be sent once more. `by` tells who decided: a person, or the run on the sandbox that it started itself."""

    by: Literal["person", "run"]
    kind = "resubmitted"


@dataclass(frozen=True, slots=True)
class Retried:
    """A person wants another attempt at what failed, was lost or was given up, though that may have been billed."""

    kind = "retried"


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A person gave the clip up."""

    kind = "abandoned"


Fact = (
    Posting
    | Accepted
    | Refused
    | Doubted
    | Completed
    | Failed
    | Stored
    | Missing
    | Lost
    | Adopted
    | Resubmitted
    | Retried
    | Abandoned
)

FACTS: tuple[type[Fact], ...] = (
    Posting,
    Accepted,
    Refused,
    Doubted,
    Completed,
    Failed,
    Stored,
    Missing,
    Lost,
    Adopted,
    Resubmitted,
    Retried,
    Abandoned,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One fact in its place: the `number`th event of the ledger, at `at` (Unix seconds), about attempt `attempt` (from 1) of a clip, written by `run`."""

    number: int
    at: float
    attempt: int
    run: str
    fact: Fact


def encode_fact(fact: Fact) -> str:
    """The fact as JSON for its row; money as text."""
    return json.dumps({item.name: _plain(getattr(fact, item.name)) for item in fields(fact)}, ensure_ascii=False)


def decode_fact(kind: str, text: str) -> Fact:
    """The inverse of `encode_fact`."""
    cls = next(cls for cls in FACTS if cls.kind == kind)
    return cls(**{name: _rich(name, value) for name, value in json.loads(text).items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Label):
        return [value.storyboard, value.variant, value.shot, value.take]
    return value


def _rich(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ("estimate", "cost", "credits_cost"):
        return Decimal(value)
    if name == "label":
        return Label(*value)
    return tuple(value) if name == "urls" else value
