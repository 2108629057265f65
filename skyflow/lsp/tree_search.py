"""Finding statements of a tree: all of them, or those that an offset stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skyflow.syntax import tree


def statements_of(statements: Iterable[tree.Statement]) -> Iterator[tree.Statement]:
    """All statements, however deep, each before those in it."""
    pending = list(statements)[::-1]
    while pending:
        statement = pending.pop()
        yield statement
        if isinstance(statement, tree.Block | tree.Defaults | tree.Damaged):
            pending.extend(reversed(statement.statements))


def statement_at(statements: Iterable[tree.Statement], offset: int) -> list[tree.Statement]:
    """The statements around an offset, outermost first."""
    trail: list[tree.Statement] = []
    inner: Iterable[tree.Statement] = statements
    while True:
        found = next((one for one in inner if one.span.start <= offset <= one.span.end), None)
        if found is None:
            return trail
        trail.append(found)
        inner = found.statements if isinstance(found, tree.Block | tree.Defaults | tree.Damaged) else ()


def values_of(statement: tree.Statement) -> tuple[tree.Value, ...]:
    """The values that stand in a statement itself."""
    match statement:
        case tree.Title():
            return (statement.title,)
        case tree.Use():
            return (statement.path,)
        case tree.Var():
            return (*statement.values, *((statement.table,) if statement.table is not None else ()))
        case tree.Asset():
            return statement.sources
        case tree.Setting():
            return statement.values
        case tree.Keyframe():
            return tuple(value for value in (statement.source, statement.at) if value is not None)
        case tree.Extend():
            return (statement.source,) if statement.source is not None else ()
        case tree.Block() if statement.loop is not None:
            return tuple(value for value in (statement.loop.items, statement.loop.table) if value is not None)
        case _:
            return ()


def parts_of(value: tree.Value) -> Iterator[tree.Value]:
    """A value and all that stand in it."""
    pending = [value]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, tree.ListValue):
            pending.extend(reversed(one.items))
        elif isinstance(one, tree.Call):
            pending.extend(reversed(one.arguments))
