"""The nearest word, and what is near enough to be suggested where a wrong guess costs money."""

from __future__ import annotations

import pytest

from skyflow.diagnostics.suggest import one_letter_off


@pytest.mark.parametrize("word", ["--yes", "--YES", "--ye", "--yess", "--yas", "--yse", "-yes", "--es"])
def test_one_letter_off(word: str) -> None:
    assert one_letter_off(word, "--yes")
    assert one_letter_off("--yes", word)


@pytest.mark.parametrize("word", ["--takes", "--y", "--yeses", "--sey", "", "--no", "--esy"])
def test_more_than_one_letter_off(word: str) -> None:
    assert not one_letter_off(word, "--yes")
    assert not one_letter_off("--yes", word)
