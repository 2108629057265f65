"""What every asset host can do, and what goes in and out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from skyflow.runner.replies import Visited


@dataclass(frozen=True, slots=True)
class Asset:
    """A local clip or sound: `place` is its project path, `name` what people call it, `extension` is in lower case and without a dot."""

    path: Path
    place: str
    name: str
    sha256: str
    extension: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class Link:
    """An address of an asset until `expires_at`; from `renew_at` on a new one should be made (Unix seconds, None for never).

    `url` may let its holder in: it goes to the service and nowhere else.
    """

    url: str
    expires_at: float | None = None
    renew_at: float | None = None

    @property
    def plain(self) -> str:
        """Where the asset lies: the address without what is signed in it."""
        return self.url.partition("?")[0]


class HostTrouble(Exception):
    """The host cannot serve an asset. Nothing was sent to the service and nothing billed. The message is a phrase, `help` a sentence; neither has a secret in it."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class AssetHost(Protocol):
    """Where assets are served from. `bring` and `link` may block and raise HostTrouble; all raise OSError where the asset cannot be read."""

    @property
    def name(self) -> str:
        """Which host this is, for people and for the ledger; no secret."""
        ...

    @property
    def notice(self) -> str:
        """What a person should know before it is used; "" where there is nothing."""
        ...

    def bring(self, asset: Asset) -> None:
        """See to it that the asset is there, whole."""
        ...

    def link(self, asset: Asset, now: float) -> Link:
        """An address for it, made without asking anybody."""
        ...

    def judge(self, asset: Asset, link: Link, found: Visited) -> HostTrouble | None:
        """What is wrong with what a visit of the address found; None where it is the asset."""
        ...
