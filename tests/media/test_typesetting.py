"""Where lines break, and what is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skyflow.media.animatic.fonts import FontSet
from skyflow.media.animatic.typesetting import (
    Line,
    Piece,
    Style,
    atoms_of,
    draw_line,
    line_of,
    set_lines,
    shortened,
    text_width,
    wrap,
)

PLAIN = Style("medium", (255, 255, 255))
TAG = Style("bold", (255, 200, 0))
FONTS = FontSet(search_system=False)


def broken(*pieces: Piece, width: float = 200, size: int = 15) -> list[Line]:
    return set_lines(wrap(atoms_of(pieces, FONTS), size, width), FONTS, size)


def lines(*pieces: Piece, width: float = 200, size: int = 15) -> list[str]:
    return ["".join(run.text for run in line.runs) for line in broken(*pieces, width=width, size=size)]


def test_latin_breaks_at_spaces_and_loses_them_there() -> None:
    assert lines(Piece("The quick brown fox jumps over the lazy dog", PLAIN), width=130) == [
        "The quick brown",
        "fox jumps over",
        "the lazy dog",
    ]


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    # Missing glyphs are as wide as the font's sign for them: ten fit.
    width = text_width("小" * 10, FONTS, 15) + 1

    assert lines(Piece("小" * 10 + "。" + "小" * 3, PLAIN), width=width) == ["小" * 9, "小。小小小"]


def test_an_opening_bracket_does_not_end_a_line() -> None:
    width = text_width("小" * 10, FONTS, 15) + 1

    assert lines(Piece("小" * 9 + "「" + "小" * 3, PLAIN), width=width)[0] == "小" * 9


def test_a_tag_is_not_broken_while_it_fits() -> None:
    width = text_width("小小小小小", FONTS, 15) + text_width("@Actor-on", FONTS, 15, "bold")

    assert lines(Piece("小" * 5, PLAIN), Piece("@Actor-one", TAG, solid=True), Piece("小" * 2, PLAIN), width=width) == [
        "小" * 5,
        "@Actor-one" + "小" * 2,
    ]


def test_what_is_wider_than_a_line_is_broken_all_the_same() -> None:
    found = lines(Piece("x" * 200, PLAIN))

    assert "".join(found) == "x" * 200
    assert len(found) > 3


def test_a_line_break_of_the_prompt_stays() -> None:
    assert lines(Piece("one\n\ntwo", PLAIN)) == ["one", "", "two"]


def test_accents_written_apart_are_drawn_as_one_letter() -> None:
    [line] = broken(Piece("cafe\u0301", PLAIN), width=500)

    assert [run.text for run in line.runs] == ["café"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120), st.integers(20, 300))
def test_no_text_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    import unicodedata

    found = broken(Piece(text, PLAIN), width=width)
    kept = "".join(run.text for line in found for run in line.runs)

    def bare(value: str) -> str:
        return "".join(character for character in unicodedata.normalize("NFC", value) if not character.isspace())

    assert bare(kept) == bare(text)
    for line in found:
        # One character, with the marks on it, cannot be broken.
        letters = sum(1 for run in line.runs for character in run.text if not unicodedata.combining(character))
        # Text is measured before its size is known; letters come in whole pixels of a third.
        assert line.width <= width * 1.02 + 1 or letters <= 1


def test_a_long_name_is_shortened_to_its_room() -> None:
    short = shortened("@a_very_long_tag_indeed", FONTS, 15, 100)

    assert short.endswith("…")
    assert text_width(short, FONTS, 15) <= 100
    assert shortened("@tag", FONTS, 15, 100) == "@tag"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_text_is_drawn_in_its_colour_also_over_the_edge(mode: str) -> None:
    image = Image.new(mode, (60, 30))
    draw_line(image, line_of("MMMMMM", TAG, FONTS, 20), (-10, 20), 20)

    assert (255, 200, 0) in {image.getpixel((x, y))[:3] for x in range(60) for y in range(30)}
