"""Properties of whole storyboards that nobody wrote by hand: what passes is accepted, what is wrong is told, names and keys stay."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyflow.assets import DiskFiles
from skyflow.contract import check_request
from skyflow.pipeline import Storyboarding, open_storyboard
from skyflow.requests import CastFilm
from skyflow.requests.compiled import on_lines

SETTINGS = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

# --- storyboards --------------------------------------------------------------------------------------------------------

PLAIN_WORDS = ["rain", "a street", "雨夜", "@@Mika", "😀", "a@b.com"]
PLAIN_EXPRESSIONS = ["{{ city }}", "{{ mood | upper }}", "{{ city ~ n }}", "{{ n * 2 }}", "{{ p.name }}", "{{ shot.name }}",
                     "{{ variant.name | plain }}", "{{ 'wet' if n > 1 else 'dry' }}"]  # fmt: skip
ACTORS = ["@Mika", "@Tomas", "@dance", "{{ p.copy }}"]
WRONG_PIECES = ["@nobody", "@steps", "{{ x }}", "{{ nowhere }}", "{{ n // 0 }}"]
SETTINGS_OF_A_SHOT = {
    "duration": (["3s", "5s", "15", '"8s"', "{{ n + 3 }}", "{{ 10 / 2 }}"], ["99s", "long"]),
    "resolution": (["480p", "720p", '"1080p"'], ["4k"]),
    "aspect_ratio": (["16:9", "9:16", "{{ shape }}"], ["1:9"]),
    "prompt_optimizer": (["true", "false", "{{ n > 1 }}"], ["no"]),
    "takes": (["1", "3", '"2"'], ["0"]),
    "look": (['"Grain."', '"{{ mood }} light"', "none"], ["5"]),
    "model": (["fast", "std"], ["slow"]),
    "when": (["{{ n > 1 }}", "{{ city == 'Tokyo' }}", "true"], ["maybe"]),
}
SOURCES = ['"https://example.com/a.png"', '"a.png"', "@door", "{{ picture }}", "none"]
RESULTS = ["last_frame(s0)", "first_frame(s0)", "frame(s0, 1s)", "last_frame(previous)"]
WRONG_SOURCES = ['"no.png"', "@Mika", "last_frame(den.t)", "clip(s0)", "last_frame(s9)", "first_frame(s1)"]


@st.composite
def shot_bodies(draw: st.DrawFn, *, tidy: bool, first: bool) -> str:
    """The statements of a shot. A tidy one has mostly nothing wrong; what is left is for the checks to find."""
    lines: list[str] = []
    for name, (right, wrong) in SETTINGS_OF_A_SHOT.items():
        if draw(st.integers(0, 4)) == 0 and not (tidy and name == "when"):
            lines.append(f"{name} = {draw(st.sampled_from(right if tidy else right + wrong))}")
    sources = SOURCES + ([] if first and tidy else RESULTS) + ([] if tidy else WRONG_SOURCES)
    frames = [
        f"{name} = {draw(st.sampled_from(sources))}"
        for name in ("first_frame", "last_frame")
        if draw(st.integers(0, 3)) == 0
    ]
    tag = ""
    if draw(st.integers(0, 5)) == 0:
        frames.append(
            "keyframe @door" + draw(st.sampled_from(["", " at 2s"] if tidy else ["", " at {{ n }}", " at 99s"]))
        )
        tag = " @door"
    elif draw(st.integers(0, 7)) == 0 and not frames:
        lines.append("extend @dance")
        tag = " @dance"
    pieces = (
        PLAIN_WORDS + PLAIN_EXPRESSIONS + ([] if tidy and (frames or tag) else ACTORS) + ([] if tidy else WRONG_PIECES)
    )
    prompt = " ".join(draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=5)))
    if draw(st.integers(0, 3)) == 0:
        lines.append('var mood = "{{ mood }}!"')
    return "\n  ".join([*lines, *frames, f'prompt = "{prompt}{tag}"'])


HEADER = """
storyboard "Property"
defaults { model = fast
  look = "In {{ mood }} light." }
