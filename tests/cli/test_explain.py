"""`skyflow explain`: it shows what the rules hold, so it cannot say anything else."""

from __future__ import annotations

import pytest

from skyflow.config import CONFIG_INVALID
from skyflow.pipeline import RULES


def test_alone_it_lists_every_rule(run) -> None:
    lines = run("explain").out.splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.id, rule.severity] for rule in (*RULES, CONFIG_INVALID)]
    assert all(line.endswith(rule.summary) for line, rule in zip(lines, (*RULES, CONFIG_INVALID), strict=True))


@pytest.mark.parametrize("rule", [*RULES, CONFIG_INVALID], ids=lambda rule: rule.id)
def test_a_rule_is_shown_whole(run, rule) -> None:
    ended = run("explain", rule.id)
    assert ended.code == 0
    assert ended.out.startswith(f"{rule.id} ({rule.severity})\n")
    words = " ".join(ended.out.split())
    for part in (rule.summary[1:], rule.what, rule.why, rule.wrong, rule.right, rule.source.rstrip(".")):
        assert " ".join(part.split()) in words
    indented = [line for line in rule.wrong.splitlines() if line.startswith(" ")]
    assert all(f"    {line}" in ended.out for line in indented)


@pytest.mark.parametrize("written", ["error[tag-unknown]", "TAG-UNKNOWN", "error[tag-unknown]:"])
def test_an_id_may_be_copied_out_of_a_message(run, written: str) -> None:
    assert run("explain", written).out.startswith("tag-unknown (error)")


def test_several_at_once(run) -> None:
    out = run("explain", "tag-unknown", "modes-exclusive").out
    assert out.index("tag-unknown (error)") < out.index("\n\nmodes-exclusive (error)")


def test_a_part_of_an_id_finds_those_that_have_it(run) -> None:
    ended = run("explain", "ref-image")
    assert ended.code == 2
    assert "ref-images-count" in ended.err
    assert "ref-image-type-unknown" in ended.err


def test_color_only_where_wanted(run) -> None:
    assert "\x1b[" not in run("explain", "tag-unknown").out
    assert "\x1b[1;31m(error)" in run("explain", "tag-unknown", "--color", "always").out


def test_what_may_be_allowed_tells_how(run) -> None:
    for id, told in (
        ("take-unpicked", True),
        ("prompt-too-long", True),
        ("tag-unknown", False),
        ("allow-unused", False),
    ):
        assert (f"`# allow: {id}` behind the line" in " ".join(run("explain", id).out.split())) is told


def test_the_name_of_a_file_keeps_its_small_letter(run) -> None:
    assert "\nskyflow.toml says something that" in run("explain", "config-invalid").out
