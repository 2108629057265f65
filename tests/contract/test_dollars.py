"""Sums of money as people read them, the same in every room."""

from __future__ import annotations

from decimal import Decimal

import pytest

from skyflow.cli.run_words import money
from skyflow.contract.dollars import show_dollars


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1.4", "1.40 USD"), ("0", "0.00 USD"), ("100", "100.00 USD"), ("1E+3", "1,000.00 USD"), ("0.1230", "0.123 USD")],
)
def test_a_sum_has_at_least_cents_and_loses_no_digit(amount: str, shown: str) -> None:
    assert show_dollars(Decimal(amount)) == money(Decimal(amount)) == shown
