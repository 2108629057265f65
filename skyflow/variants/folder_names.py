"""Names of variants as people read them and as folders: safe on every file system, at most 80 bytes, different where the names are."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_FOLDER_BYTES = 80
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*\x7f]+')
# Names that Windows keeps for devices, with any extension.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def folder_name(name: str, *, always_digest: bool = False) -> str:
    """A readable folder name; where something had to be changed or cut, a digest of the whole name keeps it apart from others."""
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    changed = safe != name or not safe or _RESERVED.match(safe) is not None
    if not changed and not always_digest and len(safe.encode()) <= MAX_FOLDER_BYTES:
        return safe
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    kept = safe.encode("utf-8", "replace")[: MAX_FOLDER_BYTES - 9].decode("utf-8", "ignore").rstrip(" .")
    return f"{kept}-{digest}" if kept else digest
