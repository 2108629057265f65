"""Presigned URLs let their holder in. Here is which part of them does, so that it goes to the service and into no text that stays."""

from __future__ import annotations

import re
from collections.abc import Container
from urllib.parse import unquote

# AWS, "Authenticating Requests: Using Query Parameters". The other parameters say when a link ends, and help people.
_SECRET = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token))=([^&\s\"'\\<]+)", re.IGNORECASE)
STARS = "***"


def starred(url: str) -> str:
    """The URL without what lets its holder in."""
    return _SECRET.sub(rf"\1={STARS}", url)


def secrets_of(url: str) -> frozenset[str]:
    """What is secret in a URL, as it stands there and as others may repeat it."""
    found = [match[2] for match in _SECRET.finditer(url)]
    return frozenset((*found, *map(unquote, found)))


def hide(text: str, secrets: Container[str]) -> str:
    """The text without these secrets. Other people's signatures stay: the address of a result is often signed, too."""
    return _SECRET.sub(lambda match: f"{match[1]}={STARS}" if match[2] in secrets else match[0], text)
