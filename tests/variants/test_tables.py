"""Tables: what a cell is, and what is said of a table that does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

AXIS = 'var p from "t.{}"\nshot s {{ prompt = "{{{{ p.name }}}}: {{{{ p.copy }}}}" }}'


def prompts(project: Any, kind: str, content: str | bytes) -> list[str]:
    found: list[str] = project.prompts(AXIS.format(kind), {f"t.{kind}": content})
    return found


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("name,copy\nmug,Hot\ncup,Sweet\n", ["mug: Hot", "cup: Sweet"]),
        ("name,copy\r\nmug,Hot\r\ncup,Sweet\r\n", ["mug: Hot", "cup: Sweet"]),
        ("name,copy\rmug,Hot\rcup,Sweet", ["mug: Hot", "cup: Sweet"]),
        ("\ufeffname,copy\nmug,Hot\n", ["mug: Hot"]),
        ("copy, name \nHot,mug\n", ["mug: Hot"]),
        ('name,copy\nmug,"Hot, ""really"" hot"\n', ['mug: Hot, "really" hot']),
        ('name,copy\nmug,"two\nlines"\n', ["mug: two\nlines"]),
        ("name,copy\n\nmug,Hot\n,\n\n", ["mug: Hot"]),
        ("name,copy\n007,1.50\n", ["007: 1.50"]),
        ("name,copy\n=SUM(A1:A3),+49 30\n", ["=SUM(A1:A3): +49 30"]),
        ("name,copy\nmug,{{ name }} {% x %}\n", ["mug: {{ name }} {% x %}"]),
        ("name,copy\nmug, Hot \n", ["mug:  Hot "]),
        ("name,copy\n杯子,热😀\n", ["杯子: 热😀"]),
        ("name,copy\nmug,\n", ["mug: "]),
    ],
)
def test_cells_of_a_csv_are_text(project: Any, content: str, wanted: list[str]) -> None:
    assert prompts(project, "csv", content) == wanted


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_cells_of_json_keep_their_kind(project: Any, kind: str) -> None:
    rows = [{"name": "007", "n": 7, "half": 2.5, "whole": 3.0, "on": True, "copy": None, "image url": "x"}]
    content = json.dumps(rows) if kind == "json" else json.dumps(rows[0]) + "\n\n"
    text = f"""
      var p from "t.{kind}"
      shot s {{
        prompt = "{{{{ p.name }}}} {{{{ p.n + 1 }}}} {{{{ p.half }}}} {{{{ p.whole }}}} {{{{ p.on }}}} {{{{ p.copy | default('none') }}}} {{{{ p['image url'] }}}}"
      }}
    """
    assert project.prompts(text, {f"t.{kind}": content}) == ["007 8 2.5 3 true none x"]


def test_a_mention_in_a_cell_binds(project: Any) -> None:
    text = 'image @Mika = "https://example.com/m.png"\n' + AXIS.format("csv")
    clip = project.clip(text, {"t.csv": "name,copy\nmug,@Mika drinks\n"})
    assert [element["tag"] for element in clip.request["ref_images"]] == ["@Mika"]


def test_a_cell_that_looks_like_a_function_of_a_spreadsheet_is_a_mention(project: Any) -> None:
    found = project.only(AXIS.format("csv"), {"t.csv": "name,copy\nmug,@SUM(A1)\n"})
    assert found.rule.id == "tag-unknown"
    assert [(related.span.source.path, related.span.text, related.label) for related in found.related] == [
        ("t.csv", "@SUM(A1)", "row 1, column `copy`")
    ]


def test_a_column_may_be_called_as_a_method(project: Any) -> None:
    text = 'var p from "t.csv"\nshot s { prompt = "{{ p.items }} {{ p.copy }} {{ p.keys }}" }'
    assert project.prompts(text, {"t.csv": "items,copy,keys\na,b,c\n"}) == ["a b c"]


def test_settings_read_cells(project: Any) -> None:
    text = """
      var p from "t.csv"
      shot s {
        model = {{ p.model }}
        duration = {{ p.duration }}
        resolution = {{ p.resolution }}
        aspect_ratio = {{ p.ratio }}
        prompt_optimizer = {{ p.optimise }}
        takes = {{ p.takes }}
        when = {{ p.on }}
        prompt = {{ p.prompt }}
      }
    """
    table = "model,duration,resolution,ratio,optimise,takes,on,prompt\nfast, 8s ,720p,9:16,false,2,true,Rain\nstd,4,480p,1:1,true,1,false,Snow\n"
    clips = project.clips(text, {"t.csv": table})
    assert [clip.take for clip in clips] == [1, 2]
    assert clips[0].request == {
        "model": "skyreels-v4-fast",
        "prompt": "Rain",
        "duration": 8,
        "resolution": "720p",
        "aspect_ratio": "9:16",
        "prompt_optimizer": False,
    }


@pytest.mark.parametrize("expression", ["p.n * 2", "p.n > 3", "p.n - 1", "p.n / 2"])
def test_a_number_in_a_cell_of_a_csv_is_text_until_it_is_made_one(project: Any, expression: str) -> None:
    """`12 * 2` must never quietly become `1212`."""
    text = 'var p from "t.csv"\nshot s { prompt = "{{ EXPRESSION }}" }'
    found = project.only(text.replace("EXPRESSION", expression), {"t.csv": "n\n12\n"})
    assert (found.rule.id, found.help) == (
        "template-error",
        "`| int` or `| float` makes a number of text (cells of a .csv are text)",
    )
    project.prompt(text.replace("EXPRESSION", expression.replace("p.n", "(p.n | int)")), {"t.csv": "n\n12\n"})


def test_an_empty_cell_is_a_mistake_unless_it_may_be_missing(project: Any) -> None:
    text = 'shot s for p from "t.csv" {\n duration = {{ p.d }}\n first_frame = {{ p.f }}\n prompt = "{{ p.n }}"\n}'
    files = {"t.csv": "n,d,f\na,,\n"}
    assert project.said(text, files) == ["value-type at 2:13: {{ p.d }}", "value-type at 3:16: {{ p.f }}"]
    may_be_missing = text.replace("p.d }}", "p.d or none }}").replace("p.f }}", "p.f or none }}")
    assert project.clip(may_be_missing, files).request == {"model": "skyreels-v4-fast", "prompt": "a"}


def test_spreadsheets_write_truth_in_capitals(project: Any) -> None:
    text = 'shot s for p from "t.csv" {\n when = {{ p.on }}\n prompt_optimizer = {{ p.on }}\n prompt = "{{ p.n }}"\n}'
    (clip,) = project.clips(text, {"t.csv": "n,on\na,TRUE\nb,False\n"})
    assert clip.request["prompt_optimizer"] is True


def test_null_unsets(project: Any) -> None:
    rows = [
        {"name": "a", "d": None, "look": None, "frame": None},
        {"name": "b", "d": 8, "look": "Grain.", "frame": None},
    ]
    text = """
      defaults { model = fast
        duration = 5s
        look = "Blue." }
      var p from "t.json"
      shot s { duration = {{ p.d }}
        look = {{ p.look }}
        first_frame = {{ p.frame }}
        prompt = "Rain." }
    """
    first, second = project.clips(text, {"t.json": json.dumps(rows)})
    assert first.request == {"model": "skyreels-v4-fast", "prompt": "Rain."}
    assert second.request == {"model": "skyreels-v4-fast", "prompt": "Rain. Grain.", "duration": 8}


def test_paths_in_cells_are_relative_to_the_storyboard(project: Any, png: bytes) -> None:
    text = 'shot s for p from "tables/t.csv" { first_frame = {{ p.picture }}\n prompt = "Rain." }'
    files = {"tables/t.csv": "picture\npictures/a.png\n", "pictures/a.png": png}
    assert project.clip(text, files).files.popitem()[1] == "pictures/a.png"


def test_one_table_may_be_used_twice(project: Any) -> None:
    text = 'var p from "t.csv"\nshot s for q from "t.csv" { prompt = "{{ p.name }} {{ q.name }}" }'
    assert project.prompts(text, {"t.csv": "name\na\nb\n"}) == ["a a", "a b", "b a", "b b"]


def test_a_loop_over_rows_numbers_them(project: Any) -> None:
    text = 'shot s for p from "t.csv" { prompt = "{{ shot.name }} {{ p.name }}" }'
    assert project.prompts(text, {"t.csv": "name\nb\na\n"}) == ["s.1 b", "s.2 a"]


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "place"),
    [
        ("csv", 'name,d\r\n"a, b",5\r\n"c ""d""", long\r\n', (3, 11, " long")),
        ("csv", "d,name\n5,a\nlong,b\n", (3, 1, "long")),
        ("csv", 'name,d\n"two\nlines",long\n', (3, 8, "long")),
        ("json", '[\n {"name": "a", "d": 5},\n {"name": "d", "d": "long"}\n]', (3, 21, '"long"')),
        ("jsonl", '{"name": "a", "d": 5}\n\n{"d": "long", "name": "\\"d\\": 5"}\n', (3, 7, '"long"')),
    ],
)
def test_a_wrong_cell_is_shown_where_it_stands(
    project: Any, kind: str, content: str, place: tuple[int, int, str]
) -> None:
    text = f'shot s for p from "t.{kind}" {{ duration = {{{{ p.d }}}}\n prompt = "Rain." }}'
    (related,) = project.only(text, {f"t.{kind}": content}).related
    at = related.span.start_position
    assert (at.line, at.column, related.span.text) == place
    assert related.label.endswith("column `d`")


