"""Reading clips with PyAV within bounds: their streams, lengths and frames. Never writes a clip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skyflow.media.errors import MediaUnreadable, media_extra
from skyflow.media.pictures import MAX_PIXELS, read_head
from skyflow.media.recognition import Recognised, recognise

if TYPE_CHECKING:
    from av import AudioStream, VideoFrame, VideoStream
    from av.container import InputContainer
    from PIL.Image import Image

MAX_PLAYABLE_SECONDS = 600.0  # a clip of the API lasts 15 s; an extended one its source besides
MAX_COUNTED_PACKETS = 200_000  # an hour and a half of MP3
MAX_FRAMES = 60 * 600
CLEAN_TRACK = "skyflow: picture without captions"
_COLORSPACES = {1: "ITU709", 5: "ITU601", 6: "ITU601", 7: "SMPTE240M", 9: "BT2020"}  # FFmpeg, AVCOL_SPC_… to SWS_CS_…
_OPTIONS = {
    "max_pixels": str(MAX_PIXELS),
    "probesize": "5000000",
    "analyzeduration": "5000000",
    "protocol_whitelist": "file",
}


@contextmanager
def open_clip(path: Path, recognised: Recognised | None = None) -> Iterator[InputContainer]:
    """A clip or sound, opened by the demuxer of its content. What goes wrong with it within the block is MediaUnreadable.

    Raises MediaUnreadable, MediaExtraMissing, OSError.
    """
    with media_extra():
        import av
    recognised = recognised or recognise(read_head(path))
    if recognised is None or recognised.family != "stream":
        raise MediaUnreadable(path, "is neither a clip nor a sound")
    try:
        with av.open(
            str(path), "r", format=recognised.reader, options=dict(_OPTIONS), timeout=10, metadata_errors="replace"
        ) as container:
            yield container
    except av.error.FFmpegError as error:
        raise MediaUnreadable(path, f"is not a readable {recognised.format} file ({error.strerror})") from error


def video_stream(container: InputContainer) -> VideoStream | None:
    """The first stream that moves and can be decoded, which players show: the cover picture of a sound file does not."""
    from av.stream import Disposition

    moving = (stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic)
    return next((stream for stream in moving if _has_decoder(stream)), None)


def clean_stream(container: InputContainer) -> VideoStream | None:
    """The picture without captions, where the clip is an animatic that carries one; else what players show."""
    clean = (s for s in container.streams.video if s.metadata.get("handler_name") == CLEAN_TRACK and _has_decoder(s))
    return next(clean, None) or video_stream(container)


def sound_stream(container: InputContainer) -> AudioStream | None:
    return next((stream for stream in container.streams.audio if _has_decoder(stream)), None)


def _has_decoder(stream: VideoStream | AudioStream) -> bool:
    context: object = stream.codec_context  # None where FFmpeg knows no decoder, whatever PyAV's types say
    return context is not None


def stream_seconds(container: InputContainer, stream: VideoStream | AudioStream, *, exact: bool = True) -> float | None:
    """How long one stream lasts: as the container says where that is `exact`, else by counting its packets."""
    if exact and stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if exact and container.duration is not None:
        return container.duration / 1_000_000
    return _counted_seconds(container, stream)


def _counted_seconds(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    import av

    ticks = 0
    try:
        for count, packet in enumerate(container.demux(stream)):
            ticks += packet.duration or 0
            if count >= MAX_COUNTED_PACKETS:
                break
    except av.error.FFmpegError:  # damaged further on: what was counted is what plays
        pass
    return float(ticks * stream.time_base) if ticks and stream.time_base is not None else None


def decoded_frames(path: Path, container: InputContainer, stream: VideoStream | None) -> Iterator[VideoFrame]:
    """The frames of a stream from where the container stands, at most MAX_FRAMES. Raises MediaUnreadable."""
    if stream is None:
        raise MediaUnreadable(path, "holds no moving picture")
    if (pixels := stream.width * stream.height) > MAX_PIXELS:
        reason = f"has frames of {pixels:,} pixels (at most {MAX_PIXELS:,} are decoded)"
        raise MediaUnreadable(path, reason, "make it smaller")
    yield from islice(container.decode(stream), MAX_FRAMES)


def frame_image(frame: VideoFrame, *, size: tuple[int, int] | None = None) -> Image:
    """A frame as an RGB picture, turned as a player would; `size` is the wanted (width, height) before turning."""
    # An untagged stream is BT.709 from 720 lines up: what players assume, and what FFmpeg does not.
    source = _COLORSPACES.get(int(frame.colorspace), "ITU709" if frame.height >= 720 else "ITU601")
    width, height = size or (frame.width, frame.height)
    # RGB has no such colour space, but PyAV before 18 ignores the source's where the target's is not another one.
    spaces = {"src_colorspace": source, "dst_colorspace": "ITU601"}
    image: Image = frame.to_image(width=width, height=height, interpolation="BICUBIC", **spaces)  # type: ignore[no-untyped-call]
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def save_frame(clip: Path, at: float | Literal["first", "last"], target: Path) -> None:
    """Write the frame of a clip at `at` seconds as PNG; a time past the end gives the last frame.

    Of an animatic it is the picture without captions, so that a shot that begins with it is not captioned twice.
    `target` appears whole or not at all. Raises MediaUnreadable, MediaExtraMissing, OSError.
    """
    seconds = {"first": 0.0, "last": inf}[at] if isinstance(at, str) else at
    with open_clip(clip) as container:
        frame = frame_at(clip, container, clean_stream(container), seconds)
        part = target.with_name(target.name + ".part")
        try:
            frame_image(frame).save(part, format="PNG")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def frame_at(clip: Path, container: InputContainer, stream: VideoStream | None, seconds: float) -> VideoFrame:
    """The frame that is shown at a time, the last one where it is past the end. Raises MediaUnreadable.

    Seeks to the key frame before and decodes on; where that gives nothing, it decodes from the clip's start.
    """
    import av

    begin, length = start_seconds(stream), (container.duration or 0) / 1_000_000
    shown = None
    for start in (max(0.0, min(seconds, length) - 0.5), 0.0):
        try:
            container.seek(int((begin + start) * 1_000_000))
        except av.error.FFmpegError:
            continue
        for frame in decoded_frames(clip, container, stream):
            if shown is not None and frame_seconds(frame, begin) > seconds + 1e-4:
                return shown
            shown = frame
        if shown is not None:
            return shown
    raise MediaUnreadable(clip, "holds no frame that decodes")


def start_seconds(stream: VideoStream | None) -> float:
    """The time stamp of a stream's first moment; transport streams rarely begin at nought."""
    if stream is None or stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def frame_seconds(frame: VideoFrame, begin: float = 0.0) -> float:
    """When a frame is shown, counted from the clip's first moment; a frame without a time stamp is shown at once."""
    return 0.0 if frame.pts is None else frame.time - begin


def check_playable(clip: Path) -> float:
    """Decode every frame of a clip; its length in seconds. Raises MediaUnreadable where it does not play to its end."""
    with open_clip(clip) as container:
        stream = video_stream(container)
        if stream is None:
            raise MediaUnreadable(clip, "holds no moving picture")
        seconds = stream_seconds(container, stream) or 0.0
        if seconds > MAX_PLAYABLE_SECONDS:
            raise MediaUnreadable(clip, f"lasts {seconds:.0f} s, longer than any clip of the API")
        begin, last, count = start_seconds(stream), 0.0, 0
        for frame in decoded_frames(clip, container, stream):
            last, count = max(last, frame_seconds(frame, begin)), count + 1
        if not count:
            raise MediaUnreadable(clip, "holds no frame that decodes")
        if stream.frames and count < stream.frames:
            raise MediaUnreadable(clip, f"breaks off: {count} of {stream.frames} frames decode")
        return seconds or last
