"""What all steps of one run share. The world comes in here: ledger, network, clock, chance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from skyflow.ledger import Attempt, ClipStore, Fact, Ledger, News, SpendingLimit
from skyflow.runner.client import Client
from skyflow.runner.events import RunEvent, Stopping
from skyflow.runner.gate import Gate
from skyflow.runner.hosts import Publisher
from skyflow.runner.job import Job
from skyflow.runner.options import RunOptions
from skyflow.runner.replies import Answered, Reply
from skyflow.runner.retry import Backoff, Polling, retry_after
from skyflow.runner.service import Service
from skyflow.runner.writer import Writer

T = TypeVar("T")
# A service that asks for longer is asked again after this: nobody waits for a year.
LONGEST_ASKED_WAIT = 900.0


@dataclass(slots=True)
class Context:
    """`run` is the run's id in the ledger. `halted` says why nothing further is sent, `aborted` why the run ends; both "" while all is well.
    `in_air` are the keys whose request is being sent: written down, and not answered yet. `news` is what was heard of tasks and others have not
    been told yet, by key. `revive` starts the run's own sandbox again where that has died, and says whether it had.
    `publisher` gives local clips and sounds an address, None where nothing does.
    """

    root: Path
    run: str
    service: Service
    client: Client
    ledger: Ledger
    store: ClipStore
    options: RunOptions
    polling: Polling
    backoff: Backoff
    patience: float
    gate: Gate
    emit: Callable[[RunEvent], None]
    now: Callable[[], float]
    chance: Callable[[], float]
    limits: Callable[[Job], tuple[SpendingLimit, ...]]
    writer: Writer
    revive: Callable[[], bool] | None = None
    publisher: Publisher | None = None
    halted: str = ""
    aborted: str = ""
    in_air: set[str] = field(default_factory=set)
    news: dict[str, News] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, action: Callable[[], T]) -> T:
        """Run an action on the ledger; back when it is durable."""
        return await self.writer.write(action)

    async def record(self, job: Job, fact: Fact) -> Attempt:
        """Append a fact about the job's attempt; durable when it returns."""
        number = None if job.known is None else job.known.number
        target = self.service.target
        job.known = await self.write(lambda: self.ledger.record(target, job.key, fact, run=self.run, attempt=number))
        return job.known

    def asked_wait(self, reply: Reply) -> float | None:
        """The seconds that the service asks us to stay away, where it says so."""
        header = reply.retry_after if isinstance(reply, Answered) else None
        seconds = retry_after(header, datetime.fromtimestamp(self.now(), UTC))
        return None if seconds is None else min(seconds, LONGEST_ASKED_WAIT)

    def stopped(self) -> bool:
        """Whether nothing further is sent."""
        return self.halted != ""

    def halt(self, reason: str) -> None:
        """Send nothing further; what is under way is finished."""
        if not self.halted:
            self.halted = reason
            self.emit(Stopping(reason))

    def abort(self, reason: str) -> None:
        """End the run; what is under way is kept for the next one."""
        self.halt(reason)
        self.aborted = self.aborted or reason
        self.ended.set()
