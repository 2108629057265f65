"""How a run goes about its work: how much at once, how often it asks, how long it is patient."""

from __future__ import annotations

from dataclasses import dataclass, field

from skyflow.config import Budget
from skyflow.runner.retry import Backoff, Polling

# Ours. The API publishes no limit of requests at once; a modest one keeps a new key out of trouble.
DEFAULT_CONCURRENCY = 8
LIVE_POLLING = Polling(shortest=3.0, longest=20.0)
LIVE_BACKOFF = Backoff(first=1.0, longest=60.0)
LIVE_PATIENCE = 600.0
SANDBOX_BACKOFF = Backoff(first=0.2, longest=2.0)
SANDBOX_PATIENCE = 60.0
SANDBOX_POLLING = Polling(shortest=0.2, longest=2.0)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`concurrency`: requests on the service at once, of all runs together. `rate`: paid requests a second, None for no limit.

    `budget` binds only where money is spent. `patience`: seconds without any answer after which the run ends; what is under way is kept.
    None for it, `polling` and `backoff` means what suits the target. `answer_grace`: seconds to wait, after Ctrl-C, for answers to what was just sent.
    """

    concurrency: int = DEFAULT_CONCURRENCY
    rate: float | None = None
    budget: Budget = field(default_factory=Budget)
    polling: Polling | None = None
    backoff: Backoff | None = None
    patience: float | None = None
    answer_grace: float = 30.0
    senders: int = 8
    pollers: int = 16
    fetchers: int = 4
