"""From a cut to a timeline: clips behind one another in whole frames, scenes as spans, the other takes at hand. Knows no format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from skyflow.media.film import ClipSurvey, survey_clip
from skyflow.report.cut import Cut, CutShot, CutTake

# What editing programs count in; a timeline of another rate could not be opened by most of them.
RATES = (
    *(Fraction(24_000, 1_001), Fraction(24), Fraction(25), Fraction(30_000, 1_001), Fraction(30)),
    *(Fraction(48), Fraction(50), Fraction(60_000, 1_001), Fraction(60)),
)
_USUAL_RATE = Fraction(24)
_USUAL_SIZE = (1920, 1080)
_CLOSE = Fraction(1, 2_000)  # of a rate: nearer than 24 and 23.976 are

Locate = Callable[[CutShot, CutTake], Path | None]
"""Where a take's clip is found under a name that people know; None where it is not there."""


@dataclass(frozen=True, slots=True)
class Source:
    """A media file. `name` is what people call it, `frames` its length in frames of `rate`: its own, where timelines know it."""

    path: Path
    name: str
    rate: Fraction
    frames: int
    width: int
    height: int
    has_sound: bool


@dataclass(frozen=True, slots=True)
class TimelineClip:
    """One shot on the timeline. `source` is None where its clip is not there; `others` are its other takes, by name, such as `take 2`.

    `facts` are what skyflow knows of it, ready for JSON: its name, scene, take, key, request and note.
    """

    name: str
    scene: str
    start: int
    frames: int
    source: Source | None
    others: Mapping[str, Source]
    prompt: str
    note: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SceneSpan:
    """Where a scene lies on the timeline, in frames."""

    name: str
    start: int
    frames: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The film as an editing program shows it: one picture track, and the sound of its clips."""

    name: str
    rate: Fraction
    width: int
    height: int
    clips: tuple[TimelineClip, ...]

    @property
    def frames(self) -> int:
        return sum(clip.frames for clip in self.clips)

    def scenes(self) -> Iterator[SceneSpan]:
        """The scenes in the order of the film; shots outside of any have none."""
        for name, group in groupby(self.clips, key=lambda clip: clip.scene):
            clips = list(group)
            if name:
                yield SceneSpan(name, clips[0].start, sum(clip.frames for clip in clips))


def make_timeline(cut: Cut, title: str, locate: Locate) -> Timeline:
    """The timeline of a cut; shots that are not there keep their place. Raises MediaUnreadable, MediaExtraMissing, OSError."""
    sources = [_sources(shot, locate) for shot in cut.shots]
    picked = [
        found[shot.picked.number] for shot, found in zip(cut.shots, sources, strict=True) if shot.picked.number in found
    ]
    rate = _common(picked, lambda source: source.rate, _USUAL_RATE)
    width, height = _common(picked, lambda source: (source.width, source.height), _USUAL_SIZE)
    clips, start = [], 0
    for shot, found in zip(cut.shots, sources, strict=True):
        clips.append(_clip(shot, found, start, rate))
        start += clips[-1].frames
    name = f"{title} ({cut.variant})" if cut.variant else title
    return Timeline(plain(name), rate, width, height, tuple(clips))


def plain(text: str) -> str:
    """The text without characters that XML and UTF-8 do not have."""
    return "".join(
        c if c in "\n\t" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\x7f\ufffe\uffff") else "\ufffd"
        for c in text
    )


def one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _sources(shot: CutShot, locate: Locate) -> dict[int, Source]:
    found = {}
    for take in shot.takes:
        path = locate(shot, take)
        if path is not None:
            found[take.number] = _source(survey_clip(path))
    return found


def _source(survey: ClipSurvey) -> Source:
    rate = _usual(survey.rate)
    return Source(
        survey.path.absolute(), plain(survey.path.name), rate, _whole_frames(survey.seconds, rate), survey.width, survey.height, survey.has_sound
    )  # fmt: skip


def _clip(shot: CutShot, sources: Mapping[int, Source], start: int, rate: Fraction) -> TimelineClip:
    source = sources.get(shot.picked.number)
    seconds = Fraction(shot.seconds) if source is None else source.frames / source.rate
    return TimelineClip(
        name=shot.name,
        scene=shot.scene,
        start=start,
        frames=_whole_frames(seconds, rate),
        source=source,
        others={f"take {number}": other for number, other in sources.items() if number != shot.picked.number},
        prompt=plain(str(shot.request.get("prompt", ""))),
        note=plain(shot.note),
        facts=_facts(shot),
    )


def _facts(shot: CutShot) -> dict[str, Any]:
    take = shot.picked
    facts = {
        "shot": shot.name,
        "scene": shot.scene,
        "take": take.number,
        "takes": len(shot.takes),
        "mode": shot.mode,
        "state": take.state.value,
        "key": take.key,
        "note": plain(shot.note),
    }
    return facts | {
        name: plain(str(shot.request[name])) for name in ("prompt", "model", "resolution") if name in shot.request
    }


def _whole_frames(seconds: Fraction, rate: Fraction) -> int:
    """Never more than there are: a clip that reaches behind its media's end is shown as offline."""
    return max(1, int(seconds * rate + Fraction(1, 1_000)))


def _usual(rate: Fraction) -> Fraction:
    nearest = min(RATES, key=lambda usual: abs(rate - usual))
    return nearest if abs(rate / nearest - 1) < _CLOSE else _USUAL_RATE


def _common(sources: Sequence[Source], what: Callable[[Source], Any], otherwise: Any) -> Any:
    """What most of the film has; of equals the first."""
    lengths: defaultdict[Any, Fraction] = defaultdict(Fraction)
    for source in sources:
        lengths[what(source)] += source.frames / source.rate
    return max(lengths, key=lambda value: lengths[value]) if lengths else otherwise
