"""Limits of spending: what goes over, and what of a plan would fit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from skyflow.config import Budget
from skyflow.ledger import SANDBOX, Label, Order, live_target, open_ledger
from skyflow.planner.budget import Overrun, Spent, find_overruns, read_spent

CENTS = Decimal("0.40")


def dollars(amount: str) -> Decimal:
    return Decimal(amount)


@pytest.fixture
def plan(plan_for, make_clip):
    """Ten clips of 0.40 USD: two shots of five variants, the second one needs the first."""
    clips = []
    for number in range(5):
        street = make_clip("street", variant=f"p={number}", prompt=f"street {number}")
        clips += [make_clip("sea", street, variant=f"p={number}", prompt=f"sea {number}"), street]
    return plan_for(*clips)


@pytest.mark.parametrize("limit", ["4.00", "4.01", "1000"])
def test_what_fits_is_no_overrun(plan, limit) -> None:
    amount = dollars(limit)
    assert find_overruns(plan, Budget(run=amount, day=amount, storyboard=amount, variant=amount), Spent()) == ()
    assert find_overruns(plan, Budget(), Spent(today=dollars("99"))) == ()


def test_over_the_budget_of_a_run(plan) -> None:
    [overrun] = find_overruns(plan, Budget(run=dollars("3.99")), Spent())
    assert overrun == Overrun("run", dollars("3.99"), Decimal(0), dollars("4.00"), True, 9, dollars("3.60"))


def test_what_was_spent_counts(plan) -> None:
    budget = Budget(day=dollars("5.00"), storyboard=dollars("5.00"))
    spent = Spent(today=dollars("4.50"), storyboard=dollars("1.00"))
    [overrun] = find_overruns(plan, budget, spent)
    assert (overrun.what, overrun.before, overrun.clips, overrun.fitting) == ("day", dollars("4.50"), 1, CENTS)
    assert find_overruns(plan, Budget(day=dollars("4")), Spent(today=dollars("5")))[0].clips == 0


def test_over_the_budget_of_a_variant(plan) -> None:
    [overrun] = find_overruns(plan, Budget(variant=dollars("0.79")), Spent())
    assert (overrun.what, overrun.variant, overrun.variants, overrun.cost) == ("variant", "p=0", 5, dollars("0.80"))
    assert (overrun.shots, overrun.clips, overrun.fitting) == (("street",), 1, CENTS)
    [overrun] = find_overruns(plan, Budget(variant=dollars("0.80")), Spent(by_variant={"p=3": dollars("0.01")}))
    assert (overrun.variant, overrun.variants, overrun.before) == ("p=3", 1, dollars("0.01"))


def test_the_sandbox_costs_nothing(plan_for, make_clip) -> None:
    assert find_overruns(plan_for(make_clip("a"), target=SANDBOX), Budget(run=Decimal(0)), Spent()) == ()


def test_what_fits_can_be_planned(plan_for, make_clip) -> None:
    street = make_clip("street")
    clips = (make_clip("sea", street), make_clip("other", duration=15), street)
    [overrun] = find_overruns(plan_for(*clips), Budget(run=dollars("0.80")), Spent())
    limited = plan_for(*clips, limit=overrun.clips)
    assert limited.cost == overrun.fitting == dollars("0.80")
    assert find_overruns(limited, Budget(run=dollars("0.80")), Spent()) == ()


def test_what_the_ledger_says_was_spent(tmp_path) -> None:
    target, now = live_target("https://api.example.com"), [1_790_000_000.0]
    with open_ledger(tmp_path, lambda: now[0]) as ledger:
        run = ledger.runs.start(target, "film.sky")
        for name, storyboard, variant in (
            ("a", "film.sky", "p=1"),
            ("b", "film.sky", "p=2"),
            ("c", "other.sky", "p=1"),
        ):
            key = name * 64
            ledger.claim(target, key, run)
            order = Order(Label(storyboard, variant, "open", 1), {}, dollars("0.25"), exact=True)
            ledger.post(target, key, order, run=run, concurrency=10)
        spent = read_spent(ledger, target, "film.sky", now[0])
        by_variant = {"p=1": dollars("0.25"), "p=2": dollars("0.25")}
        assert spent == Spent(dollars("0.75"), dollars("0.50"), by_variant)
        assert read_spent(ledger, target, "film.sky", now[0] + 2 * 86_400) == Spent(
            Decimal(0), dollars("0.50"), by_variant
        )
        assert read_spent(ledger, SANDBOX, "film.sky", now[0]) == Spent()
