"""The picture of a film: packets copied behind one another, or frames fitted into one size and rate and encoded anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from skyflow.media.clips import decoded_frames, frame_seconds, open_clip, video_stream
from skyflow.media.errors import MediaUnreadable
from skyflow.media.film.survey import ClipSurvey

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.filter import Graph

_BT709, _BT601 = "bt709", "bt601"
_MATRICES = {1: _BT709, 5: _BT601, 6: _BT601, 9: "bt2020"}  # FFmpeg, AVCOL_SPC_… to names of its scale filter
_TURNS = {
    0: (),
    1: ("cclock",),
    2: ("clock", "clock"),
    3: ("clock",),
}  # quarter turns to the left, for its transpose filter


@dataclass(frozen=True, slots=True)
class Frame:
    """How a film is shown: pixels, and frames a second."""

    width: int
    height: int
    rate: Fraction


def frame_of(clips: Sequence[ClipSurvey]) -> Frame:
    """The size and the rate that most of the film has; of equals the first."""
    sizes: defaultdict[tuple[int, int], Fraction] = defaultdict(Fraction)
    rates: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    for clip in clips:
        sizes[clip.width, clip.height] += clip.seconds
        rates[clip.rate] += clip.seconds
    return Frame(*max(sizes, key=lambda size: sizes[size]), max(rates, key=lambda rate: rates[rate]))


def copied_packets(clip: ClipSurvey, start: Fraction, target: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The clip's own packets, moved so that its picture begins at `start` seconds of the film. Raises MediaUnreadable, OSError."""
    with open_clip(clip.path) as container:
        stream = video_stream(container)
        if stream is None or stream.time_base is None:
            raise MediaUnreadable(clip.path, "holds no moving picture")
        shift = round((start - clip.begin) / stream.time_base)
        for packet in container.demux(stream):
            if packet.pts is None or packet.dts is None:
                continue  # the empty one behind the last
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = target
            yield packet


def fitted_frames(clip: ClipSurvey, frame: Frame, first: int, end: int) -> Iterator[VideoFrame]:
    """The frames `first` up to `end` of the film, from one clip: letterboxed, and at each moment the one that the clip shows then."""
    shown, number = None, first
    for source in _fitted(clip, frame):
        if shown is not None:
            due = first + _frames_until(source[0], frame.rate)
            while number < min(due, end):
                yield _stamped(shown, number, frame.rate)
                number += 1
        shown = source[1]
        if number >= end:
            return
    if shown is None:
        raise MediaUnreadable(clip.path, "holds no frame that decodes")
    while number < end:
        yield _stamped(shown, number, frame.rate)
        number += 1


def _frames_until(seconds: float, rate: Fraction) -> int:
    """How many frames begin before a moment; one that begins just then, give or take what rounding does, is not among them."""
    return -int(-(seconds * float(rate) - 1e-3) // 1)


def _stamped(frame: VideoFrame, number: int, rate: Fraction) -> VideoFrame:
    frame.pts, frame.time_base = number, 1 / rate
    frame.pict_type = 0  # the encoder decides anew which frames are key frames
    return frame


def _fitted(clip: ClipSurvey, frame: Frame) -> Iterator[tuple[float, VideoFrame]]:
    """All frames of the clip in the film's size, each with its time by the clip's own clock."""
    with open_clip(clip.path) as container:
        stream = video_stream(container)
        graph: Graph | None = None
        for decoded in decoded_frames(clip.path, container, stream):
            assert stream is not None
            graph = graph or _letterbox(stream, decoded, clip, frame)
            seconds = frame_seconds(decoded, float(clip.begin))
            graph.push(decoded)
            yield seconds, graph.vpull()


def _letterbox(stream: VideoStream, first: VideoFrame, clip: ClipSurvey, frame: Frame) -> Graph:
    """Turned as a player would, in square pixels, as large as fits, on black, in the colours of HD."""
    from av.filter import Graph

    graph = Graph()
    # An untagged stream is BT.709 from 720 lines up: what players assume, and what FFmpeg does not.
    matrix = _MATRICES.get(int(first.colorspace), _BT709 if first.height >= 720 else _BT601)
    nodes: list[Any] = [graph.add_buffer(template=stream)]
    nodes += [graph.add("transpose", turn) for turn in _TURNS[clip.turned]]
    width, height = _inner_size(clip, frame)
    nodes += [
        graph.add(
            "scale", f"{width}:{height}:flags=bicubic:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
        ),
        graph.add("pad", f"{frame.width}:{frame.height}:-1:-1:black"),
        graph.add("setsar", "1"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def _inner_size(clip: ClipSurvey, frame: Frame) -> tuple[int, int]:
    share = min(Fraction(frame.width, clip.width), Fraction(frame.height, clip.height))
    return max(2, round(clip.width * share / 2) * 2), max(2, round(clip.height * share / 2) * 2)
