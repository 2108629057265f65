"""What a file is, told from its first bytes alone; never opens it any further and never looks at its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEAD_BYTES = 4096

Family = Literal["picture", "stream"]


@dataclass(frozen=True, slots=True)
class Recognised:
    """`format` as a lower-case file extension; `reader` names the one Pillow plugin or FFmpeg demuxer that may open it.

    Naming the demuxer matters: left to guess, FFmpeg would follow playlists (HLS, concat) to other files and hosts.
    """

    family: Family
    format: str
    reader: str


_STARTS: tuple[tuple[bytes, Recognised], ...] = (
    (b"\xff\xd8\xff", Recognised("picture", "jpg", "JPEG")),
    (b"\x89PNG\r\n\x1a\n", Recognised("picture", "png", "PNG")),
    (b"GIF87a", Recognised("picture", "gif", "GIF")),
    (b"GIF89a", Recognised("picture", "gif", "GIF")),
    (b"II*\x00", Recognised("picture", "tiff", "TIFF")),
    (b"MM\x00*", Recognised("picture", "tiff", "TIFF")),
    (b"\x1a\x45\xdf\xa3", Recognised("stream", "mkv", "matroska")),
    (b"fLaC", Recognised("stream", "flac", "flac")),
    (b"OggS", Recognised("stream", "ogg", "ogg")),
    (b"ID3", Recognised("stream", "mp3", "mp3")),
    (b"FLV\x01", Recognised("stream", "flv", "flv")),
    (b"\x00\x00\x01\xba", Recognised("stream", "mpg", "mpeg")),
)

_RIFF = {
    b"WEBP": Recognised("picture", "webp", "WEBP"),
    b"WAVE": Recognised("stream", "wav", "wav"),
    b"AVI ": Recognised("stream", "avi", "avi"),
}

_PICTURE_BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"mif1": "heic"}
_OLD_QUICKTIME_ATOMS = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def recognise(head: bytes) -> Recognised | None:
    """The format of a file whose first (up to HEAD_BYTES) bytes are `head`, or None where it is nothing known."""
    for start, recognised in _STARTS:
        if head.startswith(start):
            return _webm_or(recognised, head)
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return Recognised("stream", "aiff", "aiff")
    if head.startswith(b"BM") and _is_bitmap(head):
        return Recognised("picture", "bmp", "BMP")
    return _isobmff(head) or _bare_frames(head)


def _webm_or(recognised: Recognised, head: bytes) -> Recognised:
    is_webm = recognised.format == "mkv" and b"webm" in head[:64]
    return Recognised("stream", "webm", "matroska") if is_webm else recognised


def _is_bitmap(head: bytes) -> bool:
    """Two letters are a weak sign (a text may begin with BM), so the header's own length must be one that exists."""
    return int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)


def _isobmff(head: bytes) -> Recognised | None:
    """The MP4 family: a box length, then `ftyp` and a brand; QuickTime before 2001 began with other boxes."""
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp":
        if brand in _PICTURE_BRANDS:
            return Recognised("picture", _PICTURE_BRANDS[brand], "AVIF")
        return Recognised("stream", "mov" if brand == b"qt  " else "mp4", "mov")
    if box in _OLD_QUICKTIME_ATOMS and int.from_bytes(head[:4], "big") >= 8:
        return Recognised("stream", "mov", "mov")
    return None


def _bare_frames(head: bytes) -> Recognised | None:
    """Sound without a container, by its frame header: MPEG layer III, or AAC in ADTS; and MPEG transport streams."""
    if len(head) < 4:
        return None
    if head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return Recognised("stream", "aac", "aac")
    if head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0:
        return Recognised("stream", "mp3", "mp3")
    if head[0] == 0x47 and len(head) > 376 and head[188] == 0x47 and head[376] == 0x47:
        return Recognised("stream", "ts", "mpegts")
    return None
