"""Where the conformance files lie, and how what `check_request` says is written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

from skyflow.contract import Violation, check_request

# No test is timed: the first example of a property may have to import a tokenizer.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def ids() -> Callable[..., list[str]]:
    """The ids that a request breaks, in order of the places; hints are marked with a `?`."""

    def of(request: object, **options: object) -> list[str]:
        found = check_request(request, **options)  # type: ignore[arg-type]
        return [violation.rule.id + ("?" if violation.severity == "hint" else "") for violation in found]

    return of


@pytest.fixture
def transcript() -> Callable[[Sequence[Violation]], str]:
    """What is said about a request, as the `.said` files hold it."""

    def write(found: Sequence[Violation]) -> str:
        lines = []
        for violation in found:
            lines.append(f"{violation.severity}[{violation.rule.id}] at {violation.pointer or 'the request'}")
            lines.append(f"  {violation.message}")
            lines += [f"  - {words}: {'/'.join(map(str, path))}" for path, words in violation.related]
            lines += [f"  = help: {violation.help}"] if violation.help else []
        return "".join(line + "\n" for line in lines)

    return write


@pytest.fixture
def keep_golden() -> Callable[[Path, str], None]:
    """Compare a text with its golden file; `SKYFLOW_REWRITE_GOLDENS=1` rewrites the file instead, never in CI."""

    def keep(path: Path, text: str) -> None:
        if os.environ.get("SKYFLOW_REWRITE_GOLDENS") == "1" and not os.environ.get("CI"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; make it with SKYFLOW_REWRITE_GOLDENS=1 and read it"
        assert text == path.read_text(encoding="utf-8")

    return keep