def test_of_several_cells_the_longest_is_named(project: Any) -> None:
    table = "name,copy\nmug," + "very hot " * 900 + "\n"
    found = project.only(AXIS.format("csv"), {"t.csv": table})
    assert found.rule.id == "prompt-too-long"
    assert [related.label for related in found.related] == ["row 1, column `copy`"]


# --- shape ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "message", "place"),
    [
        ("csv", "", "t.csv is empty", "1:1: "),
        ("csv", "\n\n", "t.csv is empty", "1:1: "),
        ("csv", "name,copy\n", "t.csv has no rows", "1:1: "),
        ("csv", "name,copy\nmug\n", "row 1 of t.csv has 1 cell, but the header has 2", "2:1: mug"),
        ("csv", "name,copy\na,b\nmug,Hot,now\nx\n", "row 2 of t.csv has 3 cells, but the header has 2 (not the only one: 2 rows do not fit)", "3:1: mug,Hot,now"),
        ("csv", "name,copy,name\na,b,c\n", "the header names `name` twice", "1:1: name,copy,name"),
        ("csv", "name,copy,\na,b,\n", "column 3 of the header has no name", "1:1: name,copy,"),
        ("csv", "name;copy\na;b\n", "the columns are separated by `;`", "1:1: name;copy"),
        ("csv", "name\tcopy\na\tb\n", "the columns are separated by tabs", "1:1: name\tcopy"),
        ("csv", 'name,copy\nmug,"Hot\n', "row 1 of t.csv cannot be read: a double quote is opened and never closed", '2:1: mug,"Hot'),
        ("csv", 'name,copy\nmug,"Hot" now\n', "row 1 of t.csv cannot be read: text follows behind a closing double quote", '2:1: mug,"Hot" now'),
        ("csv", 'name,"co"py\n', "the header of t.csv cannot be read: text follows behind a closing double quote", '1:1: name,"co"py'),
        ("json", "", "t.json is not JSON: expecting value", "1:1: "),
        ("json", "{}", "t.json is no list", "1:1: {"),
        ("json", "[]", "t.json has no rows", "1:1: "),
        ("json", "[{}]", "row 1 of t.json has no columns", "1:2: {}"),
        ("json", '[{"name": "a"}, 5]', "row 2 of t.json is no object", "1:17: 5"),
        ("json", '[{"name": ["a"]}]', "row 1 of t.json has a list in `name`", '1:2: {"name": ["a"]}'),
        ("json", '[{"name": {}}]', "row 1 of t.json has an object in `name`", '1:2: {"name": {}}'),
        ("json", '[{"name": "a"}, {"nme": "b"}]', "row 2 of t.json lacks `name`", '1:17: {"nme": "b"}'),
        ("json", '[{"name": "a"}, {"name": "b", "x": 1}]', "row 2 of t.json has `x`, which the first row has not", '1:17: {"name": "b", "x": 1}'),
        ("json", '[{"name": "a", "name": "b"}]', "t.json is not JSON: `name` stands twice in one object", "1:2: {"),
        ("json", '[{"name": NaN}]', "t.json is not JSON: NaN is no JSON value", "1:2: {"),
        ("json", '[{"name": "\\ud800"}]', "row 1 of t.json has half a character (a lone surrogate) in `name`", '1:2: {"name": "\\ud800"}'),
        ("json", f'[{{"name": {"9" * 5000}}}]', "t.json is not JSON: a number in it is too long", "1:2: {"),
        ("json", "[" * 100_000, "t.json is not JSON: it is nested too deeply", "1:2: ["),
        ("json", '[{"name": "a"},]', "t.json is not JSON: rows stand between commas, the last one before `]`", "1:16: ]"),
        ("json", '[{"name": "a"} {"name": "b"}]', "t.json is not JSON: rows stand between commas, the last one before `]`", "1:16: {"),
        ("json", '[{"name": "a"}] []', "t.json goes on behind its list", "1:17: ["),
        ("json", '[{"name": "a"', "t.json is not JSON: expecting ',' delimiter", '1:13: "'),
        ("json", "name,copy\na,b\n", "t.json is not JSON: expecting value", "1:1: n"),
        ("jsonl", "", "t.jsonl has no rows", "1:1: "),
        ("jsonl", '{"name": "a"}\n{"name": }\n', "t.jsonl is not JSON: expecting value", "2:10: }"),
        ("jsonl", '{"name": "a"} {"name": "b"}\n', "t.jsonl has more than one value in a line", '1:15: {"name": "b"}'),
        ("txt", "name\na\n", "`t.txt` is no table", '1:12: "t.txt"'),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit(project: Any, kind: str, content: str, message: str, place: str) -> None:
    text = f'var p from "t.{kind}"\nshot s {{ prompt = "Rain {{{{ p.name }}}}." }}\nshot t {{ duration = 99s\n prompt = "b" }}'
    table, other = project.check(text, {f"t.{kind}": content})
    if table.span.source.path == "film.sky" and table.rule.id == "duration-range":
        table, other = other, table
    at = table.span.start_position
    assert (table.rule.id, table.message, f"{at.line}:{at.column}: {table.span.text}") == (
        "table-shape",
        message,
        place,
    )
    assert other.rule.id == "duration-range"
    assert table.help


def test_more_rows_than_anybody_needs(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skyflow.variants.tables.MAX_ROWS", 3)
    rows = "name,copy\na,1\nb,2\nc,3\n"
    assert project.ids(AXIS.format("csv"), {"t.csv": rows}) == []
    assert project.only(AXIS.format("csv"), {"t.csv": rows + "d,4\n"}).message == "t.csv has more than 3 rows"


def test_a_cell_longer_than_any_prompt(project: Any) -> None:
    found = project.only(AXIS.format("csv"), {"t.csv": "name,copy\na," + "b" * 200_001 + "\n"})
    assert found.message == "row 1 of t.csv cannot be read: a cell has more than 200,000 characters"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("näme,copy\n".encode("latin-1"), "is not UTF-8 text (the byte at offset 1"),
        ("name,copy\n".encode("utf-16"), "it is UTF-16"),
        (b"name,copy\na,\0\n", "is not UTF-8 text"),
    ],
)
def test_a_table_of_another_encoding(project: Any, content: bytes, part: str) -> None:
    found = project.only(AXIS.format("csv"), {"t.csv": content})
    assert (found.rule.id, found.span.text) == ("file-type", '"t.csv"')
    assert part in found.message
    assert found.help == "save it as UTF-8: Excel calls it “CSV UTF-8” at “Save as…”"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no.csv", "file-missing"),
        ("../t.csv", "file-outside"),
        ("/etc/passwd", "file-outside"),
        ("{{ x }}.csv", "value-type"),
    ],
)
def test_a_table_that_cannot_be_had(project: Any, path: str, said: str) -> None:
    text = f'var p from "{path}"\nshot s {{ prompt = "{{{{ p.name }}}} {{{{ p.any }}}}" }}'
    found = project.only(text)
    assert (found.rule.id, found.span.text) == (said, f'"{path}"')


