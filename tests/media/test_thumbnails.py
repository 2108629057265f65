"""Small JPEGs: their size, their moment, and what stands behind what is transparent."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from skyflow.media import MediaUnreadable, clip_thumbnail, picture_thumbnail


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(("at", "level"), [("first", 0), ("middle", 128), ("last", 255), (0.25, 32), (99.0, 255)])
def test_a_moment_of_a_clip(clip, at, level: int) -> None:
    found = opened(clip_thumbnail(clip(seconds=2, size=(320, 180)), at, (160, 160)))
    assert (found.format, found.size) == ("JPEG", (160, 90))
    assert found.getpixel((80, 45))[0] == pytest.approx(level, abs=8)


def test_a_picture_is_never_made_larger_and_transparency_is_grey(picture) -> None:
    found = opened(picture_thumbnail(picture("a.png", (40, 30), "RGBA", (255, 0, 0, 0)), (160, 120)))
    assert found.size == (40, 30)
    assert found.getpixel((20, 15)) == pytest.approx((128, 128, 128), abs=4)


def test_what_cannot_be_read(tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    for make in (
        lambda: picture_thumbnail(tmp_path / "a.png", (9, 9)),
        lambda: clip_thumbnail(tmp_path / "a.png", 0.0, (9, 9)),
    ):
        with pytest.raises(MediaUnreadable):
            make()
