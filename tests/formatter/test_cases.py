"""Whole files and what they look like formatted, in cases/.

`SKYFLOW_UPDATE_GOLDENS=1 pytest tests/formatter/test_cases.py` writes them anew; never set it where nobody reads the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CASES = sorted((Path(__file__).parent / "cases").glob("*.sky"))
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.sky"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, formatted) -> None:
    text = formatted(case.read_text(encoding="utf-8"))
    golden = case.with_suffix(".formatted")
    if os.environ.get("SKYFLOW_UPDATE_GOLDENS") == "1" and not os.environ.get("CI"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert formatted(text) == text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_written_in_the_style(example: Path, formatted) -> None:
    text = example.read_text(encoding="utf-8")
    assert formatted(text) == text
