"""What a media file is and measures, by its content: kind, format, length, size, and that a picture is whole. Never its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skyflow.media.clips import decoded_frames, open_clip, sound_stream, stream_seconds, video_stream
from skyflow.media.errors import MediaUnreadable
from skyflow.media.pictures import measure_picture, read_head
from skyflow.media.recognition import Recognised, recognise

if TYPE_CHECKING:
    from av import VideoStream
    from av.container import InputContainer

MediaKind = Literal["image", "video", "audio"]


@dataclass(frozen=True, slots=True)
class Probe:
    """What opening a file told: `format` as a lower-case file extension, `seconds` of a clip or sound, size as displayed.

    `kind` is None and `format` empty where the content is nothing that we know. A measure that could not be known is None.
    """

    kind: MediaKind | None
    format: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None


def probe_media(path: Path) -> Probe:
    """Look into a picture, clip or sound, whatever it is called.

    Raises MediaUnreadable where it begins like a known format and then is not one, or a picture breaks off, MediaExtraMissing, OSError.
    """
    recognised = recognise(read_head(path))
    if recognised is None:
        return Probe(None, "")
    if recognised.family == "picture":
        return _probe_picture(path, recognised)
    with open_clip(path, recognised) as container:
        return _probe_stream(path, recognised.format, container)


def _probe_picture(path: Path, recognised: Recognised) -> Probe:
    if recognised.format == "heic":
        return Probe("image", "heic")  # Pillow cannot read it without a plugin; its name is enough to say so
    width, height = measure_picture(path, recognised)
    return Probe("image", recognised.format, None, width, height)


def _probe_stream(path: Path, name: str, container: InputContainer) -> Probe:
    video = video_stream(container)
    if video is not None:
        seconds = stream_seconds(container, video)
        width, height = _displayed_frame(path, container, video)
        return Probe("video", "ogv" if name == "ogg" else name, seconds, width, height)
    sound = sound_stream(container)
    if sound is not None:
        exact = name not in ("mp3", "aac")  # without a container a length is FFmpeg's guess from the first frames
        return Probe("audio", "m4a" if name == "mp4" else name, stream_seconds(container, sound, exact=exact))
    raise MediaUnreadable(path, f"is a {name} file without a picture or a sound in it")


def _displayed_frame(path: Path, container: InputContainer, stream: VideoStream) -> tuple[int, int]:
    """The size of the first frame, turned as a player would: decoding one shows that there is something to see."""
    container.seek(0)
    for frame in decoded_frames(path, container, stream):
        quarter_turned = round(frame.rotation / 90) % 2 == 1
        return (frame.height, frame.width) if quarter_turned else (frame.width, frame.height)
    raise MediaUnreadable(path, "holds no frame that decodes")
