"""Every element of Fountain is told from the others, and what nothing else claims is action."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.importers.fountain import Element, parse_fountain


def elements(text: str) -> list[tuple[str, ...]]:
    return [tuple(part for part in element if part) for element in parse_fountain(text).elements]


def test_the_title_page_goes_up_to_the_first_blank_line() -> None:
    found = parse_fountain("Title:\n    _The_ Diner\n\tor: Two Coffees\nAuthor: Jane\n\nAction: here.\n")
    assert found.title_page == {"title": "The Diner or: Two Coffees", "author": "Jane"}
    assert found.elements == (Element("action", "Action: here."),)


@pytest.mark.parametrize("text", ["FADE IN:\n\nRain.", "He said: no.\nNothing else.\n\nRain.", "Title: x"])
def test_what_only_looks_like_a_title_page_is_part_of_the_screenplay(text: str) -> None:
    found = parse_fountain(text)
    assert found.title_page == {}
    assert found.elements[0].text == text.split("\n\n")[0].replace("\n", " ")


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("INT. DINER - NIGHT", "INT. DINER - NIGHT"),
        ("ext harbour", "ext harbour"),
        ("INT./EXT. CAR - DAY #12-A#", "INT./EXT. CAR - DAY"),
        ("I/E. BOAT #1.", "I/E. BOAT #1."),
        (".THE MIND OF TOM", "THE MIND OF TOM"),
        (".茶馆 - 夜", "茶馆 - 夜"),
    ],
)
def test_headings(line: str, heading: str) -> None:
    assert elements(f"{line}\n\nRain.") == [("heading", heading), ("action", "Rain.")]


@pytest.mark.parametrize("line", ["INTERNAL AFFAIRS.", "...and then rain.", "Exit Tom.", "!INT. DINER"])
def test_what_is_no_heading(line: str) -> None:
    assert elements(line) == [("action", line.removeprefix("!"))]


def test_speech() -> None:
    assert elements("ÉLODIE (V.O.) (cont'd) ^\n(softly)\nBonjour,\nTom.\n~La la\n  \nEncore.\n\nRain.") == [
        ("character", "ÉLODIE", "V.O. cont'd"),
        ("parenthetical", "softly"),
        ("dialogue", "Bonjour, Tom."),
        ("lyric", "La la"),
        ("dialogue", "Encore."),
        ("action", "Rain."),
    ]


@pytest.mark.parametrize("cue", ["ИВАН", "R2D2", "MR. O'BRIEN #2", "@McCLANE", "@小雨"])
def test_who_speaks(cue: str) -> None:
    assert elements(f"Rain.\n\n{cue}\nHello.") == [
        ("action", "Rain."),
        ("character", cue.removeprefix("@")),
        ("dialogue", "Hello."),
    ]


@pytest.mark.parametrize("lines", ["BANG\n\nHello.", "Rain.\nTOM\nHello.", "23\nHello.", "小雨\n你好。"])
def test_who_does_not_speak(lines: str) -> None:
    assert {kind for kind, *_ in elements(lines)} == {"action"}


def test_transitions_centred_words_sections_and_pages() -> None:
    text = "CUT TO:\n\n> Smash to black\n\n>THE END<\n\n## Two\n\n= Tom waits.\n\n===\n\n~Alone\n\nFADE OUT."
    assert elements(text) == [
        ("transition", "CUT TO:"),
        ("transition", "Smash to black"),
        ("centered", "THE END"),
        ("section", "Two"),
        ("synopsis", "Tom waits."),
        ("song", "Alone"),
        ("transition", "FADE OUT."),
    ]


def test_notes_stand_behind_what_they_are_in_and_the_boneyard_is_gone() -> None:
    text = "Rain [[how\nmuch?]] falls. /* not\n\nthis */\n\nTOM [[older]]\nHi.\n\n[[alone]]\n\nopen [[ note\n\nand open /* yard"
    assert elements(text) == [
        ("action", "Rain falls."),
        ("note", "how much?"),
        ("character", "TOM"),
        ("note", "older"),
        ("dialogue", "Hi."),
        ("note", "alone"),
        ("action", "open [[ note"),
        ("action", "and open /* yard"),
    ]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("a *b* **c** ***d*** _e_ f", "a b c d e f"),
        ("_under *both* lines_", "under both lines"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        (r"\*no\* emphasis", "*no* emphasis"),
        ("an *open one", "an *open one"),
    ],
)
def test_emphasis_is_taken_away(marked: str, plain: str) -> None:
    assert elements(marked) == [("action", plain)]


LINES = st.sampled_from(
    ["TOM", "INT. BAR", "Rain.", "", "  ", "(softly)", "> x <", "[[", "]]", "/*", "*/", "@x", "~la", "#", "=", "===", "*a", "a_", ".b", "!", "^", "\0"]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=8), max_size=20))
def test_any_text_is_a_screenplay(lines: list[str]) -> None:
    for element in parse_fountain("\n".join(lines)).elements:
        assert element.text == element.text.strip()
        assert element.text
