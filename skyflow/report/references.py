"""What a shot is made from, as people call it: frames, keyframes, references and voices, each with the file, address or shot that it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from skyflow.planner import FileNeeded, Needed, ResultNeeded, placeholders

Kind = Literal["image", "video", "audio"]
_FRAMES = (("first_frame_image", "first frame"), ("end_frame_image", "last frame"))


@dataclass(frozen=True, slots=True)
class Reference:
    """One picture, clip or sound of a request. `role` is what it is for, `tag` what the prompt calls it, "" for a frame.

    It is a project `path`, a public `url`, or the `result` of another shot.
    """

    role: str
    tag: str
    kind: Kind
    path: str = ""
    url: str = ""
    result: ResultNeeded | None = None


def references_of(request: Mapping[str, Any], files: Mapping[str, str]) -> Iterator[Reference]:
    """The references of a compiled request, in the order of its fields. `files` are the paths of its uploads."""
    needed = {need.url: need for need in placeholders(request)}
    for role, tag, kind, url in _urls(request):
        yield _reference(role, tag, kind, url, needed.get(url), files)


def _reference(role: str, tag: str, kind: Kind, url: str, need: Needed | None, files: Mapping[str, str]) -> Reference:
    if isinstance(need, FileNeeded):
        return Reference(role, tag, kind, path=files.get(url, ""))
    if isinstance(need, ResultNeeded):
        return Reference(role, tag, kind, result=need)
    return Reference(role, tag, kind, url=url)


def _urls(request: Mapping[str, Any]) -> Iterator[tuple[str, str, Kind, str]]:
    for field, role in _FRAMES:
        if field in request:
            yield role, "", "image", request[field]
    for frame in request.get("mid_frame_images") or ():
        at = frame.get("time_stamp")
        yield f"keyframe at {at} s" if at is not None else "keyframe", frame["tag"], "image", frame["image_url"]
    for element in request.get("ref_images") or ():
        role = "steps" if element["type"] == "grid" else "reference"
        yield from ((role, element["tag"], "image", url) for url in element["image_urls"])
        if "audio_url" in element:
            yield "voice", element["tag"], "audio", element["audio_url"]
    for element in request.get("ref_videos") or ():
        role = "goes on from" if element["type"] == "extend" else "reference clip"
        yield role, element["tag"], "video", element["video_url"]
