"""Which font draws a character, with and without fonts on the system."""

from __future__ import annotations

import pytest

from skyflow.media.animatic import fonts
from skyflow.media.animatic.fonts import OWN_FONTS, Face, FontSet, language_of, own_face


@pytest.mark.parametrize(
    "text", ["Zażółć gęślą jaźń", "àéîõü ÀÉÎÕÜ ßŒœÆæ", "Ťřinecký Žižkov", "Việt Nam", "Ελλάδα", "Привет", "“…” — ‘–’ €"]
)
def test_latin_with_accents_greek_and_cyrillic_need_no_system_font(text: str) -> None:
    fonts_of_text = FontSet(search_system=False)

    for character in text:
        assert fonts_of_text.face(character, "bold") == own_face("bold")
    assert not fonts_of_text.missing


def test_the_fonts_come_with_their_licence_and_are_small() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (OWN_FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in OWN_FONTS.glob("*.ttf")) < 400_000


def test_what_no_font_has_is_remembered_once() -> None:
    fonts_of_text = FontSet(search_system=False)

    for character in "小美小美":
        assert fonts_of_text.face(character, "medium") == own_face("medium")
    assert fonts_of_text.missing == {"小", "美"}


def test_fallback_is_a_glyph_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's fonts are asked in turn, for each character."""
    has = {"one.ttc": "小", "two.ttf": "美"}
    faces = tuple(Face(name) for name in has)
    monkeypatch.setattr(fonts, "_eastern_faces", lambda language, weight: faces)
    monkeypatch.setattr(fonts, "_has_glyph", lambda face, character: character in has.get(face.path, "a"))
    monkeypatch.setattr(fonts, "_face_by_fontconfig", lambda character, weight: None)
    fonts_of_text = FontSet()

    own = own_face("medium").path
    assert [fonts_of_text.face(c, "medium").path for c in "a小美x"] == [own, "one.ttc", "two.ttf", own]
    assert fonts_of_text.missing == {"x"}


def test_fontconfig_is_not_asked_for_a_thousand_rare_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(fonts, "_eastern_faces", lambda language, weight: ())
    monkeypatch.setattr(fonts, "_face_by_fontconfig", lambda character, weight: asked.append(character))
    fonts_of_text = FontSet()

    for number in range(1000):
        fonts_of_text.face(chr(0x13000 + number), "medium")
    assert len(asked) < 50
    assert len(fonts_of_text.missing) == 1000


@pytest.mark.parametrize(
    ("text", "language"), [("小美走进房间", "SC"), ("彼女は走る", "JP"), ("안녕하세요", "KR"), ("Hello", "SC")]
)
def test_kana_and_hangul_tell_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_font_knows_what_it_has() -> None:
    assert own_face("bold").has("ż")
    assert not own_face("bold").has("小")
