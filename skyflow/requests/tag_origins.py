"""Where a tag that a `{{ }}` brought into a prompt is written: the mistake is there, however often it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from skyflow.contract import scan_tags
from skyflow.source import Span
from skyflow.storyboard import Scope
from skyflow.syntax import tree
from skyflow.variants.expression_text import ExpressionProblem
from skyflow.variants.expressions import compile_expression

MAX_STEPS = 8  # variables made of variables; a longer way is not worth the search


def origin_of_tag(
    tag: str, expression: tree.Expression, scope: Scope, environment: Mapping[str, Any], steps: int = MAX_STEPS
) -> Span | None:
    """The place in the value of a variable, or in the list of a loop, that spells a tag; None for cells and for what comes from outside."""
    code = compile_expression(expression.text)
    if isinstance(code, ExpressionProblem) or not steps:
        return None
    for access in code.accesses:
        if steps == MAX_STEPS and tag not in str(environment.get(access.name, "")):
            continue  # another value of it was given, or another name in the expression holds the tag
        for value, inner in _declared(access.name, scope):
            for part in value.parts:
                if isinstance(part, tree.Expression):
                    found = origin_of_tag(tag, part, inner, environment, steps - 1)
                else:
                    found = _place(tag, part, value.span)
                if found is not None:
                    return found
    return None


def _declared(name: str, scope: Scope) -> Iterator[tuple[tree.Text, Scope]]:
    """The texts that the nearest variable or loop of a name may have."""
    for inner in scope.chain():
        values: tuple[tree.Value, ...] | None = None
        if name in inner.variables:
            values = inner.variables[name].declaration.values
        elif inner.loop is not None and inner.loop.variable.text == name:
            values = inner.loop.items.items if isinstance(inner.loop.items, tree.ListValue) else ()
        if values is not None:
            yield from ((value, inner) for value in values if isinstance(value, tree.Text))
            return


def _place(tag: str, literal: tree.Literal, text: Span) -> Span | None:
    for found, start, end in scan_tags(literal.text, ()).undeclared:
        if found == tag:
            return Span(text.source, literal.source_offset(start), literal.source_offset(end - 1) + 1)
    return None
