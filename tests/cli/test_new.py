"""`skyflow new`: every template is a project without a mistake, and nothing that is there is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skyflow.cli.new import TEMPLATES
from skyflow.config import BucketHost, find_project, load_config


@pytest.mark.parametrize("template", [template.name for template in TEMPLATES])
def test_every_template_is_ready_to_run(run, folder: Path, template: str) -> None:
    made = run("new", "my film", "--template", template)
    assert (made.code, made.err) == (0, "")
    root = folder / "my film"
    assert find_project(root / "film.sky") == root
    load_config(root)
    assert run("check", "my film/film.sky").out == "my film/film.sky: no mistakes found\n"
    assert run("compile", "my film/film.sky").out
    listed = {line.strip() for line in made.out.partition("Next:")[0].splitlines()[1:] if line.strip()}
    assert listed == {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {
        path.relative_to(root).as_posix() for path in (root / ".skyflow").rglob("*")
    }


@pytest.mark.parametrize("template", [template.name for template in TEMPLATES])
def test_every_template_is_written_in_the_one_style(run, folder: Path, template: str) -> None:
    run("new", "made", "--template", template)
    assert (run("fmt", "--check", "made/film.sky").code, run("fmt", "--diff", "made/film.sky").out) == (0, "")


@pytest.mark.parametrize("template", [template.name for template in TEMPLATES])
def test_commands_that_a_template_names_work(run, folder: Path, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new", "made", "--template", template)
    monkeypatch.chdir(folder / "made")
    text = Path("film.sky").read_text(encoding="utf-8")
    compiles = [line for line in text.splitlines() if line.startswith("#   skyflow compile")]
    for line in compiles:
        words = line.removeprefix("#   skyflow ").split("  ")[0].split()
        assert run(*words).code == 0, line


def test_settings_that_are_only_hinted_at_are_true(run, folder: Path) -> None:
    run("new", "made")
    path = folder / "made" / "skyflow.toml"
    shown = [
        line.removeprefix("# ") if "=" in line or line.startswith("# [") else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(shown))
    settings = load_config(folder / "made")
    assert settings.variants_limit == 100_000
    assert settings.host == BucketHost("film-assets", "https://s3.example.com")


def test_a_film_person_is_told_what_to_do_next(run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\n  cd made\n  skyflow check film.sky " in run("new", "made").out
    assert "\n  cd 'mon été'\n" in run("new", "mon été").out
    (folder / "here").mkdir()
    monkeypatch.chdir(folder / "here")
    assert "\nNext:\n  skyflow check film.sky " in run("new", ".").out


def test_a_folder_with_something_in_it_is_refused(run, folder: Path) -> None:
    (folder / "full").mkdir()
    (folder / "full" / "notes.txt").write_text("mine")
    ended = run("new", "full")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "skyflow: `full` is not empty: notes.txt is there; nothing was written; choose another folder\n"
    assert [path.name for path in (folder / "full").iterdir()] == ["notes.txt"]


def test_an_empty_folder_or_a_fresh_repository_will_do(run, folder: Path) -> None:
    (folder / "fresh" / ".git").mkdir(parents=True)
    assert run("new", "fresh").code == 0


@pytest.mark.parametrize(
    ("name", "code"), [("file", 2), ("file/below", 2), ("a\0b", 2), ("x" * 300, 2), ("/proc/made", 4)]
)
def test_what_can_be_no_folder(run, folder: Path, name: str, code: int) -> None:
    (folder / "file").touch()
    ended = run("new", name)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("skyflow: ")


def test_the_templates_requests_are_as_the_story_tells(run, folder: Path) -> None:
    run("new", "made")
    clips = [json.loads(line) for line in run("compile", "made/film.sky").out.splitlines()]
    assert {clip["mode"] for clip in clips} == {"I2V", "Omni"}
    assert any(clip["needs"] for clip in clips)
