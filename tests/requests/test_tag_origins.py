"""One wrong tag is one mistake, told where it is written; and what cannot be computed hides no other mistake."""

from __future__ import annotations

from typing import Any

IMAGE = 'image @Mika = "https://example.com/a.png"\n'


def test_a_wrong_tag_in_a_variable_is_told_once_and_there(project: Any) -> None:
    text = 'var hero = "@Mica"\nshot a { prompt = "{{ hero }} and {{ hero }} with @Mika." }\nshot b { prompt = "{{ hero }}" }\n'
    found = project.only(IMAGE + text)
    assert (found.rule.id, str(found.span), found.span.text) == ("tag-unknown", "film.sky:2:13", "@Mica")
    assert [(related.span.text, related.label) for related in found.related] == [("{{ hero }}", "used here")]
    assert found.fix.edits[0].text == "@Mika"


def test_the_alternative_that_holds_it_is_shown(project: Any) -> None:
    text = 'var hero = "@Mika" | "@Mica" | "the dog"\nshot a { prompt = "{{ hero }} with @Mika." }\nshot b { prompt = "@Mika waits." }'
    assert project.said(IMAGE + text) == ["tag-unknown at 2:23: @Mica"]


def test_through_variables_made_of_variables(project: Any) -> None:
    text = 'var hero = "@Mica"\nvar duo = "{{ hero }} and a dog"\nscene s {\n  var hero = "@Mika"\n  shot a { prompt = "{{ duo }} with {{ hero }}." }\n}'
    assert project.said(IMAGE + text) == ["tag-unknown at 2:13: @Mica"]


def test_in_the_list_of_a_loop(project: Any) -> None:
    text = 'shot a for who in ["@Mika", "@Moka"] { prompt = "{{ who }} sits, {{ who }} stands." }'
    assert project.said(IMAGE + text) == ["tag-unknown at 2:30: @Moka"]


def test_what_is_computed_or_given_from_outside_is_told_at_its_use(project: Any) -> None:
    text = 'var hero = "@Mika"\nshot a { prompt = "{{ hero | upper }}" }'
    assert project.said(IMAGE + text) == ["tag-unknown at 3:20: {{ hero | upper }}"]
    text = 'var hero = "@Mika"\nshot a { prompt = "{{ hero }}" }'
    given = project.said(IMAGE + text, variables={"hero": ["@Zoe"]})
    assert given[0] == "tag-unknown at 3:20: {{ hero }}"


def test_an_expression_that_cannot_be_computed_hides_no_wrong_tag(project: Any) -> None:
    for wrong, rule in (
        ("{{ heroo }}", "name-unknown"),
        ("{{ 1 / 0 }}", "template-error"),
        ("{{ 1 + }}", "template-syntax"),
    ):
        assert project.ids(f'{IMAGE}shot a {{ prompt = "{wrong} meets @Mica." }}') == [rule, "tag-unknown"]


def test_nor_in_the_look_nor_another_expression(project: Any) -> None:
    text = 'shot a { look = "{{ 1 / 0 }} @Mica {{ 2 / 0 }}"\n prompt = "@Mika." }'
    assert project.ids(IMAGE + text) == ["template-error", "tag-unknown", "template-error"]


def test_beside_a_gap_nothing_is_said_of_a_tag(project: Any) -> None:
    assert (
        project.ids(IMAGE + 'shot a { prompt = "@{{ 1 / 0 }} @Mi{{ 1 / 0 }} {{ 1 / 0 }}@Mo @Mika" }')
        == ["template-error"] * 3
    )
