"""The `skyflow:` URLs of a compiled request: where they stand, what they stand for, and the request with real URLs in their place. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_UPLOAD = re.compile(r"skyflow:upload/([0-9a-f]{64})(?:\.([A-Za-z0-9]+))?\Z")
_SHOT = re.compile(r"skyflow:shot/([0-9a-f]{64})/(first_frame|last_frame|clip|frame@(\d+(?:\.\d+)?))\Z")

# The fields of a request that hold URLs, by what the URL leads to (generation page, "Request Parameters").
_FRAME_FIELDS = ("first_frame_image", "end_frame_image")


@dataclass(frozen=True, slots=True)
class FileNeeded:
    """A local file that must be reachable by URL. `sha256` of its bytes; `extension` in lower case, "" where it has none."""

    url: str
    sha256: str
    extension: str
    kind: Literal["image", "video", "audio"]


@dataclass(frozen=True, slots=True)
class ResultNeeded:
    """Something of another clip: the whole of it, or a frame: `at` is "first", "last" or seconds."""

    url: str
    key: str
    at: float | Literal["first", "last", "clip"]


Needed = FileNeeded | ResultNeeded


def placeholders(request: Mapping[str, Any]) -> tuple[Needed, ...]:
    """What the `skyflow:` URLs of a request stand for, each once, in the order of standing.

    Raises ValueError for a `skyflow:` URL that the compiler does not write.
    """
    found: dict[str, Needed] = {}

    def note(url: str, kind: Literal["image", "video", "audio"]) -> str:
        if url.startswith("skyflow:"):
            found[url] = _read(url, kind)
        return url

    _map_urls(request, note)
    return tuple(found.values())


def fill(request: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the request with `urls[placeholder]` for each placeholder; the body of the POST. The prompt is never touched."""
    return _map_urls(request, lambda url, _: urls[url] if url.startswith("skyflow:") else url)


def _read(url: str, kind: Literal["image", "video", "audio"]) -> Needed:
    if match := _UPLOAD.match(url):
        return FileNeeded(url, match[1], (match[2] or "").lower(), kind)
    if match := _SHOT.match(url):
        word = match[2].removesuffix("_frame")
        at = float(match[3]) if match[3] else word
        return ResultNeeded(url, match[1], at)  # type: ignore[arg-type]  # the pattern leaves first, last and clip
    raise ValueError(f"no skyflow URL: {url}")


def _map_urls(
    request: Mapping[str, Any], change: Callable[[str, Literal["image", "video", "audio"]], str]
) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(request))
    for holder, name, kind in _places(copy):
        if isinstance(holder[name], str):
            holder[name] = change(holder[name], kind)
    return copy


def _places(request: dict[str, Any]) -> Iterator[tuple[Any, Any, Literal["image", "video", "audio"]]]:
    for field in _FRAME_FIELDS:
        if field in request:
            yield request, field, "image"
    for element in request.get("mid_frame_images") or ():
        yield element, "image_url", "image"
    for element in request.get("ref_images") or ():
        yield from ((element["image_urls"], index, "image") for index in range(len(element["image_urls"])))
        if "audio_url" in element:
            yield element, "audio_url", "audio"
    for element in request.get("ref_videos") or ():
        yield element, "video_url", "video"
