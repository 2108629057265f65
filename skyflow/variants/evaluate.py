"""Values of the tree → values of variables and settings, given what the names around them hold. Problems become diagnostics at their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from skyflow.diagnostics import Diagnostic, Related, Rule
from skyflow.source import Span
from skyflow.storyboard.rules import NAME_UNKNOWN
from skyflow.syntax import tree
from skyflow.variants.expression_text import ExpressionProblem
from skyflow.variants.expressions import Compiled, compile_expression
from skyflow.variants.filters import Limit
from skyflow.variants.operators import bounded_result
from skyflow.variants.rendered import Piece, Rendered
from skyflow.variants.rules import TEMPLATE_ERROR, TEMPLATE_LIMIT, TEMPLATE_SYNTAX
from skyflow.variants.values import MAX_TEXT, NoText, Row, to_text

_RULES = {rule.id: rule for rule in (NAME_UNKNOWN, TEMPLATE_ERROR, TEMPLATE_LIMIT, TEMPLATE_SYNTAX)}

Environment = Mapping[str, Any]


class Unevaluated(Exception):
    """A value that could not be computed; the diagnostic says why, or is None where it was reported before anything was computed."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__(diagnostic.message if diagnostic else "reported before")
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A value with the place it was written at. `rendered` leads back from its characters where it is a text with a source."""

    value: Any
    span: Span
    written: tree.Value
    rendered: Rendered | None = None


def expression_diagnostic(problem: ExpressionProblem, expression: tree.Expression) -> Diagnostic:
    """The problem at its place in the source."""
    rule: Rule = _RULES[problem.rule]
    whole = problem.start <= 0 and problem.end >= len(expression.text)
    start, end = expression.start + problem.start, expression.start + problem.end
    span = expression.span if whole or start >= end else Span(expression.span.source, start, end)
    return Diagnostic(rule, problem.message, span, help=problem.help, subject=expression.text)


def compiled(expression: tree.Expression) -> Compiled:
    """The compiled expression. Raises Unevaluated without a diagnostic: the static check has reported it."""
    found = compile_expression(expression.text)
    if isinstance(found, ExpressionProblem):
        raise Unevaluated(None)
    return found


def evaluate_expression(expression: tree.Expression, environment: Environment) -> Any:
    """The value of `{{ … }}`. Raises Unevaluated."""
    code = compiled(expression)
    try:
        values = {name: environment[name] for name in code.names}
    except KeyError:
        raise Unevaluated(None) from None
    try:
        return code.evaluate(values)
    except ExpressionProblem as problem:
        found = expression_diagnostic(problem, expression)
        raise Unevaluated(with_cell_of(found, [expression], environment)) from None


def _no_text(reason: NoText, expression: tree.Expression, environment: Environment) -> Unevaluated:
    written = expression.text.strip()
    message, help = f"`{written}` cannot be written here: {reason}", reason.help
    value = environment.get(written)
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        alternatives = " | ".join(f'"{item}"' for item in value)
        if len(alternatives) <= 60 and '"' not in "".join(value):
            help = f"for a film of each write `var {written} = {alternatives}`; in one text, {help}"
    found = Diagnostic(TEMPLATE_ERROR, message, expression.span, help=help, subject=expression.text)
    return Unevaluated(with_cell_of(found, [expression], environment))


def evaluate_text(text: tree.Text, environment: Environment) -> Rendered:
    """The text with every `{{ }}` computed. Raises Unevaluated."""
    pieces: list[Piece] = []
    length = 0
    for part in text.parts:
        piece = Piece(length, _text_of(part, environment), part)
        length += len(piece.text)
        if length > MAX_TEXT:
            message = f"this text has more than {MAX_TEXT:,} characters"
            help = "no prompt needs so many; check what is repeated"
            found = Diagnostic(TEMPLATE_LIMIT, message, text.span, help=help)
            raise Unevaluated(with_cell_of(found, expressions_in(text), environment))
        pieces.append(piece)
    return Rendered("".join(piece.text for piece in pieces), text.span, tuple(pieces))


def evaluate_around_gaps(text: tree.Text, environment: Environment) -> tuple[Rendered, list[Unevaluated]]:
    """The text with GAP in the place of each `{{ }}` that cannot be computed, and all the reasons why."""
    pieces: list[Piece] = []
    problems: list[Unevaluated] = []
    length = 0
    for part in text.parts:
        try:
            written = _text_of(part, environment)
        except Unevaluated as problem:
            problems.append(problem)
            written = GAP
        if length + len(written) > MAX_TEXT:
            break
        pieces.append(Piece(length, written, part))
        length += len(written)
    return Rendered("".join(piece.text for piece in pieces), text.span, tuple(pieces)), problems


GAP = "\ufffc"  # the sign for something that is no text


def _text_of(part: tree.Literal | tree.Expression, environment: Environment) -> str:
    if isinstance(part, tree.Literal):
        return part.text
    value = evaluate_expression(part, environment)
    try:
        return to_text(value)
    except NoText as reason:
        raise _no_text(reason, part, environment) from None


def evaluate(value: tree.Value, environment: Environment) -> Evaluated:
    """What a value of the tree holds: text, number, true/false, none, a list or a row. Calls and tags stay as written. Raises Unevaluated."""
    match value:
        case tree.Text():
            rendered = evaluate_text(value, environment)
            return Evaluated(rendered.text, value.span, value, rendered)
        case tree.Template():
            result = evaluate_expression(value.expression, environment)
            computed = Rendered(result, value.span) if isinstance(result, str) else None
            return Evaluated(result, value.span, value, computed)
        case tree.Number():
            return Evaluated(value.value, value.span, value)
        case tree.Word():
            return Evaluated(WORDS.get(value.text, value.text), value.span, value)
        case tree.ListValue():
            return Evaluated(_evaluate_list(value, environment), value.span, value)
        case tree.Quantity() | tree.Ratio() | tree.TagValue():
            return Evaluated(value.text, value.span, value)
        case tree.Call():
            return Evaluated(value, value.span, value)


def _evaluate_list(value: tree.ListValue, environment: Environment) -> list[Any]:
    items = [evaluate(item, environment).value for item in value.items]
    if not all(isinstance(item, tree.Text | tree.Number | tree.Word) for item in value.items):
        try:  # what stands written out is bounded by the file; what is computed could double in every line
            bounded_result(items, "this list")
        except Limit as limit:
            help = "shorten it: no film needs that much"
            raise Unevaluated(Diagnostic(TEMPLATE_LIMIT, str(limit), value.span, help=help)) from None
    return items


WORDS: Mapping[str, Any] = {"true": True, "false": False, "none": None}


def expressions_in(value: tree.Value | None) -> list[tree.Expression]:
    """Every `{{ }}` in a value, in order."""
    match value:
        case tree.Text():
            return [part for part in value.parts if isinstance(part, tree.Expression)]
        case tree.Template():
            return [value.expression]
        case tree.ListValue():
            return [found for item in value.items for found in expressions_in(item)]
        case tree.Call():
            return [found for item in value.arguments for found in expressions_in(item)]
        case _:
            return []


def _cell_of(expressions: Iterable[tree.Expression], environment: Environment) -> tuple[Row, str] | None:
    """The row and column of the longest cell that some expressions take, so that a message can name it."""
    found: list[tuple[int, Row, str]] = []
    for expression in expressions:
        code = compile_expression(expression.text)
        if isinstance(code, ExpressionProblem):
            continue
        for access in code.accesses:
            row = environment.get(access.name)
            if isinstance(row, Row) and row.spans is not None and access.column in row.columns:
                assert access.column is not None
                found.append((len(str(row.columns[access.column])), row, access.column))
    if not found:
        return None
    _, row, column = max(found, key=lambda cell: cell[0])
    return row, column


def with_cell_of(
    diagnostic: Diagnostic, expressions: Iterable[tree.Expression], environment: Environment
) -> Diagnostic:
    """Adds the table cell that a value came from, so that a mistake in row 4,711 names file, row and column."""
    cell = _cell_of(expressions, environment)
    if cell is None:
        return diagnostic
    row, column = cell
    assert row.spans is not None
    named = Related(row.spans[column], f"row {row.number:,}, column `{column}`")
    return diagnostic if named in diagnostic.related else replace(diagnostic, related=(*diagnostic.related, named))


Reporter = Callable[[Diagnostic], None]
