"""`# allow: RULE`: what it keeps quiet, where it reaches, and when it is idle."""

from __future__ import annotations

from pathlib import Path

import pytest

import skyflow

HEAD = 'defaults { model = fast }\nvideo @dance = "https://example.com/dance.mp4"\n'
SHOT = 'shot copy {\n  duration = 5s%s\n  prompt = "A girl copies @dance."\n}\n'


def told(folder: Path, text: str) -> list[tuple[str, int]]:
    (folder / "film.sky").write_text(text, encoding="utf-8")
    found = skyflow.check(folder / "film.sky")
    return [(d.rule.id, d.span.start_position.line) for d in found if d.span is not None]


def test_without_it_the_warning_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, HEAD + SHOT % "") == [("duration-overridden", 4)]


@pytest.mark.parametrize(
    "text",
    [
        SHOT % "  # allow: duration-overridden",
        SHOT % "  # allow: duration-overridden, take-unpicked".replace(", take-unpicked", ""),
        "# allow: duration-overridden\n" + SHOT % "",
        "# allow: duration-overridden\n\n# another remark\n" + SHOT % "",
        (SHOT % "").replace("shot copy {", "shot copy {  # allow: duration-overridden"),
        "scene s {  # allow: duration-overridden\n" + SHOT % "" + "}\n",
    ],
)
def test_behind_the_statement_or_above_it(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, HEAD + text) == []


def test_it_reaches_no_farther_than_its_statement(tmp_path: Path) -> None:
    text = (
        HEAD
        + "# allow: duration-overridden\n"
        + SHOT % ""
        + (SHOT % "").replace("copy {", "other {").replace("A girl", "A boy")
    )
    assert told(tmp_path, text) == [("duration-overridden", 9)]


def test_idle_and_misspelt_ones_are_told(tmp_path: Path) -> None:
    text = HEAD + SHOT % "  # allow: duration-overridden, picture-ratio, nonsense"
    assert told(tmp_path, text) == [("allow-unused", 4), ("allow-unused", 4)]


def test_an_error_cannot_be_allowed_but_a_long_prompt_can(tmp_path: Path) -> None:
    assert told(
        tmp_path, 'defaults { model = fast }\nshot a {\n  duration = 99s  # allow: duration-range\n  prompt = "x"\n}\n'
    ) == [("duration-range", 3)]
    long = '# allow: prompt-too-long\nshot a {\n  prompt = "' + "rain and wind " * 700 + '"\n}\n'
    assert told(tmp_path, HEAD.split("\n")[0] + "\n" + long) == []


def test_what_stands_in_a_prompt_is_no_comment(tmp_path: Path) -> None:
    text = HEAD + (SHOT % "").replace("@dance.", "@dance. # allow: duration-overridden")
    assert told(tmp_path, text) == [("duration-overridden", 4)]
