"""The key of a clip: what it is made from, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Part of every key: a change of what goes into keys must never match a clip that was made under other terms.
KEY_VERSION = "skyflow-1"

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def canonical_json(request: Mapping[str, Any]) -> str:
    """The one spelling of a request: fields in the contract's order (as drafts have them), no spaces, UTF-8 text unescaped."""
    return _encoder.encode(request)


def clip_key(canonical: str | bytes, take: int) -> str:
    """64 hex digits: SHA-256 over the version, the canonical request and the take. A lone surrogate, which JSON can spell, counts too."""
    digest = _started(take).copy()
    digest.update(canonical if isinstance(canonical, bytes) else canonical.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _started(take: int) -> hashlib._Hash:
    """The digest of what stands before the request, the same for all clips of a take number."""
    return hashlib.sha256(f"{KEY_VERSION}\n{take}\n".encode())
