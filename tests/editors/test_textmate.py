"""The TextMate grammar, run by VS Code's own engine: it colours what the parser reads, as the parser reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skyflow.source import SourceFile
from skyflow.syntax import tokens
from skyflow.syntax.tables import load_tables

ROOT = Path(__file__).parents[2]
STORYBOARDS = sorted((ROOT / "examples").rglob("*.sky")) + sorted((ROOT / "tests" / "importers").glob("*.sky"))

Colour = Callable[[list[Path]], dict[Path, Any]]

# What a token of the parser may be coloured as.
SCOPES = {
    "COMMENT": ("comment.",),
    "STRING": ("string.", "meta.embedded."),
    "TEXT_BLOCK": ("string.", "meta.embedded."),
    "TEMPLATE": ("meta.embedded.",),
    "TAG": ("entity.name.type.tag.",),
    "NUMBER": ("constant.numeric.",),
    "QUANTITY": ("constant.numeric.", "keyword.other.unit."),
    "RATIO": ("constant.numeric.ratio.",),
    "SETTING": ("support.type.property-name.",),
    **dict.fromkeys(load_tables().keywords.values(), ("storage.type.", "keyword.control.")),
}


def read_kinds(text: str) -> list[str]:
    """The kind of the parser's token at each character; a name before `=` is a setting."""
    found = tokens(SourceFile("film.sky", text))
    kinds: list[str] = []
    for number, token in enumerate(found):
        behind = [other.kind for other in found[number + 1 : number + 3] if other.kind != "SPACE"]
        before = [other.kind for other in found[max(0, number - 2) : number] if other.kind != "SPACE"]
        is_setting = token.kind == "NAME" and behind[:1] == ["EQUAL"] and before[-1:] != ["VAR"]
        kinds += ["SETTING" if is_setting else token.kind] * len(token.text)
    return kinds


def disagreements(text: str, coloured: Any) -> Iterator[str]:
    kinds = read_kinds(text)
    at = 0
    for number, (line, pieces) in enumerate(zip(text.split("\n"), coloured, strict=True), 1):
        for piece, scopes in pieces:
            for character in piece:
                wanted = SCOPES.get(kinds[at], ())
                if wanted and not character.isspace() and not any(scope.startswith(wanted) for scope in scopes):
                    yield f"line {number}: {character!r} of {piece!r} is {kinds[at]}, coloured {scopes}"
                at += 1
        assert sum(len(piece) for piece, _ in pieces) == len(line)
        at += 1


def test_storyboards_are_coloured_as_the_parser_reads_them(colour: Colour) -> None:
    assert len(STORYBOARDS) > 10
    for path, coloured in colour(STORYBOARDS).items():
        assert list(disagreements(path.read_text(encoding="utf-8"), coloured)) == [], path


def test_nothing_in_a_right_storyboard_is_marked_as_invalid(colour: Colour) -> None:
    for path, coloured in colour(STORYBOARDS).items():
        wrong = [piece for line in coloured for piece, scopes in line if any("invalid" in scope for scope in scopes)]
        assert wrong == [], path


@pytest.fixture
def scopes_of(colour: Colour, tmp_path: Path) -> Callable[[str], list[list[tuple[str, str]]]]:
    """The innermost scope of each piece, without `.storyboard`, blanks left out."""

    def run(text: str) -> list[list[tuple[str, str]]]:
        path = tmp_path / "sample.sky"
        path.write_text(text, encoding="utf-8", newline="")
        return [
            [(piece.strip(), scopes[-1].removesuffix(".storyboard") if scopes else "") for piece, scopes in line if piece.strip()]
            for line in colour([path])[path]
        ]  # fmt: skip

    return run


