"""What a variable can hold, and how it becomes text. Nothing here has a method that a storyboard could call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from skyflow.source import Span

# A prompt has at most 1280 tokens; no honest text comes near this many characters.
MAX_TEXT = 50_000
# No honest whole number has more bits; beyond it arithmetic itself becomes slow.
MAX_BITS = 1024


class Row:
    """One row of a table, or a named object like `shot`: its columns and nothing else. Compared by identity.

    `number` counts the rows of a table from 1 (0 for other objects); `spans_of` finds where its cells stand, when somebody asks.
    """

    # A plain class: a table has hundreds of thousands of these, and every variant has one for its name.
    __slots__ = ("_spans_of", "columns", "number")

    def __init__(
        self,
        columns: Mapping[str, Scalar],
        number: int = 0,
        spans_of: Callable[[int], Mapping[str, Span]] | None = None,
    ) -> None:
        self.columns = columns
        self.number = number
        self._spans_of = spans_of

    @property
    def spans(self) -> Mapping[str, Span] | None:
        """Where each cell stands, by column; None for what is no row of a table."""
        return self._spans_of(self.number) if self._spans_of is not None else None


Scalar = str | int | float | bool | None
Value = Scalar | Row | list[Any]


class NoText(Exception):
    """A value that cannot stand in a text: the message says what it is, `help` what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


def to_text(value: object) -> str:
    """How a value is written into a text: `true`/`false`, whole numbers without `.0`. Raises NoText."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise NoText("it is no number that can be written", "check what it is computed from")
        # 15 digits are what a float can hold for certain: 0.1 + 0.2 is 0.3.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if value is None:
        raise NoText("it is none", 'give it a value, or say what stands there otherwise: `| default("…")`')
    if isinstance(value, Row):
        columns = ", ".join(value.columns)
        raise NoText("it is a row", f"name a column of it: {columns}")
    if isinstance(value, list | tuple):
        raise NoText("it is a list", 'join it: `| join(", ")`, or take one item: `[0]`')
    raise NoText("it is no text", "name a variable or a column")


def kind_of(value: object) -> str:
    """The kind of a value in a message."""
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if value is None:
        return "none"
    return "a row" if isinstance(value, Row) else "a list"


def identity_of(value: object) -> object:
    """A value as part of a key: 1, 1.0 and true are three things, rows of tables are themselves."""
    if isinstance(value, str):
        return value
    if isinstance(value, Row):
        return value if value.number else tuple(value.columns.items())
    return (type(value).__name__, repr(value))
