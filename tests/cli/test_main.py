"""The way to a command: help, versions, slips of the hand, and how commands end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from skyflow.cli import check
from skyflow.cli import main as cli_main
from skyflow.cli.main import COMMANDS
from skyflow.cli.outcome import Exit
from skyflow.version import __version__


def start(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, for what only a process shows: encodings, pipes, exit codes."""
    return subprocess.run(
        [sys.executable, "-m", "skyflow", *words],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_the_overview_names_every_command(run, words: list[str]) -> None:
    ended = run(*words)
    assert (ended.code, ended.err) == (0, "")
    for command in COMMANDS:
        assert f"\n  {command.name} " in ended.out
        assert command.summary in ended.out


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
@pytest.mark.parametrize("words", [("{}", "--help"), ("help", "{}"), ("{}", "-h")])
def test_every_command_has_help_with_examples(run, command: str, words: tuple[str, str]) -> None:
    ended = run(*(word.format(command) for word in words))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"usage: skyflow {command}")
    assert f"examples:\n  skyflow {command}" in ended.out


def test_version(run) -> None:
    assert run("--version").out == f"skyflow {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chekc", "a.sky"], "skyflow: there is no command `chekc`; did you mean `check`?"),
        (["zzz"], "skyflow: there is no command `zzz`; the commands: new, check, "),
        (["render", "film.sky"], "skyflow: there is no command `render`; did you mean `run`?"),
        (["run", "film.sky", "--takes", "5"], "`--takes`; that is written in the storyboard: `takes = 5` in its shot, or in `defaults { }`"),
        (["run", "film.sky", "--aspect-ratio=9:16"], "`--aspect-ratio`; that is written in the storyboard: `aspect_ratio = 9:16` in its shot"),
        (["run", "film.sky", "--pick", "--yes"], "`--pick`; that is written in the storyboard: `pick = …` in its shot"),
        (["run", "film.sky", "--seed", "3"], "`--seed`; the model has no seed; `takes = 3` asks for three tries"),
        (["run", "film.sky", "--yse"], "no option `--yse`; did you mean `--yes`?"),
        (["run", "film.sky", "--liv"], "no option `--liv`; did you mean `--live`?"),
        (["run", "film.sky", "--lively"], "no option `--lively`; `skyflow run --help`"),
        (["run", "film.sky", "--yeses"], "no option `--yeses`; `skyflow run --help`"),
        (["serve", "--fault", "error500=1"], "`error500` is no fault; did you mean `error-500`?"),
        (["check", "mein", "café.sky"], "skyflow: `mein café.sky` is one file, so it stands in quotes; skyflow check \"mein café.sky\""),
        (["run", "mein", "café.sky", "--live"], "skyflow: `mein café.sky` is one file, so it stands in quotes; skyflow run \"mein café.sky\""),
        (["film.sky"], "skyflow: the command is missing; to see clips of it: skyflow run film.sky"),
        (["--json"], "skyflow: `--json` stands behind a command"),
        (["check"], "skyflow: the following arguments are required: FILE; `skyflow check --help`"),
        (["check", "film.sky", "--fromat", "json"], "skyflow: `skyflow check` has no option `--fromat`; did you mean `--format`?"),
        (["check", "film.sky", "--fromat=json"], "skyflow: `skyflow check` has no option `--fromat`; did you mean `--format`?"),
        (["check", "film.sky", "--format"], "skyflow: --format: expected one argument; `skyflow check --help`"),
        (["check", "film.sky", "--form", "json"], "skyflow: `skyflow check` has no option `--form`; did you mean `--format`?"),
        (["check", "film.sky", "--format", "jsn"], "did you mean `json`?"),
        (["check", "film.sky", "--color", "maybe"], "`maybe` is none of auto, always, never"),
        (["check", "film.sky", "--var", "city"], "write it as NAME=VALUE"),
        (["check", "film.sky", "--var", "city=\udcff"], "the value of `city` is not UTF-8 text"),
        (["compile", "film.sky", "b.sky"], "skyflow: `b.sky` is one word too many"),
        (["check", "flim.sky"], "skyflow: there is no file `flim.sky`; did you mean `film.sky`?"),
        (["check", "nowhere/film.sky"], "skyflow: there is no file `nowhere/film.sky`; there is no folder `nowhere`, either"),
        (["check", "."], "skyflow: `.` is a folder; name a storyboard in it: film.sky"),
        (["check", "notes.txt"], "skyflow: `notes.txt` is none of the files that are read here: .sky, .json, .jsonl"),
        (["compile", "request.json"], "skyflow: `request.json` is none of the files that are read here: .sky"),
        (["check", "a\0b.sky"], "can be no file"),
        (["check", "x" * 5000 + ".sky"], "can be no file"),
        (["check", "a\x1b[2Jb.sky"], "skyflow: there is no file `a␛[2Jb.sky`"),
        (["explain", "tag-unknwon"], "skyflow: there is no rule `tag-unknwon`; did you mean `tag-unknown`?"),
        (["new"], "skyflow: the following arguments are required: DIR; `skyflow new --help`"),
        (["new", "x", "--template", "advrt"], "did you mean `advert`?"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_clear_line(run, film: Path, words: list[str], said: str) -> None:
    (film.parent / "notes.txt").touch()
    (film.parent / "request.json").touch()
    (film.parent / "mein café.sky").touch()
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert ended.err.startswith("skyflow: ")
    assert said in ended.err


def test_settings_that_are_wrong_are_shown_with_their_place(run, film: Path) -> None:
    (film.parent / "skyflow.toml").write_text("[budget]\nrnu = 3\n")
    ended = run("check", "film.sky")
    assert (ended.code, ended.out) == (2, "")
    assert "--> skyflow.toml:2:1\n" in ended.err
    assert "did you mean `run`?" in ended.err


def test_ctrl_c_is_130(run, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "run", interrupted)
    ended = run("check", "film.sky")
    assert (ended.code, ended.err) == (130, "skyflow: interrupted\n")


def test_a_mistake_of_ours_is_told_as_one(run, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(check, "run", broken)
    ended = run("check", "film.sky")
    assert ended.code == Exit.BROKEN
    assert ended.err.startswith("skyflow: this is a mistake in skyflow, not in your storyboard")


def test_a_full_disk_is_told_and_no_traceback(run, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(check, "run", full)
    monkeypatch.setattr(cli_main, "_forget_output", lambda: None)
    ended = run("check", "film.sky")
    assert (ended.code, ended.err) == (2, "skyflow: the system says: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_output_that_cannot_be_written_is_told(film: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "skyflow", "compile", "film.sky"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr == b"skyflow: the system says: No space left on device\n"


def test_a_reader_that_leaves_is_no_mistake(film: Path) -> None:
    shots = "\n".join(f'shot s{number} {{ prompt = "{"long " * 200}{number}" }}' for number in range(300))
    film.write_text(f"defaults {{ model = fast }}\n{shots}\n")
    with subprocess.Popen(
        [sys.executable, "-m", "skyflow", "compile", "film.sky"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"variant"')
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(), said) == (0, b"")


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1:strict"},
    ],
)
def test_output_is_utf8_whatever_the_locale(film: Path, environment: dict[str, str]) -> None:
    film.write_text('shot 夜 { prompt = "小梅 @走进 \\u{1F3AC}" }\n', encoding="utf-8")
    ended = start("check", "film.sky", **environment)
    assert ended.returncode == 1
    assert "小梅 @走进".encode() in ended.stdout
    assert b"Traceback" not in ended.stderr


def test_half_a_surrogate_pair_does_not_break_the_output(film: Path) -> None:
    ended = start("check", os.fsdecode(b"\xff.sky"))
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"there is no file `\\u{dcff}.sky`" in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_mistake(film: Path, closed: str) -> None:
    ended = subprocess.run(["sh", "-c", f'"{sys.executable}" -m skyflow check film.sky {closed}'], check=False)
    assert ended.returncode == 0
