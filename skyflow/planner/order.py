"""The order of the graph: each clip behind those it needs, and the longest row of clips that wait for one another. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys, as close to the given order as the graph allows. What is needed but not given is left out.

    Keys are hashes over the keys they need, so there are no cycles.
    """
    placed: dict[str, None] = {}
    for first in needs:
        stack = [first]
        while stack:
            key = stack[-1]
            missing = [need for need in needs[key] if need in needs and need not in placed]
            if missing:
                stack.extend(reversed(missing))
            else:
                placed[stack.pop()] = None
    return list(placed)


def longest_chain(order: Sequence[str], needs: Mapping[str, Sequence[str]], wanted: Collection[str]) -> tuple[str, ...]:
    """The longest row of wanted keys in which each needs the one before; `order` as `in_order` gives it."""
    length: dict[str, int] = {}
    before: dict[str, str | None] = {}
    for key in order:
        if key not in wanted:
            continue
        best = max((need for need in needs[key] if need in length), key=lambda need: length[need], default=None)
        length[key] = 1 + (length[best] if best is not None else 0)
        before[key] = best
    chain: list[str] = []
    at = max(length, key=lambda key: length[key], default=None)
    while at is not None:
        chain.append(at)
        at = before[at]
    return tuple(reversed(chain))
