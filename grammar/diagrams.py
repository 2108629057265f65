"""Draws the grammar: storyboard.lark → railroad.svg, one diagram for each production.

    python grammar/diagrams.py

Nothing is described twice: the grammar is read with Lark's own grammar of grammars. Needs the packages lark and railroad-diagrams (extra `dev`).
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from functools import cache
from io import StringIO
from pathlib import Path

import lark
import railroad
from lark import Lark, Token, Tree

HERE = Path(__file__).parent
GRAMMAR = HERE / "storyboard.lark"
PICTURE = HERE / "railroad.svg"

# How a terminal is shown: by an example that is one, or in words.
SAMPLES = {
    "NAME": "name",
    "TAG": "@tag",
    "STRING": '"…"',
    "TEXT_BLOCK": '"""…"""',
    "NUMBER": "3",
    "QUANTITY": "5s",
    "RATIO": "16:9",
    "TEMPLATE": "{{ … }}",
}
WORDS = {"_NEWLINE": "end of line"}
LEFT_OUT = ("damaged",)  # what the parser makes of a mistake; nobody writes it

MARGIN = 24
TITLE_HEIGHT = 24
GAP = 4
STYLE = """
  .page { fill: #fffdf8; }
  .title { font: bold 16px sans-serif; fill: #333; }
  svg.railroad-diagram path { stroke-width: 2; stroke: #555; fill: none; }
  svg.railroad-diagram text { font: 14px monospace; text-anchor: middle; fill: #222; }
  svg.railroad-diagram text.comment { font: italic 12px sans-serif; }
  svg.railroad-diagram rect { stroke-width: 1.5; stroke: #8a6d3b; fill: #fbecc8; }
  svg.railroad-diagram .non-terminal rect { stroke: #4a6785; fill: #e3edf7; }
  svg.railroad-diagram .non-terminal text { fill: #1d4f91; }
"""


def draw(grammar: str) -> str:
    """The picture of a grammar in Lark's notation, as SVG: its diagrams in two columns."""
    diagrams = [(name, _render(node)) for name, node in _productions(grammar)]
    columns = _in_columns(diagrams)
    width = max(_size(svg)[0] for _, svg in diagrams) + MARGIN
    pieces = [piece for number, column in enumerate(columns) for piece in _place(column, MARGIN + number * width)]
    high = max(sum(map(_height, column)) for column in columns) + 2 * MARGIN - GAP
    wide = MARGIN + len(columns) * width
    size = f'width="{wide:g}" height="{high:g}" viewBox="0 0 {wide:g} {high:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>'
    return "\n".join([head, '<rect class="page" width="100%" height="100%"/>', *pieces, "</svg>\n"])


Named = tuple[str, str]
"""A production's name and its diagram as SVG."""


def _in_columns(diagrams: Sequence[Named]) -> tuple[Sequence[Named], Sequence[Named]]:
    """Two columns, the first one at least as high as the second."""
    total, high = sum(map(_height, diagrams)), 0.0
    for number, diagram in enumerate(diagrams):
        if high * 2 >= total:
            return diagrams[:number], diagrams[number:]
        high += _height(diagram)
    return diagrams, ()


def _place(column: Sequence[Named], left: float) -> Iterator[str]:
    top: float = MARGIN
    for diagram in column:
        name, svg = diagram
        yield f'<text class="title" id="{name}" x="{left:g}" y="{top + 16:g}">{html.escape(name)}</text>'
        yield svg.replace("<svg ", f'<svg x="{left:g}" y="{top + TITLE_HEIGHT - 12:g}" ', 1)
        top += _height(diagram)


def _height(diagram: Named) -> float:
    return TITLE_HEIGHT + _size(diagram[1])[1] + GAP


def _render(node: railroad.DiagramItem) -> str:
    stream = StringIO()
    railroad.Diagram(node, type="complex").writeSvg(stream.write)
    return stream.getvalue().strip()


def _size(svg: str) -> tuple[float, float]:
    """Width and height of a diagram, from its viewBox."""
    view = svg.split('viewBox="', 1)[1].split('"', 1)[0].split()
    return float(view[2]), float(view[3])


# --- from Lark's tree to diagram nodes ---------------------------------------------------------------------------------


@cache
def _grammar_parser() -> Lark:
    return Lark((Path(lark.__file__).parent / "grammars" / "lark.lark").read_text(encoding="utf-8"), parser="lalr")


def _productions(grammar: str) -> Iterator[tuple[str, railroad.DiagramItem]]:
    for rule in _grammar_parser().parse(grammar).find_data("rule"):
        name, expansions = _plain(rule.children[0]), rule.children[-1]
        if name not in LEFT_OUT:
            yield name, _node(expansions)


def _plain(name: object) -> str:
    """A name without the marks by which Lark shapes its trees."""
    return str(name).lstrip("?!_")


def _node(tree: Tree[Token]) -> railroad.DiagramItem:
    match tree.data:
        case "expansions":
            kept = [child for child in tree.children if not _is_left_out(child)]
            return railroad.Choice(0, *map(_node, kept)) if len(kept) > 1 else _node(kept[0])
        case "alias":
            return _node(tree.children[0])
        case "expansion":
            return _sequence(tree.children)
        case "expr":
            return _repeat(_node(tree.children[0]), tree.children[1])
        case "maybe":
            return railroad.Optional(_node(tree.children[0]))
        case "literal":
            return railroad.Terminal(str(tree.children[0]).strip('"'))
        case "name":
            return _named(str(tree.children[0]))
    raise AssertionError(f"{tree.data} does not occur in storyboard.lark")


def _named(name: str) -> railroad.DiagramItem:
    if name in SAMPLES:
        return railroad.Terminal(SAMPLES[name])
    if name in WORDS:
        return railroad.Comment(WORDS[name])
    return railroad.NonTerminal(_plain(name))


def _repeat(node: railroad.DiagramItem, operator: object) -> railroad.DiagramItem:
    match operator:
        case "?":
            return railroad.Optional(node)
        case "*":
            return railroad.ZeroOrMore(node)
        case "+":
            return railroad.OneOrMore(node)
    return node


def _sequence(children: Sequence[Tree[Token]]) -> railroad.DiagramItem:
    """`a ("," a)*` and `a ("," a)+` are drawn as one `a` with a way back through the comma."""
    nodes: list[railroad.DiagramItem] = []
    for number, child in enumerate(children):
        repeated = _repeated(child)
        if nodes and repeated and repeated[0][-1] == children[number - 1]:
            parts, operator = repeated
            nodes[-1] = _loop(parts, operator)
        else:
            nodes.append(_node(child))
    return nodes[0] if len(nodes) == 1 else railroad.Sequence(*nodes)


def _repeated(child: Tree[Token]) -> tuple[list[Tree[Token]], str] | None:
    """The parts of `( … )*` or `( … )+`, and which of them it is."""
    if child.data != "expr" or child.children[1] not in ("*", "+"):
        return None
    inner = child.children[0]
    while isinstance(inner, Tree) and inner.data == "alias":
        inner = inner.children[0]
    assert isinstance(inner, Tree)
    return (list(inner.children), str(child.children[1])) if inner.data == "expansion" else None


def _loop(parts: Sequence[Tree[Token]], operator: str) -> railroad.DiagramItem:
    again = railroad.OneOrMore(_node(parts[-1]), _sequence(parts[:-1]))
    return again if operator == "*" else railroad.Sequence(_node(parts[-1]), _sequence(parts[:-1]), again)


def _is_left_out(tree: object) -> bool:
    """Whether an alternative is nothing but a production that is not drawn."""
    while isinstance(tree, Tree):
        parts = [child for child in tree.children if child is not None]
        if len(parts) != 1:
            return False
        tree = parts[0]
    return _plain(tree) in LEFT_OUT


if __name__ == "__main__":
    PICTURE.write_text(draw(GRAMMAR.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