def test_an_unknown_column_is_told_once_for_all_rows(project: Any) -> None:
    text = 'var p from "t.csv"\nshot s for q from "t.csv" { prompt = "{{ p.nme }} {{ q[\'copi\'] }}" }'
    assert project.said(text, {"t.csv": "name,copy\n" + "".join(f"{n},x\n" for n in range(50))}) == [
        "name-unknown at 2:44: nme",
        "name-unknown at 2:57: copi",
    ]


def test_a_row_in_a_list_or_variable_has_its_columns_too(project: Any) -> None:
    text = 'var p from "t.csv"\nvar q = {{ p }}\nshot s for x in {{ [p, q] }} { prompt = "{{ x.name }} {{ shot.name }} {{ q.name }}" }'
    assert project.prompts(text, {"t.csv": "name\nmug\n"}) == ["mug s.1 mug", "mug s.2 mug"]
    wrong = text.replace("{{ x.name }}", "{{ x.nam }}")
    found = project.only(wrong, {"t.csv": "name\nmug\n"})
    assert (found.rule.id, found.message, found.span.text) == ("template-error", "`x` has no column `nam`", "nam")


def test_a_row_is_no_text(project: Any) -> None:
    found = project.only('var p from "t.csv"\nshot s { prompt = "{{ p }}" }', {"t.csv": "name,copy\nmug,Hot\n"})
    assert (found.rule.id, found.message, found.help) == (
        "template-error",
        "`p` cannot be written here: it is a row",
        "name a column of it: name, copy",
    )
