"""`skyflow import`: a storyboard from requests and from a screenplay, and a clear word where it cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

REQUEST = {"model": "skyreels-v4-fast", "prompt": "Rain on a window."}
SCREENPLAY = "INT. BAR\n\nTOM sits.\n\nTOM\nOne more.\n"


def test_requests_become_a_storyboard_that_compiles_to_them(run, folder: Path) -> None:
    requests = [REQUEST, {**REQUEST, "duration": 8, "prompt": "Snow, “{{ snow }}”."}]
    (folder / "requests.jsonl").write_text("\n".join(map(json.dumps, requests)), encoding="utf-8")
    imported = run("import", "requests.jsonl", "-o", "film.sky", "--title", "Weather")
    assert (imported.code, imported.err) == (0, "")
    assert imported.out.startswith("Wrote film.sky.\n")
    assert (folder / "film.sky").read_text(encoding="utf-8").startswith('storyboard "Weather"\n')
    compiled = run("compile", "film.sky", "--format", "bodies")
    assert [json.loads(line) for line in compiled.out.splitlines()] == requests


def test_without_a_name_the_storyboard_goes_to_the_screen(run, folder: Path) -> None:
    (folder / "request.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    ended = run("import", "request.json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == 'shot rain-window {\n  model = fast\n  prompt = "Rain on a window."\n}\n'


def test_a_screenplay_asks_for_the_pictures_of_its_cast(run, folder: Path) -> None:
    (folder / "bar.fountain").write_text(SCREENPLAY, encoding="utf-8")
    (folder / "films").mkdir()
    ended = run("import", "bar.fountain", "-o", "films/bar.sky")
    assert ended.code == 0
    assert f"  @Tom  {Path('films/cast/tom.jpg')}\n" in ended.out
    checked = run("check", "films/bar.sky")
    assert checked.code == 1
    assert checked.out.count("error[") == 1
    assert "error[file-missing]: `cast/tom.jpg` does not exist" in checked.out


def test_a_storyboard_that_is_there_is_never_overwritten(run, film: Path) -> None:
    before = film.read_text(encoding="utf-8")
    (film.parent / "request.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    ended = run("import", "request.json", "-o", "film.sky")
    assert ended.code == 2
    assert "`film.sky` is there already" in ended.err
    assert film.read_text(encoding="utf-8") == before


def test_a_request_that_the_api_would_refuse_is_shown_at_its_place(run, folder: Path) -> None:
    (folder / "requests.json").write_text(json.dumps([REQUEST, {**REQUEST, "duration": 99}]), encoding="utf-8")
    ended = run("import", "requests.json", "-o", "film.sky")
    assert ended.code == 1
    assert "error[duration-range]" in ended.err
    assert "--> requests.json:1:" in ended.err
    assert "`requests.json` was not imported" in ended.err
    assert not (folder / "film.sky").exists()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ferry.fdx", "export it as Fountain (.fountain); other programs that open Final Draft's files"),
        ("ferry.PDF", "export it as Fountain (.fountain), as most programs"),
        ("ferry.docx", "export it as Fountain (.fountain), as most programs"),
        ("ferry.txt", "a screenplay in Fountain's plain text needs the ending .fountain: rename it"),
    ],
)
def test_a_screenplay_of_another_kind_is_to_be_exported(run, folder: Path, name: str, hint: str) -> None:
    (folder / name).touch()
    ended = run("import", name)
    assert (ended.code, ended.out) == (2, "")
    assert f"`{name}` is none of the files that are read here: .json, .jsonl, .fountain; {hint}" in ended.err


def test_what_no_storyboard_can_say_is_told(run, folder: Path) -> None:
    request = {"model": "skyreels-v4-fast", "prompt": "Rain.", "first_frame_image": "skyflow:upload/00.png"}
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    ended = run("import", "request.json")
    assert (ended.code, ended.out) == (1, "")
    assert "request.json, /first_frame_image: " in ended.err
    assert "it stands for a file that only `skyflow run` can fill in" in ended.err


def test_half_a_character_is_shown_at_its_place(run, folder: Path) -> None:
    (folder / "request.json").write_text('{"model": "skyreels-v4-fast", "prompt": "half \\ud83d"}', encoding="utf-8")
    ended = run("import", "request.json")
    assert (ended.code, ended.out) == (1, "")
    assert "error[field-type]: the prompt holds half a character" in ended.err
    assert "--> request.json:1:47" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.json",), "there is no file `nothing.json`"),
        (("film.sky",), "`film.sky` is none of the files that are read here: .json, .jsonl, .fountain"),
        (("bytes.fountain",), "bytes.fountain is not UTF-8 text"),
        (("request.json", "--title", "a\udcff"), "the title is not UTF-8"),
        (("request.json", "-o", "film.txt"), "-o names the storyboard to write, and `film.txt` is none"),
        (("request.json", "-o", "nowhere/film.sky"), "cannot be written: No such file or directory"),
    ],
)
def test_wrong_usage(run, film: Path, words: tuple[str, ...], said: str) -> None:
    (film.parent / "bytes.fountain").write_bytes(b"\xff\xfe\x00")
    (film.parent / "request.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    ended = run("import", *words)
    assert ended.code == 2
    assert said in ended.err
