"""Where the examples, the language reference and the API page's own requests stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def examples() -> Path:
    return ROOT / "examples"


@pytest.fixture
def reference() -> Path:
    return ROOT / "grammar" / "README.md"


@pytest.fixture
def page_examples() -> list[dict[str, Any]]:
    """The nine requests of the API page, `{case, title, request}`."""
    text = (ROOT / "tests" / "contract" / "conformance" / "page-examples.json").read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = json.loads(text)
    return cases
