"""`skyflow fmt`: files in place, checks and differences that change nothing, standard input."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

UGLY = 'shot   street {\nprompt="Rain."   # wet\n      model =fast }\n'


@pytest.fixture
def ugly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "film.sky"
    path.write_text(UGLY, encoding="utf-8")
    return path


def test_a_file_is_formatted_in_place_and_stays_so(run, ugly: Path) -> None:
    ugly.chmod(0o640)
    assert run("fmt", "film.sky").code == 0
    formatted = ugly.read_text(encoding="utf-8")
    assert formatted != UGLY
    assert "# wet" in formatted
    assert ugly.stat().st_mode & 0o777 == 0o640
    assert run("fmt", "film.sky").out == ""
    assert ugly.read_text(encoding="utf-8") == formatted


def test_check_and_diff_change_nothing(run, ugly: Path) -> None:
    checked = run("fmt", "--check", "film.sky")
    assert (checked.code, checked.out) == (1, "film.sky: would be written in another way\n")
    shown = run("fmt", "--diff", "film.sky")
    assert shown.code == 1
    assert "-shot   street {\n" in shown.out
    assert "+shot street {\n" in shown.out
    assert ugly.read_text(encoding="utf-8") == UGLY


def test_what_is_in_style_is_fine(run, ugly: Path) -> None:
    run("fmt", "film.sky")
    assert run("fmt", "--check", "film.sky").code == 0
    assert run("fmt", "--diff", "film.sky").out == ""


def test_standard_input_is_printed(run, ugly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(UGLY))
    printed = run("fmt", "-")
    run("fmt", "film.sky")
    assert printed.out == ugly.read_text(encoding="utf-8")


def test_a_missing_file_is_wrong_usage(run, ugly: Path) -> None:
    assert run("fmt", "flim.sky").code == 2
