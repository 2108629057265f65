"""What film people write for a size or a shape that the API calls otherwise. Only a mistake looks here."""

from __future__ import annotations

import re

from skyflow.contract.limits import ASPECT_RATIOS, RESOLUTIONS

_WORDS = {
    "hd": "720p", "hdready": "720p", "1280x720": "720p",
    "fullhd": "1080p", "fhd": "1080p", "1920x1080": "1080p",
    "sd": "480p", "640x480": "480p", "854x480": "480p",
    "vertical": "9:16", "portrait": "9:16", "tall": "9:16", "phone": "9:16", "story": "9:16", "reel": "9:16", "tiktok": "9:16",
    "horizontal": "16:9", "landscape": "16:9", "widescreen": "16:9", "wide": "16:9", "youtube": "16:9",
    "square": "1:1", "academy": "4:3",
}  # fmt: skip
_LARGER = re.compile(r"[2-9]k|1[0-9]k|uhd|qhd|4kuhd|1440p?|2160p?|4320p?")
_WIDER = re.compile(r"(?:2\.\d+|1\.8\d|1\.9\d?):1|2[0-9]:9|2[.:]\d+|cinemascope|scope|anamorphic|ultrawide|cinematic")
_SIDES = re.compile(r"(\d+)\s*[x×/_∶-]\s*(\d+)")


def other_word(value: object, allowed: tuple[str, ...]) -> str | None:
    """The word of `allowed` that a size or shape is called elsewhere: `16x9` → `16:9`, `portrait` → `9:16`, `Full HD` → `1080p`."""
    if not isinstance(value, str):
        return None
    written = value.strip().lower()
    sides = _SIDES.fullmatch(written)
    found = f"{sides[1]}:{sides[2]}" if sides is not None else _WORDS.get(re.sub(r"[\s_-]", "", written))
    if found not in allowed:
        found = _WORDS.get(written)
    return found if found in allowed else None


def out_of_reach(value: object, allowed: tuple[str, ...]) -> str:
    """What to do about a size or a shape that the model does not make at all; empty where it is none."""
    written = re.sub(r"[\s_-]", "", value.lower()) if isinstance(value, str) else ""
    if allowed == RESOLUTIONS and _LARGER.fullmatch(written):
        return f"{allowed[-1]} is the largest that the model makes; enlarge the clip afterwards"
    if allowed == ASPECT_RATIOS and _WIDER.fullmatch(written):
        return f"make {allowed[0]} and crop it afterwards; the model makes no wider shape"
    return ""
