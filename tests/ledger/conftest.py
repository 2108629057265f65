"""A ledger in a folder of its own, with a clock that stands still until it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from skyflow.ledger import Label, Ledger, Order, live_target, open_ledger


class Clock:
    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with open_ledger(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def target():
    return live_target("https://api.example.com")


@pytest.fixture
def order() -> Callable[..., Order]:
    def make(cost: str = "0.40", *, variant: str = "", shot: str = "street") -> Order:
        return Order(Label("film.sky", variant, shot, 1), {"prompt": shot}, Decimal(cost), exact=True)

    return make
