"""Frames cut out of clips, clips played to their end, pictures turned into PNG."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from skyflow.media import MediaUnreadable, check_playable, save_as_png, save_frame


def grey(path: Path) -> int:
    with Image.open(path) as image:
        assert image.format == "PNG"
        return image.convert("L").getpixel((10, 10))


@pytest.mark.parametrize(("at", "level"), [("first", 0), (0.0, 0), (1.0, 129), ("last", 255), (99.0, 255)])
def test_a_frame_is_the_one_shown_at_its_time(clip, tmp_path: Path, at, level: int) -> None:
    save_frame(clip(seconds=2.0), at, tmp_path / "frame.png")

    assert grey(tmp_path / "frame.png") == pytest.approx(level, abs=5)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["a.avi", "a.mkv", "a.ts", "a.mov"])
def test_frames_are_found_in_any_container(clip, tmp_path: Path, name: str) -> None:
    save_frame(clip(name, seconds=2.0), 1.5, tmp_path / "frame.png")

    assert grey(tmp_path / "frame.png") == pytest.approx(194, abs=6)


def test_a_clip_that_plays_tells_its_seconds(clip) -> None:
    assert check_playable(clip(seconds=1.25, sound=True)) == pytest.approx(1.25, abs=0.05)


def test_a_clip_cut_short_is_not_playable(clip) -> None:
    whole = clip("whole.mkv", seconds=3.0, size=(320, 180))
    truncated = whole.with_name("cut.mp4")
    truncated.write_bytes(clip("whole.mp4", seconds=3.0, size=(320, 180)).read_bytes()[:2000])

    with pytest.raises(MediaUnreadable, match=r"cut\.mp4"):
        check_playable(truncated)


def test_a_sound_is_no_clip(sound, tmp_path: Path) -> None:
    voice = sound("voice.wav", codec="pcm_s16le")

    with pytest.raises(MediaUnreadable, match="no moving picture"):
        check_playable(voice)
    with pytest.raises(MediaUnreadable, match="no moving picture"):
        save_frame(voice, "first", tmp_path / "frame.png")


@pytest.mark.parametrize("name", ["a.bmp", "a.webp", "a.gif", "a.jpg", "a.png"])
def test_any_picture_becomes_png(picture, tmp_path: Path, name: str) -> None:
    save_as_png(picture(name, colour=(200, 10, 10)), tmp_path / "out.png")

    with Image.open(tmp_path / "out.png") as image:
        assert (image.format, image.size) == ("PNG", (40, 30))
        assert image.convert("RGB").getpixel((5, 5)) == pytest.approx((200, 10, 10), abs=4)


def test_the_first_frame_of_a_gif_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "many.gif", save_all=True, append_images=frames[1:], loop=0)

    save_as_png(tmp_path / "many.gif", tmp_path / "out.png")

    with Image.open(tmp_path / "out.png") as image:
        assert image.convert("RGB").getpixel((4, 4)) == (255, 0, 0)


def test_exif_rotation_is_applied_and_gone(picture, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    save_as_png(picture("turned.jpg", exif=exif), tmp_path / "out.png")

    with Image.open(tmp_path / "out.png") as image:
        assert (image.size, image.getexif().get(0x0112)) == ((30, 40), None)


def test_transparency_and_sixteen_bits_survive(picture, tmp_path: Path) -> None:
    save_as_png(picture("clear.png", mode="RGBA", colour=(0, 0, 0, 0)), tmp_path / "clear-out.png")
    save_as_png(picture("deep.png", mode="I;16", colour=32768), tmp_path / "deep-out.png")

    with Image.open(tmp_path / "clear-out.png") as clear, Image.open(tmp_path / "deep-out.png") as deep:
        assert clear.getpixel((0, 0))[3] == 0
        assert deep.convert("L").getpixel((0, 0)) == 128


def test_a_large_picture_is_scaled_down_to_the_limit(tmp_path: Path) -> None:
    Image.effect_noise((300, 200), 90).convert("RGB").save(tmp_path / "noise.bmp")

    save_as_png(tmp_path / "noise.bmp", tmp_path / "out.png", max_bytes=20_000)

    with Image.open(tmp_path / "out.png") as image:
        assert (tmp_path / "out.png").stat().st_size <= 20_000
        assert image.width / image.height == pytest.approx(1.5, abs=0.05)


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not a picture")

    with pytest.raises(MediaUnreadable, match="is not a picture"):
        save_as_png(tmp_path / "a.png", tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


def test_a_damaged_picture_leaves_nothing_behind(picture, tmp_path: Path) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(picture("whole.png", size=(200, 200)).read_bytes()[:120])

    with pytest.raises(MediaUnreadable, match="png picture that breaks off"):
        save_as_png(cut, tmp_path / "out.png")
    assert not list(tmp_path.glob("out*"))
