"""A timeline as FCPXML, for Final Cut and Resolve. Written here: the adapter of OpenTimelineIO keeps neither notes nor markers.

The elements are those of Apple's "FCPXML Reference", version 1.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from skyflow.report.addresses import address
from skyflow.report.timeline import Source, Timeline, TimelineClip

_VERSION = "1.9"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
_COLOURS = "1-1-1 (Rec. 709)"


def write_fcpxml(timeline: Timeline, home: Path | None) -> str:
    """The document. Addresses of media are relative to `home` where it is given. The other takes lie beside the film in its event."""
    document = Element("fcpxml", version=_VERSION)
    resources = _Resources(SubElement(document, "resources"), home)
    own = resources.format_of(timeline.rate, timeline.width, timeline.height)
    event = SubElement(SubElement(document, "library"), "event", name=timeline.name)
    for clip in timeline.clips:
        for name, source in clip.others.items():
            _asset_clip(event, f"{clip.name} {name}", source, Fraction(source.frames) / source.rate, resources)
    project = SubElement(event, "project", name=timeline.name)
    length = _seconds(timeline.frames / timeline.rate)
    sequence = SubElement(project, "sequence", format=own, duration=length, tcStart="0s", tcFormat="NDF")
    spine = SubElement(sequence, "spine")
    scenes = {scene.start: scene.name for scene in timeline.scenes()}
    for clip in timeline.clips:
        _put(spine, clip, timeline.rate, resources, scenes.get(clip.start, ""))
    indent(document)
    return _HEAD + tostring(document, encoding="unicode") + "\n"


class _Resources:
    """Formats and media, each declared once."""

    def __init__(self, element: Element, home: Path | None) -> None:
        self._element = element
        self._home = home
        self._formats: dict[tuple[Fraction, int, int], str] = {}
        self._assets: dict[Path, str] = {}

    def format_of(self, rate: Fraction, width: int, height: int) -> str:
        known = self._formats.get((rate, width, height))
        if known is not None:
            return known
        name = self._formats[rate, width, height] = self._next()
        size = {"width": str(width), "height": str(height)}
        SubElement(
            self._element, "format", {"id": name, "frameDuration": _seconds(1 / rate), **size, "colorSpace": _COLOURS}
        )
        return name

    def asset_of(self, source: Source) -> str:
        known = self._assets.get(source.path)
        if known is not None:
            return known
        form = self.format_of(source.rate, source.width, source.height)
        name = self._assets[source.path] = self._next()
        sound = {"hasAudio": "1", "audioSources": "1"} if source.has_sound else {}
        SubElement(self._element, "asset", {
            "id": name, "name": source.name, "src": address(source.path, self._home), "start": "0s",
            "duration": _seconds(source.frames / source.rate), "hasVideo": "1", "format": form, **sound,
        })  # fmt: skip
        return name

    def _next(self) -> str:
        return f"r{len(self._formats) + len(self._assets) + 1}"


def _put(spine: Element, clip: TimelineClip, rate: Fraction, resources: _Resources, scene: str) -> None:
    times = {"offset": _seconds(clip.start / rate)}
    if clip.source is None:
        length = _seconds(clip.frames / rate)
        element = SubElement(
            spine, "gap", {"name": f"{clip.name} (not made)", **times, "start": "0s", "duration": length}
        )
        _note(element, clip)
    else:
        element = _asset_clip(spine, clip.name, clip.source, clip.frames / rate, resources, times)
        _note(element, clip)
        if clip.source.rate != rate:
            SubElement(element, "conform-rate", srcFrameRate=f"{float(clip.source.rate):.4g}")
    if scene:
        SubElement(element, "marker", start="0s", duration=_seconds(1 / rate), value=scene)


def _asset_clip(
    parent: Element,
    name: str,
    source: Source,
    seconds: Fraction,
    resources: _Resources,
    times: Mapping[str, str] | None = None,
) -> Element:
    attributes = {"ref": resources.asset_of(source), "name": name, **(times or {}), "start": "0s"}
    return SubElement(parent, "asset-clip", {**attributes, "duration": _seconds(seconds), "tcFormat": "NDF"})


def _note(element: Element, clip: TimelineClip) -> None:
    text = "\n".join(part for part in (clip.prompt, clip.note) if part)
    if text:
        SubElement(element, "note").text = text


def _seconds(time: Fraction) -> str:
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"
