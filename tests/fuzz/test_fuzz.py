"""A moment of fuzzing each time, and everything that fuzzing has found so far."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.loop import failure, fuzz
from tests.fuzz.properties import check_formatter, check_parser, check_rules
from tests.fuzz.server import fuzz_server

PROPERTIES = {"parser": check_parser, "formatter": check_formatter, "rules": check_rules}
FOUND = sorted((Path(__file__).parent / "found").rglob("*.sky"))


@pytest.mark.parametrize("name", PROPERTIES)
def test_some_damaged_storyboards(name: str) -> None:
    tally = fuzz(PROPERTIES[name], seconds=60, seed=3, most=150)
    assert (tally.inputs, tally.found) == (150, {})


def test_a_clumsy_writer(tmp_path: Path) -> None:
    tally = fuzz_server(tmp_path.resolve(), seconds=60, seed=3, most=100)
    assert tally.inputs >= 100
    assert tally.found == {}


def test_what_goes_wrong_is_found_and_cut_down() -> None:
    def has_no_shot(text: str) -> None:
        if "shot" in text:
            raise ValueError("it has a shot")

    tally = fuzz(has_no_shot, seconds=60, seed=3, most=5)
    assert set(tally.found.values()) == {"shot"}


@pytest.mark.parametrize("name", PROPERTIES)
@pytest.mark.parametrize("place", FOUND, ids=lambda place: place.stem)
def test_what_was_found_holds_now(place: Path, name: str) -> None:
    text = place.read_bytes().decode("utf-8", "surrogatepass")
    assert failure(PROPERTIES[name], text) is None
