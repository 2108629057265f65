"""What can be named at a place of a storyboard: tags, variables with their columns, shots. Told from the last analysis, however the text stands now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from skyflow.lsp.completion.cursor import OpenBlock
from skyflow.lsp.names import own_tags
from skyflow.source import Span
from skyflow.storyboard import Group, Scope, Shot, Storyboard, Variable
from skyflow.syntax import tree
from skyflow.variants import Inputs
from skyflow.variants.names_check import OBJECTS, table_key
from skyflow.variants.tables import Table


@dataclass(frozen=True, slots=True)
class SeenTag:
    """A tag that can be mentioned, what it is (`image`, `grid`, `video`, `keyframe`, `extend`) and its sources."""

    tag: str
    keyword: str
    sources: tuple[tree.Value, ...]
    span: Span

    @property
    def about(self) -> str:
        count = len(self.sources)
        things = {"image": "picture", "grid": "picture", "keyframe": "picture"}.get(self.keyword, "clip")
        return f"{self.keyword}, {count} {things}{'' if count == 1 else 's'}" if count else self.keyword


@dataclass(frozen=True, slots=True)
class SeenVariable:
    """A variable or loop element: its values as they are written, or the table that its rows come from."""

    name: str
    span: Span
    values: tuple[tree.Value, ...] = ()
    table: Table | None = None
    loop: bool = False
    outside: bool = False

    @property
    def about(self) -> str:
        if self.table is not None:
            return f"{'element' if self.loop else 'axis'}: {len(self.table.rows):,} rows of {self.table.path}"
        if self.outside:
            return "given from outside"
        written = " | ".join(_shortened(value.span.text) for value in self.values[:4])
        more = ", …" if len(self.values) > 4 else ""
        kind = "element: " if self.loop else "axis: " if len(self.values) > 1 else ""
        return f"{kind}{written}{more}"


def _shortened(text: str, limit: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


class Sight:
    """What a place in some open blocks sees. Blocks that the storyboard does not have (yet) see what those around them see."""

    def __init__(self, storyboard: Storyboard, inputs: Inputs, blocks: Sequence[OpenBlock]) -> None:
        self._storyboard = storyboard
        self._inputs = inputs
        self.group: Group = storyboard.root
        self.shot: Shot | None = None
        for block in blocks:
            child = self.group.child(block.name) if block.name and self.shot is None else None
            if isinstance(child, Group):
                self.group = child
            elif isinstance(child, Shot):
                self.shot = child

    @property
    def scope(self) -> Scope:
        return self.shot.scope if self.shot is not None else self.group.scope

    @cached_property
    def tags(self) -> Mapping[str, SeenTag]:
        """By tag; the nearest declaration of each."""
        found = {
            tag: SeenTag(tag, asset.keyword, asset.declaration.sources, asset.span)
            for tag, asset in self.scope.visible_assets().items()
        }
        if self.shot is not None:
            for statement in own_tags(self.shot):
                keyword = "keyframe" if isinstance(statement, tree.Keyframe) else "extend"
                if statement.source is not None or statement.tag.text not in found:
                    sources = (statement.source,) if statement.source is not None else ()
                    found[statement.tag.text] = SeenTag(statement.tag.text, keyword, sources, statement.tag.span)
        return found

    @cached_property
    def variables(self) -> Mapping[str, SeenVariable]:
        """By name; the nearest declaration of each."""
        found: dict[str, SeenVariable] = {}
        for scope in reversed(self.scope.chain()):
            if scope.loop is not None:
                found[scope.loop.variable.text] = self._of_loop(scope.loop)
            found.update({name: self.of_variable(variable) for name, variable in scope.variables.items()})
        return found

    def of_variable(self, variable: Variable) -> SeenVariable:
        declaration = variable.declaration
        table = self._table(declaration.table)
        return SeenVariable(variable.name, variable.span, declaration.values, table, outside=variable.must_be_given)

    def _of_loop(self, loop: tree.Loop) -> SeenVariable:
        values = loop.items.items if isinstance(loop.items, tree.ListValue) else (loop.items,) if loop.items else ()
        return SeenVariable(loop.variable.text, loop.variable.span, values, self._table(loop.table), loop=True)

    def _table(self, text: tree.Text | None) -> Table | None:
        return self._inputs.tables.get(table_key(text)) if text is not None else None

    def columns(self, name: str) -> Sequence[str]:
        """The columns of a row, or what an object like `shot` has."""
        variable = self.variables.get(name)
        if variable is not None:
            return variable.table.columns if variable.table is not None else ()
        return OBJECTS.get(name, ())

    def objects(self) -> Iterator[str]:
        """Which of `shot`, `scene`, … have a value here."""
        kinds = {scope.kind for scope in self.scope.chain()}
        return (name for name in OBJECTS if name in ("storyboard", "variant") or name in kinds or self.shot is None)

    def shots(self) -> Iterator[str]:
        """How each shot can be named here, in the order of the file; elements of loops by their first one."""
        near: list[Group] = []
        group: Group | None = self.group
        while group is not None:
            near.append(group)
            group = group.parent
        for shot in self._storyboard.shots:
            if shot is not self.shot:
                yield _name_from(shot, near)


def _name_from(shot: Shot, near: Sequence[Group]) -> str:
    loops_around = {id(group.scope) for group in near}
    path: list[str] = []
    node: Shot | Group | None = shot
    while node is not None and not (isinstance(node, Group) and node in near):
        name = node.name.text if node.name is not None else ""
        path[:0] = [name, "1"] if node.scope.loop is not None and id(node.scope) not in loops_around else [name]
        node = node.parent
    return ".".join(path)
