"""Whole files with their trees and diagnostics beside them, in cases/.

`SKYFLOW_UPDATE_GOLDENS=1 pytest tests/syntax/test_cases.py` writes them anew; never set it where nobody reads the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyflow.source import SourceFile
from skyflow.syntax import parse

CASES = sorted((Path(__file__).parent / "cases").glob("*.sky"))


def check_golden(path: Path, text: str) -> None:
    if os.environ.get("SKYFLOW_UPDATE_GOLDENS") == "1" and not os.environ.get("CI"):
        if text:
            path.write_text(text, encoding="utf-8", newline="")
        else:
            path.unlink(missing_ok=True)
    expected = path.read_bytes().decode() if path.exists() else ""
    assert text == expected


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, tree_text, diagnostics_text) -> None:
    file, diagnostics = parse(SourceFile(case.name, case.read_bytes().decode()))
    check_golden(case.with_suffix(".tree"), tree_text(file))
    check_golden(case.with_suffix(".err"), diagnostics_text(diagnostics))


def test_there_are_cases() -> None:
    assert len(CASES) >= 15
