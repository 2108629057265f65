"""Casting variants from moulds must give exactly what compiling each in full gives: the same clips, the same diagnostics."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyflow.assets import DiskFiles
from skyflow.pipeline import Storyboarding
from skyflow.requests import CastFilm
from skyflow.requests.compiled import on_lines

# One pixel of PNG, to be a local picture.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db000000000"
    "49454e44ae426082"
)


def open_both(folder: Path, text: str) -> tuple[Storyboarding, Storyboarding]:
    (folder / "film.sky").write_text(text, encoding="utf-8")
    both = [
        Storyboarding("film.sky", DiskFiles(folder), {}, (), (), live=False, limit=10_000, moulds_allowed=allowed)
        for allowed in (True, False)
    ]
    return both[0], both[1]


def told(storyboard: Storyboarding) -> list[tuple[object, ...]]:
    return [
        (d.rule.id, d.message, str(d.span), d.variant, d.also, [str(r.span) for r in d.related])
        for d in storyboard.check()
    ]


def assert_equal(folder: Path, text: str) -> Storyboarding:
    short, long = open_both(folder, text)
    assert told(short) == told(long)
    clips = list(short.clips())
    assert clips == list(long.clips())
    lines, bodies = on_lines(clip.as_json() for clip in clips), on_lines(clip.body for clip in clips)
    assert lines == b"".join(short.clip_lines()) == b"".join(long.clip_lines())
    assert bodies == b"".join(short.body_lines()) == b"".join(long.body_lines())
    return short


def cast_count(folder: Path, text: str) -> int:
    """How many variants are cast when nothing is known before."""
    storyboard, _ = open_both(folder, text)
    return sum(isinstance(film, CastFilm) for film in storyboard._films.each(lambda *_: None))


ADVERT = """
defaults {{ model = fast
  look = "Calm {{{{ p.colour }}}} light." }}
