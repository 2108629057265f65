"""The terminal form: which lines are shown, that marks stand under what they mean, and that nothing in a file can act on a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, Rule
from skyflow.diagnostics.cells import width
from skyflow.diagnostics.terminal import render_terminal
from skyflow.source import SourceFile, Span

Rules = Callable[..., Rule]
Find = Callable[..., Span]


def test_the_form_of_the_language_reference(rule: Rules, span: Find, dragon: SourceFile) -> None:
    diagnostic = Diagnostic(
        rule("tag-not-in-prompt"),
        "the prompt never mentions the keyframe @image1",
        span(dragon, "@image1"),
        "its tag must stand in the prompt",
        "write @image1 where the picture should be reached",
        (Related(span(dragon, '"The King summons a dragon. The beast lowers."'), "the prompt"),),
    )
    assert (
        render_terminal([diagnostic])
        == """\
error[tag-not-in-prompt]: the prompt never mentions the keyframe @image1
  --> dragon.sky:14:12
   |
12 |   prompt = "The King summons a dragon. The beast lowers."
   |            ---------------------------------------------- the prompt
14 |   keyframe @image1 at 3s
   |            ^^^^^^^ its tag must stand in the prompt
   = help: write @image1 where the picture should be reached
"""
    )


def test_a_range_over_several_lines_shows_its_ends_and_other_files_follow(
    rule: Rules, span: Find, dragon: SourceFile
) -> None:
    cast = SourceFile("cast.sky", 'image @Mika = "mika.jpg"\n')
    block = dragon.span(dragon.text.index('"""'), dragon.text.rindex('"""') + 3)
    diagnostic = Diagnostic(
        rule("tag-unknown"),
        "`@Mika1` is no asset here",
        span(dragon, "@Mika1"),
        "no asset of that name",
        "did you mean `@Mika`?\nwrite `@@Mika1` for a plain word",
        (Related(block, "the prompt"), Related(span(cast, "@Mika"), "declared here")),
    )
    assert (
        render_terminal([diagnostic])
        == """\
error[tag-unknown]: `@Mika1` is no asset here
 --> dragon.sky:6:10
  |
5 |   prompt = \"\"\"
  |            ---
6 |     小梅走进 @Mika1 the cafe\u0301 den.
  |              ^^^^^^ no asset of that name
9 |   \"\"\"
  |   --- the prompt
 ::: cast.sky:1:7
  |
1 | image @Mika = "mika.jpg"
  |       ----- declared here
  = help: did you mean `@Mika`?
          write `@@Mika1` for a plain word
