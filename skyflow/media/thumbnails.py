"""Small JPEGs of pictures and of moments of clips, for pages that carry their pictures with them."""

from __future__ import annotations

from io import BytesIO
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skyflow.media.clips import clean_stream, frame_at, frame_image, open_clip, video_stream
from skyflow.media.pictures import load_picture

if TYPE_CHECKING:
    from PIL.Image import Image

Moment = float | Literal["first", "middle", "last"]
_QUALITY = 78
_GROUND = (128, 128, 128)  # behind what is transparent, so that black and white drawings both show


def picture_thumbnail(picture: Path, size: tuple[int, int]) -> bytes:
    """A picture as JPEG, within a size in pixels. Raises MediaUnreadable, MediaExtraMissing, OSError."""
    return _jpeg(load_picture(picture, fit=size), size)


def clip_thumbnail(clip: Path, at: Moment, size: tuple[int, int], *, clean: bool = False) -> bytes:
    """A moment of a clip, in seconds or by word, as JPEG: as players show it, or `clean` of an animatic's captions.

    Raises MediaUnreadable, MediaExtraMissing, OSError.
    """
    with open_clip(clip) as container:
        length = (container.duration or 0) / 1_000_000
        seconds = {"first": 0.0, "middle": length / 2, "last": inf}[at] if isinstance(at, str) else at
        stream = clean_stream(container) if clean else video_stream(container)
        return _jpeg(frame_image(frame_at(clip, container, stream, seconds)), size)


def _jpeg(image: Image, size: tuple[int, int]) -> bytes:
    from PIL import Image as Pillow

    image.thumbnail(size)
    if image.mode == "RGBA":
        ground = Pillow.new("RGB", image.size, _GROUND)
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    content = BytesIO()
    image.save(content, "JPEG", quality=_QUALITY, optimize=True)
    return content.getvalue()
