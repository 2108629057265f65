"""The conformance files, which were written apart from the code, and the copies of them that every clone has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skyflow.contract import RULES, check_request

COPIES = Path(__file__).parent / "conformance"
SHARED = Path(__file__).parents[3] / "shared"
FOLDER = SHARED / "conformance" if (SHARED / "conformance").is_dir() else COPIES

CASES = [json.loads(line) for line in (FOLDER / "requests.jsonl").read_text(encoding="utf-8").splitlines()]
EXAMPLES = json.loads((FOLDER / "page-examples.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_requests(case):
    found = check_request(case["request"])
    errors = {violation.rule.id for violation in found if violation.severity == "error"}
    warnings = {violation.rule.id for violation in found if violation.severity == "warning"}
    assert set(case["errors"]) <= errors <= {*case["errors"], *case["also"]}
    if not case["errors"]:
        assert warnings == set(case["warnings"])
    places = [(violation.rule.id, violation.path, violation.facts.get("range")) for violation in found]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["title"])
def test_examples_of_the_page_are_accepted(example):
    assert [found for found in check_request(example["request"]) if found.severity == "error"] == []


def test_there_is_something_to_test():
    assert len(CASES) == 166
    assert len(EXAMPLES) == 9


@pytest.mark.skipif(not (SHARED / "conformance").is_dir(), reason="the originals are not here")
@pytest.mark.parametrize("name", ["requests.jsonl", "page-examples.json"])
def test_copies_are_the_originals(name):
    assert (COPIES / name).read_bytes() == (SHARED / "conformance" / name).read_bytes()


@pytest.mark.skipif(not (SHARED / "design").is_dir(), reason="the original is not here")
def test_copied_table_is_the_original():
    design = (SHARED / "design" / "contract.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([EW]) \|", design, re.MULTILINE)
    assert [f"{severity} {rule_id}" for rule_id, severity in rows] == table()


def test_every_constraint_is_declared_once_and_in_order():
    assert [("W" if rule.severity == "warning" else "E") + f" {rule.id}" for rule in RULES] == table()


def table():
    return (COPIES / "constraints.txt").read_text(encoding="utf-8").splitlines()
