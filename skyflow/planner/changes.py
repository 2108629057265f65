"""Why a shot asks for another clip than it did when it was last run. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from skyflow.requests.compiled import CompiledClip

ChangeKind = Literal["prompt", "setting", "asset", "shot"]
Names = Mapping[str, str]  # the name of each shot of a variant, by its key

_SETTINGS = ("model", "duration", "resolution", "aspect_ratio", "prompt_optimizer")
_FRAMES = {"first_frame_image": "first_frame", "end_frame_image": "last_frame"}
_UPLOAD = re.compile(r"skyflow:upload/([0-9a-f]{8})")
_RESULT = re.compile(r"skyflow:shot/([0-9a-f]{64})/(.+)")
_RESULT_WORDS = {"first_frame": "first frame", "last_frame": "last frame", "clip": "clip"}
# Longer texts are shown by the place where they differ.
_MOST_SHOWN = 64
_AROUND = 12  # characters before and after that place


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two requests: `what` is the prompt, a setting, a tag or a place for a picture; "" stands for "not there".

    Of kind `shot`, the request uses another shot's result and that shot's clip is another one now.
    """

    kind: ChangeKind
    what: str
    old: str
    new: str

    @property
    def cause(self) -> str:
        """What changed, without the values: the same for every variant that it changed in."""
        return f"builds on {self.what}" if self.kind == "shot" else self.what


def explain_change(old_body: str, clip: CompiledClip, old_names: Names, names: Names) -> tuple[Change, ...]:
    """What differs between the request that a shot was (compiled, as JSON) and the one that it is."""
    old, new = json.loads(old_body), clip.request
    if old == new:
        return ()  # the same under another key: an earlier skyflow counted it
    found: list[Change] = []
    if old.get("prompt") != new.get("prompt"):
        found.append(Change("prompt", "prompt", *excerpts(str(old.get("prompt", "")), str(new.get("prompt", "")))))
    found += [
        Change("setting", name, _plain(old.get(name)), _plain(new.get(name)))
        for name in _SETTINGS
        if old.get(name) != new.get(name)
    ]
    found += _compare_sources(dict(_sources(old)), dict(_sources(new)), clip.files, old_names, names)
    before, now = dict(_details(old)), dict(_details(new))
    found += [
        Change("setting", what, before[what], now[what]) for what in before if what in now and before[what] != now[what]
    ]
    return tuple(found) or (Change("setting", "order of references", "", ""),)


def excerpts(old: str, new: str) -> tuple[str, str]:
    """Two texts, cut to the place where they differ if they are long."""
    start, end = _common_start(old, new), _common_start(old[::-1], new[::-1])
    end = min(end, len(old) - start, len(new) - start)
    return _cut(old, start, len(old) - end), _cut(new, start, len(new) - end)


def _common_start(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, start: int, end: int) -> str:
    if len(text) <= _MOST_SHOWN:
        return text
    start, end = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if end - start > _MOST_SHOWN:
        end = start + _MOST_SHOWN
    # A word that is cut in two is hard to read: go on to its end, if that is near.
    while start > 0 and start > end - 2 * _MOST_SHOWN and text[start - 1].isascii() and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end < start + 2 * _MOST_SHOWN and text[end].isascii() and not text[end].isspace():
        end += 1
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _compare_sources(
    old: Mapping[str, str], new: Mapping[str, str], files: Mapping[str, str], old_names: Names, names: Names
) -> Iterator[Change]:
    for what in {**new, **old}:
        before, now = old.get(what, ""), new.get(what, "")
        if before == now:
            continue
        was, result = _RESULT.match(before), _RESULT.match(now)
        if result is not None and was is not None and names.get(result[1]) == old_names.get(was[1]) is not None:
            yield Change("shot", str(names[result[1]]), was[1][:8], result[1][:8])
        else:
            yield Change("asset", what, _source(before, {}, old_names), _source(now, files, names))


def _sources(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every picture, clip and sound of a request: what a storyboard calls the place, and the URL."""
    for field, name in _FRAMES.items():
        if request.get(field):
            yield name, request[field]
    for frame in request.get("mid_frame_images") or ():
        yield f"keyframe {frame['tag']}", frame["image_url"]
    for reference in request.get("ref_images") or ():
        for number, url in enumerate(reference["image_urls"], 1):
            yield (reference["tag"] if number == 1 else f"{reference['tag']} picture {number}"), url
        if reference.get("audio_url"):
            yield f"voice {reference['tag']}", reference["audio_url"]
    for video in request.get("ref_videos") or ():
        yield video["tag"], video["video_url"]


def _details(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What else a reference or keyframe says."""
    for frame in request.get("mid_frame_images") or ():
        yield f"time of {frame['tag']}", _plain(frame.get("time_stamp"))
    for reference in (*(request.get("ref_images") or ()), *(request.get("ref_videos") or ())):
        yield f"use of {reference['tag']}", str(reference["type"])


def _source(url: str, files: Mapping[str, str], names: Names) -> str:
    if upload := _UPLOAD.match(url):
        return f"content {upload[1]}" + (f" of {files[url]}" if url in files else "")
    if result := _RESULT.match(url):
        kind = _RESULT_WORDS.get(result[2], result[2].replace("@", " at "))
        return f"{kind} of {names.get(result[1], result[1][:8])}"
    return url if len(url) <= _MOST_SHOWN else f"…{url[-_MOST_SHOWN:]}"


def _plain(value: object) -> str:
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)
