"""Outside values, tables and declarations → the top-level variables of a storyboard with their alternatives. `walk` makes variants of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skyflow.diagnostics import Diagnostic, Related, did_you_mean
from skyflow.source import Files, FilesError, Span
from skyflow.storyboard import Group, Storyboard, Variable, file_diagnostic
from skyflow.storyboard.rules import NAME_DUPLICATE, NAME_UNKNOWN
from skyflow.syntax import tree
from skyflow.variants.evaluate import Evaluated, Unevaluated, evaluate, expressions_in
from skyflow.variants.expression_text import ExpressionProblem
from skyflow.variants.expressions import compile_expression
from skyflow.variants.names_check import table_key
from skyflow.variants.rules import VALUE_TYPE, VAR_MISSING
from skyflow.variants.tables import Table, read_table
from skyflow.variants.values import NoText, Row, to_text

# What `--var` may write for a number: no `1_000`, no `0x10`.
_NUMBER = re.compile(r"\s*[+-]?\d{1,300}(?:\.\d{1,300})?\s*")


@dataclass(eq=False)
class TopVariable:
    """A top-level variable ready to be given values: its alternatives where they are known without others, and the names it reads."""

    variable: Variable
    choices: list[Any] | None
    """Values that need no other variable; None where the declaration must be evaluated for each variant."""
    labels: list[str] | None = None
    is_axis: bool = False
    reads: tuple[str, ...] = ()
    memory: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """Its value by the values of what it reads: two variants that agree in those share it."""

    @property
    def name(self) -> str:
        return self.variable.name

    @property
    def rows(self) -> list[Row]:
        """Its alternatives where they are rows of a table; none where they are anything else."""
        return [choice for choice in self.choices or () if isinstance(choice, Row)]


@dataclass
class Inputs:
    """What comes into a storyboard: tables by their key, top-level variables in order, and what was wrong with them."""

    tables: dict[str, Table] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """The keys of the tables that something is wrong with: how many rows they have is not known."""
    variables: list[TopVariable] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def axes(self) -> list[TopVariable]:
        return [variable for variable in self.variables if variable.is_axis]


def read_inputs(storyboard: Storyboard, files: Files, outside: Mapping[str, Sequence[str]]) -> Inputs:
    """Reads every table once and gives the top-level variables their alternatives."""
    inputs = Inputs()
    for text in _tables_of(storyboard):
        _load_table(text, files, inputs)
    known = [variable.name for variable in storyboard.top_variables]
    for name in outside:
        if name not in known and name not in storyboard.damaged_words:
            help = did_you_mean(name, known) or (f"it has {', '.join(known)}" if known else "it has no variables")
            message = f"--var {name}: the storyboard has no top-level variable `{name}`"
            inputs.diagnostics.append(
                Diagnostic(NAME_UNKNOWN, message, None, help=help, file=storyboard.path, subject=name)
            )
    for variable in storyboard.top_variables:
        inputs.variables.append(_prepare(variable, outside.get(variable.name, ()), inputs))
    return inputs


# --- tables ---------------------------------------------------------------------------------------------------------


def _tables_of(storyboard: Storyboard) -> list[tree.Text]:
    found = [v.declaration.table for v in storyboard.top_variables if v.declaration.table is not None]
    found.extend(loop.table for loop in _loops(storyboard.root) if loop.table is not None)
    return found


def _loops(group: Group) -> Iterator[tree.Loop]:
    for child in group.children:
        if child.scope.loop is not None:
            yield child.scope.loop
        if isinstance(child, Group):
            yield from _loops(child)


def _load_table(text: tree.Text, files: Files, inputs: Inputs) -> None:
    key = table_key(text)
    if key in inputs.tables:
        return
    written = text.plain
    if written is None:
        inputs.tables[key] = Table("", (), ())
        inputs.broken.add(key)
        message = "the path of a table cannot hold {{ }}"
        inputs.diagnostics.append(Diagnostic(VALUE_TYPE, message, text.span, help="write the path out"))
        return
    inputs.tables[key] = Table(written, (), ())
    try:
        path = files.resolve(text.span.source.path, written)
        table, diagnostics = read_table(files.read(path), text.span)
    except FilesError as error:
        inputs.broken.add(key)
        inputs.diagnostics.append(file_diagnostic(error, text.span, written))
        return
    inputs.tables[key] = table
    inputs.diagnostics.extend(diagnostics)
    if diagnostics:
        inputs.broken.add(key)


def row_labels(table: Table) -> list[str]:
    """The name of each row: its column `name`, else its first unique column, else its number."""
    column = table.naming_column
    return [str(row.number) if column is None else label_of(row.columns[column]) for row in table.rows]


def label_of(value: Any) -> str:
    """How an alternative is called in a variant's name."""
    if isinstance(value, list):
        return f"[{', '.join(map(label_of, value))}]"
    try:
        return to_text(value)
    except NoText:
        return "none"


