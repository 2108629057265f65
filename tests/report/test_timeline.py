"""Frames, rates and sizes of a timeline, from clips as they are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from skyflow.media.film import ClipSurvey
from skyflow.planner import PlanState
from skyflow.report import Cut, CutShot, CutTake
from skyflow.report import timeline as timeline_module
from skyflow.report.timeline import Timeline, make_timeline, one_line, plain

NTSC = Fraction(24_000, 1_001)


def survey(path: Path, rate: Fraction, seconds: Fraction, size: tuple[int, int] = (1280, 720)) -> ClipSurvey:
    return ClipSurvey(path, "h264", *size, rate, Fraction(0), seconds, 0, has_sound=True, coding=(), whole=True)


@pytest.fixture
def timeline_of(monkeypatch: pytest.MonkeyPatch):
    """The timeline of shots a, b, c … whose clips are as the surveys say; None is a clip that is not there."""

    def make(*clips: tuple[Fraction, Fraction] | None) -> Timeline:
        found = {Path(f"{n}.mp4"): survey(Path(f"{n}.mp4"), *clip) for n, clip in enumerate(clips) if clip is not None}
        monkeypatch.setattr(timeline_module, "survey_clip", found.__getitem__)
        shots = []
        for n, clip in enumerate(clips):
            state = PlanState.NEW if clip is None else PlanState.HAVE
            take = CutTake(1, True, "k", state, Path(f"{n}.mp4"), None, Decimal(0), exact=True)
            shots.append(CutShot("abcdefgh"[n], "T2V", Decimal(5), (take,)))
        return make_timeline(
            Cut("", tuple(shots)), "Film", lambda shot, take: take.clip if take.clip in found else None
        )

    return make


def test_a_clip_never_reaches_behind_the_end_of_its_media(timeline_of) -> None:
    clips = timeline_of(
        (Fraction(24), Fraction(5)), (Fraction(24), Fraction(481, 96)), (Fraction(24), Fraction(479, 96))
    ).clips
    assert [(clip.start, clip.frames) for clip in clips] == [(0, 120), (120, 120), (240, 119)]


@pytest.mark.parametrize(
    ("measured", "rate"),
    [
        (Fraction(2398, 100), NTSC),
        (Fraction(24), 24),
        (Fraction(2997, 100), Fraction(30_000, 1_001)),
        (Fraction(60), 60),
        (Fraction(8), 24),
    ],
)
def test_rates_are_those_that_editing_programs_count_in(timeline_of, measured: Fraction, rate: Fraction) -> None:
    assert timeline_of((measured, Fraction(5))).rate == rate


def test_most_of_the_film_decides_and_what_is_not_there_keeps_its_place(timeline_of) -> None:
    film = timeline_of((Fraction(30), Fraction(3)), None, (Fraction(25), Fraction(4)))
    assert (film.rate, film.width, film.height) == (25, 1280, 720)
    assert [(clip.name, clip.frames, clip.source is None) for clip in film.clips] == [
        ("a", 75, False),
        ("b", 125, True),
        ("c", 100, False),
    ]
    assert film.frames == 300


def test_texts_that_files_can_hold() -> None:
    assert plain("a\0b\x1fc\ud800d\n\te\ufffe") == "a\ufffdb\ufffdc\ufffdd\n\te\ufffd"
    assert one_line(" a\n\n* b\tc ") == "a * b c"
