"""Sums of money as people read them."""

from __future__ import annotations

from decimal import Decimal


def show_dollars(amount: Decimal) -> str:
    """`1,202.75 USD`. At least cents, and no digit is dropped."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:,.{places}f} USD"
