"""What a file is, told from its content."""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from skyflow.media import MediaUnreadable, probe_media


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.webp", "a.tiff"])
def test_a_picture_is_known_by_its_content_not_by_its_name(picture, tmp_path: Path, name: str) -> None:
    disguised = picture(name).rename(tmp_path / "voice.mp3")

    probe = probe_media(disguised)

    assert (probe.kind, probe.format, probe.seconds, probe.width, probe.height) == ("image", name[2:], None, 40, 30)


def test_exif_rotation_turns_width_and_height(picture) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    probe = probe_media(picture("turned.jpg", exif=exif))

    assert (probe.width, probe.height) == (30, 40)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.mp4", "video"), ("a.mov", "video"), ("a.mkv", "video"), ("a.avi", "video")]
)
def test_a_clip_tells_its_length_and_size(clip, name: str, kind: str) -> None:
    probe = probe_media(clip(name, seconds=1.5, sound=True))

    assert (probe.kind, probe.format, probe.width, probe.height) == (kind, name[2:], 64, 36)
    assert probe.seconds == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp3", "libmp3lame"),
        ("a.wav", "pcm_s16le"),
        ("a.flac", "flac"),
        ("a.m4a", "aac"),
        ("a.ogg", "libopus"),
        ("a.aac", "aac"),
    ],
)
def test_a_sound_tells_its_length(tmp_path: Path, sound, name: str, codec: str) -> None:
    if codec == "libopus":
        codec = "flac"  # FLAC in Ogg: 44.1 kHz is no rate of Opus
    probe = probe_media(sound(name, codec=codec, seconds=2.0))

    assert (probe.kind, probe.format, probe.width) == ("audio", name[2:], None)
    assert probe.seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"BMW is a car",
        b"A picture, they said.",
        b"\xff\xfeh\x00i\x00",
        b"#EXTM3U\n/etc/passwd\n",
        bytes(500),
    ],
)
def test_what_is_no_media_has_no_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)

    assert (probe_media(path).kind, probe_media(path).format) == (None, "")


@pytest.mark.parametrize(
    "start",
    [
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\x00\x00\x00\x20ftypisom",
        b"ID3\x04",
        b"\x1a\x45\xdf\xa3",
        b"RIFF\x10\0\0\0WAVE",
    ],
)
def test_a_known_beginning_with_rubbish_behind_is_unreadable(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(start + bytes(range(256)) * 8)

    with pytest.raises(MediaUnreadable, match="broken"):
        probe_media(path)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe_media(tmp_path / "none.png")


def test_a_decompression_bomb_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_size(60_000, 60_000))

    with pytest.raises(MediaUnreadable, match="too many pixels"):
        probe_media(path)


def test_a_large_picture_is_known_by_its_header_and_not_decoded(tmp_path: Path) -> None:
    """Pillow itself would decode 169 million pixels."""
    path = tmp_path / "large.png"
    path.write_bytes(png_of_size(13_000, 13_000))

    with pytest.raises(MediaUnreadable, match=r"13,000 x 13,000 pixels \(at most 64,000,000 are opened\)") as caught:
        probe_media(path)
    assert caught.value.remedy == "make it smaller"


def test_a_photo_is_read_smaller_where_it_would_be_too_large(tmp_path: Path) -> None:
    """A JPEG decodes at an eighth of its size, so a photo of 100 million pixels is within bounds."""
    path = tmp_path / "photo.jpg"
    Image.new("L", (10_000, 10_000), 128).save(path)

    assert (probe_media(path).width, probe_media(path).height) == (10_000, 10_000)


@pytest.mark.parametrize("missing", [0.75, 0.5, 0.1])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.webp", "a.tiff"])
def test_a_picture_that_breaks_off_is_unreadable(tmp_path: Path, name: str, missing: float) -> None:
    path = tmp_path / name
    Image.effect_noise((200, 150), 80).convert("RGB").save(path)
    probe_media(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * (1 - missing))])

    with pytest.raises(MediaUnreadable, match=r"breaks off before its end|is not a readable webp picture"):
        probe_media(path)


def test_a_picture_whose_data_are_too_few_is_unreadable(tmp_path: Path) -> None:
    """Every part of the file is there and has its checksum; only the pixels are not."""
    path = tmp_path / "short.png"
    path.write_bytes(png_of_size(800, 600))

    with pytest.raises(MediaUnreadable, match="breaks off before its end"):
        probe_media(path)


def test_rotation_is_kept_where_a_jpeg_is_read_smaller(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    path = tmp_path / "turned.jpg"
    Image.new("RGB", (1601, 1203)).save(path, exif=exif)

    assert (probe_media(path).width, probe_media(path).height) == (1203, 1601)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header promises a size and whose data is nearly nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_words_in_a_file_that_are_no_utf_8_do_no_harm(tmp_path: Path) -> None:
    """Old programs write names in the encoding of their day."""
    name = b"Caf\xe9 \xff\xfe\x00"
    info = b"LIST" + (4 + 8 + len(name)).to_bytes(4, "little") + b"INFOINAM" + len(name).to_bytes(4, "little") + name
    form = b"fmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
    body = b"WAVE" + form + info + b"data" + (16000).to_bytes(4, "little") + bytes(16000)
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)

    assert probe_media(path).seconds == pytest.approx(1.0)


def test_a_codec_that_nobody_knows_is_unreadable(clip, tmp_path: Path) -> None:
    path = tmp_path / "strange.mp4"
    path.write_bytes(clip().read_bytes().replace(b"avc1", b"zzz9").replace(b"avcC", b"zzzC"))

    with pytest.raises(MediaUnreadable, match=r"strange\.mp4"):
        probe_media(path)


@pytest.mark.parametrize("place", range(0, 2000, 97))
def test_damage_anywhere_is_unreadable_or_harmless(clip, tmp_path: Path, place: int) -> None:
    content = bytearray(clip(size=(160, 90)).read_bytes())
    content[-place - 1] ^= 0xFF
    content[place] ^= 0xFF
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)

    with suppress(MediaUnreadable):
        assert probe_media(path).kind in ("video", "audio", None)


def test_a_playlist_leads_nowhere(tmp_path: Path) -> None:
    """FFmpeg would follow it to other files and hosts, whatever the file is called."""
    for content in ("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "ffconcat version 1.0\nfile /etc/passwd\n"):
        path = tmp_path / "clip.mp4"
        path.write_text(content)
        assert probe_media(path).kind is None
