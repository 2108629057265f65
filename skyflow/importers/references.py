"""What requests point at: which pictures, clips and voices are declared once for all shots, and which stand in a shot of their own.

A tag that several requests give to the same thing is declared at the top. Every declaration there is visible in every shot, so one that
would change what another prompt mentions stays in its shots.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from skyflow.contract import PLACE_IT_YOURSELF, scan_tags
from skyflow.importers.naming import Names, as_tag
from skyflow.importers.reading import Request
from skyflow.importers.writing import write_string

_LINE = 100  # characters of a declaration on one line


class Asset(NamedTuple):
    """What a tag stands for."""

    keyword: str
    tag: str
    urls: tuple[str, ...]


@dataclass(slots=True)
class Uses:
    """What one request points at: mentioned references, keyframes with their times, extended clips, and voices by tag."""

    references: list[Asset] = field(default_factory=list)
    keyframes: list[tuple[Asset, int | None]] = field(default_factory=list)
    extends: list[Asset] = field(default_factory=list)
    voices: dict[str, str] = field(default_factory=dict)
    frames: dict[str, str] = field(default_factory=dict)

    @property
    def assets(self) -> list[Asset]:
        return [*self.references, *(asset for asset, _ in self.keyframes), *self.extends]

    @property
    def tags(self) -> set[str]:
        return {asset.tag for asset in self.assets}


def share_references(requests: Sequence[Request]) -> References:
    """Decides for all requests together what is declared at the top."""
    uses = [_read_uses(request) for request in requests]
    shared = _choose_shared(uses)
    while conflicts := set(_find_conflicts(requests, uses, shared)):
        shared = {tag: asset for tag, asset in shared.items() if tag not in conflicts}
    frames = _name_frames(requests, uses, shared)
    voices = {tag: voice for tag, voice in _common_voices(uses).items() if tag in shared}
    return References(uses, shared, voices, frames)


@dataclass(frozen=True, slots=True)
class References:
    """The declarations of a storyboard, by statement."""

    uses: Sequence[Uses]
    shared: Mapping[str, Asset]
    voices: Mapping[str, str]
    frames: Mapping[str, str]
    """The tag of each frame that several shots use, by its URL."""

    @property
    def visible(self) -> set[str]:
        """The tags that every shot sees."""
        return {*self.shared, *self.frames.values()}

    def write(self) -> Iterator[str]:
        """The declarations at the top."""
        for asset in self.shared.values():
            yield from _write_asset(asset)
            if asset.tag in self.voices:
                yield f"voice {asset.tag} = {write_string(self.voices[asset.tag])}"
        for url, tag in self.frames.items():
            if tag not in self.shared:
                yield f"image {tag} = {write_string(url)}"

    def write_own(self, number: int) -> Iterator[str]:
        """The declarations in one shot."""
        uses = self.uses[number]
        for asset in uses.references:
            if self.shared.get(asset.tag) != asset:
                yield from _write_asset(asset)
            voice = uses.voices.get(asset.tag)
            if voice is not None and self.voices.get(asset.tag) != voice:
                yield f"voice {asset.tag} = {write_string(voice)}"

    def write_uses(self, number: int) -> Iterator[str]:
        """The frames and extended clips of one shot."""
        uses = self.uses[number]
        if "first_frame" in uses.frames:
            yield f"first_frame = {self._picture(uses.frames['first_frame'])}"
        for asset, seconds in uses.keyframes:
            at = "" if seconds is None else f" at {seconds}" if seconds == PLACE_IT_YOURSELF else f" at {seconds}s"
            yield f"keyframe {asset.tag}{self._source(asset)}{at}"
        if "last_frame" in uses.frames:
            yield f"last_frame = {self._picture(uses.frames['last_frame'])}"
        for asset in uses.extends:
            yield f"extend {asset.tag}{self._source(asset)}"

    def _picture(self, url: str) -> str:
        return self.frames.get(url) or write_string(url)

    def _source(self, asset: Asset) -> str:
        return "" if self.shared.get(asset.tag) == asset else f" = {write_string(asset.urls[0])}"


def _write_asset(asset: Asset) -> Iterator[str]:
    sources = [write_string(url) for url in asset.urls]
    line = f"{asset.keyword} {asset.tag} = {', '.join(sources)}"
    if len(line) <= _LINE or len(sources) == 1:
        yield line
        return
    yield f"{asset.keyword} {asset.tag} = {sources[0]},"
    yield from (f"  {source}," for source in sources[1:-1])
    yield f"  {sources[-1]}"


def _read_uses(request: Request) -> Uses:
    uses = Uses()
    for element in request.get("ref_images", ()):
        uses.references.append(Asset(element["type"], element["tag"], tuple(element["image_urls"])))
        if "audio_url" in element:
            uses.voices[element["tag"]] = element["audio_url"]
    for element in request.get("ref_videos", ()):
        found = uses.references if element["type"] == "reference" else uses.extends
        found.append(Asset("video", element["tag"], (element["video_url"],)))
    for element in request.get("mid_frame_images", ()):
        asset = Asset("image", element["tag"], (element["image_url"],))
        uses.keyframes.append((asset, element.get("time_stamp")))
    for name, field_name in (("first_frame", "first_frame_image"), ("last_frame", "end_frame_image")):
        if field_name in request:
            uses.frames[name] = request[field_name]
    return uses


# --- at the top -----------------------------------------------------------------------------------------------------


def _choose_shared(uses: Sequence[Uses]) -> dict[str, Asset]:
    """For each tag the thing that it stands for most often, where that is more than a single shot's own matter."""
    counts: dict[str, Counter[Asset]] = defaultdict(Counter)
    mentioned = {asset for used in uses for asset in used.references}
    for used in uses:
        for asset in used.assets:
            counts[asset.tag][asset] += 1
    shared: dict[str, Asset] = {}
    for tag, found in counts.items():
        asset, count = found.most_common(1)[0]
        if count > 1 or (len(found) == 1 and asset in mentioned):
            shared[tag] = asset
    return shared


