"""Misbehaviour on purpose: which faults there are, how one is asked for, and when it strikes. What it does is its place's business."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

FAULTS: dict[str, str] = {
    "lost-answer": "a request is accepted and billed, and the connection is cut before the answer",
    "error-500": "a call of the API is answered with 500, before anything else happens",
    "rate-limit": "a call of the API is answered with 429 and Retry-After",
    "slow": "an answer of the API is held back for some seconds",
    "task-fails": "a task fails, and its charge is given back",
    "moderation": "a task is refused by moderation, and its charge stays",
    "truncated-download": "a result file breaks off in its middle",
    "expired-url": "a finished task names a result URL that has expired; asked again, it names a good one",
    "odd-answer": "a task is told unusually: URL as string or list, error as string or object, an unknown status word",
}


class FaultUnknown(ValueError):
    """A `--fault` that cannot be read; the message says what would have been right."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Strikes at a `rate` between 0 and 1, or exactly the `nth` time (from 1) that its place is passed."""

    name: str
    rate: float = 0.0
    nth: int | None = None


def parse_fault(text: str) -> Fault:
    """Read `NAME=RATE` or `NAME=@N`. Raises FaultUnknown."""
    name, equals, value = text.partition("=")
    if name not in FAULTS:
        near = {fault.replace("-", ""): fault for fault in FAULTS}
        found = get_close_matches(re.sub(r"[\W_]", "", name.lower()), near, n=1)
        better = f"did you mean `{near[found[0]]}`?" if found else f"there are: {', '.join(FAULTS)}"
        raise FaultUnknown(f"`{name}` is no fault; {better}")
    if not equals:
        raise FaultUnknown(
            f"`{text}` does not say how often: write {name}=0.1 (one time in ten) or {name}=@3 (the third time)"
        )
    if nth := re.fullmatch(r"@([1-9][0-9]{0,8})", value):
        return Fault(name, nth=int(nth[1]))
    if re.fullmatch(r"[0-9]*\.?[0-9]+", value) and 0 <= (rate := float(value)) <= 1:
        return Fault(name, rate=rate)
    raise FaultUnknown(f"`{value}` is no rate for {name}: write a number from 0 to 1, or @N for the Nth time")


class FaultPlan:
    """Decides when faults strike: by the seed and by how often each place was passed, so that a run can be repeated.

    `count` adds one to a named counter that survives restarts, and returns it.
    """

    def __init__(self, faults: Sequence[Fault], seed: int, count: Callable[[str], int]) -> None:
        self._faults: dict[str, list[Fault]] = {}
        for fault in faults:
            self._faults.setdefault(fault.name, []).append(fault)
        self._seed, self._count = seed, count

    def strikes(self, name: str) -> bool:
        """Whether a fault strikes at its place now; each call passes the place once."""
        faults = self._faults.get(name)
        if not faults:
            return False
        passed = self._count(f"fault/{name}")
        return any(fault.nth == passed or draw(self._seed, name, passed) < fault.rate for fault in faults)


def draw(seed: int, name: str, passed: int) -> float:
    """A number from 0 to below 1 that depends on nothing but its arguments."""
    digest = hashlib.sha256(f"{seed}/{name}/{passed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
