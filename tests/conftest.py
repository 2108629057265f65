"""A project on disk for tests that go the whole way: files are written, a storyboard is checked or compiled."""

from __future__ import annotations

import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from skyflow.assets import DiskFiles
from skyflow.diagnostics import Diagnostic
from skyflow.pipeline import Storyboarding, open_storyboard
from skyflow.requests import CompiledClip


@dataclass(frozen=True)
class Project:
    """A project folder of its own. Texts of storyboards that choose no model get `fast`, behind everything else."""

    folder: Path

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for path, content in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def open(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Storyboarding:
        if "model =" not in text:
            text = f"{text}\ndefaults {{ model = fast }}\n"
        self.write({"film.sky": text, **(files or {})})
        return open_storyboard("film.sky", DiskFiles(self.folder), **options)

    def check(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Sequence[Diagnostic]:
        return self.open(text, files, **options).check()

    def said(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> list[str]:
        """What is said: `id at line:column: the text that is pointed at`, in order."""
        return [_said(diagnostic) for diagnostic in self.check(text, files, **options)]

    def ids(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> list[str]:
        return [diagnostic.rule.id for diagnostic in self.check(text, files, **options)]

    def only(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Diagnostic:
        """The one thing that is said."""
        found = self.check(text, files, **options)
        assert len(found) == 1, [_said(diagnostic) for diagnostic in found]
        return found[0]

    def clips(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> list[CompiledClip]:
        """The clips of a storyboard that has no errors."""
        storyboarding = self.open(text, files, **options)
        errors = [_said(found) for found in storyboarding.check() if found.severity == "error"]
        assert errors == []
        return list(storyboarding.clips())

    def clip(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> CompiledClip:
        (clip,) = self.clips(text, files, **options)
        return clip

    def prompts(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> list[str]:
        return [str(clip.request["prompt"]) for clip in self.clips(text, files, **options)]

    def prompt(self, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> str:
        (prompt,) = self.prompts(text, files, **options)
        return prompt


def _said(diagnostic: Diagnostic) -> str:
    if diagnostic.span is None:
        return f"{diagnostic.rule.id} at {diagnostic.file}"
    at = diagnostic.span.start_position
    return f"{diagnostic.rule.id} at {at.line}:{at.column}: {diagnostic.span.text}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "skyflow.toml").touch()
    return Project(tmp_path)


@pytest.fixture(scope="session")
def png() -> bytes:
    """A picture of 160 × 90, which is 16:9."""
    return picture("PNG", 160, 90)


@pytest.fixture(scope="session")
def make_picture() -> Callable[..., bytes]:
    """`make_picture("JPEG", 64, 64)`."""
    return picture


def picture(format: str, width: int, height: int, color: str = "navy") -> bytes:
    from PIL import Image

    content = BytesIO()
    Image.new("RGB", (width, height), color).save(content, format)
    return content.getvalue()


@pytest.fixture(scope="session")
def sound_file() -> bytes:
    """Two seconds of silence as WAV."""
    content = BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 2 * 8000))
    return content.getvalue()


@pytest.fixture(scope="session")
def clip_file() -> bytes:
    """Two seconds of black as MP4."""
    import av
    from PIL import Image

    content = BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        frame = av.VideoFrame.from_image(Image.new("RGB", (64, 36)))
        for index in range(16):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return content.getvalue()
