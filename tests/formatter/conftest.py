"""Formats texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from skyflow.formatter import format_text
from skyflow.source import SourceFile


@pytest.fixture(scope="session")
def formatted() -> Callable[[str], str]:
    return lambda text: format_text(SourceFile("test.sky", text))
