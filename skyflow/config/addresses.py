"""Which addresses may be given for a service: the words of a mistake are the caller's."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def is_this_machine(host: str) -> bool:
    """Whether a host name leads back to this machine."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def read_host_address(written: str, example: str) -> str:
    """An address in skyflow.toml, without a slash at its end. Raises ValueError, which says what was expected instead."""
    try:
        parts = urlsplit(written)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"expected an address, such as {example}") from None
    if parts.scheme not in ("http", "https") or not host or not written.isprintable() or " " in written:
        raise ValueError(f"expected an https address, such as {example}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"it holds more than an address; write one such as {example}")
    if parts.scheme == "http" and not is_this_machine(host):
        raise ValueError("it must begin with https://, or others on the way could read and change what is fetched")
    return written.rstrip("/")
