"""What `skyflow.toml` can say, typed, with what holds where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from skyflow.config.allowed import AllowedRule
from skyflow.config.hosts import HostSettings


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent on the live API, in US dollars; None is no limit."""

    run: Decimal | None = None
    day: Decimal | None = None
    storyboard: Decimal | None = None
    variant: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """One project's settings. `out` and `prices` are project paths, `host` is where local clips and sounds get an address; None is what holds without a setting."""

    out: str = "out"
    prices: str | None = None
    variants_limit: int | None = None
    budget: Budget = field(default_factory=Budget)
    host: HostSettings | None = None
    allowed: tuple[AllowedRule, ...] = ()
