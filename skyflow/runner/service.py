"""The service that a run talks to: its address, its key, the target that its clips belong to, and the asset host that it fetches from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from skyflow.config import ApiKey, HostSettings
from skyflow.ledger import Target


@dataclass(frozen=True, slots=True)
class Service:
    """`base_url` without `/v1` and without a slash at its end. The key goes to its host and nowhere else. `host` is where it fetches local clips and
    sounds from, None where there is no such place."""

    base_url: str
    api_key: ApiKey
    target: Target
    host: HostSettings | None = None

    @property
    def is_local(self) -> bool:
        """Whether it answers on this machine, so that no proxy stands between."""
        return urlsplit(self.base_url).hostname in ("localhost", "127.0.0.1", "::1")
