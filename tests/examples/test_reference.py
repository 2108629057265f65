"""The language reference is true: each of its code blocks is checked, its tables are held against the code.

`SKYFLOW_REWRITE=1 pytest tests/examples/test_reference.py` writes the generated table of rules anew.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

import skyflow
from skyflow import pipeline
from skyflow.syntax import grammar_text
from skyflow.variants.filters import FILTERS, TESTS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "grammar" / "README.md"
BLOCK = re.compile(r"^```sky\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^###? (.+)$", re.MULTILINE)


def code_blocks() -> list[tuple[str, str]]:
    """Each storyboard of the reference with the place where it begins."""
    text = REFERENCE.read_text(encoding="utf-8")
    return [(f"line {text.count(chr(10), 0, found.start()) + 2}", found[1]) for found in BLOCK.finditer(text)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the files that the reference's storyboards name."""
    folder = tmp_path_factory.mktemp("reference")
    (folder / "skyflow.toml").touch()
    (folder / "cast").mkdir()
    pictures = ("cast/mika-front.jpg", "cast/mika-side.jpg", "cast/xiaoyu.jpg", "mug.jpg", "flask.jpg")
    for shade, name in enumerate((*pictures, "castle.png", "dragon.png", "throne.png", "steps.png")):
        Image.new("RGB", (160, 90), (20 * shade, 40, 80)).save(folder / name)
    for name in ("cast/mika.mp3", "cast/mika-laughs.mp3"):
        shutil.copy(ROOT / "examples" / "rainy-teahouse" / "voices" / "laochen-welcomes.mp3", folder / name)
    cast = 'image @Tomas = "cast/mika-front.jpg"\nvar keeper = "an old man in a blue cap"\n'
    (folder / "cast.sky").write_text(cast, encoding="utf-8")
    rows = "name,sku,picture,seconds,list price\nmug,007,mug.jpg,5,09.90\nflask,012,flask.jpg,6s,24.50\n"
    (folder / "products.csv").write_text(rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("place", "code"), code_blocks(), ids=[place for place, _ in code_blocks()])
def test_code_block(place: str, code: str, project: Path) -> None:
    storyboard = project / "reference.sky"
    storyboard.write_text(code, encoding="utf-8")
    found = [diagnostic.rule.id for diagnostic in skyflow.check(storyboard)]
    marker = re.match(r"# (error|warning): (\S+)\n", code)
    assert found == ([marker[2]] if marker else [])
    if not marker or marker[1] == "warning":
        assert list(skyflow.compile(storyboard))


def test_joins_the_lines_of_text_blocks_as_it_says(project: Path) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    storyboard = project / "reference.sky"
    (code,) = (code for _, code in code_blocks() if "She looks up." in code)
    storyboard.write_text(code, encoding="utf-8")
    first, second = (clip.request["prompt"] for clip in skyflow.compile(storyboard))
    before, after = first.split("\n")
    assert f"is sent as `{before}`, a line break, `{after}`; the second as `{second}`" in text


def test_lays_text_blocks_out_before_templates(tmp_path: Path) -> None:
    storyboard = tmp_path / "blocks.sky"
    lines = [
        'var place = "茶馆\\n门口"',
        "shot street {",
        "  model = fast",
        '  prompt = """',
        "    她走进{{ place }}",
        "    坐下，",
        "    喝茶。",
        '  """',
        "}",
    ]
    storyboard.write_text("\n".join(lines), encoding="utf-8")
    (clip,) = skyflow.compile(storyboard)
    assert clip.request["prompt"] == "她走进茶馆\n门口 坐下，喝茶。"


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table whose first column has this heading; `\\|` in a cell is a bar."""
    text = REFERENCE.read_text(encoding="utf-8")
    (table,) = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    rows = (re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in table.splitlines())
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]


def in_code(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


@pytest.mark.parametrize(("heading", "known"), [("filter", FILTERS), ("test", TESTS)])
def test_lists_all_filters_and_tests(heading: str, known: dict[str, object]) -> None:
    listed = [in_code(row[0]).split("(")[0] for row in rows_of(heading)]
    assert list(dict.fromkeys(listed)) == sorted(known)


@pytest.mark.parametrize("heading", ["filter", "test", "operator"])
def test_expressions_give_what_the_tables_say(heading: str, tmp_path: Path) -> None:
    examples = [(in_code(row[1]), in_code(row[2])) for row in rows_of(heading)]
    lines = ["defaults { model = fast }", 'var city = "tokyo"', "var n = 3"]
    lines += [
        f'shot s{number} {{ prompt = "x{number} {example} {{{{ city ~ n }}}}" }}'
        for number, (example, _) in enumerate(examples)
    ]
    storyboard = tmp_path / "expressions.sky"
    storyboard.write_text("\n".join(lines), encoding="utf-8")
    prompts = [clip.request["prompt"] for clip in skyflow.compile(storyboard)]
    assert prompts == [f"x{number} {result} tokyo3" for number, (_, result) in enumerate(examples)]


def rules_table() -> str:
    rows = [f"| `{rule.id}` | {rule.severity} | {rule.summary} |" for rule in pipeline.RULES]
    return "\n".join(["| id | severity | the mistake |", "| --- | --- | --- |", *rows])


def test_lists_all_rules() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    wanted = re.sub(
        r"(<!-- rules: [^\n]*-->\n).*?(<!-- /rules -->)",
        lambda marks: f"{marks[1]}{rules_table()}\n{marks[2]}",
        text,
        flags=re.DOTALL,
    )
    if os.environ.get("SKYFLOW_REWRITE"):
        text = wanted
        REFERENCE.write_text(wanted, encoding="utf-8")
    assert text == wanted, "the table of rules is behind the code; SKYFLOW_REWRITE=1 writes it anew"


def test_names_only_ids_that_exist() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    known = {rule.id for rule in pipeline.RULES}
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)) - {"skyreels-v4-std"}
    assert named <= known


def test_has_every_section_that_grammar_and_rules_cite() -> None:
    headings = {heading.lower() for heading in HEADING.findall(REFERENCE.read_text(encoding="utf-8"))}
    cited = {citation.split(":")[0].strip() for citation in re.findall(r"// \[([A-Z][^\]]*)\]", grammar_text())}
    for rule in pipeline.RULES:
        if "grammar/README.md), " in rule.source:
            cited.add(rule.source.split("grammar/README.md), ")[1])
    assert {section for section in cited if section.lower() not in headings} == set()
