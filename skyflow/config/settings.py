"""What `skyflow.toml` can say, typed, with what holds where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

DEFAULT_VARIANTS_LIMIT = 100_000  # ours: past it a table is more likely wrong than a campaign large


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent on the live API, in US dollars; None is no limit."""

    run: Decimal | None = None
    day: Decimal | None = None
    storyboard: Decimal | None = None
    variant: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """One project's settings. `out` and `prices` are project paths."""

    out: str = "out"
    prices: str | None = None
    variants_limit: int = DEFAULT_VARIANTS_LIMIT
    budget: Budget = field(default_factory=Budget)
