"""A screenplay becomes a skeleton that needs nothing but the pictures of its cast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyflow.diagnostics import Diagnostic
from skyflow.importers import import_fountain
from skyflow.source import SourceFile

HERE = Path(__file__).parent
Check = Callable[[str], tuple[Diagnostic, ...]]


def import_text(text: str, title: str = "") -> str:
    imported = import_fountain(SourceFile("film.fountain", text), title)
    assert imported.refusals == ()
    return imported.text


def test_a_screenplay_becomes_this_skeleton() -> None:
    imported = import_fountain(SourceFile("ferry.fountain", (HERE / "ferry.fountain").read_text(encoding="utf-8")))
    assert imported.text == (HERE / "ferry.sky").read_text(encoding="utf-8")
    assert [found.path for found in imported.missing] == ["cast/nora.jpg", "cast/old-tom.jpg", "cast/mccallum.jpg"]


def test_nothing_but_the_pictures_is_missing(check_text: Check) -> None:
    imported = import_fountain(SourceFile("ferry.fountain", (HERE / "ferry.fountain").read_text(encoding="utf-8")))
    found = check_text(imported.text)
    assert {diagnostic.rule.id for diagnostic in found} == {"file-missing"}
    assert [diagnostic.subject for diagnostic in found] == [picture.path for picture in imported.missing]


def test_the_skeleton_compiles_once_the_pictures_are_there(compile_text: Callable[[str], list[dict[str, Any]]]) -> None:
    text = import_text("INT. BAR\n\nTOM and ANNA sit. Tom's glass is empty.\n\nTOM\nOne more?\n\nANNA\nNo.")
    bodies = compile_text(text.replace("cast/", "https://example.com/cast/"))
    assert [body["prompt"] for body in bodies] == [
        "@Tom and @Anna sit. @Tom's glass is empty. @Tom: <dialogue>One more?</dialogue> @Anna: <dialogue>No.</dialogue>"
        " INT. BAR. Cinematic, natural light."
    ]
    assert [reference["tag"] for reference in bodies[0]["ref_images"]] == ["@Tom", "@Anna"]


def test_a_shot_shows_three_characters_at_most() -> None:
    cues = "\n\n".join(f"{name}\nHi." for name in ("ANNA", "BEN", "CLEO", "DAN"))
    text = import_text(f"INT. BAR\n\n{cues}\n\nDan, Anna, Ben and Cleo leave.")
    assert 'prompt = "@Dan, @Anna, @Ben and Cleo leave."' in text


def test_whoever_is_not_in_the_picture_has_no_tag() -> None:
    text = import_text("INT. BAR\n\nRADIO (V.O.)\nGale warning.\n\nALL\nAh!")
    assert "Radio (V.O.): <dialogue>Gale warning.</dialogue> All: <dialogue>Ah!</dialogue>" in text
    assert "image" not in text


def test_a_song_that_nobody_is_named_for_is_nobodys() -> None:
    text = import_text("INT. BAR\n\nTOM\nHi.\n~La la.\n\n~Far away.")
    assert "@Tom (singing): <dialogue>La la.</dialogue> Singing: <dialogue>Far away.</dialogue>" in " ".join(
        text.split()
    )


def test_long_speeches_and_long_action_become_several_shots(check_text: Check) -> None:
    speech = " ".join(f"I have seen the sea on {night} nights, and it never was the same." for night in range(8))
    action = " ".join(f"The ferry turns around pier {pier} and comes back once more." for pier in range(20))
    rain = "".join(f"雨下了{hour}个小时。" for hour in range(60))
    text = import_text(f"EXT. SEA\n\nTOM\n{speech}\n\n{action}\n\n{rain}\n\n{'endless' * 300}")
    lengths = [line.split()[-1] for line in text.splitlines() if "duration" in line]
    assert len(lengths) > 9
    assert all(3 <= int(length.removesuffix("s")) <= 15 for length in lengths)
    assert {found.rule.id for found in check_text(text)} == {"file-missing"}


def test_characters_with_odd_names(check_text: Check) -> None:
    text = import_text(
        "INT. BAR\n\nMR. O'BRIEN #2\nHi.\n\n@小雨\n你好。\n\n小雨走进来。\n\nTOM\nHi.\n\nTom\n\n@tom\nHo.\n\nTomato soup."
    )
    tags = [line.split()[1] for line in text.splitlines() if line.startswith("image")]
    assert tags == ["@Mr-OBrien-2", "@小雨", "@Tom"]
    assert "@小雨走进来。" in text
    assert "Tomato soup" in text
    assert {found.rule.id for found in check_text(text)} == {"file-missing"}


def test_a_scene_without_anything_in_it_shows_its_place() -> None:
    assert 'prompt = "EXT. SEA - DAY"' in import_text("EXT. SEA - DAY\n\nINT. BAR\n\nRain.")


def test_what_stands_before_the_first_scene_is_kept(check_text: Check) -> None:
    text = import_text("Black. The sound of waves.\n\nCUT TO:\n\nINT. BAR\n\nRain.", "The Sea")
    assert text.startswith('storyboard "The Sea"\n')
    assert text.index("The sound of waves") < text.index("# CUT TO:") < text.index("scene bar")
    assert check_text(text) == ()


@pytest.mark.parametrize("text", ["", "\n\n", "Title: Nothing\n\n", "[[only a note]]", "/* cut */"])
def test_a_file_without_a_screenplay_is_refused(text: str) -> None:
    imported = import_fountain(SourceFile("film.fountain", text))
    assert list(map(str, imported.refusals)) == ["film.fountain: there is no scene, action or dialogue in it"]


PIECES = st.sampled_from(
    ["TOM\nHi @Tom.", "@小雨\n你好。", "INT. BAR {{ x }} \\ \"y\" @z", "Tom, @Tom and 小雨 {% wait %}.", "CUT TO:", "[[# note\x1b]]", "BOTH (V.O.)\n~la",
     "> END <", "# Act", "@ all\nsay @", "TOM (O.S.)\n(a@b)\nUm.", "Black\x00\x07\u2028 \ud7ff \ufeff.", "...", '"""', "<dialogue>"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=8))
def test_every_skeleton_needs_nothing_but_pictures(check_text: Check, pieces: list[str]) -> None:
    imported = import_fountain(SourceFile("film.fountain", "\n\n".join(pieces)))
    if not imported.refusals:
        wrong = {found.rule.id for found in check_text(imported.text) if found.severity == "error"}
        assert wrong <= {"file-missing"}, imported.text
