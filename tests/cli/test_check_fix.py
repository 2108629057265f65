"""`skyflow check --fix` and `--diff`: what is certain is mended, the rest is told."""

from __future__ import annotations

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
    assert (ended.code, ended.out) == (0, "film.sky: no mistakes found\n")


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
