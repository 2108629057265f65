"""The railroad diagrams show the grammar as it is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from skyflow.source import SourceFile
from skyflow.syntax import tokens

GRAMMAR = Path(__file__).parents[2] / "grammar"


@pytest.fixture(scope="module")
def diagrams() -> ModuleType:
    """The script that draws them; needs the packages of the extra `dev`."""
    spec = importlib.util.spec_from_file_location("diagrams", GRAMMAR / "diagrams.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_drawn_from_the_grammar(diagrams: ModuleType) -> None:
    drawn = diagrams.draw(diagrams.GRAMMAR.read_text(encoding="utf-8"))
    assert drawn == diagrams.PICTURE.read_text(encoding="utf-8"), "run: python grammar/diagrams.py"


def test_every_production_and_keyword_is_in_the_picture(diagrams: ModuleType) -> None:
    grammar = diagrams.GRAMMAR.read_text(encoding="utf-8").split("// --- terminals")[0]
    productions = set(re.findall(r"^[?!_]*([a-z_]+):", grammar, re.MULTILINE)) - set(diagrams.LEFT_OUT)
    keywords = set(re.findall(r'"([a-z]+)"', grammar))
    picture = ElementTree.parse(diagrams.PICTURE)
    shown = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert productions | keywords <= set(shown)


def test_what_stands_for_a_terminal_is_one(diagrams: ModuleType) -> None:
    assert {
        kind: [token.kind for token in tokens(SourceFile("", sample))] for kind, sample in diagrams.SAMPLES.items()
    } == {kind: [kind] for kind in diagrams.SAMPLES}


def test_a_repeated_part_is_drawn_once(diagrams: ModuleType) -> None:
    once = diagrams.draw('row: VALUE ("," VALUE)*\nVALUE: "x"\n')
    assert once.count(">VALUE<") == 1
    assert diagrams.draw('row: VALUE ("," OTHER)*\nVALUE: "x"\nOTHER: "y"\n').count(">VALUE<") == 1
    assert diagrams.draw('row: VALUE ("," VALUE)+\nVALUE: "x"\n').count(">VALUE<") == 2
