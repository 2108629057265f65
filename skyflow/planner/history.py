"""What a plan asks of the past, and the ledger's answer to it. Everything is asked for many clips at once and for few of them in turn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from skyflow.ledger import ClipStore, Ledger, ShotName, Standing, Target

# Where a plan is long and the ledger of a usual size, all of it is read once instead of looked up a key at a time. This many are a few megabytes.
_FEW = 50_000
_LONG = 1_000


class History(Protocol):
    """What is known of clips and shots on one target, for one storyboard."""

    def standings(self, keys: Collection[str]) -> Mapping[str, Standing]:
        """How each clip stands that was ever sent."""

    def clip_sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        """Bytes of each of these clips that is on disk."""

    def last_keys(self, variants: Collection[str]) -> dict[ShotName, str]:
        """The key of each shot of these variants when it was last run."""

    def requests(self, keys: Collection[str]) -> Mapping[str, str]:
        """The compiled request, as JSON, of each of these clips that a run was ever asked for."""

    def variants(self) -> Iterator[str]:
        """The names of all variants that were ever run."""


class LedgerHistory:
    """The history that the project's ledger and its clips tell."""

    def __init__(self, ledger: Ledger, store: ClipStore, target: Target, storyboard: str) -> None:
        self._ledger = ledger
        self._store = store
        self._target = target
        self._storyboard = storyboard
        self._all: dict[str, Standing] | None = None
        self._is_small: bool | None = None

    def standings(self, keys: Collection[str]) -> Mapping[str, Standing]:
        if len(keys) >= _LONG and self._is_small is None:
            self._all = self._ledger.all_standings(self._target, _FEW)
            self._is_small = self._all is not None
        if self._all is None:
            return self._ledger.standings(self._target, keys)
        known = self._all
        return {key: known[key] for key in keys if key in known}

    def clip_sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        return self._store.sizes_of(keys)

    def last_keys(self, variants: Collection[str]) -> dict[ShotName, str]:
        return self._ledger.shots.of_variants(self._target, self._storyboard, variants)

    def requests(self, keys: Collection[str]) -> Mapping[str, str]:
        return self._ledger.shots.requests(keys)

    def variants(self) -> Iterator[str]:
        return self._ledger.shots.variants(self._target, self._storyboard)
