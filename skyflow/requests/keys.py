"""The key of a clip: what it is made from, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# Part of every key: a change of what goes into keys must never match a clip that was made under other terms.
KEY_VERSION = "skyflow-1"

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def canonical_json(request: Mapping[str, Any]) -> str:
    """The one spelling of a request: fields in the contract's order (as drafts have them), no spaces, UTF-8 text unescaped."""
    return _encoder.encode(request)


def clip_key(canonical: str, take: int) -> str:
    """64 hex digits: SHA-256 over the version, the canonical request and the take. A lone surrogate, which JSON can spell, counts too."""
    text = f"{KEY_VERSION}\n{take}\n{canonical}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
