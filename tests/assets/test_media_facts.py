"""What `media` tells about local pictures, clips and sounds, with and without the media extra, and what is remembered."""

from __future__ import annotations

import io
import json
import os
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import skyflow.media
from skyflow.assets import DiskFiles, probe_cache
from skyflow.media import MediaExtraMissing
from skyflow.source import MediaFacts


def picture(kind: str, color: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 18), color).save(buffer, kind)
    return buffer.getvalue()


def sound(seconds: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(struct.pack("<h", 0) * 8000 * seconds)
    return buffer.getvalue()


def settle(path: Path) -> None:
    """Make a file look as if it had been written long ago, as far as a program can."""
    os.utime(path, (1_600_000_000, 1_600_000_000))


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths that were really opened, in order."""
    opened: list[Path] = []
    original = skyflow.media.probe_media

    def record(path: Path) -> skyflow.media.Probe:
        opened.append(path)
        return original(path)

    monkeypatch.setattr(skyflow.media, "probe_media", record)
    return opened


def test_content_rules_over_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture("PNG"))
    facts = DiskFiles(tmp_path).media("a.jpg")
    assert (facts.kind, facts.format, facts.width, facts.height, facts.note) == ("image", "png", 32, 18, "")


def test_a_sound_has_its_length(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(sound(2))
    facts = DiskFiles(tmp_path).media("a.wav")
    assert (facts.kind, facts.format, facts.seconds) == ("audio", "wav", 2.0)


def test_a_broken_picture_is_no_picture_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture("PNG")[:30])
    facts = DiskFiles(tmp_path).media("a.png")
    assert facts.kind is None
    assert facts.note
    assert str(tmp_path) not in facts.note


def test_one_object_looks_once(tmp_path: Path, probes: list[Path]) -> None:
    (tmp_path / "a.png").write_bytes(picture("PNG"))
    files = DiskFiles(tmp_path)
    assert files.media("a.png") is files.media("a.png")
    assert len(probes) == 1


@pytest.mark.parametrize(
    ("content", "kind", "format_name"),
    [
        (picture("JPEG"), "image", "jpg"),
        (picture("WEBP"), "image", "webp"),
        (sound(1), "audio", "wav"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio", "m4a"),
        (b"\0\0\0\x20ftypisom\0\0\0\0", "video", "mp4"),
        (b"\0\0\0\x20ftypqt  \0\0\0\0", "video", "mov"),
        (b"a text", None, ""),
    ],
)
def test_without_the_extra_the_first_bytes_tell_kind_and_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, kind: str | None, format_name: str
) -> None:
    def missing(path: Path) -> skyflow.media.Probe:
        raise MediaExtraMissing("av")

    monkeypatch.setattr(skyflow.media, "probe_media", missing)
    (tmp_path / "a").write_bytes(content)
    facts = DiskFiles(tmp_path).media("a")
    assert (facts.kind, facts.format, facts.width, facts.seconds) == (kind, format_name, None, None)
    assert ".[media]" in facts.note


class TestCache:
    @pytest.fixture(autouse=True)
    def _old_files_count_as_settled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # The change time of a file cannot be set back, so the clock is set forward.
        now = probe_cache.time.time_ns
        monkeypatch.setattr(probe_cache.time, "time_ns", lambda: now() + 10 * probe_cache.SETTLED_NS)

    def write(self, root: Path, content: bytes) -> Path:
        path = root / "a.png"
        path.write_bytes(content)
        settle(path)
        return path

    def test_a_settled_file_is_opened_once_for_all_runs(self, tmp_path: Path, probes: list[Path]) -> None:
        self.write(tmp_path, picture("PNG"))
        first, second = DiskFiles(tmp_path).media("a.png"), DiskFiles(tmp_path).media("a.png")
        assert first == second
        assert len(probes) == 1
        assert (tmp_path / ".skyflow" / ".gitignore").read_text() == "*\n"

    def test_new_content_of_the_same_size_and_time_is_seen(self, tmp_path: Path, probes: list[Path]) -> None:
        path = self.write(tmp_path, b"GIF89a" + b"a" * 50)
        first = DiskFiles(tmp_path).media("a.png")
        before = path.stat()
        path.write_bytes(b"GIF89a" + b"b" * 50)
        settle(path)
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
        assert DiskFiles(tmp_path).media("a.png").sha256 != first.sha256

    @pytest.mark.parametrize("damage", ["", "[]", "{}", '{"state": []}', "\0\xff", "null"])
    def test_a_damaged_cache_is_none(self, tmp_path: Path, probes: list[Path], damage: str) -> None:
        self.write(tmp_path, picture("PNG"))
        first = DiskFiles(tmp_path).media("a.png")
        [entry] = (tmp_path / ".skyflow" / "cache" / "media").glob("*.json")
        entry.write_text(damage)
        assert DiskFiles(tmp_path).media("a.png") == first
        assert len(probes) == 2

    def test_a_cache_with_fields_of_another_version_is_none(self, tmp_path: Path) -> None:
        self.write(tmp_path, picture("PNG"))
        first = DiskFiles(tmp_path).media("a.png")
        [entry] = (tmp_path / ".skyflow" / "cache" / "media").glob("*.json")
        kept = json.loads(entry.read_text())
        kept["facts"]["colour"] = "red"
        entry.write_text(json.dumps(kept))
        assert DiskFiles(tmp_path).media("a.png") == first

    def test_a_folder_that_cannot_be_written_costs_nothing(self, tmp_path: Path, probes: list[Path]) -> None:
        self.write(tmp_path, picture("PNG"))
        (tmp_path / ".skyflow").write_text("a file where the folder would be")
        assert DiskFiles(tmp_path).media("a.png").kind == "image"
        assert DiskFiles(tmp_path).media("a.png").kind == "image"
        assert len(probes) == 2

    def test_facts_that_were_not_looked_at_are_not_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.write(tmp_path, picture("PNG"))

        def missing(path: Path) -> skyflow.media.Probe:
            raise MediaExtraMissing("pillow")

        with monkeypatch.context() as patched:
            patched.setattr(skyflow.media, "probe_media", missing)
            assert DiskFiles(tmp_path).media("a.png").note
        assert DiskFiles(tmp_path).media("a.png").width == 32


@pytest.mark.parametrize("clock", [lambda now: now, lambda now: now - 10**12])
def test_a_fresh_file_is_never_remembered(
    tmp_path: Path, probes: list[Path], monkeypatch: pytest.MonkeyPatch, clock: Callable[[int], int]
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture("PNG"))
    written = path.stat().st_ctime_ns
    monkeypatch.setattr(probe_cache.time, "time_ns", lambda: clock(written + probe_cache.SETTLED_NS - 1))
    kept: list[MediaFacts] = [DiskFiles(tmp_path).media("a.png") for _ in range(2)]
    assert kept[0] == kept[1]
    assert len(probes) == 2
