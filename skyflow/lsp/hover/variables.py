"""What is said of a variable or a column: the values it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from skyflow.lsp.analysis import Analysis
from skyflow.lsp.names import Symbol
from skyflow.lsp.tree_search import statements_of
from skyflow.lsp.wording import code, count, shortened
from skyflow.syntax import tree
from skyflow.variants import NoText, Row, to_text
from skyflow.variants.names_check import table_key
from skyflow.variants.tables import Table

MAX_VALUES = 12  # of a variable or column that are listed


def describe_variable(analysis: Analysis, symbol: Symbol) -> str:
    """A variable or the element of a loop, by where it was declared."""
    file = analysis.storyboard.trees.get(symbol.path)
    for statement in statements_of(file.statements if file is not None else ()):
        if isinstance(statement, tree.Var) and statement.name.span.start == symbol.start:
            return _describe_declared(analysis, statement)
        loop = statement.loop if isinstance(statement, tree.Block) else None
        if isinstance(statement, tree.Block) and loop is not None and loop.variable.span.start == symbol.start:
            return _describe_element(analysis, loop, statement.keyword)
    return ""


def _describe_declared(analysis: Analysis, declaration: tree.Var) -> str:
    name = declaration.name.text
    top = next(
        (one for one in analysis.storyboarding.inputs.variables if one.variable.declaration is declaration), None
    )
    if declaration.table is not None:
        return _describe_rows(analysis, name, "axis", declaration.table)
    values = (
        _shown(top.choices) if top is not None and top.choices else [shortened(v.span.text) for v in declaration.values]
    )
    if not values:
        return f"**{name}** is given from outside: `--var {name}=…`"
    if len(values) == 1:
        return f"**{name}** = {code(values[0])}"
    return f"**{name}** axis, {count(len(values), 'value')}\n{_listed(values)}"


def _describe_element(analysis: Analysis, loop: tree.Loop, keyword: str) -> str:
    name = loop.variable.text
    if loop.table is not None:
        return _describe_rows(analysis, name, f"element of this {keyword}", loop.table)
    if isinstance(loop.items, tree.ListValue):
        values = [shortened(item.span.text) for item in loop.items.items]
        return f"**{name}** element of this {keyword}, {count(len(values), 'value')}\n{_listed(values)}"
    written = loop.items.span.text if loop.items is not None else ""
    return f"**{name}** element of {code(shortened(written))}"


def _describe_rows(analysis: Analysis, name: str, kind: str, text: tree.Text) -> str:
    table = analysis.storyboarding.inputs.tables.get(table_key(text))
    if table is None or not table.columns:
        return f"**{name}** {kind}: the rows of {code(text.plain or text.span.text)}"
    lines = [f"**{name}** {kind}: {count(len(table.rows), 'row')} of {code(table.path)}"]
    lines.append("columns: " + ", ".join(map(code, table.columns)))
    naming = table.naming_column
    if naming is not None:
        lines.append(_listed(_column(table, naming), len(table.rows)))
    return "\n\n".join(lines)


def describe_column(analysis: Analysis, symbol: Symbol) -> str:
    """A column, by its name and the project path of its table."""
    for text in _table_texts(analysis):
        table = analysis.storyboarding.inputs.tables.get(table_key(text))
        if table is not None and symbol.name in table.columns and _is_at(analysis, text, symbol.path):
            head = f"**{symbol.name}** column of {code(table.path)}, {count(len(table.rows), 'row')}"
            return f"{head}\n{_listed(_column(table, symbol.name), len(table.rows))}"
    return ""


def _table_texts(analysis: Analysis) -> Iterable[tree.Text]:
    for statement in chain.from_iterable(statements_of(file.statements) for file in analysis.storyboard.trees.values()):
        if isinstance(statement, tree.Var) and statement.table is not None:
            yield statement.table
        elif isinstance(statement, tree.Block) and statement.loop is not None and statement.loop.table is not None:
            yield statement.loop.table


def _is_at(analysis: Analysis, text: tree.Text, path: str) -> bool:
    from skyflow.source import FilesError

    try:
        return text.plain is not None and analysis.files.resolve(text.span.source.path, text.plain) == path
    except FilesError:
        return False


def _column(table: Table, column: str) -> list[str]:
    return _shown(row.columns.get(column) for row in islice(table.rows, MAX_VALUES))


def _shown(values: Iterable[Any]) -> list[str]:
    return [shortened(_text(value)) for value in values]


def _text(value: Any) -> str:
    if isinstance(value, Row):
        return f"row {value.number}"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    try:
        return to_text(value)
    except NoText:
        return "none"


def _listed(values: Sequence[str], total: int | None = None) -> str:
    total = len(values) if total is None else total
    lines = [f"- {code(value) if value.strip() else '(empty)'}" for value in values[:MAX_VALUES]]
    if total > len(lines):
        lines.append(f"- … {total - len(lines):,} more")
    return "\n".join(lines)
