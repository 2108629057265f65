"""What a program may ask a plan or a run for: each argument is looked at before anything begins, and a wrong one named. Never reads a file.

The command line reads its words in skyflow.cli.parser; a program passes values, so what is wrong with them are Python's own exceptions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal

_COUNT = "a whole number from 1 on"
_MONEY = 'US dollars as a Decimal or a whole number, such as Decimal("12.50")'
_RATE = "how many clips are sent a second, a number above 0 such as 0.5"
_NAMES = 'names or patterns in a list, such as ["street"]'
_VARIABLES = 'texts by name, such as {"city": "Osaka"}, or lists of texts that are alternatives'


def require_count(name: str, value: object) -> None:
    """Raises TypeError or ValueError unless `value` is None or a whole number from 1 on."""
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(_takes(name, _COUNT, value))
    if value < 1:
        raise ValueError(_takes(name, _COUNT, value))


def require_money(name: str, value: object) -> Decimal | None:
    """The sum as a Decimal. Raises TypeError for a float or a text: only they who made it know which cent was meant."""
    if value is None:
        return None
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise TypeError(_takes(name, _MONEY, value))
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise ValueError(_takes(name, _MONEY, value))
    return amount


def require_rate(name: str, value: object) -> None:
    """Raises TypeError or ValueError unless `value` is None or a finite number above 0."""
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(_takes(name, _RATE, value))
    if not 0 < value < math.inf:
        raise ValueError(_takes(name, _RATE, value))


def require_names(name: str, value: object) -> None:
    """Raises TypeError unless `value` is a list of texts; of one text each letter would be taken for a name."""
    if isinstance(value, str) or not isinstance(value, Iterable) or not all(isinstance(one, str) for one in value):
        raise TypeError(_takes(name, _NAMES, value))


def require_variables(name: str, value: object) -> None:
    """Raises TypeError unless `value` is None or has a text, or texts, for each name."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise TypeError(_takes(name, _VARIABLES, value))
    for key, given in value.items():
        texts = [given] if isinstance(given, str) else given if isinstance(given, Iterable) else [None]
        if not isinstance(key, str) or not all(isinstance(text, str) for text in texts):
            raise TypeError(_takes(name, _VARIABLES, value))


def _takes(name: str, wanted: str, value: object) -> str:
    shown = repr(value)
    return f"{name} takes {wanted}; it was given {shown if len(shown) <= 60 else f'{shown[:59]}…'}"
