"""Which variant a person means who writes a name that no variant has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from skyflow.diagnostics import did_you_mean

_MOST_COMPARED = 50


def variant_meant(sought: str, names: Callable[[], Iterator[str]]) -> str:
    """What to write instead: the axis may be missing (`sun` for `weather=sun`), or the name misspelt."""
    folded = sought.casefold()
    parts = (part for name in names() for part in name.split(","))
    found = next((part for part in parts if folded in (part.casefold(), part.partition("=")[2].casefold())), None)
    if found is not None:
        return f"one is {found}"
    some = [name for name in islice(names(), _MOST_COMPARED) if name]
    return did_you_mean(sought, some) or (f"one is {some[0]}" if some else "this storyboard has no variants")
