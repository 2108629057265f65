"""Casting variants from moulds must give exactly what compiling each in full gives: the same clips, the same diagnostics."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyflow.assets import DiskFiles
from skyflow.contract import DEFAULT_PRICES, Price
from skyflow.pipeline import Storyboarding
from skyflow.planner.pricing import Pricing
from skyflow.requests import CastFilm, mould
from skyflow.requests.compiled import CompiledClip, on_lines

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
    if all(diagnostic.severity != "error" for diagnostic in short.check()):
        assert prices(clips) == prices(long.clips())
    return short


def prices(clips: Iterable[CompiledClip]) -> list[Price]:
    pricing = Pricing(DEFAULT_PRICES)
    return [pricing.prices[pricing.number_of(clip, {})] for clip in clips]


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
            "＠Mika",
            "雨＠Mika雨",
            "<sfx>",
            "<bgm>a</bgm>",
            "100%",
            "%s",
            "{{ lang }}",
            "{{",
            "}}",
            "{}",
            "=1+1",
            '"',
            '"",',
            "\\",
            "\\u0000",
            "\\n",
            "\x01\x1f\x7f",
            "\x85\u2028\ufeff",
            "\ue0000\ue001",
            "é😀",
            "日本",
            "a=b,c",
        ]
    ),
    st.text(max_size=12).filter(lambda text: "\r" not in text and "\n" not in text and "\0" not in text),
    st.integers(300, 1400).map(lambda size: "long " * (size // 5)),
    st.integers(1150, 1300).map(lambda size: "x" * size),  # the prompts of ADVERT add from 20 to 80 bytes
    st.integers(380, 430).map(lambda size: "雨" * size),
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
        'shot moves { duration = {{ 4 if lang == "English" else 8 }}\n video @dance = "https://e.com/d.mp4"\n prompt = "@dance {{ p.copy }}" }',
        'shot goes_on { extend @before = clip(turn)\n prompt = "@before goes on in {{ lang }}" }',
        'shot copies { video @before = clip(close)\n prompt = "@before, {{ p.copy }}" }',
        'shot wide { prompt = "Go to ＠{{ p.copy }} now, {{ lang }}" }',
        'shot wider { prompt = "Go {{ p.copy }}＠Mika now" }',
        'shot marked { image @B = "https://example.com/\ue0000\ue001.jpg"\n prompt = "@B comes with {{ p.copy }} \ue0001\ue001" }',
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


# What shows in the last of several variants only: the statements in front of the shots, the shots, and the rule.
LATE_FAULTS = {
    "two axes in one hole": ("var n = 1 | 2\nvar m = 3 | 2", 'shot a { prompt = "{{ 6 // (m - n) }} birds" }', "template-error"),
    "when": ("var n = 2 | 1\nwhen = {{ 6 // (n - 1) > 0 }}", 'shot a { prompt = "{{ n }} birds" }', "template-error"),
    "a computed variable": ("var n = 2 | 1\nvar m = {{ 6 // (n - 1) }}", 'shot a { prompt = "{{ m }} birds" }', "template-error"),
    "a computed alternative": ("var n = 2 | 1\nvar m = 1 | {{ 6 // (n - 1) }}", 'shot a { prompt = "{{ m }} birds" }', "template-error"),
    "two variants of one name": ('var n = "1" | "1,m=2"\nvar m = "2,m=2" | "2"', 'shot a { prompt = "{{ n }} {{ m }} birds" }', "name-duplicate"),
    "a setting": ("var n = 5 | 99", 'shot a { duration = {{ n }}\n prompt = "{{ n }} birds" }', "duration-range"),
    "a tag": ('var n = "1" | "@nobody"', 'shot a { prompt = "{{ n }} birds" }', "tag-unknown"),
    "a tag in a name": ('var n = "1" | "@nobody"', 'shot a { prompt = "{{ variant.name }} {{ n ~ n }}" }', "tag-unknown"),
    "a computed tag in a name": ('var n = "1" | "@nobody"', 'shot a { prompt = "{{ variant.name | title }} flies {{ n | length }}" }', "tag-unknown"),
    "a full-width tag": ('var n = "1" | "＠Mika"\nimage @Mika = "local.png"', 'shot a { prompt = "{{ n }} birds" }\nshot b { prompt = "@Mika" }', "tag-unknown"),
    "a full-width sign before a hole": ('var n = "1" | "Mika"\nimage @Mika = "local.png"', 'shot a { prompt = "＠{{ n }} birds" }\nshot b { prompt = "@Mika" }', "tag-unknown"),
    "a full-width sign behind a hole": ('var n = "1" | "!"\nimage @Mika = "local.png"', 'shot a { prompt = "{{ n }}＠Mika birds" }\nshot b { prompt = "@Mika" }', "tag-unknown"),
    "a sound cue": ('var n = "1" | "<sfx>"', 'shot a { prompt = "{{ n }} birds" }', "cue-unbalanced"),
    "a long text": (f'var n = "1" | "{"long " * 1400}"', 'shot a { prompt = "{{ n }} birds" }', "prompt-too-long"),
    "none": ("var n = 1 | 2", 'shot a { prompt = "{{ none if n == 2 else n }} birds" }', "template-error"),
    "a list": ("var n = [1] | [2]", 'shot a { prompt = "{{ 1 if n[0] == 1 else n }} birds" }', "template-error"),
    "an address": ('var n = "a.jpg" | "a b.jpg"', 'shot a { first_frame = "https://e.com/{{ n }}"\n prompt = "A bird" }', "url-invalid"),
    "a picture": ('var n = "local.png" | "no.png"', 'shot a { image @B = {{ n }}\n prompt = "@B flies" }', "file-missing"),
    "equal shots": ("var n = 1 | 2", 'shot a { prompt = "{{ n }} birds" }\nshot b { prompt = "2 birds" }', "shot-repeated"),
    "no row any more": ('var q from "rows.csv"\nvar x = "a" | "b"\nvar p = {{ q if x == "a" else "text" }}', 'shot a { prompt = "{{ p.copy }} birds" }', "template-error"),
}  # fmt: skip


@pytest.mark.parametrize("name", LATE_FAULTS)
def test_a_fault_of_the_last_variant_is_found(tmp_path: Path, name: str) -> None:
    write_rows(tmp_path, [["r", "https://example.com/a.jpg", "copy", "red", "1"]])
    declared, shots, rule = LATE_FAULTS[name]
    found = assert_equal(tmp_path, f"defaults {{ model = fast }}\n{declared}\n{shots}\n").check()
    assert [diagnostic.rule.id for diagnostic in found] == [rule]


def test_clean_products_are_checked_value_by_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows(tmp_path, [[f"r{i}", "local.png", f"copy {i}", "red", "1"] for i in range(700)])
    text = 'defaults { model = fast }\nvar p from "rows.csv"\nvar n = 1 | 2 | 3\nimage @P = {{ p.picture }}\nshot a { prompt = "@P {{ p.copy }} {{ n * 2 }} {{ n }}" }\n'
    (tmp_path / "film.sky").write_text(text, encoding="utf-8")
    storyboard, _ = open_both(tmp_path, text)
    seen = []
    walked = storyboard._walk.variants
    monkeypatch.setattr(storyboard._walk, "variants", lambda: (seen.append(one) or one for one in walked()))
    assert storyboard.check() == ()
    assert len(seen) == 1
    monkeypatch.undo()
    assert_equal(tmp_path, text)


@pytest.mark.parametrize("size", range(1276, 1285))
def test_prompts_of_about_as_many_bytes_as_tokens_are_allowed(tmp_path: Path, size: int) -> None:
    """Up to so many bytes nothing is counted; beyond, the long way counts."""
    write_rows(tmp_path, [[f"r{i}", "", "x" * (size - 8 + i // 3), "雨", "1"] for i in range(4)])
    text = 'defaults { model = fast }\nvar p from "rows.csv"\nshot a { prompt = "See {{ p.copy }} {{ p.colour }}" }\n'
    assert {len(clip.request["prompt"].encode()) for clip in assert_equal(tmp_path, text).clips()} == {size, size + 1}
    if size != 1280:  # there it depends on which of the two columns is looked at first
        assert cast_count(tmp_path, text) == (3 if size < 1280 else 0)


# What a prompt says without its @, beside values that mention it or grow together with it: a variant says so or not, both ways alike.
UNMARKED = {
    "written out in every variant": ('var n = "red" | "blue"', "Mika in {{ n }}", [("", 0)]),
    "beside a hole": ('var n = "" | "el"', "Mika{{ n }} and {{ n }}Mika", []),
    "mentioned by the last value": ('var n = "red" | "blue" | "@Mika"', "Mika in {{ n }}", [("n=red", 1)]),
    "mentioned by the first value": ('var n = "@Mika" | "red" | "blue"', "Mika in {{ n }}", [("n=red", 1)]),
    "brought by a value": ('var n = "red" | "Mika" | "blue"', "A girl, {{ n }}", []),
    "in quotes that a value closes": (r'var n = "red" | "\"" | "blue"', "{{ n }} Mika {{ n }}", [("", 0)]),
}


@pytest.mark.parametrize("name", UNMARKED)
def test_names_without_their_at_are_told_alike_both_ways(tmp_path: Path, name: str) -> None:
    declared, prompt, expected = UNMARKED[name]
    shots = f'shot a {{ prompt = "{prompt}" }}\nshot b {{ prompt = "@Mika" }}'
    text = f'defaults {{ model = fast }}\nimage @Mika = "https://example.com/a.jpg"\n{declared}\n{shots}\n'
    found = assert_equal(tmp_path, text).check()
    assert {diagnostic.rule.id for diagnostic in found} <= {"tag-unmarked"}
    assert [(diagnostic.variant, diagnostic.also) for diagnostic in found] == expected


@pytest.mark.parametrize("odd", [0, 511, 512, 1023, 1299])
def test_rows_are_admitted_many_at_once_but_the_odd_one_is_found(tmp_path: Path, odd: int) -> None:
    rows = [[f"r{i}", "https://example.com/a.jpg", f"copy {i}", "red", "1"] for i in range(1300)]
    rows[odd][2] = "@nobody"
    write_rows(tmp_path, rows)
    text = 'defaults { model = fast }\nvar p from "rows.csv"\nshot a { prompt = "{{ p.copy }} in {{ p.colour }}" }\n'
    (found,) = assert_equal(tmp_path, text).check()
    assert (found.rule.id, found.variant) == ("tag-unknown", f"p=r{odd}")
    assert cast_count(tmp_path, text) == 1298


def test_what_was_admitted_may_be_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mould, "MAX_ADMITTED", 3)
    monkeypatch.setattr(mould, "_BLOCK", 2)
    write_rows(tmp_path, [[f"r{i}", f"https://example.com/{i}.jpg", f"c{i}", "red", "1"] for i in range(11)])
    assert_equal(tmp_path, ADVERT.format(extra=""))
    assert cast_count(tmp_path, ADVERT.format(extra="")) == 20


HOSTILE = st.text(
    alphabet=st.sampled_from(
        [
            *"aZ09 =,;:@<>{}%'\"\\/u",
            *map(chr, range(32)),
            "\x7f",
            "\x85",
            "\u2028",
            "\ufeff",
            "\ue000",
            "\ue001",
            *"é雨😀",
        ]
    ),
    max_size=20,
)
CELLS = st.one_of(
    HOSTILE, st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), plain=st.booleans())
def test_cells_of_any_kind_are_written_alike_both_ways(
    tmp_path: Path, rows: list[tuple[object, object]], plain: bool
) -> None:
    table = "\n".join(json.dumps({"name": f"r{n}", "a": a, "b": b}) for n, (a, b) in enumerate(rows))
    (tmp_path / "rows.jsonl").write_text(table, encoding="utf-8")
    hole = "{{ p.a | plain }}" if plain else "{{ p.a }}"
    text = f'defaults {{ model = fast }}\nvar p from "rows.jsonl"\nvar n = 1 | 2\nshot a {{ prompt = "See {hole} | {{{{ p.b }}}} {{{{ n }}}}" }}\n'
    assert_equal(tmp_path, text)
