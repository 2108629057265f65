"""`[allow]` in skyflow.toml: how it may be written, which files a pattern means, and where each rule stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyflow.config import ConfigError, load_config
from skyflow.config.allowed import AllowedRule
from skyflow.source import SourceFile, Span


def allowed(root: Path, text: str) -> list[tuple[str, str, str]]:
    """Rule, pattern and place (`line:column text`) of each allowance."""
    (root / "skyflow.toml").write_text(text, encoding="utf-8")
    return [
        (one.rule, one.pattern, f"{one.span}"[len("skyflow.toml:") :] + f" {one.span.text}")
        for one in load_config(root).allowed
    ]


def test_without_the_section_nothing_is_allowed(tmp_path: Path) -> None:
    assert allowed(tmp_path, "") == []


def test_rules_of_the_project_and_of_files(tmp_path: Path) -> None:
    text = """\
# nobody means "name-unused" here
[project]
out = "name-unused"
[allow]
rules = [
  'name-unused',  # "shot-repeated"
  "shot-repeated",
]
[allow.files]
"drafts/*.sky" = ["name-unused", "prompt-too-long"]
"old.sky" = ["name-unused"]
"""
    assert allowed(tmp_path, text) == [
        ("name-unused", "", "6:3 'name-unused'"),
        ("shot-repeated", "", '7:3 "shot-repeated"'),
        ("name-unused", "drafts/*.sky", '10:19 "name-unused"'),
        ("prompt-too-long", "drafts/*.sky", '10:34 "prompt-too-long"'),
        ("name-unused", "old.sky", '11:14 "name-unused"'),
    ]


def test_dotted_and_inline_forms(tmp_path: Path) -> None:
    text = 'allow.rules = ["name-unused"]\nallow.files = { "a.sky" = ["shot-repeated"] }\n'
    assert allowed(tmp_path, text) == [
        ("name-unused", "", '1:16 "name-unused"'),
        ("shot-repeated", "a.sky", '2:28 "shot-repeated"'),
    ]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ('[allow]\nrules = "name-unused"\n', "expected a list of rule ids"),
        ('[allow]\nrules = ["Name Unused"]\n', "expected a list of rule ids"),
        ('[allow]\nfiles = ["a.sky"]\n', "expected patterns with their rules"),
        ('[allow.files]\n"a.sky" = "name-unused"\n', "expected patterns with their rules"),
        ("[allow]\nname-unused = true\n", "known: rules, files"),
    ],
)
def test_what_is_written_otherwise_is_told(tmp_path: Path, text: str, help: str) -> None:
    (tmp_path / "skyflow.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    (found,) = caught.value.diagnostics
    assert help in found.help


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("", "film.sky", True),
        ("film.sky", "film.sky", True),
        ("film.sky", "drafts/film.sky", True),
        ("*.sky", "drafts/film.sky", True),
        ("drafts/*.sky", "drafts/film.sky", True),
        ("drafts/*.sky", "film.sky", False),
        ("./drafts/*.sky", "drafts/film.sky", True),
        ("drafts", "drafts/old/film.sky", True),
        ("drafts/", "drafts/film.sky", True),
        ("**/film.sky", "film.sky", True),
        ("**/film.sky", "a/b/film.sky", True),
        ("drafts/film.sky", "film.sky", False),
        ("Film.sky", "film.sky", False),
    ],
)
def test_patterns(pattern: str, path: str, is_meant: bool) -> None:
    assert AllowedRule("name-unused", Span(SourceFile("skyflow.toml", ""), 0, 0), pattern).covers_file(path) is is_meant
