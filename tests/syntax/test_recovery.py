"""Behind a mistake reading goes on: what is damaged is dropped, nothing is invented, the rest stays."""

from __future__ import annotations

import pytest

from skyflow.syntax.tree import Block, Damaged, Setting

GOOD = ['var city = "Tokyo"', 'image @Mika = "a.jpg"', "shot a {\n  takes = 3\n}", "defaults { model = fast }"]
BROKEN = [
    "takes = = = 3",
    'prompt = "never closed',
    "note = {{ never closed",
    "x = [1, 2",
    "image @a =",
    "shot 3a",
    "what is this",
    "$$$ %%% &&&",
    "x = ] ) }"[:-1],
    'prompt = "a" "b"',
    "var",
    "use",
    "storyboard Neon",
    "keyframe @a at",
    "@tag",
    '"text"',
    "x = {a: 1}",
    "for x in [1]",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("place", range(len(GOOD) + 1))
def test_the_statements_around_a_broken_one_are_untouched(read, outline_of, broken, place) -> None:
    lines = [*GOOD[:place], broken, *GOOD[place:]]
    file, diagnostics = read("\n".join(lines) + "\n")
    kept = [statement for statement in file.statements if not isinstance(statement, Damaged)]
    assert outline_of(tuple(kept)) == outline_of(read("\n".join(GOOD))[0].statements)
    assert len(diagnostics) == 1
    assert len(file.statements) == len(GOOD) + 1


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_statement_in_a_shot_leaves_the_shot(read, broken) -> None:
    file, diagnostics = read(
        f"scene s {{\n  shot a {{\n    takes = 3\n    {broken}\n    pick = 2\n  }}\n}}\nshot b {{ }}\n"
    )
    assert len(diagnostics) == 1
    scene, after = file.statements
    assert isinstance(scene, Block)
    assert isinstance(after, Block)
    (shot,) = scene.statements
    assert isinstance(shot, Block)
    names = [statement.name.text if isinstance(statement, Setting) else "damaged" for statement in shot.statements]
    assert names == ["takes", "damaged", "pick"]


def test_damage_names_the_words_in_it(read) -> None:
    file, _diagnostics = read(
        'image @Mika "a" = b\nscene s {\n  shot 3a for item from "rows.csv" {\n    note = x y-z = den.street @b\n  }\n}\n'
    )
    assert {
        "@Mika",
        "image",
        "item",
        "rows.csv",
        "rows",
        "y-z",
        "y",
        "z",
        "den.street",
        "den",
        "@b",
    } <= file.damaged_words
    first = file.statements[0]
    assert isinstance(first, Damaged)
    assert "item" not in first.words


def test_the_body_of_a_block_with_a_damaged_header_is_read(read) -> None:
    file, diagnostics = read('shot 3a {\n  prompt = "x"\n  takes = = 3\n}\nshot b { }\n')
    damaged, after = file.statements
    assert isinstance(damaged, Damaged)
    assert damaged.span.text.startswith("shot 3a {")
    assert damaged.span.text.endswith("}")
    assert isinstance(after, Block)
    assert len(damaged.statements) == 2
    assert len(diagnostics) == 2


def test_a_shot_that_is_not_closed_ends_before_the_next(read) -> None:
    file, diagnostics = read('shot a {\n  prompt = "x"\n\nshot b {\n  prompt = "y"\n}\n')
    assert [statement.name.text for statement in file.statements if isinstance(statement, Block)] == ["a", "b"]
    (diagnostic,) = diagnostics
    assert diagnostic.span.start_position.line == 4
    (related,) = diagnostic.related
    assert related.span.start_position.line == 1


def test_the_brace_of_a_shot_closed_early_is_not_reported_as_one_too_many(read) -> None:
    _file, diagnostics = read("shot a {\n  shot b {\n  }\n}\nshot c { }\n")
    assert len(diagnostics) == 1


def test_a_brace_under_the_scene_tells_that_the_shot_was_left_open(read) -> None:
    _file, diagnostics = read("scene s {\n  shot a {\n    takes = 3\n}\n")
    (diagnostic,) = diagnostics
    assert diagnostic.message == "the shot a is never closed"


@pytest.mark.parametrize(
    "first",
    [
        'shot a { prompt = "x }',
        'shot a { prompt = "x {{ y }" }',
        "shot a { prompt = {{ y }",
        'scene s { shot a { prompt = "x } }',
        'shot a { prompt = "x\n}',
        'shot a { prompt = "x }\n}',
        '  shot a { prompt = "x\n\n  }  # closed here',
    ],
)
def test_a_text_left_open_in_a_block_of_one_line_does_not_leave_the_block_open(read, first) -> None:
    file, diagnostics = read(first + '\nshot b { prompt = "y" }\n')
    assert [statement.name.text for statement in file.statements if isinstance(statement, Block)][1:] == ["b"]
    assert [diagnostic.message[-15:] for diagnostic in diagnostics] == ["is never closed"]


def test_a_text_block_left_open_does_not_swallow_the_next_shot(read) -> None:
    shot = 'shot {} {{\n  prompt = """\n    text\n{}}}\n'
    text = shot.format("a", "") + shot.format("b", '  """\n') + shot.format("c", '  """\n')
    file, diagnostics = read(text)
    assert [statement.name.text for statement in file.statements if isinstance(statement, Block)] == ["a", "b", "c"]
    assert [diagnostic.message for diagnostic in diagnostics] == ["this text block is never closed"]


def test_a_text_block_may_hold_braces_on_lines_of_their_own(read_well) -> None:
    read_well('prompt = """\n{\n  "scene": {\n  }\n}\n"""\nnote = """\n  x\n"""\n')


def test_one_line_with_two_statements_keeps_both(read) -> None:
    file, diagnostics = read("shot a { takes = 3 pick = 2 }")
    (shot,) = file.statements
    assert isinstance(shot, Block)
    assert [statement.name.text for statement in shot.statements if isinstance(statement, Setting)] == ["takes", "pick"]
    assert len(diagnostics) == 1


def test_junk_behind_a_block_does_not_take_the_block(read) -> None:
    file, diagnostics = read("shot a { takes = 3 } & nothing\nshot b { }\n")
    assert [type(statement) for statement in file.statements] == [Block, Damaged, Block]
    assert len(diagnostics) == 1


def test_many_mistakes_end_the_reading(read) -> None:
    file, diagnostics = read("shot a {\n" + "x = =\n" * 500)
    assert len(diagnostics) == 201
    assert diagnostics[-1].message == "the file was not read on behind 200 mistakes"
    assert file.statements
