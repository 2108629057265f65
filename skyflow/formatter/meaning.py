"""Whether two files say the same: their trees without the places."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from skyflow.source import SourceFile, Span
from skyflow.syntax.tree import Damaged, Expression, File, Literal

_PLACES = (Span, SourceFile)


def same_meaning(one: File, other: File) -> bool:
    return _same(one.statements, other.statements)


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, _PLACES):
        return True
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Damaged):
        return bool(one.span.text == other.span.text)
    if isinstance(one, (Literal, Expression)):
        return bool(one.text == other.text)
    if is_dataclass(one):
        return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return bool(one == other)
