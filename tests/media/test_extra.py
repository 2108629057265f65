"""Without the media extra: a message with the command that installs it, wherever pictures or clips are touched."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from skyflow.media import MediaExtraMissing, MediaUnreadable, check_playable, probe_media, save_as_png, save_frame


@pytest.mark.parametrize("missing", ["av", "PIL"])
def test_a_missing_package_is_said_with_its_command(picture, clip, tmp_path: Path, monkeypatch, missing: str) -> None:
    path = clip() if missing == "av" else picture("a.png")
    monkeypatch.setitem(sys.modules, missing, None)
    calls = [lambda: probe_media(path)]
    if missing == "av":
        calls += [lambda: check_playable(path), lambda: save_frame(path, "first", tmp_path / "f.png")]
    else:
        calls += [lambda: save_as_png(path, tmp_path / "f.png")]

    for call in calls:
        with pytest.raises(MediaExtraMissing, match=r'pip install "\.\[media\]"'):
            call()


def test_importing_media_and_sandbox_settings_imports_neither_decoder_nor_server() -> None:
    code = (
        "import sys, skyflow.media, skyflow.sandbox, skyflow.media.animatic.spec;"
        "print([name for name in ('av', 'PIL', 'starlette', 'uvicorn', 'httpx') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unreadable_file_can_be_told_across_processes() -> None:
    error = pickle.loads(pickle.dumps(MediaUnreadable(Path("a.mp4"), "does not decode")))

    assert (str(error), error.path, error.reason) == ("a.mp4 does not decode", Path("a.mp4"), "does not decode")
