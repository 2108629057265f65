"""A timeline as OpenTimelineIO has it, and through its adapters as EDL and as Final Cut Pro 7 XML. The only importer of OpenTimelineIO."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

from skyflow.report.addresses import address
from skyflow.report.timeline import Source, Timeline, TimelineClip, one_line

# The library has no types of its own, so what it gives is Any; these names say what it is.
Clip: TypeAlias = Any
Gap: TypeAlias = Any
TimeRange: TypeAlias = Any
OtioTimeline: TypeAlias = Any

INSTALL_COMMAND = 'pip install ".[timeline]"'
_MAX_COMMENT = 400  # characters of an EDL's comment line; programs cut longer ones off
# An event of an EDL that is picture alone; the clips have their sound with them.
_PICTURE_ALONE = re.compile(r"^(\d{3,}\s+\S+\s+)V   ", re.MULTILINE)


class TimelineExtraMissing(Exception):
    """OpenTimelineIO or one of its adapters is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"this needs the package {package}, which is not installed: {INSTALL_COMMAND}")


def write_otio(timeline: Timeline, home: Path | None) -> str:
    """OpenTimelineIO's own JSON: takes are the media references of a clip, scenes markers, all that is known of a shot its metadata."""
    otio = _library()
    made = _Otio(otio, timeline, home)
    return str(otio.adapters.write_to_string(made.timeline(made.clip, ["A1"]), "otio_json", indent=2)) + "\n"


def write_edl(timeline: Timeline, _home: Path | None) -> str:
    """CMX 3600: one track, file names, prompts and notes as comments."""
    otio = _library("otio_cmx3600_adapter")
    made = _Otio(otio, timeline, None)
    found = made.timeline(made.edl_clip, [])
    text = str(
        otio.adapters.write_to_string(found, "cmx_3600", rate=float(timeline.rate), style="premiere", reelname_len=None)
    )
    return _PICTURE_ALONE.sub(r"\1AA/V", text).replace("\n\n", "\nFCM: NON-DROP FRAME\n\n", 1)


def write_fcp7(timeline: Timeline, _home: Path | None) -> str:
    """Final Cut Pro 7 XML, which Premiere and Resolve read: both channels of the sound, linked to their picture."""
    otio = _library("otio_fcp_adapter")
    made = _Otio(otio, timeline, None)
    return _link(str(otio.adapters.write_to_string(made.timeline(made.fcp7_clip, ["A1", "A2"]), "fcp_xml")))


def _library(adapter: str = "") -> Any:
    from importlib.util import find_spec

    try:
        import opentimelineio  # type: ignore[import-untyped]
    except ImportError:
        raise TimelineExtraMissing("opentimelineio") from None
    if adapter and find_spec(adapter) is None:
        raise TimelineExtraMissing(adapter.replace("_", "-"))
    return opentimelineio


