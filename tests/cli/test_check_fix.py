"""`skyflow check --fix` and `--diff`: what is certain is mended, the rest is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skyflow.diagnostics import Edit
from skyflow.diagnostics.fixes import apply_edits
from skyflow.source import SourceFile

WRONG = """\
# a remark
defaults { modle = fast }
var city = "Tokyo"
image @hero = "https://example.com/hero.jpg"
shot street {
  end_frame = "https://example.com/end.jpg"
  prompt = "A street in {{ citty }}."
}
shot door { prompt = "＠hero opens a door." }
"""
RIGHT = WRONG.replace("modle", "model").replace("end_frame", "last_frame").replace("citty", "city").replace("＠", "@")


@pytest.fixture
def wrong(folder: Path) -> Path:
    path = folder / "film.sky"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_what_is_certain_is_mended(run, wrong: Path) -> None:
    ended = run("check", "--fix", "film.sky")
    assert wrong.read_text(encoding="utf-8") == RIGHT
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "film.sky:2:12: mended, `modle` is now `model`",
        "film.sky:6:3: mended, `end_frame` is now `last_frame`",
        "film.sky:7:28: mended, `citty` is now `city`",
        "film.sky:9:23: mended, `＠` is now `@`",
        "film.sky: no mistakes found",
    ]


def test_for_programs_what_was_mended_is_told_beside_their_output(run, wrong: Path) -> None:
    ended = run("check", "--fix", "--format", "json", "film.sky")
    assert json.loads(ended.out)["diagnostics"] == []
    assert ended.err.count(": mended, ") == 4


@pytest.mark.parametrize(
    "text",
    [
        'defaults { model = skyreels-v4 }\nshot a { prompt = "x" }\n',
        'var lamp2 = "x"\nshot a { model = fast\n prompt = "{{ lamp2 }} {{ lamp3 }}" }\n',
        'var mood = "x"\nvar moods = "y"\nshot a { model = fast\n prompt = "{{ mood }} {{ moods }} {{ moodi }}" }\n',
        'var weather = "x"\nshot a { model = fast\n prompt = "{{ weather }} {{ weathering }}" }\n',
    ],
)
def test_a_guess_is_not_written(run, wrong: Path, text: str) -> None:
    wrong.write_text(text, encoding="utf-8")
    ended = run("check", "--fix", "film.sky")
    assert (ended.code, wrong.read_text(encoding="utf-8")) == (1, text)


def test_diff_shows_it_and_changes_nothing(run, wrong: Path) -> None:
    ended = run("check", "--diff", "film.sky")
    assert ended.code == 1
    assert "-defaults { modle = fast }\n+defaults { model = fast }\n" in ended.out
    assert wrong.read_text(encoding="utf-8") == WRONG


def test_what_is_not_certain_is_told(run, wrong: Path) -> None:
    wrong.write_text('defaults { model = fast }\nshot a { duration = 99s\n prompt = "x" }\n', encoding="utf-8")
    ended = run("check", "--fix", "film.sky")
    assert ended.code == 1
    assert "error[duration-range]" in ended.out
    assert run("check", "--diff", "film.sky").out == ""


def test_edits_are_applied_in_order() -> None:
    source = SourceFile("a.sky", "abcdef")
    edits = [Edit(source.span(1, 2), "X"), Edit(source.span(3, 3), "--"), Edit(source.span(5, 6), "")]
    assert apply_edits(source.text, edits) == "aXc--de"
