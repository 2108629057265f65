"""Sums of money as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

# Decimal takes `1_0`, `1e3` and the digits of every script; whoever typed that did not mean to say how much may be spent.
_SUM = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")


def read_sum(written: str, expected: str) -> Decimal:
    """The sum that is written in ASCII digits, with or without a decimal point. Raises ValueError with the words `expected`."""
    if not _SUM.fullmatch(written.strip(" ")):
        raise ValueError(expected)
    return Decimal(written)