var city = %s
var n = %s
var shape = 16:9 | 9:16
var mood = "calm {{ city }}"
var picture = "https://example.com/{{ n }}.png"
var p from "rows.csv"
image @Mika = "a.png", "https://example.com/mika/{{ n }}.png"
image @Tomas = "https://example.com/tomas.png"
voice @Tomas = "https://example.com/tomas.mp3"
image @door = "https://example.com/door.png"
grid @steps = "https://example.com/steps.png"
video @dance = "https://example.com/dance.mp4"
"""


@st.composite
def storyboards(draw: st.DrawFn) -> str:
    tidy = draw(st.integers(0, 2)) > 0
    cities = draw(st.sampled_from(['"Tokyo"', '"Tokyo" | "Osaka"', '"Tokyo" | "Osaka" | "Nara"']))
    parts = [HEADER % (cities, draw(st.sampled_from(["1", "2", "1 | 3"])))]
    for number in range(draw(st.integers(1, 4))):
        loop = (
            draw(st.sampled_from(["", "", "", ' for x in ["red", "blue"]', ' for p from "rows.csv"'])) if number else ""
        )
        parts.append(f"shot s{number}{loop} {{\n  {draw(shot_bodies(tidy=tidy, first=not number))}\n}}\n")
    if draw(st.booleans()):
        when = draw(st.sampled_from(["", "when = {{ n > 1 }}\n"]))
        parts.append(f"scene den {{\n{when}shot t {{\n  {draw(shot_bodies(tidy=tidy, first=False))}\n}}\n}}\n")
    return "".join(parts)


ROWS = "name,copy\nmug,Hot coffee\ncup,@Tomas drinks\n"


@pytest.fixture
def folder(tmp_path: Path, png: bytes) -> Path:
    (tmp_path / "skyflow.toml").touch()
    (tmp_path / "a.png").write_bytes(png)
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def opened(folder: Path, text: str, **options: Any) -> Storyboarding:
    (folder / "film.sky").write_text(text, encoding="utf-8", newline="")
    return open_storyboard("film.sky", DiskFiles(folder), **options)


def has_errors(storyboarding: Storyboarding) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in storyboarding.check())


# --- properties ---------------------------------------------------------------------------------------------------------


@SETTINGS
@given(text=storyboards())
def test_what_passes_is_accepted_by_the_contract(text: str, folder: Path) -> None:
    storyboarding = opened(folder, text)
    if has_errors(storyboarding):
        return
    for clip in storyboarding.clips():
        sent = json.loads(re.sub(r'"skyflow:[^"]*?(\.\w+)?"', as_address, clip.body))
        assert [found for found in check_request(sent) if found.severity == "error"] == []


def as_address(found: re.Match[str]) -> str:
    """The address that a runner puts in the place of a placeholder."""
    if found[1] and "/frame@" not in found[0]:
        return f'"https://example.com/upload{found[1]}"'
    return '"https://example.com/result.mp4"' if found[0].endswith('/clip"') else '"https://example.com/frame.png"'


@SETTINGS
@given(text=storyboards())
def test_where_nothing_is_wrong_every_shot_is_compiled(text: str, folder: Path) -> None:
    """A shot that cannot be compiled and of which nothing is said would be lost in silence."""
    storyboarding = opened(folder, text)
    if has_errors(storyboarding):
        return
    films = list(storyboarding._films.each(lambda *_: None))
    assert films
    assert all(film.is_compiled(node) for film in films for node in film.nodes)


@SETTINGS
@given(text=storyboards())
def test_places_lie_in_the_file_and_compiling_is_deterministic(text: str, folder: Path) -> None:
    first, second = opened(folder, text), opened(folder, text)
    said = [(d.rule.id, d.message, d.help, str(d.span), d.variant, d.also, d.shot) for d in first.check()]
    assert said == [(d.rule.id, d.message, d.help, str(d.span), d.variant, d.also, d.shot) for d in second.check()]
    assert len(said) == len(set(said))
    for diagnostic in first.check():
        for span in (diagnostic.span, *(related.span for related in diagnostic.related)):
            assert span is not None
            assert 0 <= span.start <= span.end <= len(span.source.text)
    assert list(first.clip_lines()) == list(second.clip_lines())


@SETTINGS
@given(text=storyboards())
def test_moulds_make_no_difference(text: str, folder: Path) -> None:
    (folder / "film.sky").write_text(text, encoding="utf-8")
    short, long = (
        Storyboarding("film.sky", DiskFiles(folder), {}, (), (), live=False, limit=10_000, moulds_allowed=allowed)
        for allowed in (True, False)
    )
    assert [(d.rule.id, d.message, str(d.span), d.variant, d.also) for d in short.check()] == [
        (d.rule.id, d.message, str(d.span), d.variant, d.also) for d in long.check()
    ]
    assert b"".join(short.clip_lines()) == on_lines(clip.as_json() for clip in long.clips())


@SETTINGS
@given(text=storyboards())
def test_another_alternative_and_another_row_change_nothing_else(text: str, folder: Path) -> None:
    before = opened(folder, text)
    if has_errors(before) or "for p from" in text:
        return  # the elements of a loop are numbered: a row before others moves them
    keys = {(clip.variant, clip.shot, clip.take): clip.key for clip in before.clips()}
    more = text.replace("var shape = 16:9 | 9:16", "var shape = 1:1 | 16:9 | 9:16")
    (folder / "rows.csv").write_text(ROWS.replace("mug,", "pot,Green tea\nmug,"), encoding="utf-8")
    after = {(clip.variant, clip.shot, clip.take): clip.key for clip in opened(folder, more).clips()}
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    assert all(after[name] == key for name, key in keys.items())


@SETTINGS
@given(text=storyboards(), turn=st.integers(0, 5))
def test_the_order_of_shots_is_in_no_key(text: str, turn: int, folder: Path) -> None:
    if "previous" in text:
        return
    storyboarding = opened(folder, text)
    if has_errors(storyboarding):
        return
    keys = {(clip.variant, clip.shot, clip.take): clip.key for clip in storyboarding.clips()}
    start = text.index("\nshot s0") + 1
    blocks = re.findall(r"(?ms)^(?:shot s\d.*?^\}\n|scene den.*?^\}\n\}\n)", text[start:])
    assert "".join(blocks) == text[start:]
    turned = blocks[turn % len(blocks) :] + blocks[: turn % len(blocks)]
    after = opened(folder, text[:start] + "".join(turned))
    assert {(clip.variant, clip.shot, clip.take): clip.key for clip in after.clips()} == keys


@SETTINGS
@given(text=storyboards(), data=st.data())
def test_checking_never_raises_whatever_is_damaged(text: str, data: st.DataObject, folder: Path) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        width = data.draw(st.sampled_from([0, 0, 1, 3, 20]))
        piece = data.draw(
            st.sampled_from(
                ["", '"', "{", "}", "{{", "}}", "@", "=", "|", "\n", "(", "]", "'", "\\", "shot", "5s", "\u3000", '"""']
            )
        )
        text = text[:at] + piece + text[at + width :]
    storyboarding = opened(folder, text)
    for diagnostic in storyboarding.check():
        assert diagnostic.message
        assert diagnostic.span is None or diagnostic.span.end <= len(diagnostic.span.source.text)
    list(storyboarding.clips())


