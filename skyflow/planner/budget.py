"""Whether a plan keeps the limits of spending, and how much of it would. Money is decimal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from skyflow.config import Budget
from skyflow.ledger import Ledger, SpendingLimit, Target
from skyflow.planner.plan import Plan


@dataclass(frozen=True, slots=True)
class Spent:
    """What may have been spent already, in dollars, with what is under way or in doubt: since midnight, and for one storyboard."""

    today: Decimal = Decimal(0)
    storyboard: Decimal = Decimal(0)
    by_variant: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overrun:
    """A limit that a plan would go over. `what` it limits: `run`, `day`, `storyboard`, `variant`. Money is dollars.

    `before` is spent already, `cost` what the plan would add. `clips` of the plan, the first ones that it makes, would fit; they cost `fitting`.
    For a variant: `variant` is the first that goes over, `variants` how many do, and of its shots `shots` would fit.
    """

    what: str
    limit: Decimal
    before: Decimal
    cost: Decimal
    exact: bool
    clips: int = 0
    fitting: Decimal = Decimal(0)
    variant: str = ""
    variants: int = 0
    shots: tuple[str, ...] = ()


def read_spent(ledger: Ledger, target: Target, storyboard: str, now: float) -> Spent:
    """What the ledger says. `now` is Unix seconds; a day begins at midnight where the machine is. Raises LedgerError."""
    midnight = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return Spent(
        ledger.owed(target, SpendingLimit("day", Decimal(0), since=midnight.timestamp())),
        ledger.owed(target, SpendingLimit("storyboard", Decimal(0), storyboard=storyboard)),
        ledger.owed_by_variant(target, storyboard),
    )


def find_overruns(plan: Plan, budget: Budget, spent: Spent) -> tuple[Overrun, ...]:
    """Every limit that the plan would go over; none on the sandbox, where nothing costs."""
    if plan.target.is_sandbox or not plan.total.clips:
        return ()
    limits = (
        ("run", budget.run, Decimal(0)),
        ("day", budget.day, spent.today),
        ("storyboard", budget.storyboard, spent.storyboard),
    )
    found = [
        Overrun(what, limit, before, plan.cost, plan.exact, *_fitting(plan, limit - before))
        for what, limit, before in limits
        if limit is not None and before + plan.cost > limit
    ]
    if budget.variant is not None:
        found += _variant_overruns(plan, budget.variant, spent.by_variant)
    return tuple(found)


def _fitting(plan: Plan, left: Decimal) -> tuple[int, Decimal]:
    """How many clips from the beginning fit into what is left, and what they cost. Each stands behind those it needs, so they can be made."""
    clips, cost = 0, Decimal(0)
    for _, _, price in plan.rows.prices_in_order():
        if cost + price.amount > left:
            break
        clips, cost = clips + 1, cost + price.amount
    return clips, cost


def _variant_overruns(plan: Plan, limit: Decimal, spent: Mapping[str, Decimal]) -> list[Overrun]:
    costs: dict[str, Decimal] = {}
    for variant, _, price in plan.rows.prices_in_order():
        costs[variant] = costs.get(variant, Decimal(0)) + price.amount
    over = [variant for variant, cost in costs.items() if spent.get(variant, Decimal(0)) + cost > limit]
    if not over:
        return []
    first = over[0]
    before = spent.get(first, Decimal(0))
    shots: dict[str, None] = {}
    fitting, clips = Decimal(0), 0
    for variant, shot, price in plan.rows.prices_in_order():
        if variant == first:
            if before + fitting + price.amount > limit:
                break
            shots[shot], fitting, clips = None, fitting + price.amount, clips + 1
    found = Overrun("variant", limit, before, costs[first], plan.exact, clips, fitting, first, len(over), tuple(shots))
    return [found]