# --- top-level variables --------------------------------------------------------------------------------------------


def _prepare(variable: Variable, given: Sequence[str], inputs: Inputs) -> TopVariable:
    declaration = variable.declaration
    if declaration.table is not None:
        return _prepare_rows(variable, declaration.table, given, inputs)
    axis = variable.is_axis or len(given) > 1
    if given:
        chosen = [value for text in given if (value := _given(variable, text, inputs)) is not None]
        labels = [label_of(value) for value in chosen]
        _report_given_twice(variable, labels, inputs)
        return TopVariable(variable, chosen, labels if axis else None, axis)
    if variable.must_be_given:
        inputs.diagnostics.append(
            Diagnostic(
                VAR_MISSING,
                f"`{variable.name}` must be given and was not",
                variable.span,
                help=f"give it: --var {variable.name}=text, or write its value here",
                subject=variable.name,
            )
        )
        return TopVariable(variable, [])
    reads = names_read(declaration.values)
    if reads:
        return TopVariable(variable, None, None, axis, tuple(sorted(reads)))
    values: list[Any] = []
    spans: list[Span] = []
    for declared in declaration.values:
        try:
            values.append(plain_value(evaluate(declared, {})))
            spans.append(declared.span)
        except Unevaluated as problem:
            if problem.diagnostic is not None:
                inputs.diagnostics.append(problem.diagnostic)
    labels = [label_of(value) for value in values]
    _report_equal(variable, labels, spans, inputs)
    return TopVariable(variable, values, labels if axis else None, axis)


def _report_equal(variable: Variable, labels: list[str], spans: list[Span], inputs: Inputs) -> None:
    """Two alternatives with one name would be two variants with one name."""
    first: dict[str, Span] = {}
    for label, span in zip(labels, spans, strict=True):
        if label in first:
            inputs.diagnostics.append(
                Diagnostic(
                    NAME_DUPLICATE,
                    f"`{variable.name}` has the alternative `{label}` twice",
                    span,
                    related=(Related(first[label], "the first one"),),
                    help="remove one: variants are named by their alternatives",
                    subject=label,
                )
            )
        first.setdefault(label, span)


def _report_given_twice(variable: Variable, labels: list[str], inputs: Inputs) -> None:
    for label in dict.fromkeys(label for label in labels if labels.count(label) > 1):
        message = f"--var {variable.name}={label} is given twice"
        help = "give it once: variants are named by their alternatives"
        inputs.diagnostics.append(Diagnostic(NAME_DUPLICATE, message, variable.span, help=help, subject=label))