class _Otio:
    """Builds one timeline out of the library's objects."""

    def __init__(self, otio: Any, timeline: Timeline, home: Path | None) -> None:
        self._otio = otio
        self._timeline = timeline
        self._home = home
        self._rate = float(timeline.rate)

    def timeline(self, make: Callable[[TimelineClip, str], Clip], sound: list[str]) -> OtioTimeline:
        """Picture on V1, sound on the given tracks, a marker for each scene. `make` gives what stands in a track's place."""
        schema = self._otio.schema
        found = schema.Timeline(self._timeline.name)
        size = {"width": str(self._timeline.width), "height": str(self._timeline.height)}
        found.metadata["fcp_xml"] = {"media": {"video": {"format": {"samplecharacteristics": size}}}}
        for name in ("V1", *sound):
            kind = schema.TrackKind.Video if name == "V1" else schema.TrackKind.Audio
            track = schema.Track(name, kind=kind)
            track.extend([make(clip, name) for clip in self._timeline.clips])
            found.tracks.append(track)
        for scene in self._timeline.scenes():
            span = self._range(scene.start, scene.frames)
            # Kdenlive shows a marker's comment, other programs its name.
            found.tracks.markers.append(schema.Marker(scene.name, span, color="GREEN", comment=scene.name))
        return found

    def clip(self, clip: TimelineClip, track: str) -> Clip:
        """A clip with all its takes; silence where it has no sound; what is not made is a reference that is missing."""
        schema = self._otio.schema
        if track != "V1" and (clip.source is None or not clip.source.has_sound):
            return self._gap(clip)
        found = schema.Clip(clip.name, source_range=self._range(0, clip.frames), metadata={"skyflow": dict(clip.facts)})
        if clip.source is None:
            found.media_reference = schema.MissingReference(available_range=self._range(0, clip.frames))
            return found
        default = schema.Clip.DEFAULT_MEDIA_KEY
        takes = {default: self._reference(clip.source)}
        if track == "V1":
            takes |= {name: self._reference(source) for name, source in clip.others.items()}
        found.set_media_references(takes, default)
        return found

    def edl_clip(self, clip: TimelineClip, track: str) -> Clip:
        if clip.source is None:
            return self._gap(clip)
        found = self.clip(clip, track)
        told = (("SHOT", clip.name), ("SCENE", clip.scene), ("PROMPT", clip.prompt), ("NOTE", clip.note))
        comments = [f"{name}: {one_line(text)[:_MAX_COMMENT]}" for name, text in told if text]
        # The adapter takes what stands behind the last slash for the file's name, as it stands there.
        found.media_reference.target_url = clip.source.path.as_posix()
        found.metadata["cmx_3600"] = {"comments": comments}
        scene = next((scene for scene in self._timeline.scenes() if scene.start == clip.start), None)
        if scene is not None:
            found.markers.append(self._otio.schema.Marker(scene.name, self._range(clip.start, 1), color="GREEN"))
        return found

    def fcp7_clip(self, clip: TimelineClip, track: str) -> Clip:
        if clip.source is None:
            return self._gap(clip)
        found = self.clip(clip, track)
        if found.schema_name() == "Gap":
            return found
        if track != "V1":
            found.metadata["fcp_xml"] = {"sourcetrack": {"mediatype": "audio", "trackindex": track.removeprefix("A")}}
            return found
        found.metadata["fcp_xml"] = {
            "comments": {"mastercomment1": clip.prompt, "mastercomment2": clip.note},
            "logginginfo": {"scene": clip.scene, "shottake": f"take {clip.facts['take']}", "lognote": clip.note},
        }
        return found

    def _gap(self, clip: TimelineClip) -> Gap:
        return self._otio.schema.Gap(name=clip.name, source_range=self._range(0, clip.frames))

    def _reference(self, source: Source) -> Any:
        rate = float(source.rate)
        span = self._otio.opentime.TimeRange(
            self._otio.opentime.RationalTime(0, rate), self._otio.opentime.RationalTime(source.frames, rate)
        )
        reference = self._otio.schema.ExternalReference(address(source.path, self._home), span)
        reference.name = source.name
        return reference

    def _range(self, start: int, frames: int) -> TimeRange:
        time = self._otio.opentime.RationalTime
        return self._otio.opentime.TimeRange(time(start, self._rate), time(frames, self._rate))


def _link(text: str) -> str:
    """The document with picture and sound of each clip linked, so that they are moved together; the adapter leaves links out."""
    from xml.etree.ElementTree import SubElement, fromstring, indent, tostring

    document = fromstring(text)  # noqa: S314  # what the adapter has just written
    together: defaultdict[str, list[tuple[Element, str, int, int]]] = defaultdict(list)
    for kind in ("video", "audio"):
        for number, track in enumerate(document.findall(f".//media/{kind}/track"), 1):
            for index, item in enumerate(track.findall("clipitem"), 1):
                together[item.findtext("start", "")].append((item, kind, number, index))
    for items in together.values():
        for item, *_ in items:
            for other, media, track_number, clip_number in items:
                link = SubElement(item, "link")
                SubElement(link, "linkclipref").text = other.get("id", "")
                SubElement(link, "mediatype").text = media
                SubElement(link, "trackindex").text = str(track_number)
                SubElement(link, "clipindex").text = str(clip_number)
    indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{tostring(document, encoding="unicode")}\n'
