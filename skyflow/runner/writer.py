"""Writes to the ledger from many workers: those that come together share one commit, so that safety costs one wait for the disk and not many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from skyflow.ledger import Ledger

T = TypeVar("T")


class Writer:
    """`await write(action)` runs the action inside a transaction and returns when that is on the disk."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    async def write(self, action: Callable[[], T]) -> T:
        """What the action returns, once it is durable. What it raises is raised here, and nothing of it was written."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._commit)
        self._waiting.append((action, future))
        return await future

    def _commit(self) -> None:
        batch, self._waiting = self._waiting, []
        try:
            with self._ledger.batch():
                results = [action() for action, _ in batch]
        except Exception:
            for action, future in batch:
                self._commit_alone(action, future)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _commit_alone(self, action: Callable[[], Any], future: asyncio.Future[Any]) -> None:
        """One action's mistake must not undo what stands beside it."""
        try:
            with self._ledger.batch():
                result = action()
        except Exception as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)
