"""A variant → its shots: loops unrolled, block variables computed, `when` decided. Settings and prompts wait until somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from skyflow.diagnostics import Diagnostic
from skyflow.source import Span
from skyflow.storyboard import Group, Scope, Shot, Storyboard, loops_of
from skyflow.syntax import tree
from skyflow.variants.axes import Inputs, plain_value
from skyflow.variants.evaluate import Unevaluated, evaluate
from skyflow.variants.names_check import table_key
from skyflow.variants.rules import TEMPLATE_LIMIT, VALUE_TYPE
from skyflow.variants.values import Row, kind_of
from skyflow.variants.walk import Variant, truth_of

# Stands for a value that a mistake hides: what needs it is silent, for the mistake was reported.
UNKNOWN = object()

Report = Callable[[Diagnostic, str], None]
"""Called with a diagnostic and the name of the shot or scene it was found in."""


class Environment(Mapping[str, Any]):
    """The names that are visible in one block, nearest first. `reads` gathers which top-level names were asked for:
    two variants that agree in those get the same result, so the work is done once."""

    __slots__ = ("local", "parent", "reads", "top")

    def __init__(self, top: Mapping[str, Any], parent: Environment | None = None) -> None:
        self.top = top
        self.parent = parent
        self.local: dict[str, Any] = {}
        self.reads: set[str] = set(parent.reads) if parent is not None else set()

    def __getitem__(self, name: str) -> Any:
        environment: Environment | None = self
        while environment is not None:
            if name in environment.local:
                value = environment.local[name]
                if value is UNKNOWN:
                    raise KeyError(name)
                return value
            environment = environment.parent
        self.reads.add(name)
        return self.top[name]

    def __iter__(self) -> Iterator[str]:
        seen = set(self.top)
        environment: Environment | None = self
        while environment is not None:
            seen.update(environment.local)
            environment = environment.parent
        return iter(seen)

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(frozen=True, slots=True, eq=False)
class ShotInstance:
    """One shot of one variant and one element of each loop around it (numbered from 1, outermost first)."""

    shot: Shot
    name: str
    elements: tuple[int, ...]
    environment: Environment
    environments: Mapping[Scope, Environment]
    """The environment of every scene around the shot, and of the shot itself; other scopes see the top level."""

    def environment_of(self, scope: Scope) -> Environment:
        """The environment in which the declarations of `scope` are computed; what it reads counts as read by this shot."""
        found = self.environments.get(scope)
        if found is self.environment:
            return found
        borrowed = Environment(self.environment.top, found.parent if found is not None else None)
        if found is not None:
            borrowed.local = found.local
        borrowed.reads = self.environment.reads
        return borrowed


@dataclass(slots=True)
class VariantShots:
    """The shots of one variant in storyboard order, and those that `when` removed, with the place of that `when`."""

    variant: Variant
    present: list[ShotInstance] = field(default_factory=list)
    absent: dict[tuple[Shot, tuple[int, ...]], Span] = field(default_factory=dict)
    counts: dict[tuple[Scope, tuple[int, ...]], int | None] = field(default_factory=dict)
    """How many elements a loop has, by its scope and the elements of the loops around it; None where a mistake hides it."""


# Shots of one film: a feature has about 1,500. Each costs some kilobytes, and loops in loops multiply.
MAX_SHOTS = 30_000


def expand(storyboard: Storyboard, inputs: Inputs, variant: Variant, report: Report) -> VariantShots:
    """All shots of a variant. What cannot be computed is reported; a film of more than MAX_SHOTS shots has none."""
    shots = VariantShots(variant)
    try:
        _Expansion(inputs, report, shots).group(storyboard.root, Environment(variant.values), {}, "", ())
    except _TooMany as too_many:
        report(too_many.diagnostic, "")
        return VariantShots(variant)
    return shots


class _TooMany(Exception):
    """Loops make more shots than any film has."""

    def __init__(self, loop: tree.Loop) -> None:
        super().__init__()
        message = f"more than {MAX_SHOTS:,} shots in one film"
        help = "shorten the lists, or make films of them: a variable with alternatives is a film for each"
        self.diagnostic = Diagnostic(TEMPLATE_LIMIT, message, loop.span, help=help)


@dataclass(slots=True)
class _Expansion:
    inputs: Inputs
    report: Report
    shots: VariantShots
    counted: int = 0

    def group(
        self,
        group: Group,
        environment: Environment,
        environments: dict[Scope, Environment],
        prefix: str,
        elements: tuple[int, ...],
    ) -> None:
        for child in group.children:
            for name, numbers, inner in self.elements(child, environment, prefix, elements):
                self.count(child)
                around = {**environments, child.scope: inner}
                _add_objects(child, name, inner)
                if not self.block(child, name, numbers, inner):
                    continue
                if isinstance(child, Group):
                    self.group(child, inner, around, f"{name}.", numbers)
                else:
                    self.shots.present.append(ShotInstance(child, name, numbers, inner, around))

    def count(self, child: Group | Shot) -> None:
        """What loops repeat is counted whether it exists or not: it costs something in any case."""
        self.counted += 1
        if self.counted > MAX_SHOTS and (loops := loops_of(child)):
            loop = loops[0].loop
            assert loop is not None
            raise _TooMany(loop)

    def elements(
        self, child: Group | Shot, environment: Environment, prefix: str, elements: tuple[int, ...]
    ) -> Iterator[tuple[str, tuple[int, ...], Environment]]:
        """A block once, or once for each element of its loop: its full name, the element numbers, a fresh environment."""
        assert child.name is not None
        name = f"{prefix}{child.name.text}"
        loop = child.scope.loop
        if loop is None:
            yield name, elements, Environment(environment.top, environment)
            return
        values = self.loop_values(loop, environment, name)
        self.shots.counts[child.scope, elements] = len(values) if values is not None else None
        if values is None:  # one element without a value, so that the rest of the block is still checked
            inner = Environment(environment.top, environment)
            inner.local[loop.variable.text] = UNKNOWN
            yield f"{name}.1", (*elements, 1), inner
            return
        for number, value in enumerate(values, 1):
            inner = Environment(environment.top, environment)
            inner.local[loop.variable.text] = value
            yield f"{name}.{number}", (*elements, number), inner

    def loop_values(self, loop: tree.Loop, environment: Environment, name: str) -> list[Any] | None:
        """The elements of a loop; None where they cannot be known, which was reported."""
        if loop.table is not None:
            key = table_key(loop.table)
            return None if key in self.inputs.broken else list(self.inputs.tables[key].rows)
        assert loop.items is not None
        try:
            found = evaluate(loop.items, environment)
        except Unevaluated as problem:
            self.problem(problem, name)
            return None
        if isinstance(found.value, list):
            return found.value
        message = f"`for {loop.variable.text} in` needs a list, and this is {kind_of(found.value)}"
        help = 'write a list: for x in ["a", "b"]'
        self.report(Diagnostic(VALUE_TYPE, message, found.span, help=help), name)
        return None

    def block(self, child: Group | Shot, name: str, numbers: tuple[int, ...], environment: Environment) -> bool:
        """Computes the variables of a block and its `when`; False where it does not exist."""
        scope = child.scope
        for variable in scope.variables.values():
            if len(variable.declaration.values) != 1:
                continue  # an axis or a value from outside cannot stand here; that is reported where names are resolved
            try:
                environment.local[variable.name] = plain_value(evaluate(variable.declaration.values[0], environment))
            except Unevaluated as problem:
                self.problem(problem, name)
                environment.local[variable.name] = UNKNOWN
        if scope.when is None:
            return True
        try:
            kept = truth_of(evaluate(scope.when.value, environment))
        except Unevaluated as problem:
            self.problem(problem, name)
            kept = True  # so that the rest is still checked
        if not kept:
            self.remove(child, numbers, scope.when.span)
        return kept

    def remove(self, child: Group | Shot, numbers: tuple[int, ...], span: Span) -> None:
        for shot in [child] if isinstance(child, Shot) else child.shots():
            self.shots.absent[shot, numbers] = span

    def problem(self, problem: Unevaluated, name: str) -> None:
        if problem.diagnostic is not None:
            self.report(problem.diagnostic, name)


def _add_objects(child: Group | Shot, name: str, environment: Environment) -> None:
    """`scene` and `shot`, but for variables that are called so."""
    own = "scene" if isinstance(child, Group) else "shot"
    if not child.scope.declares(own):
        environment.local[own] = Row({"name": name})
    if own == "shot" and "scene" not in environment:
        environment.local["scene"] = Row({"name": ""})