def _prepare_rows(variable: Variable, text: tree.Text, given: Sequence[str], inputs: Inputs) -> TopVariable:
    table = inputs.tables[table_key(text)]
    labels = row_labels(table)
    rows: list[Any] = list(table.rows)
    if table.naming_column == "name":
        _report_equal_rows(table, labels, text.span, inputs)
    if given:
        chosen = []
        for wanted in given:
            if wanted in labels:
                chosen.append(labels.index(wanted))
            else:
                help = (
                    did_you_mean(wanted, labels)
                    or f"rows are {', '.join(labels[:5])}{', …' if len(labels) > 5 else ''}"
                )
                message = f"--var {variable.name}={wanted}: {table.path} has no row of that name"
                inputs.diagnostics.append(Diagnostic(NAME_UNKNOWN, message, text.span, help=help, subject=wanted))
        rows, labels = [rows[index] for index in chosen], [labels[index] for index in chosen]
        _report_given_twice(variable, labels, inputs)
    return TopVariable(variable, rows, labels, True)


def _report_equal_rows(table: Table, labels: list[str], used_at: Span, inputs: Inputs) -> None:
    first: dict[str, int] = {}
    for index, label in enumerate(labels):
        if label in first:
            row = table.rows[index]
            span = row.spans["name"] if row.spans is not None else used_at
            inputs.diagnostics.append(
                Diagnostic(
                    NAME_DUPLICATE,
                    f"rows {table.rows[first[label]].number:,} and {row.number:,} of {table.path} are both named `{label}`",
                    span,
                    related=(Related(used_at, "the table is used here"),),
                    help="variants are named by the column `name`: give each row a name of its own",
                    subject=table.path,
                )
            )
            return
        first[label] = index


def names_read(values: Sequence[tree.Value]) -> frozenset[str]:
    """The names that the expressions in some values read, whether they exist or not."""
    names: set[str] = set()
    for value in values:
        for expression in expressions_in(value):
            found = compile_expression(expression.text)
            if not isinstance(found, ExpressionProblem):
                names |= found.names
    return frozenset(names)


def plain_value(found: Evaluated) -> Any:
    """The value of a variable: a call cannot be one."""
    if isinstance(found.value, tree.Call):
        message = f"`{found.value.name.text}(…)` cannot be the value of a variable"
        help = f"give the result a tag: image @tag = {found.span.text}"
        raise Unevaluated(Diagnostic(VALUE_TYPE, message, found.span, help=help))
    return found.value


def _given(variable: Variable, text: str, inputs: Inputs) -> str | int | float | bool | None:
    """A value from outside takes the kind of the declared value; text stays text. None where it cannot, which is reported."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        message = f"--var {variable.name}: its value is no UTF-8 text"
        inputs.diagnostics.append(Diagnostic(VALUE_TYPE, message, variable.span, help="give it as UTF-8"))
        return None
    kinds = {_declared_kind(value) for value in variable.declaration.values}
    if "list" in kinds:
        _wrong_kind(variable, text, "a list", inputs)
        return None
    if kinds == {"number"}:
        number = _number(text)
        if number is None:
            _wrong_kind(variable, text, "a number", inputs)
        return number
    if kinds == {"boolean"}:
        word = text.strip().lower()
        if word not in ("true", "false"):
            _wrong_kind(variable, text, "true or false", inputs)
            return None
        return word == "true"
    return text


def _declared_kind(value: tree.Value) -> str:
    if isinstance(value, tree.Template) and not names_read([value]):
        try:
            found = evaluate(value, {}).value
        except Unevaluated:
            return "text"
        kinds = {bool: "boolean", int: "number", float: "number", list: "list"}
        return kinds.get(type(found), "text")
    if isinstance(value, tree.Word) and value.text in ("true", "false"):
        return "boolean"
    if isinstance(value, tree.ListValue):
        return "list"
    return "number" if isinstance(value, tree.Number) else "text"


def _number(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def _wrong_kind(variable: Variable, text: str, kind: str, inputs: Inputs) -> None:
    message = f"--var {variable.name}={text}: `{variable.name}` is {kind} in the storyboard"
    help = f"give {kind}"
    if kind == "a list":
        help = "a list cannot be given from outside; write it in the storyboard, or repeat for the rows of a table"
    inputs.diagnostics.append(Diagnostic(VALUE_TYPE, message, variable.span, help=help, subject=variable.name))
