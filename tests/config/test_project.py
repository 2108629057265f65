"""Which folder is the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyflow.config import find_project, locate_in_project


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], "film/scenes"),
        (["film/skyflow.toml"], "film"),
        (["film/.git/"], "film"),
        (["skyflow.toml", "film/.git/"], "film"),
        (["film/.git/", "film/scenes/skyflow.toml"], "film/scenes"),
        (["film/.git"], "film"),  # a worktree's .git is a file
    ],
)
def test_the_nearest_marked_folder_else_the_storyboards_own(tmp_path: Path, marks: list[str], expected: str) -> None:
    (tmp_path / "film" / "scenes").mkdir(parents=True)
    for mark in marks:
        (tmp_path / mark).mkdir() if mark.endswith("/") else (tmp_path / mark).touch()
    assert find_project(tmp_path / "film" / "scenes" / "night.sky") == (tmp_path / expected).resolve()


def test_the_current_folder_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "skyflow.toml").touch()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert find_project(Path("../there/night.sky")) == (tmp_path / "there").resolve()
    assert find_project(Path("night.sky")) == (tmp_path / "here").resolve()


def test_a_link_leads_to_the_project_of_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "skyflow.toml").touch()
    (tmp_path / "film" / "night.sky").touch()
    (tmp_path / "alias").symlink_to("film")
    (tmp_path / "tonight.sky").symlink_to("film/night.sky")
    for written in ("film/night.sky", "alias/night.sky", "film/../alias/night.sky", "tonight.sky"):
        assert locate_in_project(tmp_path / written) == ((tmp_path / "film").resolve(), "night.sky")
