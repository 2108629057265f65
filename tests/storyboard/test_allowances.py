"""`# allow: RULE` and `[allow]` in skyflow.toml: what they keep quiet, where they reach, and when they are idle."""

from __future__ import annotations

import json
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
    ) == [("duration-range", 3), ("allow-unused", 3)]
    long = '# allow: prompt-too-long\nshot a {\n  prompt = "' + "rain and wind " * 700 + '"\n}\n'
    assert told(tmp_path, HEAD.split("\n")[0] + "\n" + long) == []


def test_what_stands_in_a_prompt_is_no_comment(tmp_path: Path) -> None:
    text = HEAD + (SHOT % "").replace("@dance.", "@dance. # allow: duration-overridden")
    assert told(tmp_path, text) == [("duration-overridden", 4)]


# --- skyflow.toml

COPY = HEAD + SHOT % ""
LONG = HEAD.split("\n")[0] + '\nshot a {\n  prompt = "' + "rain and wind " * 700 + '"\n}\n'


def settle(folder: Path, text: str) -> None:
    (folder / "skyflow.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "settings",
    ['[allow]\nrules = ["duration-overridden"]\n', '[allow.files]\n"f*.sky" = ["duration-overridden"]\n'],
)
def test_the_project_allows_a_rule(tmp_path: Path, settings: str) -> None:
    settle(tmp_path, settings)
    assert told(tmp_path, COPY) == []


def test_a_pattern_reaches_the_file_that_the_mistake_stands_in(tmp_path: Path) -> None:
    settle(tmp_path, '[allow.files]\n"cast.sky" = ["name-unused"]\n')
    (tmp_path / "cast.sky").write_text('use "props.sky"\nvar mood = "dark"\n', encoding="utf-8")
    (tmp_path / "props.sky").write_text("", encoding="utf-8")
    text = 'use "cast.sky"\nvar idle = 1\ndefaults { model = fast }\nshot a { prompt = "Rain." }\n'
    assert told(tmp_path, text) == [("name-unused", 2), ("allow-unused", 2)]


def test_the_project_allows_a_long_prompt_and_it_is_compiled(tmp_path: Path) -> None:
    settle(tmp_path, '[allow]\nrules = ["prompt-too-long"]\n')
    assert told(tmp_path, LONG) == []
    assert [clip.shot for clip in skyflow.compile(tmp_path / "film.sky")] == ["a"]
    assert skyflow.plan(tmp_path / "film.sky").cost > 0


def test_the_project_cannot_allow_an_error(tmp_path: Path) -> None:
    settle(tmp_path, '[allow]\nrules = ["duration-range"]\n')
    wrong = 'defaults { model = fast }\nshot a {\n  duration = 99s\n  prompt = "x"\n}\n'
    assert told(tmp_path, wrong) == [("duration-range", 3), ("allow-unused", 2)]


def test_an_idle_allowance_of_the_project_is_told_at_its_place(tmp_path: Path) -> None:
    settle(tmp_path, '[allow]\nrules = ["duration-overridden", "shot-repeated"]\n')
    (tmp_path / "film.sky").write_text(COPY, encoding="utf-8")
    (found,) = skyflow.check(tmp_path / "film.sky")
    assert (str(found.span), found.message) == (
        "skyflow.toml:2:33",
        "`shot-repeated` is allowed here, but nothing in the project breaks it",
    )


def test_it_is_not_idle_while_another_storyboard_may_need_it(tmp_path: Path) -> None:
    settle(tmp_path, '[allow]\nrules = ["shot-repeated"]\n[allow.files]\n"film.sky" = ["name-unused"]\n')
    (tmp_path / "other.sky").write_text(COPY, encoding="utf-8")
    assert told(tmp_path, COPY) == [("duration-overridden", 4), ("allow-unused", 4)]


def test_misspelt_rules_and_patterns_of_the_project_are_told_once(tmp_path: Path) -> None:
    settle(tmp_path, '[allow]\nrules = ["shot-repeatd"]\n[allow.files]\n"fim.sky" = ["name-unused", "shot-repeated"]\n')
    assert told(tmp_path, COPY) == [("duration-overridden", 4), ("allow-unused", 2), ("allow-unused", 4)]


def test_raw_requests_are_allowed_the_same(tmp_path: Path) -> None:
    settle(tmp_path, '[allow.files]\n"*.json" = ["prompt-too-long"]\n')
    request = {"model": "skyreels-v4-fast", "prompt": "rain and wind " * 700}
    (tmp_path / "one.json").write_text(json.dumps(request), encoding="utf-8")
    assert skyflow.check(tmp_path / "one.json") == ()
