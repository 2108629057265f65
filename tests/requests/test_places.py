"""Where diagnostics point: line and column inside strings, text blocks and templates, behind CRLF, emoji, escapes and joined lines."""

from __future__ import annotations

from typing import Any

import pytest

PNG = "https://example.com/a.png"


def place(project: Any, text: str, files: Any = None) -> tuple[int, int, str]:
    """Line, column and text of the only diagnostic."""
    span = project.only(text, files).span
    return (span.start_position.line, span.start_position.column, span.text)


BLOCK = '''shot a {
  prompt = """
      😀 Rain on \\u{2014} the
    window, 雨
    夜 and "quoted" {{ 1 + 1 }} words.

      @nobody \\"walks\\" in 城
    市里@没有走。 <sfx>x
  """
}
'''


def test_in_a_text_block_with_everything(project: Any) -> None:
    assert project.said(BLOCK) == [
        "tag-unknown at 7:7: @nobody",
        "tag-unknown at 8:7: @没有走",
        "cue-unbalanced at 8:13: <sfx>",
    ]


def test_line_ends_of_another_system_change_no_place(project: Any) -> None:
    found = project.said(BLOCK.replace("\n", "\r\n"))
    assert found == project.said(BLOCK)


def test_a_byte_order_mark_is_skipped(project: Any) -> None:
    assert project.said("\ufeff" + 'shot a { prompt = "@x" }') == ["tag-unknown at 1:20: @x"]


@pytest.mark.parametrize(
    ("prompt", "column", "text"),
    [
        ('"@x"', 20, "@x"),
        ('"😀😀 @x"', 23, "@x"),
        ('"\\n\\t\\u{1F600}@x"', 33, "@x"),
        ('"\\\\\\"@x"', 24, "@x"),
        ('"@@a @@b @x"', 28, "@x"),
        ('"{{ 1 }}{{ 2 }} @x"', 35, "@x"),
        ("\"{{ '@x' }} rain\"", 20, "{{ '@x' }}"),
        ("\"{{ 'a @x b' }}\"", 20, "{{ 'a @x b' }}"),
        ("{{ '@x' }}", 19, "{{ '@x' }}"),
        ("\"@{{ 'x' }}\"", 20, "@{{ 'x' }}"),
    ],
)
def test_a_mention_in_a_string(project: Any, prompt: str, column: int, text: str) -> None:
    assert place(project, f"shot a {{ prompt = {prompt} }}") == (1, column, text)


@pytest.mark.parametrize(
    ("expression", "column", "text"),
    [
        ("{{ citty }}", 25, "citty"),
        ("{{  city | uper }}", 33, "uper"),
        ("{{ city.x }}", 30, "x"),
        ("{{ city['x y'] }}", 31, "x y"),
        ("{{ city city }}", 30, "city"),
        ("{{ city + 1 }}", 22, "{{ city + 1 }}"),
        ("{{ city[9] }}", 22, "{{ city[9] }}"),
        ("{{ 'citty' ~ citty }}", 35, "citty"),
        ("{{ city if citty else city }}", 33, "citty"),
    ],
)
def test_a_mistake_in_an_expression(project: Any, expression: str, column: int, text: str) -> None:
    source = f'var city = "Tokyo"\nshot b {{ note = {{{{ city }}}}\n prompt = "b" }}\nshot a {{ prompt = "雨 {expression}" }}'
    assert place(project, source) == (4, column, text)


def test_expressions_over_several_lines(project: Any) -> None:
    text = 'var a = "x"\nshot s {\n  prompt = """\n    Rain {{ a\n      ~ b }}\n  """\n}'
    assert place(project, text) == (5, 9, "b")


def test_mistakes_in_values_stand_at_the_values(project: Any) -> None:
    text = 'shot a {\n  duration = "99s"\n  keyframe @k = "https://example.com/a.webp" at 1.5s\n  prompt = "@k"\n}'
    assert project.said(text) == [
        'duration-range at 2:14: "99s"',
        'image-format at 3:17: "https://example.com/a.webp"',
        "time-stamp-type at 3:49: 1.5s",
    ]


def test_an_inherited_mistake_stands_where_it_is_written(project: Any) -> None:
    text = 'defaults {\n  model = fast\n  duration = 99s\n}\nscene d {\n  shot a { prompt = "a" }\n  shot b { prompt = "b" }\n}'
    assert project.said(text) == ["duration-range at 3:14: 99s"]


def test_a_mention_of_the_look_stands_in_the_look(project: Any) -> None:
    text = 'defaults {\n  model = fast\n  look = "Like @nobody."\n}\nshot a { prompt = "Rain." }'
    assert project.said(text) == ["tag-unknown at 3:16: @nobody"]


def test_a_mention_behind_a_doubled_at_in_prompt_and_look(project: Any) -> None:
    text = 'shot a {\n  look = "@@c @d"\n  prompt = "@@a @b"\n}'
    assert project.said(text) == ["tag-unknown at 2:15: @d", "tag-unknown at 3:17: @b"]


def test_the_variant_and_the_element_are_named_where_they_matter(project: Any) -> None:
    text = 'var n = 1 | 99\nshot a for x in [1, 2] { duration = {{ 5 if x == 1 else 4 + n }}\n prompt = "{{ x }}" }'
    found = project.only(text)
    assert (found.rule.id, found.shot, found.variant, found.also) == ("duration-range", "a.2", "n=99", 0)


def test_every_reference_knows_where_it_was_declared(project: Any) -> None:
    text = f'image @a = "{PNG}", "https://example.com/b.webp"\nimage @b = "https://example.com/c.webp"\nshot s {{ prompt = "@b @a" }}'
    assert project.said(text) == [
        'image-format at 1:41: "https://example.com/b.webp"',
        'image-format at 2:12: "https://example.com/c.webp"',
    ]


def test_the_example_of_the_language_reference(project: Any) -> None:
    from skyflow.diagnostics.terminal import render_terminal

    text = """\
image @image1 = "https://example.com/landing.png"

shot dragon {
  prompt = "The King summons a dragon. The beast lowers."
  keyframe @image1 at 3s
}
"""
    assert render_terminal(project.check(text)) == (
        "error[tag-not-in-prompt]: the prompt never mentions @image1\n"
        " --> film.sky:5:12\n"
        "  |\n"
        '4 |   prompt = "The King summons a dragon. The beast lowers."\n'
        "  |            ---------------------------------------------- the prompt\n"
        "5 |   keyframe @image1 at 3s\n"
        "  |            ^^^^^^^ its tag must stand in the prompt\n"
        "  = help: write @image1 in the prompt, where what it shows should be seen\n"
    )
