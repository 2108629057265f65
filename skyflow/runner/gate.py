"""One back-off and one pace for the whole run, so that a busy service is left alone by all workers at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from skyflow.runner.events import RunEvent, Waiting
from skyflow.runner.retry import Backoff

_TROUBLES_THAT_COUNT = 3  # a single broken connection is no reason to stop everybody


class Gate:
    """Every call of the service passes here. `now` gives seconds that never jump, `chance` numbers from 0 to 1."""

    def __init__(
        self,
        backoff: Backoff,
        *,
        now: Callable[[], float],
        chance: Callable[[], float],
        emit: Callable[[RunEvent], None],
        rate: float | None = None,
    ) -> None:
        self._backoff = backoff
        self._now = now
        self._chance = chance
        self._emit = emit
        self._pause = 0.0 if rate is None else 1.0 / rate
        self._next_turn = 0.0
        self._closed_until = 0.0
        self._refusals = 0
        self._last_busy = 0.0
        self._troubles = 0
        self._silent_since: float | None = None
        self.last_trouble = ""

    async def passing(self) -> None:
        """Wait while the run holds back."""
        while (seconds := self._closed_until - self._now()) > 0:
            await asyncio.sleep(seconds)

    async def turn(self) -> None:
        """Wait for the next turn to send a paid request; then while the run holds back."""
        turn = max(self._now(), self._next_turn)
        self._next_turn = turn + self._pause
        if turn > self._now():
            await asyncio.sleep(turn - self._now())
        await self.passing()

    def busy(self, asked_for: float | None) -> None:
        """The service said 429, and for how long to stay away where it said so."""
        if self._now() - self._last_busy > self._backoff.longest:
            self._refusals = 0  # it has recovered since
        if self._now() >= self._closed_until:
            self._refusals += 1
        self._last_busy = self._now()
        seconds = self._backoff.wait(max(1, self._refusals), self._chance) if asked_for is None else asked_for
        self._hold(seconds, "the service asks to slow down")

    def trouble(self, reason: str) -> None:
        """A call failed in a way that says something about the service, not about the call."""
        self.last_trouble = reason
        self._silent_since = self._now() if self._silent_since is None else self._silent_since
        if self._now() >= self._closed_until:
            self._troubles += 1
        if self._troubles >= _TROUBLES_THAT_COUNT:
            self._hold(self._backoff.wait(self._troubles - _TROUBLES_THAT_COUNT + 1, self._chance), reason)

    def fine(self) -> None:
        """The service answered as it should."""
        self._troubles = 0
        self._silent_since = None

    @property
    def silent_for(self) -> float:
        """Seconds since calls began to fail, 0 while they succeed."""
        return 0.0 if self._silent_since is None else self._now() - self._silent_since

    def _hold(self, seconds: float, reason: str) -> None:
        until = self._now() + seconds
        if until > self._closed_until:
            self._closed_until = until
            self._emit(Waiting(seconds, reason))
