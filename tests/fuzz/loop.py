"""Tries a property on one damaged storyboard after the other, and keeps what broke it, cut down to what matters."""

from __future__ import annotations

import hashlib
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.texts import damage, load_seeds

HANG = 2.0  # processor seconds that a small text may take
MAX_FOUND = 20  # of one fuzzer; whoever found so much mends first

Property = Callable[[str], None]


class Hang(Exception):
    """It took too long."""


@dataclass(slots=True)
class Tally:
    """What was tried and found: texts by a line that tells what went wrong."""

    inputs: int = 0
    slowest: float = 0.0
    found: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.inputs:,} inputs, the slowest {self.slowest * 1000:.0f} ms, {len(self.found)} failures"


def fuzz(holds: Property, *, seconds: float, seed: int, most: int | None = None) -> Tally:
    """Tries damaged storyboards for so many seconds, or `most` of them."""
    chance, seeds, tally = random.Random(seed), load_seeds(), Tally()
    end = time.monotonic() + seconds
    while time.monotonic() < end and (most is None or tally.inputs < most) and len(tally.found) < MAX_FOUND:
        text = damage(chance, seeds)
        start = time.process_time()
        reason = failure(holds, text)
        tally.slowest = max(tally.slowest, time.process_time() - start)
        tally.inputs += 1
        if reason is not None and reason not in tally.found:
            tally.found[reason] = _smaller(text, lambda shorter, reason=reason: failure(holds, shorter) == reason)
    return tally


def failure(holds: Property, text: str) -> str | None:
    """What goes wrong with a text, in a line; None where the property holds."""
    try:
        with _limit(HANG):
            holds(text)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        at = "" if isinstance(error, Hang) else f" ({Path(last.filename).name}:{last.lineno})"
        return f"{type(error).__name__}: {str(error)[:100]}{at}".replace("\n", " ")
    return None


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raises Hang where the block takes longer (on systems that have timers of processor time)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(_number: int, _frame: Any) -> None:
        raise Hang(f"not done after {seconds:g} s")

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _smaller(text: str, fails: Callable[[str], bool]) -> str:
    """A shorter text that fails in the same way: pieces are left out, large ones first."""
    end = time.monotonic() + 20
    size = len(text) // 2
    while size and time.monotonic() < end:
        start = 0
        while start < len(text) and time.monotonic() < end:
            shorter = text[:start] + text[start + size :]
            if fails(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    return text


def keep(tally: Tally, folder: Path) -> None:
    """Writes what was found into a folder, a file for each failure."""
    folder.mkdir(parents=True, exist_ok=True)
    for reason, text in tally.found.items():
        place = folder / f"{hashlib.sha256(reason.encode()).hexdigest()[:12]}.sky"
        place.write_bytes(text.encode("utf-8", "surrogatepass"))
        print(f"{place}: {reason}")
