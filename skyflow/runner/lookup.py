"""Whether a service knows a task, asked once and without a run: for the person who settles a doubt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from skyflow.runner import explain
from skyflow.runner.client import Client
from skyflow.runner.retry import Meaning, judge_harmless
from skyflow.runner.service import Service


@dataclass(frozen=True, slots=True)
class Found:
    """`is_known` is None where the service could not be asked; `said` is what it answered, or why it did not."""

    is_known: bool | None
    said: str


def look_up(service: Service, task_id: str) -> Found:
    """Ask for a task. Costs nothing. Not for the inside of an event loop."""
    return asyncio.run(_look_up(service, task_id))


async def _look_up(service: Service, task_id: str) -> Found:
    async with Client(service) as client:
        reply = await client.task(task_id)
    meaning = judge_harmless(reply)
    known = {Meaning.GOOD: True, Meaning.GONE: False, Meaning.REFUSED: False}.get(meaning)
    return Found(known, explain.said(reply))