"""
    )


@pytest.mark.parametrize(
    ("words", "line", "marks"),
    [
        ("龍.png", '4 |     first_frame = "龍.png"', "  |                    ^^^^^^"),
        ("den", "6 |     小梅走进 @Mika1 the cafe\u0301 den.", "  |                              ^^^"),
        ("marks", '10 |   note = "two \\u{202e} marks ␛[31m"', "   |                        ^^^^^"),
        ("\x1b", '10 |   note = "two \\u{202e} marks ␛[31m"', "   |                              ^"),
        ("\u202e", '10 |   note = "two \\u{202e} marks ␛[31m"', "   |               ^^^^^^^^"),
    ],
)
def test_marks_stand_under_what_they_mean(
    rule: Rules, span: Find, dragon: SourceFile, words: str, line: str, marks: str
) -> None:
    shown = render_terminal([Diagnostic(rule("x"), "m", span(dragon, words))]).splitlines()
    assert shown[3:5] == [line, marks]


def test_two_ranges_in_one_line_have_a_row_each(rule: Rules, span: Find, dragon: SourceFile) -> None:
    prompt = Related(span(dragon, '"The King summons a dragon. The beast lowers."'), "the prompt")
    shown = render_terminal([Diagnostic(rule("x"), "m", span(dragon, "beast"), "this one", related=(prompt,))])
    assert shown.splitlines()[4:] == [
        "   |            ---------------------------------------------- the prompt",
        "   |                                            ^^^^^ this one",
    ]


class TestLongLines:
    @pytest.fixture
    def long(self) -> SourceFile:
        return SourceFile("long.sky", "x" * 500 + " @hero " + "小" * 500 + " @end " + "z" * 500)

    def test_are_cut_around_the_range(self, rule: Rules, span: Find, long: SourceFile) -> None:
        shown = render_terminal([Diagnostic(rule("x"), "m", span(long, "@hero"), "this")], width=60).splitlines()
        line, marks = shown[3], shown[4]
        assert line.startswith("1 | …x")
        assert line.endswith("小…")
        assert width(line) <= 60
        assert line[marks.index("^") :].startswith("@hero")

    def test_a_range_longer_than_the_room_is_shown_from_its_start(self, rule: Rules, long: SourceFile) -> None:
        whole = long.span(501, len(long.text))
        shown = render_terminal([Diagnostic(rule("x"), "m", whole, "this")], width=60).splitlines()
        assert shown[3].startswith("1 | …@hero")
        assert {width(shown[3]), width(shown[4])} <= {59, 60}
        assert shown[5].strip("| ") == "this"

    def test_places_far_apart_are_shown_one_after_the_other(self, rule: Rules, span: Find, long: SourceFile) -> None:
        other = Related(span(long, "@end"), "and that")
        shown = render_terminal([Diagnostic(rule("x"), "m", span(long, "@hero"), "this", related=(other,))], width=60)
        lines = shown.splitlines()
        assert [line[:3] for line in lines[3:]] == ["1 |", "  |", "1 |", "  |"]
        assert "@hero" in lines[3]
        assert "^^^^^ this" in lines[4]
        assert "@end" in lines[5]
        assert "---- and that" in lines[6]

    def test_a_line_of_five_megabytes_is_no_trouble(self, rule: Rules) -> None:
        source = SourceFile("huge.json", "é" * 5_000_000)
        shown = render_terminal([Diagnostic(rule("x"), "m", source.span(2_500_000, 2_500_001), "here")], width=80)
        assert all(width(line) <= 80 for line in shown.splitlines())


@pytest.mark.parametrize("place", ["message", "label", "help", "file", "related", "text", "variant", "pointer"])
def test_nothing_reaches_the_terminal_as_a_command(rule: Rules, place: str) -> None:
    nasty = "\x1b]0;title\x07\x1b[2J\r\x9b31m\u202e\u2066"
    values = {"message": "m", "label": "l", "help": "h", "file": "f", "text": "t", "variant": "v", "pointer": "p"}
    values[place] = nasty
    source = SourceFile(values["file"], values["text"])
    related = (Related(source.span(0, 1), nasty),) if place == "related" else ()
    diagnostic = Diagnostic(
        rule("x"),
        values["message"],
        source.span(0, len(source.text)),
        values["label"],
        values["help"],
        related,
        values["pointer"],
        variant=values["variant"],
    )
    shown = render_terminal([diagnostic])
    assert not re.search(r"[^\n\x20-\x7e\u2400-\u2421…]", shown)
    assert "␛" in shown


def test_shot_and_variant_are_told_where_the_place_does_not_tell_them(
    rule: Rules, span: Find, dragon: SourceFile
) -> None:
    at = span(dragon, "@image1")
    plain, looped, varied = (
        render_terminal([Diagnostic(rule("x"), "m", at, shot=shot, variant=variant, also=also)]).splitlines()[-1]
        for shot, variant, also in [("dragon", "", 0), ("item.2.spin", "", 0), ("dragon", "city=Tokyo", 9_999)]
    )
    assert "^" in plain
    assert looped == "   = in: shot item.2.spin"
    assert varied == "   = in: shot dragon, variant city=Tokyo … and in 9,999 more variants"


def test_a_request_is_pointed_into_and_a_fix_stands_in_for_missing_help(rule: Rules) -> None:
    source = SourceFile("r.json", '{"a":1}')
    fix = Fix("take `a` out", (Edit(source.span(1, 6), ""),))
    shown = render_terminal([Diagnostic(rule("x"), "m", source.span(1, 4), pointer="/a", fix=fix)])
    assert shown.splitlines()[-2:] == ["  = at: /a", "  = help: take `a` out"]


def test_without_text_only_the_file_is_named(rule: Rules) -> None:
    shown = render_terminal([Diagnostic(rule("file-missing"), "it does not exist", file="a.sky", help="look")])
    assert shown == "error[file-missing]: it does not exist\n --> a.sky\n  = help: look\n"


def test_an_empty_file_and_the_end_of_a_file_can_be_pointed_at(rule: Rules) -> None:
    for text in ("", "a\n"):
        source = SourceFile("e.sky", text)
        shown = render_terminal([Diagnostic(rule("x"), "m", source.span(len(text), len(text)), "here")])
        assert shown.splitlines()[-1] == "  | ^ here"


def test_colour_only_where_asked(rule: Rules, span: Find, dragon: SourceFile) -> None:
    diagnostic = Diagnostic(rule("x", "warning"), "m", span(dragon, "@image1"), "this", "do that")
    colored = render_terminal([diagnostic], color=True)
    assert "\x1b[1;33mwarning[x]\x1b[0m" in colored
    assert "\x1b[1;33m^^^^^^^ this\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render_terminal([diagnostic])
