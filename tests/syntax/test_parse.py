"""What the parser makes of whole files."""

from __future__ import annotations

from skyflow.source import SourceFile
from skyflow.syntax import parse, tokens
from skyflow.syntax.tree import Block, Defaults, Setting, Title, Var

NEON = """storyboard "Neon Night"
defaults { model = fast }
var city = "Tokyo" | "Osaka"   # an axis
shot street {
  prompt = "Walks through {{ city }}."
}
"""


def test_statements_come_in_the_order_of_the_file() -> None:
    file, diagnostics = parse(SourceFile("neon.sky", NEON))
    assert diagnostics == []
    assert [type(statement) for statement in file.statements] == [Title, Defaults, Var, Block]
    shot = file.statements[-1]
    assert isinstance(shot, Block)
    assert shot.header.text == "shot street"
    assert isinstance(shot.statements[0], Setting)


def test_tokens_put_together_are_the_text() -> None:
    assert "".join(token.text for token in tokens(SourceFile("neon.sky", NEON))) == NEON
