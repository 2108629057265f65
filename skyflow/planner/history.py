"""What a plan asks of the past, and the ledger's answer to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from skyflow.ledger import Attempt, ClipStore, Ledger, ShotName, Target


class History(Protocol):
    """What is known of clips and shots on one target, for one storyboard."""

    def attempts(self, keys: Iterable[str]) -> Mapping[str, Attempt]:
        """The last attempt for each key that has one."""

    def clip_sizes(self) -> Mapping[str, int]:
        """Bytes of each clip on disk, by key."""

    def last_keys(self) -> Mapping[ShotName, str]:
        """The key of each shot when it was last run."""


class LedgerHistory:
    """The history that the project's ledger and its clips tell."""

    def __init__(self, ledger: Ledger, store: ClipStore, target: Target, storyboard: str) -> None:
        self._ledger = ledger
        self._store = store
        self._target = target
        self._storyboard = storyboard

    def attempts(self, keys: Iterable[str]) -> Mapping[str, Attempt]:
        return self._ledger.latest(self._target, keys)

    def clip_sizes(self) -> Mapping[str, int]:
        return self._store.sizes()

    def last_keys(self) -> Mapping[ShotName, str]:
        return self._ledger.shots.known(self._target, self._storyboard)
