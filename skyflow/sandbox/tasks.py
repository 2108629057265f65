"""The life of tasks: accepted and charged, waiting, rendered, completed or failed. Knows no HTTP."""

from __future__ import annotations

import json
import math
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from skyflow.contract import DEFAULT_PRICES, price_of
from skyflow.contract.dollars import show_dollars
from skyflow.sandbox.settings import SandboxSettings
from skyflow.sandbox.store import Fate, JournalEntry, Store, StoredTask

SUBMIT_CALL = "POST /v1/videos/generations"
_PENDING_SHARE = 0.15  # of the latency: how long a task is told to wait for its turn
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ERRORS: Mapping[str, tuple[int, str, str]] = {
    "task-fails": (500, "the generation failed; nothing is charged for it", "generation_failed"),
    "moderation": (400, "the prompt or a reference was refused by moderation", "moderation_refused"),
    "render": (500, "the sandbox could not render this task", "generation_failed"),
}

Status = Literal["pending", "processing", "completed", "failed"]


@dataclass(slots=True)
class Task:
    """A task in memory: what is stored, and how far its rendering is."""

    stored: StoredTask
    started: bool = False
    rendered: float | None = None
    progress: float = 0.0
    notes: tuple[str, ...] = ()
    broken: str = field(default="")


class BalanceSpent(Exception):
    """A request costs more than the account still holds."""

    def __init__(self, cost: Decimal, left: Decimal) -> None:
        super().__init__(f"this request costs {show_dollars(cost)} and the balance is {show_dollars(left)}")


class TaskBook:
    """All tasks of a sandbox. `clock` gives seconds since 1970."""

    def __init__(self, settings: SandboxSettings, store: Store, clock: Callable[[], float]) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._tasks = {stored.id: Task(stored) for stored in store.tasks()}

    def __len__(self) -> int:
        return len(self._tasks)

    def get(self, task_id: str) -> Task | None:
        """The task, with its end booked where it has come."""
        task = self._tasks.get(task_id)
        if task is not None:
            self._settle(task)
        return task

    def open_tasks(self) -> Iterator[Task]:
        """Those that are neither completed nor failed, oldest first."""
        return (task for task in self._tasks.values() if task.stored.state == "open")

    def newest(self, count: int) -> list[Task]:
        return [self._tasks[name] for name in list(self._tasks)[-count:][::-1]]

    def settle_due(self) -> None:
        """Book the end of every task whose time has come."""
        for task in list(self.open_tasks()):
            self._settle(task)

    @property
    def balance(self) -> Decimal | None:
        """What the account still holds; None without end."""
        return None if self._settings.balance is None else self._settings.balance - self._store.billed

    def accept(
        self,
        request: Mapping[str, Any],
        video_seconds: float | None,
        *,
        estimate: Callable[[float], float],
        fate: Fate,
        idempotency_key: str,
        status: int | None,
        fault: str,
    ) -> Task:
        """Take a checked request on: charge it and remember it. `estimate` gives the rendering time of a length, in seconds. Raises BalanceSpent."""
        price = price_of(request, DEFAULT_PRICES, video_seconds)
        if (left := self.balance) is not None and price.amount > left:
            raise BalanceSpent(price.amount, left)
        now = self._clock()
        waits = max(1, math.ceil(max(self._settings.latency, estimate(float(price.seconds)))))
        stored = StoredTask(new_task_id(), now, float(price.seconds), fate, waits, price.amount)
        entry = JournalEntry(now, SUBMIT_CALL, status, fault, idempotency_key, stored.id, price.amount, request)
        self._store.add_task(stored, request, entry)
        task = self._tasks[stored.id] = Task(stored)
        return task

    def status(self, task: Task) -> tuple[Status, int]:
        """The status word and the progress in percent."""
        stored, now = task.stored, self._clock()
        if stored.state != "open":
            return stored.state, 100 if stored.state == "completed" else round(task.progress * 100)
        latency = self._settings.latency
        waited = (now - stored.created) / latency if latency > 0 else 1.0
        if waited < _PENDING_SHARE or (latency == 0 and not task.started):
            return "pending", 0
        done = task.progress if task.rendered is None else 1.0
        return "processing", min(99, int(100 * min(done, waited) if latency > 0 else 100 * done))

    def _settle(self, task: Task) -> None:
        stored = task.stored
        ready = stored.created + self._settings.latency
        if stored.state != "open" or task.rendered is None or self._clock() < ready:
            return
        ended = max(ready, task.rendered)
        if stored.fate or task.broken:
            self._fail(task, ended)
        else:
            task.stored = replace(stored, state="completed", completed=ended, notes=task.notes)
            self._store.settle_task(task.stored, None)

    def _fail(self, task: Task, ended: float) -> None:
        code, message, kind = _ERRORS[task.stored.fate or "render"]
        error = json.dumps({"code": code, "message": task.broken or message, "type": kind})
        # Moderation keeps the money, as services do that bill what they looked at; a client must be able to tell.
        kept = task.stored.cost if task.stored.fate == "moderation" else Decimal(0)
        given_back = kept - task.stored.cost
        refund = JournalEntry(ended, "refund", None, task.stored.fate, "", task.stored.id, given_back)
        task.stored = replace(task.stored, state="failed", completed=ended, error=error, cost=kept, notes=task.notes)
        self._store.settle_task(task.stored, refund if given_back else None)


def new_task_id() -> str:
    """`task_` and a ULID, as on the generation page: 48 bits of time, 80 of chance, in Crockford's base 32."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "task_" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
