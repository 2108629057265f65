"""One mistake is one diagnostic, also in ten thousand variants; several mistakes are each told once."""

from __future__ import annotations

from typing import Any

import pytest

from skyflow.diagnostics import Diagnostic
from skyflow.requests import Collector
from skyflow.source import SourceFile
from skyflow.storyboard.rules import NAME_UNKNOWN
from skyflow.variants import TEMPLATE_ERROR, VALUE_TYPE


def test_in_ten_thousand_variants(project: Any) -> None:
    tens = " | ".join(str(n) for n in range(100))
    text = f'var a = {tens}\nvar b = {tens}\nshot s {{ duration = {{{{ 99 if a > 0 else 5 }}}}\n prompt = "{{{{ a }}}} {{{{ b }}}} @nobody" }}\n'
    duration, tag = project.check(text)
    assert (duration.rule.id, duration.variant, duration.also) == ("duration-range", "a=1,b=0", 9_899)
    assert (tag.rule.id, tag.variant, tag.also) == ("tag-unknown", "", 0)


def test_in_a_row_far_down(project: Any) -> None:
    rows = "".join(f"p{n},{'soon' if n == 4_710 else 5}\n" for n in range(5_000))
    text = 'var p from "t.csv"\nvar c = "x" | "y"\nshot s { duration = {{ p.d }}\n prompt = "{{ p.name }} {{ c }}" }'
    found = project.only(text, {"t.csv": f"name,d\n{rows}"})
    assert (found.rule.id, found.variant, found.also) == ("value-type", "p=p4710,c=x", 1)
    (cell,) = found.related
    assert (cell.label, cell.span.source.path, cell.span.text) == ("row 4,711, column `d`", "t.csv", "soon")


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("duration = {{ p.d }}", "5\nlong\n"),
        ("duration = {{ p.d }}", "5\n99\n"),
        ('first_frame = "{{ p.d }}"', "https://example.com/a.png\nhttps://example.com/a.webp\n"),
        ('image @Mika = "{{ p.d }}"\n look = "@Mika"', "https://example.com/a.png\nhttp://\n"),
        ('keyframe @k = "https://example.com/a.png" at {{ p.d }}\n look = "@k"', "2\n7\n"),
        ('keyframe @k = "https://example.com/a.png" at {{ p.d }}\n look = "@k"', "2\nsoon\n"),
        ("look = \"{{ 'x' * (p.d | int) }}\"", "1\n60000\n"),
        ('look = "{{ 1 // (p.d | int) }}"', "1\n0\n"),
        ('var share = "{{ 1 // (p.d | int) }}"\n look = "{{ share }}"', "1\n0\n"),
    ],
)
def test_whatever_a_cell_makes_wrong_names_its_row(project: Any, statement: str, table: str) -> None:
    text = f'var p from "t.csv"\nshot s {{ {statement}\n prompt = "Rain." }}'
    found = project.only(text, {"t.csv": f"d\n{table}"})
    assert [related.label for related in found.related if related.span.source.path == "t.csv"] == ["row 2, column `d`"]


LONG = 'var p from "t.csv"\nvar c = "x" | "y"\nshot s { duration = {{ p.d }}\n prompt = "{{ p.d }} {{ c }}" }'
LOOPED = 'var c = "x" | "y"\nshot s for p from "t.csv" { duration = {{ p.d }}\n prompt = "{{ p.d }} {{ c }}" }'


@pytest.mark.parametrize("text", [LONG, LOOPED])
def test_all_rows_with_the_same_mistake_are_named_once(project: Any, text: str) -> None:
    found = project.only(text, {"t.csv": "d\n5\n50\n6\n60\n7\n70\n"})
    assert found.message == "the length is 50 s, but a clip lasts 3 to 15 s"
    assert [related.span.text for related in found.related] == ["50", "60", "70"]


@pytest.mark.parametrize("text", [LONG, LOOPED])
def test_of_very_many_rows_the_first_ten_are_named(project: Any, text: str) -> None:
    found = project.only(text, {"t.csv": "d\n5\n" + "".join(f"{n}\n" for n in range(50, 90))})
    assert [related.span.text for related in found.related] == [str(n) for n in range(50, 60)]


def test_of_a_mistake_that_all_rows_share_the_first_row_is_named(project: Any) -> None:
    found = project.only(LONG, {"t.csv": "d\n50\n60\n70\n"})
    assert [related.span.text for related in found.related] == ["50"]


def test_several_mistakes_in_one_file_are_each_told_once_in_order(project: Any) -> None:
    text = """
var unused = "1"
var city = "Tokyo" | "Osaka"
image @Mika = "no.png"
shot a {
  duration = 99s
  resolution = 4k
  promt = "x"
  prompt = "@Mika @nobody {{ city }}"
}
shot b {
  first_frame = last_frame(nowhere)
  prompt = "{{ citty }}"
}
shot c {
  takes = none
  prompt = "@nobody {{ 1 // 0 }}"
}
shot d = 5
"""
    *others, last = project.said(text)
    assert last.startswith("syntax at 19:")
    assert others == [
        'file-missing at 4:15: "no.png"',
        "duration-range at 6:14: 99s",
        "resolution-unknown at 7:16: 4k",
        "name-unknown at 8:3: promt",
        "tag-unknown at 9:19: @nobody",
        "name-unknown at 12:28: nowhere",
        "name-unknown at 13:16: citty",
        "tag-unknown at 17:13: @nobody",
        "template-error at 17:21: {{ 1 // 0 }}",
    ]


def diagnostic(rule: Any, start: int, end: int, subject: str = "") -> Diagnostic:
    return Diagnostic(rule, "message", SOURCE.span(start, end), subject=subject)


SOURCE = SourceFile("film.sky", "0123456789")


def test_the_same_rule_place_and_subject_is_the_same_mistake() -> None:
    collector = Collector()
    for number, variant in enumerate(("x=1", "x=2", "x=3")):
        collector.add(diagnostic(VALUE_TYPE, 1, 3), variant, number)
        collector.add(diagnostic(VALUE_TYPE, 1, 3), variant, number)  # twice in one variant counts once
        if number:
            collector.add(diagnostic(VALUE_TYPE, 1, 3, "other"), variant, number)
    always, sometimes = collector.finish(3)
    assert (always.variant, always.also) == ("", 0)
    assert (sometimes.variant, sometimes.also) == ("x=2", 1)
    assert collector.errors == 2


def test_an_expression_with_an_unknown_name_is_told_once() -> None:
    collector = Collector()
    collector.add(diagnostic(NAME_UNKNOWN, 3, 5))
    collector.add(diagnostic(TEMPLATE_ERROR, 2, 6), "", 0)
    collector.add(diagnostic(TEMPLATE_ERROR, 3, 5), "", 0)
    collector.add(diagnostic(TEMPLATE_ERROR, 4, 9), "", 0)
    assert [(d.rule.id, d.span.start) for d in collector.finish(1) if d.span] == [
        ("name-unknown", 3),
        ("template-error", 4),
    ]
