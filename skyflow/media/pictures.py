"""Opening pictures with Pillow within bounds, and writing them as PNG; never a clip, never a drawing."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.media.errors import MediaUnreadable, media_extra
from skyflow.media.recognition import HEAD_BYTES, Recognised, recognise

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 64_000_000  # 8000 x 8000; decoded as RGBA that is 256 MB, the most one picture may cost
_EXIF_ORIENTATION = 0x0112  # EXIF 2.32, table 4
_QUARTER_TURNS = range(5, 9)
_filters = threading.Lock()  # warnings.catch_warnings is not safe between threads


def read_head(path: Path) -> bytes:
    """The first bytes of a file, as many as `recognise` wants. Raises OSError."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def open_picture(path: Path, recognised: Recognised) -> Image:
    """A picture whose header is read and whose pixels are not. Raises MediaUnreadable, MediaExtraMissing, OSError."""
    with media_extra():
        from PIL import Image
    try:
        with _filters, warnings.catch_warnings():
            # Pillow warns about large pictures and refuses twice as large ones; the bound that counts is MAX_PIXELS.
            warnings.simplefilter("ignore")
            return Image.open(path, formats=[recognised.reader])
    except FileNotFoundError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path, "too many pixels") from error
    except Exception as error:  # Pillow's readers raise nearly anything on damaged files
        raise MediaUnreadable(path, f"is not a readable {recognised.format} picture ({_first_line(error)})") from error


def _is_turned(image: Image) -> bool:
    """Whether the EXIF rotation exchanges width and height."""
    try:
        return image.getexif().get(_EXIF_ORIENTATION) in _QUARTER_TURNS
    except Exception:  # damaged EXIF data turns nothing
        return False


def _require_bounds(path: Path, image: Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels(path, f"{image.width:,} x {image.height:,} pixels")


def _too_many_pixels(path: Path, found: str) -> MediaUnreadable:
    return MediaUnreadable(path, f"has {found} (at most {MAX_PIXELS:,} are opened)", "make it smaller")


def _damaged(path: Path, recognised: Recognised, error: Exception) -> MediaUnreadable:
    words = _first_line(error)
    if "truncated" in words.lower():  # what Pillow adds is how many bytes its buffer held, which tells nobody anything
        return MediaUnreadable(path, f"is a {recognised.format} picture that breaks off before its end")
    return MediaUnreadable(path, f"is a damaged {recognised.format} picture ({words})")


def measure_picture(path: Path, recognised: Recognised) -> tuple[int, int]:
    """Width and height as displayed, of a picture that is whole: a broken one has a good header and is grey from some line on.

    All data is decoded and nothing kept. Raises MediaUnreadable, MediaExtraMissing, OSError.
    """
    with open_picture(path, recognised) as image:
        width, height = image.size
        image.draft("L", (1, 1))  # an eighth of a JPEG's size, grey: all its data is read, but half as fast again
        _require_bounds(path, image)
        try:
            image.load()
        except Exception as error:  # as above: damaged data raises nearly anything
            raise _damaged(path, recognised, error) from error
        return (height, width) if _is_turned(image) else (width, height)


def load_picture(path: Path, *, fit: tuple[int, int] | None = None) -> Image:
    """The pixels of a picture as RGB or RGBA, the first frame of a GIF, upright by its EXIF rotation.

    `fit` is a size in pixels below which the caller needs no detail: a JPEG is then decoded smaller, which is much faster.
    Raises MediaUnreadable, MediaExtraMissing, OSError.
    """
    recognised = recognise(read_head(path))
    if recognised is None or recognised.family != "picture":
        raise MediaUnreadable(path, "is not a picture")
    with open_picture(path, recognised) as image:
        if fit is not None:
            image.draft("RGB", fit)
        _require_bounds(path, image)
        try:
            return _upright(image)
        except Exception as error:  # as above: damaged data raises nearly anything
            raise _damaged(path, recognised, error) from error


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    image.load()
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    plain = _eight_bits(image).convert("RGBA" if has_alpha else "RGB")
    # The rotation is read from the original: `convert` keeps its EXIF data, a mode change may not.
    turned = ImageOps.exif_transpose(plain)
    turned.info.pop("exif", None)
    return turned


def _eight_bits(image: Image) -> Image:
    """16-bit grey (PNG, TIFF) scaled to 8 bits; Pillow's own conversion clips it to white."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image


def save_as_png(picture: Path, target: Path, max_bytes: int | None = None) -> None:
    """Write a picture as PNG: BMP, WebP and others converted, the first frame of a GIF, upright by its EXIF rotation.

    With `max_bytes` it is scaled down until the file is at most that large. `target` appears whole or not at all.
    Raises MediaUnreadable, MediaExtraMissing, OSError.
    """
    image = load_picture(picture)
    part = target.with_name(target.name + ".part")
    try:
        image.save(part, format="PNG")
        while max_bytes is not None and (size := part.stat().st_size) > max_bytes and min(image.size) > 1:
            factor = min(0.9, (max_bytes / size) ** 0.5)
            image = image.resize((max(1, int(image.width * factor)), max(1, int(image.height * factor))))
            image.save(part, format="PNG")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
