"""Every rule has whole docs, and for every rule a request that breaks it (with what is said, word for word) and one that does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skyflow.contract import RULES, check_request

FOLDERS = Path(__file__).parents[1] / "rules"
WRONG = sorted(FOLDERS.glob("*/wrong-request*.json"))
RIGHT = sorted(FOLDERS.glob("*/right-request*.json"))
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def name(path):
    return f"{path.parent.name}/{path.stem}"


def violations(path):
    lengths = path.with_suffix(".lengths")
    known = json.loads(lengths.read_text(encoding="utf-8")) if lengths.exists() else {}
    return check_request(json.loads(path.read_text(encoding="utf-8")), lengths=known)


@every_rule
def test_has_a_wrong_and_a_right_request(rule):
    assert (FOLDERS / rule.id / "wrong-request.json").is_file()
    assert (FOLDERS / rule.id / "right-request.json").is_file()


@pytest.mark.parametrize("path", WRONG, ids=name)
def test_wrong_requests(path, transcript, keep_golden):
    found = violations(path)
    assert {violation.rule.id for violation in found} == {path.parent.name}
    keep_golden(path.with_suffix(".said"), transcript(found))


@pytest.mark.parametrize("path", RIGHT, ids=name)
def test_right_requests(path):
    assert violations(path) == []


@every_rule
def test_docs_are_whole(rule):
    for text in (rule.summary, rule.what, rule.why, rule.wrong, rule.right, rule.source):
        assert text.strip() == text.strip("\n") != ""
    assert not rule.summary.endswith(".")
    assert rule.what.endswith(".")
    assert rule.why.endswith(".")
    assert rule.wrong != rule.right


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.example_kind == "request"], ids=lambda rule: rule.id)
def test_request_examples_are_true(rule):
    assert {found.rule.id for found in check_request(json.loads(rule.wrong))} == {rule.id}
    assert check_request(json.loads(rule.right)) == []
