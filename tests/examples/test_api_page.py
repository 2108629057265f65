"""The nine storyboards of examples/api-page/ compile to the nine requests of the API page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import skyflow

# The page's sixth request has a duration that its reference clip overrides; the storyboard says so.
WARNINGS = {6: ["duration-overridden"]}


@pytest.mark.parametrize("case", range(1, 10))
def test_compiles_to_the_request_of_the_page(case: int, examples: Path, page_examples: list[dict[str, Any]]) -> None:
    wanted = next(example["request"] for example in page_examples if example["case"] == case)
    (storyboard,) = (examples / "api-page").glob(f"{case}-*.sky")
    (clip,) = skyflow.compile(storyboard)
    assert clip.request == wanted
    assert (clip.variant, clip.take, clip.needs) == ("", 1, ())
    assert [diagnostic.rule.id for diagnostic in skyflow.check(storyboard)] in ([], WARNINGS.get(case, []))


def test_each_case_has_one_storyboard(examples: Path, page_examples: list[dict[str, Any]]) -> None:
    cases = sorted(int(path.name.split("-")[0]) for path in (examples / "api-page").glob("*.sky"))
    assert cases == sorted(example["case"] for example in page_examples)
