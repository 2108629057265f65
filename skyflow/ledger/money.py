"""Money as the ledger keeps it: whole nano-dollars, so that SQL can add exactly. Never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

# Nine decimals hold every list price times seconds exactly, and 64 bits hold nine thousand million dollars.
NANO = Decimal(10) ** 9


def to_nano(amount: Decimal) -> int:
    """Dollars as whole nano-dollars; what a service reports finer than that is rounded."""
    return int((amount * NANO).to_integral_value(ROUND_HALF_EVEN))


def from_nano(nano: int) -> Decimal:
    """Nano-dollars as dollars, without needless zeros: `0.55`, `12`."""
    amount = Decimal(nano) / NANO
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()
