"""From a request to what its animatic shows: times, sizes, marks, pictures. Pure but for looking at the files it is given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from skyflow.contract import (
    DEFAULT_ASPECT_RATIO,
    DEFAULT_DURATION,
    DEFAULT_RESOLUTION,
    MAX_REFERENCE_SECONDS,
    declared_tags,
    mode_of,
    scan_tags,
)
from skyflow.media import MediaUnreadable, probe_media
from skyflow.media.animatic.spec import AnimaticSpec, Keyframe, Mark, Picture, Reference, SourceClip, frame_size

DRAFT_SHORT_SIDE = 360  # issue 2, section 5
_CUE = re.compile(r"</?(?:dialogue|sfx|bgm|voice_ref)>")  # contract.md, "Audio cues in prompts"


@dataclass(frozen=True, slots=True)
class References:
    """The files that stand for a request's URLs, as far as they could be had."""

    files: Mapping[str, Path]

    def picture(self, url: str) -> Picture:
        return Picture(self.files.get(url), file_name(url))


def file_name(url: str) -> str:
    """A URL as a placeholder names it: the host and the last part of its path."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}/…/{parts.path.rsplit('/', 1)[-1]}" if parts.path.count("/") > 1 else url


def animatic_spec(request: Mapping[str, Any], task_id: str, references: References, *, draft: bool) -> AnimaticSpec:
    """The animatic of a request that keeps the contract. The task's id varies its looks, so that takes differ."""
    resolution = request.get("resolution") or DEFAULT_RESOLUTION
    clip = _source_clip(request, references)
    seconds, ratio = _measures(request, references, clip)
    width, height = frame_size(ratio, DRAFT_SHORT_SIDE if draft else int(resolution.removesuffix("p")))
    subjects, grid = _subjects(request, references)
    prompt = request["prompt"].encode("utf-8", "replace").decode()  # lone surrogates are JSON, but cannot be drawn
    return AnimaticSpec(
        prompt=prompt,
        mode=mode_of(request),
        seconds=seconds,
        width=width,
        height=height,
        seed=int.from_bytes(hashlib.sha256(task_id.encode()).digest()[:4], "big"),
        badge=f"{request['model'].removeprefix('skyreels-v4-')} · {resolution}",
        marks=tuple(_marks(prompt, declared_tags(request))),
        keyframes=tuple(_keyframes(request, references, seconds)),
        grid=grid,
        clip=clip,
        references=subjects,
        voices=tuple(_voices(request, references)),
    )


def _marks(prompt: str, tags: Mapping[str, object]) -> Iterator[Mark]:
    for tag, start, end in scan_tags(prompt, list(tags)).mentions:
        yield Mark(start, end, "tag", tag)
    for cue in _CUE.finditer(prompt):
        yield Mark(cue.start(), cue.end(), "cue")


def _keyframes(request: Mapping[str, Any], references: References, seconds: float) -> Iterator[Keyframe]:
    if first := request.get("first_frame_image"):
        yield Keyframe(references.picture(first), 0.0, "first frame")
    mids = request.get("mid_frame_images") or ()
    for mid, at in zip(mids, spread_times([mid.get("time_stamp") for mid in mids], seconds), strict=True):
        yield Keyframe(references.picture(mid["image_url"]), at, mid["tag"], mid["tag"])
    if last := request.get("end_frame_image"):
        yield Keyframe(references.picture(last), seconds, "end frame")


def spread_times(stamps: Sequence[int | None], seconds: float) -> list[float]:
    """Times for keyframes: what is given, and for "place it yourself" even steps between the neighbours that are given."""
    times: list[float] = []
    for index, stamp in enumerate(stamps):
        if _is_given(stamp):
            times.append(float(stamp or 0))
            continue
        before = times[-1] if times else 0.0
        rest = stamps[index:]
        free = next((count for count, later in enumerate(rest) if _is_given(later)), len(rest))
        after = float(rest[free] or 0) if free < len(rest) else seconds
        times.append(before + (max(after, before) - before) / (free + 1))
    return times


def _is_given(stamp: int | None) -> bool:
    return stamp is not None and stamp >= 0


def _source_clip(request: Mapping[str, Any], references: References) -> SourceClip | None:
    for video in request.get("ref_videos") or ():
        return SourceClip(video["tag"], references.picture(video["video_url"]), video["type"])
    return None


def _measures(request: Mapping[str, Any], references: References, clip: SourceClip | None) -> tuple[float, float]:
    """Seconds, and width / height: those of the request, unless a picture or clip of it rules (generation page)."""
    duration = float(request.get("duration") or DEFAULT_DURATION)
    wide, high = (request.get("aspect_ratio") or DEFAULT_ASPECT_RATIO).split(":")
    asked = int(wide) / int(high)
    if clip is not None:
        seconds, ratio = _look(clip.picture.path)
        if clip.use == "reference":
            duration = min(seconds or MAX_REFERENCE_SECONDS, float(MAX_REFERENCE_SECONDS))
        return duration, ratio or 16 / 9
    frames = list(_keyframes(request, references, duration))
    ruling = [frame for frame in frames if not frame.tag] or frames
    return duration, next(filter(None, (_look(frame.picture.path)[1] for frame in ruling)), asked)


def _look(path: Path | None) -> tuple[float | None, float | None]:
    """Seconds and width / height of a file, as far as they can be known."""
    if path is None:
        return None, None
    try:
        probe = probe_media(path)
    except (MediaUnreadable, OSError):
        return None, None
    return probe.seconds, probe.width / probe.height if probe.width and probe.height else None


def _subjects(request: Mapping[str, Any], references: References) -> tuple[tuple[Reference, ...], Reference | None]:
    """The subjects, and the collage where there is one instead."""
    found = []
    for element in request.get("ref_images") or ():
        pictures = tuple(references.picture(url) for url in element["image_urls"])
        subject = Reference(element["tag"], pictures, bool(element.get("audio_url")))
        if element["type"] == "grid":
            return (), subject
        found.append(subject)
    return tuple(found), None


def _voices(request: Mapping[str, Any], references: References) -> Iterator[Path]:
    for element in request.get("ref_images") or ():
        path = references.files.get(element.get("audio_url") or "")
        if path is not None:
            yield path


def urls_of(request: Mapping[str, Any]) -> Iterator[str]:
    """Every URL of a request that keeps the contract, in its order."""
    yield from (request[name] for name in ("first_frame_image", "end_frame_image") if request.get(name))
    yield from (mid["image_url"] for mid in request.get("mid_frame_images") or ())
    for element in request.get("ref_images") or ():
        yield from element["image_urls"]
        if element.get("audio_url"):
            yield element["audio_url"]
    yield from (video["video_url"] for video in request.get("ref_videos") or ())
