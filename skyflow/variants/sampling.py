"""A few of many variants: spread over the alternatives of every axis, and the same ones every time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Sequence
from heapq import heapify, heappop, heappush

Choices = tuple[Hashable, ...]
"""What a variant takes on each axis, in the order of the axes."""


def sample_variants(variants: Sequence[tuple[str, Choices]], number: int) -> frozenset[str]:
    """The names of `number` of these variants, or of all where they are fewer.

    Every axis gives its alternatives as evenly as the variants allow. The order in which variants are looked at depends on their names alone: a
    sample holds every smaller one, and a variant more or less changes it little.
    """
    sampling = _Sampling(variants)
    return frozenset(variants[sampling.take(place)][0] for place in range(1, min(number, len(variants)) + 1))


class _Sampling:
    """Variants are `ready` by the digest of their name, or `waiting` for the place in the sample at which it is their turn."""

    def __init__(self, variants: Sequence[tuple[str, Choices]]) -> None:
        self._choices = [choices for _, choices in variants]
        self._sizes = [len(set(column)) for column in zip(*self._choices, strict=True)]
        self._used = [Counter[Hashable]() for _ in self._sizes]
        self._ready = [(_digest(name), index) for index, (name, _) in enumerate(variants)]
        self._waiting: list[tuple[int, bytes, int]] = []
        heapify(self._ready)

    def take(self, place: int) -> int:
        """The index of the variant that is taken at a place, from 1. Where it is nobody's turn, the one whose turn is next."""
        while self._waiting and self._waiting[0][0] <= place:
            heappush(self._ready, heappop(self._waiting)[1:])
        while True:
            turn, digest, index = (place, *heappop(self._ready)) if self._ready else heappop(self._waiting)
            now = self._turn_of(index)
            if now <= turn:
                break
            heappush(self._waiting, (now, digest, index))
        for used, choice in zip(self._used, self._choices[index], strict=True):
            used[choice] += 1
        return index

    def _turn_of(self, index: int) -> int:
        """The first place at which a variant takes none of its alternatives more often than is their share."""
        turns = (
            used[choice] * size + 1
            for used, choice, size in zip(self._used, self._choices[index], self._sizes, strict=True)
        )
        return max(turns, default=1)


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
