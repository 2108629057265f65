"""A storyboard → its name index: every statement is walked with the scope that it stands in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from skyflow.contract import scan_tags
from skyflow.lsp.names.index import Address, NameIndex, Occurrence, Symbol
from skyflow.requests.prompts import compose
from skyflow.requests.sources import is_address
from skyflow.source import Files, FilesError, Span
from skyflow.storyboard import Group, Scope, Shot, Storyboard, Variable
from skyflow.syntax import tree
from skyflow.variants import Rendered, expressions_in
from skyflow.variants.expressions import Access, Compiled, compile_expression
from skyflow.variants.rendered import Piece

# What stands for a computed part while mentions are looked for: neither letter nor digit, so that a tag may end there.
_COMPUTED = "\ufffc"
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
MENTIONING = ("prompt", "look")


def index_names(storyboard: Storyboard, files: Files) -> NameIndex:
    """The index of the storyboard's own file; what it uses is only pointed to."""
    indexing = _Indexing(storyboard, files)
    indexing.block(storyboard.trees[storyboard.path].statements, _Place(storyboard.root.scope, storyboard.root))
    found = sorted(set(indexing.found), key=lambda occurrence: (occurrence.start, occurrence.end))
    return NameIndex(tuple(found), tuple(indexing.addresses), tuple(indexing.linked))


def nodes_of(group: Group) -> Iterator[Group | Shot]:
    """All shots and scenes of a group, however deep, in the order of the file."""
    for child in group.children:
        yield child
        if isinstance(child, Group):
            yield from nodes_of(child)


def own_tags(shot: Shot) -> Sequence[tree.Keyframe | tree.Extend]:
    """The keyframes and extended clips of a shot, which have tags of its own."""
    return [*shot.keyframes, *shot.extends]