CELLS = st.text(alphabet=st.sampled_from(list("ab,;\"'\n\r\t @{}=+-07é雨😀")), max_size=12)


@SETTINGS
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_a_cell_is_written_as_it_stands(rows: list[tuple[str, str]], folder: Path) -> None:
    """Whatever a spreadsheet quotes comes out as it went in; doubled signs and mentions excepted, which mean something."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    (folder / "rows.csv").write_text(written.getvalue(), encoding="utf-8", newline="")
    text = (
        'defaults { model = fast }\nshot s for r from "rows.csv" { prompt = "[{{ r.a | plain }}|{{ r.b | plain }}]" }'
    )
    found = [clip.request["prompt"] for clip in opened(folder, text).clips()]
    wanted = [f"[{one}|{two}]" for one, two in rows if one or two]
    assert [unified(prompt) for prompt in found] == [unified(prompt) for prompt in wanted]


def unified(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def test_the_property_of_compiling_is_not_empty(folder: Path) -> None:
    """The strategy makes storyboards that pass, that are cast from moulds, and that are wrong."""
    passed = cast = wrong = 0

    @settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(text=storyboards())
    def count(text: str) -> None:
        nonlocal passed, cast, wrong
        storyboarding = opened(folder, text)
        if has_errors(storyboarding):
            wrong += 1
        else:
            passed += 1
            cast += any(isinstance(film, CastFilm) for film in storyboarding._films.each(lambda *_: None))

    run: Callable[[], None] = count
    run()
    assert passed >= 10
    assert cast >= 1
    assert wrong >= 10
