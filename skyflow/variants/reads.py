"""What an expression reads from the top level, and the shortest way to its value when only that changes from variant to variant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from skyflow.storyboard import Group, Scope, Shot, Storyboard
from skyflow.syntax import tree
from skyflow.variants.evaluate import expressions_in
from skyflow.variants.expand import Environment
from skyflow.variants.expression_text import ExpressionProblem
from skyflow.variants.expressions import Access, Compiled, compile_expression
from skyflow.variants.values import Row, identity_of

Values = Mapping[str, Any]

Read = tuple[str, str | None]
"""A top-level name, and the column of its row where only that is read."""

MAX_REMEMBERED = 50_000


def structural_reads(storyboard: Storyboard) -> tuple[Read, ...]:
    """What decides more than the words of prompts and the addresses of pictures: loops, `when`, block variables, settings."""
    values: list[tree.Value | None] = []
    _collect_group(storyboard.root, values)
    for scope in storyboard.root.scope.chain():
        _collect_defaults(scope, values)
    reads: set[Read] = set()
    for value in values:
        for expression in expressions_in(value):
            compiled = compile_expression(expression.text)
            if not isinstance(compiled, ExpressionProblem):
                reads.update((access.name, access.column) for access in compiled.accesses)
    top = {variable.name for variable in storyboard.top_variables} | {"variant", "storyboard"}
    return tuple(sorted((read for read in reads if read[0] in top), key=lambda read: (read[0], read[1] or "")))


def _collect_group(group: Group, values: list[tree.Value | None]) -> None:
    for child in group.children:
        _collect_scope(child.scope, values)
        if isinstance(child, Shot):
            values.extend(setting.value for name, setting in child.settings.items() if name not in ("prompt", "look"))
            values.extend(keyframe.at for keyframe in child.keyframes)
        else:
            _collect_group(child, values)


def _collect_scope(scope: Scope, values: list[tree.Value | None]) -> None:
    for variable in scope.variables.values():
        values.extend(variable.declaration.values)
    if scope.loop is not None:
        values.append(scope.loop.items)
    if scope.when is not None:
        values.append(scope.when.value)
    _collect_defaults(scope, values)


def _collect_defaults(scope: Scope, values: list[tree.Value | None]) -> None:
    values.extend(setting.value for name, setting in scope.defaults.items() if name != "look")


def structure_of(values: Values, reads: Iterable[Read]) -> tuple[Any, ...]:
    """What two variants must have in common to have the same structure."""
    return tuple([_read_identity(values, name, column) for name, column in reads])


def _read_identity(values: Values, name: str, column: str | None) -> Any:
    value = values.get(name)
    if column is None or not isinstance(value, Row):
        return identity_of(value)
    return identity_of(value.columns.get(column))


def _compiled(expression: tree.Expression) -> Compiled | None:
    found = compile_expression(expression.text)
    return None if isinstance(found, ExpressionProblem) else found


def _local(name: str, environment: Environment) -> bool:
    inner: Environment | None = environment
    while inner is not None:
        if name in inner.local:
            return True
        inner = inner.parent
    return False


def read_of(value: tree.Value, environment: Environment) -> set[Read]:
    """What a value reads from the top level."""
    found: set[Read] = set()
    for expression in expressions_in(value):
        compiled = _compiled(expression)
        if compiled is not None:
            found.update((a.name, a.column) for a in compiled.accesses if not _local(a.name, environment))
    return found


def reads_locally(expression: tree.Expression, environment: Environment) -> bool:
    """Whether an expression reads a name of a block, which may be another thing in another block."""
    compiled = _compiled(expression)
    return compiled is not None and any(_local(access.name, environment) for access in compiled.accesses)


def taker_of(
    expression: tree.Expression, environment: Environment, structural: Collection[Read]
) -> Callable[[Values], Any] | None:
    """How to get the value of an expression from the top-level values of a variant; None where it is the same in all that agree in `structural`."""
    compiled = _compiled(expression)
    if compiled is None:
        return None
    top = [access for access in compiled.accesses if not _local(access.name, environment)]
    if all((access.name, access.column) in structural for access in top):
        return None
    if compiled.trivial:
        return _trivial_taker(top[0])
    return _remembering_taker(compiled, top, environment)


def _trivial_taker(access: Access) -> Callable[[Values], Any]:
    name, column = access.name, access.column
    if column is None:
        return lambda values: values.get(name)
    return _Cell(name, column)


class _Cell:
    """Takes one column of a row; None where another variant has something else of that name, or nothing."""

    __slots__ = ("column", "name")

    def __init__(self, name: str, column: str) -> None:
        self.name = name
        self.column = column

    def __call__(self, values: Values) -> Any:
        row = values.get(self.name)
        return row.columns.get(self.column) if isinstance(row, Row) else None


def cell_taken(take: Callable[[Values], Any]) -> tuple[str, str]:
    """The row and the column that a taker takes; both empty where it takes something else."""
    return (take.name, take.column) if isinstance(take, _Cell) else ("", "")


def _remembering_taker(compiled: Compiled, top: list[Access], environment: Environment) -> Callable[[Values], Any]:
    """Computes each combination of what is read once."""
    reads = [(access.name, access.column) for access in top]
    local = {access.name: environment[access.name] for access in compiled.accesses if _local(access.name, environment)}
    names = {access.name for access in top}
    known: dict[tuple[Any, ...], Any] = {}

    def take(values: Values) -> Any:
        key = structure_of(values, reads)
        if key not in known:
            if not names <= values.keys():
                return None  # a variable that could not be computed, which was told
            if len(known) >= MAX_REMEMBERED:
                known.clear()
            try:
                known[key] = compiled.evaluate({**local, **{name: values[name] for name in names}})
            except ExpressionProblem:
                known[key] = None  # which is no text: the long way says what is wrong
        return known[key]

    return take
