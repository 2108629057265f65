"""How a sandbox is set up, and the one exception with which it refuses to start. Reads nothing and starts nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from skyflow.sandbox.faults import Fault

Render = Literal["draft", "full", "none"]
DAY = 24 * 3600
# What a storyboard may allow, and no other error: nobody publishes the tokenizer, so the count is an estimate.
ALLOWABLE = ("prompt-too-long",)


class SandboxRefused(Exception):
    """The sandbox cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What `skyflow serve` can be told.

    `dir` keeps everything; `port` 0 is any free one; without a `key` one is made. `latency` is the least time in seconds that a
    task takes. `balance` is the money that the account held at first, None without end. `slow_seconds` is how long the fault
    `slow` holds an answer back, `result_seconds` how long a result's URL lives (contract: 24 h is usual). Requests that break a rule of
    `allow`, each one of ALLOWABLE, are taken all the same.
    """

    dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    key: str = field(default="", repr=False)
    latency: float = 0.0
    render: Render = "draft"
    seed: int = 0
    balance: Decimal | None = None
    faults: tuple[Fault, ...] = ()
    idempotent: bool = False
    fetch: bool = False
    slow_seconds: float = 5.0
    result_seconds: float = DAY
    allow: tuple[str, ...] = ()
    workers: int = min(2, os.cpu_count() or 1)
