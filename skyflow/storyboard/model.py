"""What a storyboard means before any variable has a value: scopes with their names, groups of shots, who refers to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from skyflow.source import Span
from skyflow.syntax import tree

# Among the damaged words: a whole file is missing, so any name may have been declared in it. No name is spelt so.
UNREAD_FILE = "*"

ScopeKind = Literal["used", "file", "scene", "shot"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A declared variable: `values` (several make an axis), or rows of a table, or nothing (then it must be given from outside)."""

    name: str
    declaration: tree.Var

    @property
    def span(self) -> Span:
        return self.declaration.name.span

    @property
    def is_axis(self) -> bool:
        return len(self.declaration.values) > 1 or self.declaration.table is not None

    @property
    def must_be_given(self) -> bool:
        return not self.declaration.values and self.declaration.table is None


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """A declared tag. Where it was declared decides which names its sources may use, and what its paths are relative to."""

    tag: str
    keyword: tree.AssetKeyword
    declaration: tree.Asset
    scope: Scope = field(repr=False)

    @property
    def span(self) -> Span:
        return self.declaration.tag.span


@dataclass(eq=False)
class Scope:
    """The names that one block declares; `parent` holds those of the block around it. Filled while resolving, read-only afterwards."""

    kind: ScopeKind
    name: str
    parent: Scope | None
    variables: dict[str, Variable] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    voices: dict[str, Asset] = field(default_factory=dict)
    defaults: dict[str, tree.Setting] = field(default_factory=dict)
    defaults_span: Span | None = None
    loop: tree.Loop | None = None
    when: tree.Setting | None = None
    damaged: bool = False

    def chain(self) -> list[Scope]:
        """This scope and those around it, nearest first."""
        found: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            found.append(scope)
            scope = scope.parent
        return found

    @property
    def any_damage(self) -> bool:
        """Whether a syntax error dropped something from this block or one around it."""
        return any(scope.damaged for scope in self.chain())

    def declares(self, name: str) -> bool:
        """Whether this block or one around it has a variable or loop element of that name."""
        return any(
            name in scope.variables or (scope.loop is not None and scope.loop.variable.text == name)
            for scope in self.chain()
        )

    def find_asset(self, tag: str) -> Asset | None:
        return next((scope.assets[tag] for scope in self.chain() if tag in scope.assets), None)

    def find_voice(self, tag: str) -> Asset | None:
        return next((scope.voices[tag] for scope in self.chain() if tag in scope.voices), None)

    def visible_assets(self) -> dict[str, Asset]:
        """Every tag that can be mentioned here; a nearer declaration hides a farther one."""
        found: dict[str, Asset] = {}
        for scope in reversed(self.chain()):
            found.update(scope.assets)
        return found

    def visible_variables(self) -> dict[str, Variable]:
        found: dict[str, Variable] = {}
        for scope in reversed(self.chain()):
            found.update(scope.variables)
        return found


@dataclass(eq=False)
class Shot:
    """One `shot` statement."""

    name: tree.Name
    scope: Scope
    parent: Group
    declaration: tree.Block
    settings: dict[str, tree.Setting] = field(default_factory=dict)
    keyframes: list[tree.Keyframe] = field(default_factory=list)
    extends: list[tree.Extend] = field(default_factory=list)
    order: int = 0


@dataclass(eq=False)
class Group:
    """The file or one `scene`: its shots and scenes in the order of the file."""

    name: tree.Name | None
    scope: Scope
    parent: Group | None
    children: list[Group | Shot] = field(default_factory=list)
    _by_name: dict[str, Group | Shot] = field(default_factory=dict)

    def add(self, name: str, child: Group | Shot) -> None:
        """Appends a child. Of two with one name, which is a mistake, the first is found."""
        self.children.append(child)
        self._by_name.setdefault(name, child)

    def child(self, name: str) -> Group | Shot | None:
        return self._by_name.get(name)

    def shots(self) -> list[Shot]:
        """All shots in it, however deep, in the order of the file."""
        found: list[Shot] = []
        for child in self.children:
            found.extend([child] if isinstance(child, Shot) else child.shots())
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Storyboard:
    """One storyboard with everything it uses. `axes_order` lists its top-level variables, used files' at the place of their `use`."""

    path: str
    title: str
    root: Group
    top_variables: tuple[Variable, ...]
    damaged_words: frozenset[str]
    """Names and tags in what a syntax error dropped, and UNREAD_FILE where a used file could not be read: nothing is said about them."""
    used_paths: tuple[str, ...]
    trees: Mapping[str, tree.File]
    """What was written in this file and in every used one that could be read, by project path."""

    @property
    def shots(self) -> list[Shot]:
        return self.root.shots()


def loops_of(node: Shot | Group) -> list[Scope]:
    """The scopes that repeat a node, outermost first: its own loop is the last one."""
    return [scope for scope in reversed(node.scope.chain()) if scope.loop is not None]
