"""The forms for programs: JSON as promised, SARIF, and workflow commands."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, Rule
from skyflow.diagnostics.github import render_github
from skyflow.diagnostics.json import render_json
from skyflow.diagnostics.sarif import render_sarif
from skyflow.diagnostics.summary import count_severities, in_words
from skyflow.source import SourceFile, Span

Rules = Callable[..., Rule]
Find = Callable[..., Span]


@pytest.fixture
def found(rule: Rules, span: Find, dragon: SourceFile) -> list[Diagnostic]:
    tag = span(dragon, "@Mika1")
    return [
        Diagnostic(
            rule("tag-unknown"),
            "`@Mika1` is no asset here",
            tag,
            "no asset",
            "did you mean `@Mika`?",
            (Related(span(dragon, "dragon", "shot "), "this shot"),),
            "/prompt",
            "dragon",
            "city=Tokyo",
            3,
            Fix("write `@Mika`", (Edit(tag, "@Mika"),)),
        ),
        Diagnostic(rule("file-missing", "warning"), "100%: no, none\nat all", file="a b,c.sky"),
    ]


def test_json_has_the_promised_form(found: list[Diagnostic]) -> None:
    assert json.loads(render_json(found)) == {
        "diagnostics": [
            {
                "id": "tag-unknown",
                "severity": "error",
                "message": "`@Mika1` is no asset here",
                "help": "did you mean `@Mika`?",
                "file": "dragon.sky",
                "start": {"line": 6, "column": 10, "offset": 82},
                "end": {"line": 6, "column": 16, "offset": 88},
                "pointer": "/prompt",
                "shot": "dragon",
                "variant": "city=Tokyo",
                "related": [
                    {
                        "message": "this shot",
                        "file": "dragon.sky",
                        "start": {"line": 3, "column": 6, "offset": 26},
                        "end": {"line": 3, "column": 12, "offset": 32},
                    }
                ],
            },
            {
                "id": "file-missing",
                "severity": "warning",
                "message": "100%: no, none\nat all",
                "help": "",
                "file": "a b,c.sky",
                "start": None,
                "end": None,
                "pointer": "",
                "shot": "",
                "variant": "",
                "related": [],
            },
        ],
        "summary": {"errors": 1, "warnings": 1},
    }


def test_json_keeps_all_characters(rule: Rules) -> None:
    text = "小梅 \x1b \u2028 \ud800 </script>"
    [entry] = json.loads(render_json([Diagnostic(rule("x"), text)]))["diagnostics"]
    assert entry["message"] == text


def test_sarif_names_rules_places_and_fixes(found: list[Diagnostic]) -> None:
    log = json.loads(render_sarif([*found, found[0]]))
    [run] = log["runs"]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["tag-unknown", "file-missing"]
    assert [(result["ruleId"], result["ruleIndex"], result["level"]) for result in run["results"]] == [
        ("tag-unknown", 0, "error"),
        ("file-missing", 1, "warning"),
        ("tag-unknown", 0, "error"),
    ]
    tag, file, _ = run["results"]
    region = {"startLine": 6, "startColumn": 10, "endLine": 6, "endColumn": 16}
    assert tag["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "dragon.sky"}, "region": region}},
    ]
    assert tag["relatedLocations"][0]["message"] == {"text": "this shot"}
    assert tag["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {"deletedRegion": region, "insertedContent": {"text": "@Mika"}}
    ]
    assert file["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "a%20b%2Cc.sky"}}}]
    assert "fixes" not in file


def test_github_commands_are_one_line_each_and_escaped(
    found: list[Diagnostic], rule: Rules, dragon: SourceFile
) -> None:
    several_lines = Diagnostic(rule("x", "hint"), "m", dragon.span(0, 40))
    assert render_github([*found, several_lines]) == (
        "::error file=dragon.sky,line=6,col=10,endLine=6,endColumn=16,title=tag-unknown"
        "::`@Mika1` is no asset here%0Adid you mean `@Mika`?\n"
        "::warning file=a b%2Cc.sky,title=file-missing::100%25: no, none%0Aat all\n"
        "::notice file=dragon.sky,line=1,endLine=4,title=x::m\n"
    )


def test_counts_in_words(found: list[Diagnostic]) -> None:
    assert in_words(count_severities(found)) == "1 error, 1 warning"
    assert in_words({"error": 2_000, "warning": 0, "hint": 1}) == "2,000 errors, 1 hint"
    assert in_words(count_severities([])) == ""
