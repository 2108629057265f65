"""Gives assets of one run their addresses: brought to the host once, looked at once as the service will see them, renewed before they expire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from skyflow.ledger import Ledger
from skyflow.runner.client import Client
from skyflow.runner.hosts.host import Asset, AssetHost, HostTrouble, Link
from skyflow.runner.replies import Visited
from skyflow.runner.retry import Backoff
from skyflow.runner.signed import secrets_of, starred

_MOST_TRIES = 4
_MAYBE_LATER = 500


@dataclass(slots=True)
class Publisher:
    """`opening` makes the host on first use; `write` runs an action on the ledger and is back when it is durable; `tell` says something to people."""

    opening: Callable[[], AssetHost]
    client: Client
    ledger: Ledger
    write: Callable[[Callable[[], None]], Awaitable[None]]
    now: Callable[[], float]
    chance: Callable[[], float]
    backoff: Backoff
    tell: Callable[[str], None]
    _host: AssetHost | None = None
    _links: dict[tuple[str, str], Link] = field(default_factory=dict)
    _shown: dict[str, str] = field(default_factory=dict)

    async def address(self, asset: Asset) -> tuple[str, bool]:
        """The URL to send for an asset, and whether it was made just now. Raises HostTrouble, OSError."""
        link = self._links.get((asset.sha256, asset.extension))
        if link is not None and self._lives(link):
            return link.url, False
        host = await self._opened()
        known = self.ledger.uploads.find(host.name, asset.sha256, 0.0) is not None
        if not known:
            await asyncio.to_thread(host.bring, asset)
        link, found = await self._visited(host, asset)
        trouble = host.judge(asset, link, found)
        if trouble is not None and known:
            await asyncio.to_thread(host.bring, asset)  # somebody tidied up
            link, found = await self._visited(host, asset)
            trouble = host.judge(asset, link, found)
        if trouble is not None:
            raise trouble
        await self._keep(host, asset, link)
        return link.url, True

    def as_written(self, value: Any) -> Any:
        """A request as it may be written down: what lets its holder in is starred."""
        if isinstance(value, dict):
            return {name: self.as_written(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.as_written(inner) for inner in value]
        return self._shown.get(value, value) if isinstance(value, str) else value

    async def _opened(self) -> AssetHost:
        if self._host is None:
            host = await asyncio.to_thread(self.opening)
            if self._host is None:
                self._host = host
                if host.notice:
                    self.tell(host.notice)
        return self._host

    def _lives(self, link: Link) -> bool:
        return link.renew_at is None or self.now() < link.renew_at

    async def _visited(self, host: AssetHost, asset: Asset) -> tuple[Link, Visited]:
        """A fresh link, and what a plain visitor finds there. Raises HostTrouble where nobody answers."""
        link = await asyncio.to_thread(host.link, asset, self.now())
        self._shown[link.url] = starred(link.url)
        self.client.secrets.update(secrets_of(link.url))
        for tries in range(1, _MOST_TRIES + 1):
            found = await self.client.visit(link.url, asset.size)
            if isinstance(found, Visited) and found.status < _MAYBE_LATER:
                return link, found
            if tries < _MOST_TRIES:
                await asyncio.sleep(self.backoff.wait(tries, self.chance))
        if isinstance(found, Visited):
            return link, found
        raise HostTrouble(
            f"{link.plain} cannot be reached: {found.reason}", "See [host] in skyflow.toml, and the network."
        )

    async def _keep(self, host: AssetHost, asset: Asset, link: Link) -> None:
        self._links[asset.sha256, asset.extension] = link
        expires = link.expires_at
        if expires is not None:
            base, sha256, plain = host.name, asset.sha256, link.plain
            await self.write(lambda: self.ledger.uploads.remember(base, sha256, plain, expires))