var p from "rows.csv"
var lang = "English" | "日本語"
image @Product = {{{{ p.picture }}}}
image @Mika = "https://example.com/mika.jpg"
{extra}
shot open {{
  prompt = "@Mika holds @Product: {{{{ p.copy }}}} in {{{{ lang | upper }}}}."
}}
shot turn {{
  duration = {{{{ 4 if lang == "English" else 6 }}}}
  takes = 2
  pick = 2
  prompt = "@Product turns. {{{{ p.copy }}}} 100 % {{{{ p.number }}}}"
}}
shot close {{
  first_frame = last_frame(turn)
  prompt = "{{{{ variant.name }}}} fades; {{{{ p.copy }}}} <sfx>ping</sfx> follow @@{{{{ lang }}}}"
}}
"""


def write_rows(folder: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["name", "picture", "copy", "colour", "number"], *rows])
    (folder / "rows.csv").write_text(text.getvalue(), encoding="utf-8")
    (folder / "local.png").write_bytes(PNG)
    (folder / "other.png").write_bytes(PNG + b"\0")


def test_most_variants_are_cast(tmp_path: Path) -> None:
    rows = [[f"r{i}", f"https://example.com/{i}.jpg", f"copy {i}", "red", f"00{i}"] for i in range(30)]
    write_rows(tmp_path, rows)
    assert_equal(tmp_path, ADVERT.format(extra=""))
    assert cast_count(tmp_path, ADVERT.format(extra="")) == 58  # two structures: one for each language


def test_local_pictures_of_rows_are_cast_with_their_files(tmp_path: Path) -> None:
    write_rows(tmp_path, [[f"r{i}", ("local.png", "other.png")[i % 2], f"c{i}", "red", "1"] for i in range(6)])
    storyboard = assert_equal(tmp_path, ADVERT.format(extra=""))
    assert cast_count(tmp_path, ADVERT.format(extra="")) == 10
    named = {path for clip in storyboard.clips() for path in clip.files.values()}
    assert named == {"local.png", "other.png"}


VALUES = st.one_of(
    st.sampled_from(
        [
            "a",
            "",
            " ",
            "007",
            "@Mika",
            "@@x",
            "@nobody",
            "x@Mika",
            "<sfx>",
            "<bgm>a</bgm>",
            "100%",
            "%s",
            '"',
            "\\",
            "é😀",
            "日本",
        ]
    ),
    st.text(max_size=12).filter(lambda text: "\r" not in text and "\n" not in text and "\0" not in text),
    st.integers(300, 1400).map(lambda size: "long " * (size // 5)),
)
PICTURES = st.sampled_from(
    [
        "https://example.com/a.jpg",
        "https://example.com/b.png",
        "https://e.com/c.webp",
        "local.png",
        "missing.png",
        "",
        "@Mika",
    ]
)
EXTRA = st.sampled_from(
    [
        "",
        'shot two { first_frame = "local.png"\n keyframe @k = {{ p.picture }}\n prompt = "@k comes" }',
        'shot both { image @B = "https://example.com/a.jpg", {{ p.picture }}\n prompt = "@B comes with @Product" }',
        'shot maybe { when = {{ p.colour == "red" }}\n prompt = "Only in red." }',
        'scene s { var note2 = "{{ p.copy }}!"\n shot a { prompt = "Scene {{ note2 }} and {{ lang }}" } }',
        'shot many for x in ["one", "two"] { prompt = "{{ x }} {{ p.copy }} {{ lang }} walks" }',
        'shot same { prompt = "Same {{ lang }} words." }\nshot twin { prompt = "Same {{ p.name }} words." }',
        'shot tight { prompt = "Go @Mika{{ p.copy }} now" }',
        'shot frame { first_frame = {{ p.picture }}\n prompt = "A frame {{ lang }}" }',
        'shot cue { prompt = "Listen <{{ p.copy }}> now" }',
        'shot chinese { prompt = "@Mika走进{{ lang }}的街道，{{ p.copy }}" }',
    ]
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(PICTURES, VALUES, st.sampled_from(["red", "blue"]), VALUES), min_size=1, max_size=5),
    extra=EXTRA,
)
def test_both_ways_are_equal(tmp_path: Path, rows: list[tuple[str, str, str, str]], extra: str) -> None:
    write_rows(tmp_path, [[f"r{index}", *row] for index, row in enumerate(rows)])
    assert_equal(tmp_path, ADVERT.format(extra=extra))


@pytest.mark.parametrize("copy", ["long " * 1400, "@nobody", "<sfx>open"])
def test_one_odd_row_goes_the_long_way_and_is_named(tmp_path: Path, copy: str) -> None:
    rows = [[f"r{i}", "https://example.com/a.jpg", f"copy {i}", "red", "1"] for i in range(9)]
    rows[4][2] = copy
    write_rows(tmp_path, rows)
    storyboard = assert_equal(tmp_path, ADVERT.format(extra=""))
    assert storyboard.check()
    assert {diagnostic.variant.split(",")[0] for diagnostic in storyboard.check()} == {"p=r4"}


def test_a_picture_that_is_a_constant_one_in_the_first_variant_only(tmp_path: Path) -> None:
    write_rows(tmp_path, [])
    text = """
defaults { model = fast }
var pic = "local.png" | "other.png" | "third.png" | "fourth.png"
shot s {
  first_frame = "local.png"
  keyframe @k = {{ pic }}
  prompt = "@k {{ pic }}"
}
"""
    for name in ("third.png", "fourth.png"):
        (tmp_path / name).write_bytes(PNG + name.encode())
    storyboard = assert_equal(tmp_path, text)
    assert len({clip.request["mid_frame_images"][0]["image_url"] for clip in storyboard.clips()}) == 4


def test_a_shot_whose_prompt_a_syntax_error_dropped(tmp_path: Path) -> None:
    write_rows(tmp_path, [])
    text = 'defaults { model = fast }\nvar city = "Tokyo" | "Osaka"\nshot a { prompt = "{{ city }}" }\nshot b { prompt = }\n'
    assert [diagnostic.rule.id for diagnostic in assert_equal(tmp_path, text).check()] == ["syntax"]


def test_a_variable_that_fails_behind_the_first_variants_is_told(tmp_path: Path) -> None:
    text = """
defaults { model = fast }
var n = 1 | 2 | 3 | 4
var share = "{{ 6 // (n - 3) }}"
shot a { prompt = "{{ n }} of {{ share }}" }
"""
    (found,) = assert_equal(tmp_path, text).check()
    assert (found.rule.id, found.variant, found.also) == ("template-error", "n=3", 0)