def test_statements(scopes_of: Callable[[str], Any]) -> None:
    lines = scopes_of(
        'storyboard "A"\nvar p from "p.csv"\nshot image for x in [fast] { when = {{ x }} }\n'
        'keyframe @k-2 = "k.png" at 3s\nextend @e = clip(den.talk)\nseed = none'
    )
    assert lines == [
        [
            ("storyboard", "keyword.control"),
            ('"', "punctuation.definition.string.begin"),
            ("A", "string.quoted.double"),
            ('"', "punctuation.definition.string.end"),
        ],
        [
            ("var", "storage.type.variable"),
            ("p", "variable.other"),
            ("from", "keyword.control"),
            ('"', "punctuation.definition.string.begin"),
            ("p.csv", "string.quoted.double"),
            ('"', "punctuation.definition.string.end"),
        ],
        [
            ("shot", "storage.type.block"),
            ("image", "entity.name.function.shot"),
            ("for", "keyword.control.loop"),
            ("x", "variable.other"),
            ("in", "keyword.control.loop"),
            ("[", "punctuation.brackets"),
            ("fast", "support.constant.property-value"),
            ("]", "punctuation.brackets"),
            ("{", "punctuation.section.block"),
            ("when", "support.type.property-name"),
            ("=", "keyword.operator.assignment"),
            ("{{", "punctuation.section.embedded.begin"),
            ("x", "variable.other"),
            ("}}", "punctuation.section.embedded.end"),
            ("}", "punctuation.section.block"),
        ],
        [
            ("keyframe", "storage.type.asset"),
            ("@k-2", "entity.name.type.tag"),
            ("=", "keyword.operator"),
            ('"', "punctuation.definition.string.begin"),
            ("k.png", "string.quoted.double"),
            ('"', "punctuation.definition.string.end"),
            ("at", "keyword.control"),
            ("3", "constant.numeric"),
            ("s", "keyword.other.unit"),
        ],
        [
            ("extend", "storage.type.asset"),
            ("@e", "entity.name.type.tag"),
            ("=", "keyword.operator"),
            ("clip", "support.function"),
            ("(", "punctuation.brackets"),
            ("den.talk", "variable.other.constant"),
            (")", "punctuation.brackets"),
        ],
        [
            ("seed", "variable.other.property"),
            ("=", "keyword.operator.assignment"),
            ("none", "constant.language"),
        ],
    ]


def test_texts(scopes_of: Callable[[str], Any]) -> None:
    (line,) = scopes_of(
        r'look = "a@b @小雨走 @@c \"q\" \u{41} \q <sfx>bang</sfx> {{ p.x | upper if "}}" != 2 }}" # no "string"'
    )
    inside = [piece for piece in line if piece[1] != "string.quoted.double"][3:]
    assert inside == [
        ("@小雨走", "entity.name.type.tag"),
        ("@@", "constant.character.escape"),
        (r"\"", "constant.character.escape"),
        (r"\"", "constant.character.escape"),
        (r"\u{41}", "constant.character.escape"),
        (r"\q", "invalid.illegal.escape"),
        ("<", "punctuation.definition.tag"),
        ("sfx", "entity.name.tag"),
        (">", "punctuation.definition.tag"),
        ("</", "punctuation.definition.tag"),
        ("sfx", "entity.name.tag"),
        (">", "punctuation.definition.tag"),
        ("{{", "punctuation.section.embedded.begin"),
        ("p", "variable.other"),
        (".", "meta.embedded.expression"),
        ("x", "variable.other.property"),
        ("|", "keyword.operator"),
        ("upper", "support.function.filter"),
        ("if", "keyword.operator.word"),
        ("!=", "keyword.operator"),
        ("2", "constant.numeric"),
        ("}}", "punctuation.section.embedded.end"),
        ('"', "punctuation.definition.string.end"),
        ("#", "punctuation.definition.comment"),
        ('no "string"', "comment.line.number-sign"),
    ]


def test_a_string_that_is_not_closed_ends_with_its_line(scopes_of: Callable[[str], Any]) -> None:
    assert scopes_of('note = "open\nshot sea {')[1][0] == ("shot", "storage.type.block")


def test_a_text_block_goes_on_over_lines_and_quotes(scopes_of: Callable[[str], Any]) -> None:
    lines = scopes_of('prompt = """\n  a "quoted" # word {{ x\n  }} shot sea {\n"""\ntakes = 2')
    assert lines[1][0] == ('a "quoted" # word', "string.quoted.triple")
    assert lines[2][-1] == ("shot sea {", "string.quoted.triple")
    assert lines[4][0] == ("takes", "support.type.property-name")
