"""What can come back from a request: an answer, silence after it was sent, or nothing because it never left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """The service answered. `body` is its JSON, None where it is none; `text` the beginning of what it wrote;
    `retry_after` and `location` are the headers of these names."""

    status: int
    body: Any
    text: str
    retry_after: str | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The request, or a part of it, was sent and no whole answer came."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing was sent: no connection came about."""

    reason: str


@dataclass(frozen=True, slots=True)
class Visited:
    """What a plain visitor finds at an address: `size` of the whole in bytes, None where nothing is given out; `text` is the beginning of what was
    said instead, `location` where it leads on to."""

    status: int
    size: int | None
    text: str = ""
    location: str = ""


Reply = Answered | Unanswered | Unreachable
