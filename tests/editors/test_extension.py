"""The VS Code extension: its own checks, run by node, and that it names the language as skyflow does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from skyflow.importers.settings import SETTINGS
from skyflow.source import SourceFile
from skyflow.syntax import parse

EXTENSION = Path(__file__).parents[2] / "grammar" / "editors" / "vscode"


def test_its_own_checks_pass(node: Callable[..., str]) -> None:
    ended = node("--test", "--test-reporter=tap", "scripts/check.cjs")
    assert re.search(r"^# pass [1-9]", ended, re.MULTILINE)
    assert "\n# fail 0\n" in ended


def test_the_lock_names_no_host_to_download_from() -> None:
    packages = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_every_snippet_is_a_storyboard() -> None:
    snippets = json.loads((EXTENSION / "snippets" / "storyboard.json").read_text(encoding="utf-8"))
    for name, snippet in snippets.items():
        body = snippet["body"] if isinstance(snippet["body"], str) else "\n".join(snippet["body"])
        text = re.sub(r"\$\{\d+(?::([^}]*)|\|([^,|]*)[^}]*\|)?\}", lambda found: found[1] or found[2] or "x", body)
        if name == "Dialogue":
            text = f'note = "{text}"'
        assert parse(SourceFile("snippet.sky", text))[1] == [], f"{name}: {text}"


def test_every_setting_of_the_api_is_coloured_as_one() -> None:
    grammar = json.loads((EXTENSION / "syntaxes" / "storyboard.tmLanguage.json").read_text(encoding="utf-8"))
    pattern = grammar["repository"]["setting"]["patterns"][0]["match"]
    assert {name for name in SETTINGS if not re.search(rf"[(|]{name}[|)]", pattern)} == set()
