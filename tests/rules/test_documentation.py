"""The examples in the documentation of every rule are true: the wrong one breaks this rule and no other, the right one is silent.

Some speak of other files; those are made here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from skyflow.assets import DiskFiles
from skyflow.diagnostics import Rule
from skyflow.diagnostics.terminal import render_terminal
from skyflow.pipeline import RULES, open_storyboard
from skyflow.requests.raw import check_raw_request
from skyflow.source import SourceFile

HERE = Path(__file__).parent
ONLY_LIVE = {"upload-impossible"}
MIKA = 'image @Mika = "https://example.com/mika.jpg"\n'

# What the examples say of their neighbours, by rule: for the wrong one, and for the right one.
NEIGHBOURS: Mapping[str, tuple[dict[str, str], dict[str, str]]] = {
    "use-cycle": ({}, {"cast.sky": MIKA}),
    "use-content": ({"cast.sky": 'shot test { prompt = "A face in front of grey." }\n'}, {"cast.sky": MIKA}),
    "table-shape": (
        {"products.csv": "name,copy\nmug,Hot coffee, now\n"},
        {"products.csv": 'name,copy\nmug,"Hot coffee, now"\n'},
    ),
    "file-type": ({"words.jpg": "these are words"}, {}),
}


@pytest.fixture
def folder(tmp_path: Path, make_picture: Callable[..., bytes]) -> Path:
    """A project with the pictures, clips and sounds that examples name."""
    (tmp_path / "skyflow.toml").touch()
    (tmp_path / "square.png").write_bytes(make_picture("PNG", 64, 64))
    (tmp_path / "street.png").write_bytes(make_picture("PNG", 160, 90))
    media = {
        "mika-20s.mp3": "audio-too-long/sixteen-seconds.mp3",
        "mika-15s.mp3": "audio-too-long/two-seconds.mp3",
        "living-room-18s.mp4": "video-too-long/sixteen-seconds.mp4",
        "living-room-15s.mp4": "video-too-long/two-seconds.mp4",
        "dance-12s.mp4": "reference-truncated/twelve-seconds.mp4",
        "dance-10s.mp4": "video-too-long/two-seconds.mp4",
        "move.mp4": "upload-impossible/move.mp4",
    }
    for name, source in media.items():
        (tmp_path / name).write_bytes((HERE / source).read_bytes())
    return tmp_path


def said(rule: Rule, example: str, folder: Path, neighbours: Mapping[str, str]) -> tuple[set[str], str]:
    """The ids of what is said of an example, and the whole of it."""
    if rule.example_kind == "request":
        json.loads(example)
        found = check_raw_request(SourceFile("example.json", example))
    else:
        for name, content in {"example.sky": example, **neighbours}.items():
            (folder / name).write_text(content, encoding="utf-8")
        live = rule.id in ONLY_LIVE
        found = open_storyboard("example.sky", DiskFiles(folder), live=live).check()
    return {diagnostic.rule.id for diagnostic in found}, render_terminal(found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_wrong_example_breaks_this_rule_and_no_other(rule: Rule, folder: Path) -> None:
    ids, text = said(rule, rule.wrong, folder, NEIGHBOURS.get(rule.id, ({}, {}))[0])
    assert ids == {rule.id}, text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nothing_is_said_of_the_right_example(rule: Rule, folder: Path) -> None:
    _, text = said(rule, rule.right, folder, NEIGHBOURS.get(rule.id, ({}, {}))[1])
    assert text == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_documented_for_people(rule: Rule) -> None:
    assert rule.summary == rule.summary.strip()
    assert not rule.summary.endswith(".")
    assert rule.what.endswith(".")
    assert rule.why.endswith((".", "?"))
    assert rule.source
    assert rule.wrong.endswith("\n")
    assert rule.right.endswith("\n")
    assert rule.wrong != rule.right


def test_what_is_cited_is_what_people_have() -> None:
    reference = (Path(__file__).parents[2] / "grammar" / "README.md").read_text(encoding="utf-8")
    headings = {line.lstrip("# ").lower() for line in reference.splitlines() if line.startswith("#")}
    for rule in RULES:
        assert "design/" not in rule.source, rule.id
        _, language, section = rule.source.partition("(grammar/README.md), ")
        assert not language or section.lower() in headings, rule.source
