"""Variables that a prompt or look names as other languages do, `{city}` or `$city`: to the model that is plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from skyflow.diagnostics import Diagnostic, Edit, Fix
from skyflow.source import Span
from skyflow.syntax import tree
from skyflow.variants.rules import VARIABLE_UNMARKED

_NAME = r"[^\W\d]\w*"
_MARKED_OTHERWISE = re.compile(
    rf"\$?\{{[ ]?(?P<braced>{_NAME})(?P<column>\.{_NAME})?[ ]?\}}|\$(?P<dollar>{_NAME})(?P<more>\.{_NAME})?"
)


def find_unmarked_variables(
    text: tree.Text, has_columns: Callable[[str], bool | None]
) -> Iterator[tuple[str, Diagnostic]]:
    """The variables that a text names without `{{ }}`, each with one diagnostic. `has_columns` tells whether a name is that of a row;
    None where it is no variable here."""
    places: dict[str, list[tuple[Span, str]]] = {}
    for literal in text.parts:
        if not isinstance(literal, tree.Literal):
            continue
        for found in _MARKED_OTHERWISE.finditer(literal.text):
            name, column, end = found["braced"], found["column"] or "", found.end()
            rows = has_columns(name or found["dollar"])
            if name is None:
                name, column = found["dollar"], (found["more"] or "") if rows else ""
                end = found.end("dollar") + len(column)
            if rows is not None and (rows or not column):
                start = literal.source_offset(found.start())
                span = Span(text.span.source, start, literal.source_offset(end - 1) + 1)
                places.setdefault(name, []).append((span, f"{{{{ {name}{column} }}}}"))
    for name, written in places.items():
        yield name, _unmarked(name, written)


def _unmarked(name: str, written: list[tuple[Span, str]]) -> Diagnostic:
    span, meant = written[0]
    edits = tuple(Edit(place, better) for place, better in written)
    return Diagnostic(
        VARIABLE_UNMARKED,
        f"`{span.text}` is plain text, and `{name}` is a variable",
        span,
        help=f"write `{meant}`",
        fix=Fix(f"write `{meant}`", edits, certain=False),
        subject=name,
    )
