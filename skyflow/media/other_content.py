"""Files that are no picture, clip or sound but are often taken for one, told from their first bytes alone."""

from __future__ import annotations

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"8BPS", "psd"),
    (b"%!PS", "eps"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"v/1\x01", "exr"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
    (b"\x00\x00\x00\x0cjP  ", "jp2"),
    (b"PK\x03\x04", "zip"),
)
_LOOKED_AT = 1024  # bytes in which a page or a drawing says what it is


def name_other_content(head: bytes) -> str:
    """What a file is that `recognise` does not know, as a file extension; empty where that is not known either."""
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    text = head[:_LOOKED_AT].lower()
    if b"<svg" in text:
        return "svg"
    return "html" if b"<html" in text or b"<!doctype html" in text else ""
