"""Where clips are made: the sandbox, or a live service by its base URL. Rows of the ledger and clips on disk belong to one target."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SANDBOX_NAME = "sandbox"


@dataclass(frozen=True, slots=True)
class Target:
    """`name` stands in the ledger: `sandbox`, or the normalised base URL. `folder` is the same as the name of a folder."""

    name: str
    folder: str

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the sandbox that runs start by themselves, where nothing costs money."""
        return self.name == SANDBOX_NAME


SANDBOX = Target(SANDBOX_NAME, SANDBOX_NAME)


def live_target(base_url: str) -> Target:
    """The target of a base URL as `config` gives it: `https://API.example.com:443` and `https://api.example.com` are the same one."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").removesuffix(".")
    shown_host = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}.get(parts.scheme)
    place = shown_host if parts.port in (None, default) else f"{shown_host}:{parts.port}"
    path = parts.path.rstrip("/")
    return Target(f"{parts.scheme}://{place}{path}", re.sub(r"[^A-Za-z0-9.-]+", "_", place + path).strip("_."))


def target_named(name: str) -> Target:
    """The target that a row of the ledger belongs to."""
    return SANDBOX if name == SANDBOX_NAME else live_target(name)