def mentions_in(text: tree.Text, declared: Collection[str]) -> Iterator[tuple[str, Span]]:
    """The tags that the written part of a text mentions, as far as that can be told without rendering, each with its place."""
    if not any(isinstance(part, tree.Literal) and "@" in part.text for part in text.parts):
        return
    pieces: list[Piece] = []
    length = 0
    for part in text.parts:
        piece = Piece(length, part.text if isinstance(part, tree.Literal) else _COMPUTED, part)
        pieces.append(piece)
        length += len(piece.text)
    prompt = compose(Rendered("".join(piece.text for piece in pieces), text.span, tuple(pieces)), None)
    doubled = set(prompt.escaped)
    for tag, start, end in scan_tags(prompt.text, declared).mentions:
        if start not in doubled:
            yield tag, prompt.span_at(start, end)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands: its scope, the group whose shots it can name, and the shot around it."""

    scope: Scope
    group: Group
    shot: Shot | None = None


@dataclass(eq=False)
class _Indexing:
    storyboard: Storyboard
    files: Files
    found: list[Occurrence] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    linked: list[tuple[Symbol, Symbol]] = field(default_factory=list)
    nodes: Mapping[int, Group | Shot] = field(init=False)
    _tags: dict[int, dict[str, Symbol]] = field(default_factory=dict)
    _below: dict[int, list[Scope]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = {id(node.name): node for node in nodes_of(self.storyboard.root)}

    def note(self, span: Span, symbol: Symbol, *, declares: bool = False, implied: bool = False) -> None:
        self.found.append(Occurrence(span.start, span.end, symbol, declares, implied))

    # --- statements

    def block(self, statements: Iterable[tree.Statement], place: _Place) -> None:
        hidden = set(place.scope.variables)
        for statement in statements:
            match statement:
                case tree.Var():
                    self.variable(statement, place, hidden)
                    hidden.discard(statement.name.text)
                case tree.Use():
                    self.file(statement.path)
                case tree.Asset():
                    self.asset(statement, place)
                case tree.Setting():
                    self.setting(statement, place)
                case tree.Keyframe() | tree.Extend():
                    self.own_tag(statement, place)
                case tree.Defaults():
                    self.defaults(statement, place)
                case tree.Block():
                    self.inner_block(statement, place)
                case tree.Damaged():
                    self.block(statement.statements, place)
                case tree.Title():
                    pass  # it names nothing

    def variable(self, statement: tree.Var, place: _Place, hidden: Collection[str]) -> None:
        self.note(statement.name.span, Symbol.at("variable", statement.name.text, statement.name.span), declares=True)
        for value in statement.values:
            self.value(value, place, mentions=True, hidden=hidden)
        if statement.table is not None:
            self.file(statement.table)

    def asset(self, statement: tree.Asset, place: _Place) -> None:
        tag = statement.tag
        image = place.scope.find_asset(tag.text) if statement.keyword == "voice" else None
        symbol = Symbol.at("tag", tag.text, image.span if image is not None else tag.span)
        self.note(tag.span, symbol, declares=True)
        for source in statement.sources:
            self.value(source, place, paths=True)

    def setting(self, statement: tree.Setting, place: _Place) -> None:
        for value in statement.values:
            name = statement.name.text
            self.value(value, place, mentions=name in MENTIONING, paths=name in ("first_frame", "last_frame"))

    def own_tag(self, statement: tree.Keyframe | tree.Extend, place: _Place) -> None:
        symbol = self.tags(place).get(statement.tag.text) or Symbol.at("tag", statement.tag.text, statement.tag.span)
        self.note(statement.tag.span, symbol, declares=statement.source is not None)
        if statement.source is not None:
            self.value(statement.source, place, paths=True)
        if isinstance(statement, tree.Keyframe) and statement.at is not None:
            self.value(statement.at, place)

    def defaults(self, statement: tree.Defaults, place: _Place) -> None:
        before = len(self.found)
        self.block(statement.statements, place)
        for occurrence in self.found[before:]:
            if occurrence.symbol.kind == "variable":
                self.link_own_values(occurrence.symbol, place.scope)

    def link_own_values(self, symbol: Symbol, scope: Scope) -> None:
        """A default has the values of the shot: a variable of that name in a block below gives it another value."""
        for inner in self.scopes_below(scope):
            if symbol.name in inner.variables:
                self.linked.append((symbol, _symbol_of(inner.variables[symbol.name])))
            if inner.loop is not None and inner.loop.variable.text == symbol.name:
                self.linked.append((symbol, _symbol_of(inner.loop)))

    def inner_block(self, statement: tree.Block, place: _Place) -> None:
        name = statement.name
        self.note(name.span, Symbol.at(statement.keyword, name.text, name.span), declares=True)
        node = self.nodes.get(id(name))
        if statement.loop is not None:
            self.loop(statement.loop, place)
        if node is None:  # it stands where no block can
            self.block(statement.statements, place)
        elif isinstance(node, Shot):
            self.block(statement.statements, _Place(node.scope, place.group, node))
        else:
            self.block(statement.statements, _Place(node.scope, node))

    def loop(self, loop: tree.Loop, place: _Place) -> None:
        self.note(loop.variable.span, _symbol_of(loop), declares=True)
        if loop.items is not None:
            self.value(loop.items, place, mentions=True)
        if loop.table is not None:
            self.file(loop.table)

    # --- values

    def value(
        self,
        value: tree.Value,
        place: _Place,
        *,
        mentions: bool = False,
        paths: bool = False,
        hidden: Collection[str] = (),
    ) -> None:
        for expression in expressions_in(value):
            self.expression(expression, place, hidden)
        self.plain_parts(value, place, mentions, paths)

    def plain_parts(self, value: tree.Value, place: _Place, mentions: bool, paths: bool) -> None:
        match value:
            case tree.Text():
                if paths:
                    self.file(value)
                elif mentions:
                    for tag, span in mentions_in(value, self.tags(place)):
                        self.note(span, self.tags(place)[tag])
            case tree.TagValue():
                symbol = self.tags(place).get(value.text)
                if symbol is not None:
                    self.note(value.span, symbol)
            case tree.ListValue():
                for item in value.items:
                    self.plain_parts(item, place, mentions, paths)
            case tree.Call():
                if value.arguments and isinstance(value.arguments[0], tree.Word):
                    self.shot_reference(value.arguments[0], place)

    def expression(self, expression: tree.Expression, place: _Place, hidden: Collection[str]) -> None:
        compiled = compile_expression(expression.text)
        if not isinstance(compiled, Compiled):
            return
        for access in compiled.accesses:
            self.access(access, expression, place.scope, hidden)
        if "@" in expression.text:
            for quoted in _QUOTED.finditer(expression.text):
                for tag, start, end in scan_tags(quoted[0], self.tags(place)).mentions:
                    at = expression.start + quoted.start()
                    self.note(expression.span.source.span(at + start, at + end), self.tags(place)[tag])

    def access(self, access: Access, expression: tree.Expression, scope: Scope, hidden: Collection[str]) -> None:
        found = find_variable(access.name, scope, hidden)
        if found is None:
            return
        source, at = expression.span.source, expression.start
        self.note(source.span(at + access.start, at + access.end), _symbol_of(found))
        table = found.table if isinstance(found, tree.Loop) else found.declaration.table
        if access.column is not None and table is not None and (path := self.path_of(table)) is not None:
            span = source.span(at + access.column_start, at + access.column_end)
            self.note(span, Symbol("column", access.column, path))

    def file(self, text: tree.Text) -> None:
        """A path or an address in quotes."""
        written, quotes = text.plain, 3 if text.block else 1
        span = text.span.source.span(text.span.start + quotes, max(text.span.end - quotes, text.span.start + quotes))
        if written is None or not written.strip():
            return
        if is_address(written):
            self.addresses.append(Address(span.start, span.end, written))
        elif (path := self.path_of(text)) is not None:
            self.note(span, Symbol("file", path, path))

    def path_of(self, text: tree.Text) -> str | None:
        try:
            return self.files.resolve(text.span.source.path, text.plain) if text.plain is not None else None
        except FilesError:
            return None

    def shot_reference(self, word: tree.Word, place: _Place) -> None:
        """`street`, `den.talk`, `item.2.spin`: each name in it is an occurrence of its own."""
        if word.text == "previous":
            if place.shot is not None and place.shot.order > 0:
                before = self.storyboard.shots[place.shot.order - 1]
                self.note(word.span, Symbol.at("shot", before.name.text, before.name.span), implied=True)
            return
        group: Group | None = place.group
        segments = word.text.split(".")
        while group is not None and group.child(segments[0]) is None:
            group = group.parent
        node: Group | Shot | None = group
        at = word.span.start
        for segment in segments:
            if not segment.isdecimal():
                node = node.child(segment) if isinstance(node, Group) else None
                if node is None or node.name is None:
                    return
                kind = "shot" if isinstance(node, Shot) else "scene"
                symbol = Symbol.at(kind, node.name.text, node.name.span)  # type: ignore[arg-type]  # one of two kinds
                self.note(word.span.source.span(at, at + len(segment)), symbol)
            at += len(segment) + 1

    # --- what is in sight

    def tags(self, place: _Place) -> dict[str, Symbol]:
        """Every tag that a text in this place may mention: also those of the blocks below, whose shots may read it."""
        known = self._tags.get(id(place.scope))
        if known is None:
            known = {}
            for inner in reversed(self.scopes_below(place.scope)):
                known.update({tag: Symbol.at("tag", tag, asset.span) for tag, asset in inner.assets.items()})
            for tag, asset in place.scope.visible_assets().items():
                known[tag] = Symbol.at("tag", tag, asset.span)
            for statement in own_tags(place.shot) if place.shot is not None else ():
                if statement.source is not None or statement.tag.text not in known:
                    known[statement.tag.text] = Symbol.at("tag", statement.tag.text, statement.tag.span)
            self._tags[id(place.scope)] = known
        return known

    def scopes_below(self, scope: Scope) -> list[Scope]:
        if not self._below:
            for node in self.nodes.values():
                for around in node.scope.chain()[1:]:
                    self._below.setdefault(id(around), []).append(node.scope)
        return self._below.get(id(scope), [])


def _symbol_of(found: Variable | tree.Loop) -> Symbol:
    if isinstance(found, tree.Loop):
        return Symbol.at("variable", found.variable.text, found.variable.span)
    return Symbol.at("variable", found.name, found.span)


def find_variable(name: str, scope: Scope, hidden: Collection[str] = ()) -> Variable | tree.Loop | None:
    """The nearest declaration of a variable or loop element; `hidden` are names of `scope` itself that stand below."""
    for inner in scope.chain():
        if name in inner.variables and not (inner is scope and name in hidden):
            return inner.variables[name]
        if inner.loop is not None and inner.loop.variable.text == name:
            return inner.loop
    return None
