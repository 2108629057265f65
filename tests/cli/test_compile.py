"""`skyflow compile`: its forms, the file it writes, and the files it never writes over."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyflow.cli import compile as compile_command
from skyflow.requests.compiled import CompiledClip, on_lines

REQUEST = {"model": "skyreels-v4-fast", "prompt": "A street at night.", "duration": 5}


def test_lines_a_list_and_bodies(run, film: Path) -> None:
    lines = [json.loads(line) for line in run("compile", "film.sky").out.splitlines()]
    assert [(clip["shot"], clip["take"], clip["mode"]) for clip in lines] == [("street", 1, "T2V"), ("sea", 1, "I2V")]
    assert lines[0]["request"] == REQUEST
    assert lines[1]["needs"] == [lines[0]["key"]]
    assert json.loads(run("compile", "film.sky", "--format", "json").out) == lines
    bodies = run("compile", "film.sky", "--format", "bodies").out.splitlines()
    assert [json.loads(body) for body in bodies] == [clip["request"] for clip in lines]


def test_a_part_can_be_chosen(run, film: Path) -> None:
    film.write_text('var city = "Tokyo" | "Osaka"\ndefaults { model = fast }\n'
                    'shot a { prompt = "{{ city }}" }\nshot b { prompt = "in {{ city }}" }\n')  # fmt: skip
    out = run("compile", "film.sky", "--shot", "b", "--variant", "city=Osaka", "--format", "bodies").out
    assert [json.loads(line)["prompt"] for line in out.splitlines()] == ["in Osaka"]
    out = run(
        "compile", "film.sky", "--shot", "a", "--var", "city=Kobe", "--var", "city=Nara", "--format", "bodies"
    ).out
    assert [json.loads(line)["prompt"] for line in out.splitlines()] == ["Kobe", "Nara"]


def test_a_storyboard_with_errors_compiles_to_nothing(run, film: Path) -> None:
    film.write_text(film.read_text().replace("5s", "20s"))
    ended = run("compile", "film.sky", "-o", "out.jsonl")
    assert (ended.code, ended.out) == (1, "")
    assert "error[duration-range]" in ended.err
    assert ended.err.endswith("\nfilm.sky: 1 error\n")
    assert not Path("out.jsonl").exists()


def test_warnings_are_told_beside_the_result(run, film: Path) -> None:
    film.write_text("var unused = 1\n" + film.read_text())
    ended = run("compile", "film.sky")
    assert ended.code == 0
    assert "warning[name-unused]" in ended.err
    assert len(ended.out.splitlines()) == 2


class TestOutputFile:
    def test_is_written_whole_and_like_any_new_file(self, run, film: Path) -> None:
        (film.parent / "plain").touch()
        ended = run("compile", "film.sky", "-o", "out.jsonl")
        assert (ended.code, ended.out) == (0, "")
        assert Path("out.jsonl").read_text() == run("compile", "film.sky").out
        assert stat.S_IMODE(Path("out.jsonl").stat().st_mode) == stat.S_IMODE((film.parent / "plain").stat().st_mode)
        assert run("compile", "film.sky", "-o", "-").out == Path("out.jsonl").read_text()

    def test_keeps_the_old_one_when_writing_is_broken_off(
        self, run, film: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_off(clips: object, opened: object) -> object:
            yield b"half a li"
            raise KeyboardInterrupt

        Path("out.jsonl").write_text("old")
        monkeypatch.setitem(compile_command._WRITERS, "jsonl", break_off)
        assert run("compile", "film.sky", "-o", "out.jsonl").code == 130
        assert Path("out.jsonl").read_text() == "old"
        assert sorted(str(path) for path in Path().iterdir()) == ["film.sky", "out.jsonl"]

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            ("film.sky", "would overwrite the storyboard"),
            ("./film.sky", "would overwrite the storyboard"),
            ("other.sky", "would overwrite the storyboard"),
            ("link", "would overwrite the storyboard"),
            (".", "`.` is a folder; name a file in it, such as requests.jsonl"),
            ("nowhere/out.jsonl", "there is no folder `nowhere` to write to; make it first"),
            ("film.sky/out.jsonl", "there is no folder `film.sky` to write to"),
            ("x" * 300, "can be no file"),
            ("/proc/out.jsonl", "`/proc/out.jsonl` cannot be written: "),
        ],
    )
    def test_where_it_must_not_go(self, run, film: Path, target: str, said: str) -> None:
        Path("link").symlink_to("film.sky")
        before = film.read_text()
        ended = run("compile", "film.sky", "-o", target)
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.err
        assert film.read_text() == before

    @pytest.mark.skipif(sys.platform == "win32", reason="devices as on POSIX")
    def test_a_device_is_written_to_and_not_replaced(self, run, film: Path) -> None:
        assert run("compile", "film.sky", "-o", os.devnull).code == 0
        assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)

    @pytest.mark.skipif(sys.platform == "win32", reason="links as on POSIX")
    def test_a_link_stays_a_link(self, run, film: Path) -> None:
        Path("link").symlink_to("real.jsonl")
        assert run("compile", "film.sky", "-o", "link").code == 0
        assert Path("link").is_symlink()
        assert Path("real.jsonl").read_text().startswith('{"variant"')


class Lines:
    """A storyboard as far as its writers know one: one variant has three clips, the next one none."""

    def __init__(self, clips: list[CompiledClip]) -> None:
        self.clips = clips

    def clip_lines(self) -> Iterator[bytes]:
        for start in range(0, len(self.clips), 3):
            yield on_lines(clip.as_json() for clip in self.clips[start : start + 3])
            yield b""


@pytest.mark.parametrize("count", [0, 1, 512, 5000])
def test_all_clips_are_written_however_many(count: int) -> None:
    storyboard = Lines([CompiledClip("", f"s{number}", 1, "T2V", "k", (), {}) for number in range(count)])
    shots = [f"s{number}" for number in range(count)]
    lines = b"".join(compile_command._WRITERS["jsonl"](storyboard, None)).splitlines()
    assert [json.loads(line)["shot"] for line in lines] == shots
    assert [clip["shot"] for clip in json.loads(b"".join(compile_command._WRITERS["json"](storyboard, None)))] == shots
