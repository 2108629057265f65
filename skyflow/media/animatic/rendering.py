"""From a spec to an MP4: the only place that encodes. What is drawn is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.media.animatic.fonts import FontSet, language_of
from skyflow.media.animatic.layout import lay_out
from skyflow.media.animatic.overlay import Overlay
from skyflow.media.animatic.palette import palette_for, tag_colours
from skyflow.media.animatic.sound import SAMPLE_RATE, sound_frames
from skyflow.media.animatic.spec import FRAME_RATE, AnimaticSpec, Rendering
from skyflow.media.animatic.stages import SubjectStage, stage_for
from skyflow.media.animatic.workshop import Workshop
from skyflow.media.clips import CLEAN_TRACK
from skyflow.media.errors import media_extra

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, VideoStream
    from av.container import OutputContainer
    from PIL.Image import Image

Progress = Callable[[float], None]
_BT709 = 1  # FFmpeg, AVCOL_SPC_BT709
_LIMITED_RANGE = 1  # FFmpeg, AVCOL_RANGE_MPEG
_CAPTIONED = {"preset": "veryfast", "crf": "21", "tune": "stillimage"}
_CLEAN = {"preset": "superfast", "crf": "24"}
_CLEAN_EVERY = 3  # frames: half seconds are hit exactly, and one can still see how a clip ends


def render_animatic(spec: AnimaticSpec, target: Path, *, progress: Progress = lambda share: None) -> Rendering:
    """Draw and encode one animatic: H.264 (yuv420p) and AAC in an MP4 that plays while it loads.

    The file carries the picture without captions and cards besides, as a disabled track that players do not show, so that shots that go
    on from this one are not captioned twice and do not begin with somebody's portrait.

    `target` appears whole or not at all. Media that cannot be read become placeholders, with a note each; `progress` is told
    the share that is done, 0 to 1. Raises MediaExtraMissing, OSError.
    """
    with media_extra():
        import av
        import PIL.Image  # noqa: F401
    shop = Workshop(
        spec, FontSet(language_of(spec.prompt)), palette_for(spec.prompt, spec.seed), tag_colours(spec.tags)
    )
    part = target.with_name(target.name + ".part")
    try:
        with av.open(str(part), "w", format="mp4", options={"movflags": "faststart"}) as container:
            _encode(container, shop, progress)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Rendering(spec.frame_count / FRAME_RATE, spec.frame_count, spec.width, spec.height, tuple(_notes(shop)))


class Animatic:
    """Draws the frames of one animatic: each as a picture, and then with all that is written on it."""

    def __init__(self, shop: Workshop) -> None:
        layout = lay_out(shop)
        self._stage = stage_for(shop, layout.room)
        self._overlay = Overlay(shop, self._stage, layout)

    def picture(self, index: int) -> Image:
        """The picture of a frame before anything is written on it; frames are asked for in rising order."""
        return self._stage.picture(index / FRAME_RATE)

    def clean(self, picture: Image, index: int) -> Image:
        """What a shot that goes on from this frame sees of its `picture`."""
        return self._stage.ground(index / FRAME_RATE) if isinstance(self._stage, SubjectStage) else picture

    def write_on(self, picture: Image, index: int) -> None:
        """Caption the picture of this frame."""
        self._overlay.draw(picture, index)


def _encode(container: OutputContainer, shop: Workshop, progress: Progress) -> None:
    """Picture, sound and clean picture interleaved by time, as players want them."""
    spec, animatic = shop.spec, Animatic(shop)
    video, audio = (
        _add_video(container, spec, _CAPTIONED),
        container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo"),
    )
    # Behind the sound, so that whoever takes the first picture track takes the captioned one, as players do.
    clean = _add_video(container, spec, _CLEAN)
    clean.metadata["handler_name"] = CLEAN_TRACK
    sounds = sound_frames(_sound_sources(spec), spec.frame_count / FRAME_RATE, shop.notes)
    pending = next(sounds, None)
    for index in range(spec.frame_count):
        picture = animatic.picture(index)
        if index % _CLEAN_EVERY == 0 or index == spec.frame_count - 1:
            _encode_picture(container, clean, animatic.clean(picture, index), index)
        animatic.write_on(picture, index)
        _encode_picture(container, video, picture, index)
        while pending is not None and _time(pending) <= index / FRAME_RATE:
            container.mux(audio.encode(pending))
            pending = next(sounds, None)
        progress((index + 1) / spec.frame_count)
    container.mux([*video.encode(), *clean.encode()])
    _finish_sound(container, audio, pending, sounds)


def _time(frame: AudioFrame) -> float:
    return (frame.pts or 0) / SAMPLE_RATE


def _finish_sound(
    container: OutputContainer, audio: AudioStream, pending: AudioFrame | None, sounds: Iterator[AudioFrame]
) -> None:
    while pending is not None:
        container.mux(audio.encode(pending))
        pending = next(sounds, None)
    container.mux(audio.encode())


def _add_video(container: OutputContainer, spec: AnimaticSpec, options: dict[str, str]) -> VideoStream:
    stream = container.add_stream("libx264", rate=FRAME_RATE, options=dict(options))
    stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
    stream.thread_count = 1
    stream.gop_size = 2 * FRAME_RATE
    stream.codec_context.colorspace, stream.codec_context.color_range = _BT709, _LIMITED_RANGE
    stream.codec_context.color_primaries, stream.codec_context.color_trc = 1, 1  # BT.709 as well
    return stream


def _encode_picture(container: OutputContainer, stream: VideoStream, image: Image, index: int) -> None:
    import av

    frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
    frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
    frame.pts, frame.time_base = index, Fraction(1, FRAME_RATE)
    container.mux(stream.encode(frame))


def _sound_sources(spec: AnimaticSpec) -> tuple[Path, ...]:
    """Voices rule; a reference clip carries its sound by default (generation page, "ref_videos.type=reference")."""
    if spec.voices:
        return spec.voices
    if spec.clip is not None and spec.clip.use == "reference" and spec.clip.picture.path is not None:
        return (spec.clip.picture.path,)
    return ()


def _notes(shop: Workshop) -> Iterator[str]:
    yield from dict.fromkeys(shop.notes)
    if shop.fonts.missing:
        shown = " ".join(sorted(shop.fonts.missing)[:12])
        yield (
            f"some characters of the prompt are in no installed font ({shown}); "
            "installing one that has them (Noto Sans CJK for Chinese and Japanese) mends it"
        )