def _find_conflicts(requests: Sequence[Request], uses: Sequence[Uses], shared: Mapping[str, Asset]) -> Iterator[str]:
    """The shared tags that would be read in a prompt where the prompt's own request means another one."""
    for request, used in zip(requests, uses, strict=True):
        prompt = request["prompt"]
        if "@" not in prompt:
            continue
        wanted = {start: tag for tag, start, _ in scan_tags(prompt, used.tags).mentions}
        for tag, start, _ in scan_tags(prompt, {*used.tags, *shared}).mentions:
            if start in wanted and wanted[start] != tag:
                yield tag


def _common_voices(uses: Sequence[Uses]) -> dict[str, str]:
    """The voice of each tag whose subject has the same one in every request that shows it."""
    voices: dict[str, set[str]] = defaultdict(set)
    for used in uses:
        for asset in used.references:
            if asset.keyword != "video":
                voices[asset.tag].add(used.voices.get(asset.tag, ""))
    return {tag: next(iter(found)) for tag, found in voices.items() if len(found) == 1 and "" not in found}


def _name_frames(requests: Sequence[Request], uses: Sequence[Uses], shared: Mapping[str, Asset]) -> dict[str, str]:
    """A tag for each frame that is used more than once: that of the image which it is already, else one from its file name."""
    counts = Counter(url for used in uses for url in used.frames.values())
    images = {asset.urls[0]: tag for tag, asset in shared.items() if asset.keyword == "image" and len(asset.urls) == 1}
    names = Names(tag for used in uses for tag in used.tags)
    prompts = [request["prompt"] for request in requests if "@" in request["prompt"]]
    named: dict[str, str] = {}
    for url, count in counts.items():
        if url in images:
            named[url] = images[url]
        elif count > 1:
            tag = names.give(_tag_of(url) or "@frame")
            if not any(tag in prompt for prompt in prompts):
                named[url] = tag
    return named


def _tag_of(url: str) -> str:
    path = re.sub(r"[?#].*", "", url)
    return as_tag(re.sub(r"[^\w.-]+", "-", path.rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]))
