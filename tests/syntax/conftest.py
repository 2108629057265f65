"""Trees and diagnostics as text, fixes applied to text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from skyflow.diagnostics import Diagnostic, Edit
from skyflow.source import SourceFile, Span
from skyflow.syntax import parse
from skyflow.syntax.tree import Expression, File, Literal

Outline = tuple[Any, ...]


def outline(node: object) -> Any:
    """A tree without its places: what two texts that say the same have in common."""
    if isinstance(node, (Span, SourceFile)):
        return None
    if isinstance(node, Expression):
        return ("Expression", node.text)
    if isinstance(node, Literal):
        return ("Literal", node.text)
    if isinstance(node, tuple):
        return tuple(outline(item) for item in node)
    if is_dataclass(node):
        kept = (field.name for field in fields(node) if field.name not in ("span", "source", "header", "keyword_span"))
        return (type(node).__name__, *((name, outline(getattr(node, name))) for name in kept))
    return node


def tree_lines(node: Any, indent: str = "") -> Iterator[str]:
    """One line a statement, its values in a row; blocks indented."""
    label = type(node).__name__
    place = f"{node.span.start_position.line}:{node.span.start_position.column}-" + (
        f"{node.span.end_position.line}:{node.span.end_position.column}"
    )
    inner = getattr(node, "statements", ())
    parts = [
        f"{field.name}={said}"
        for field in fields(node)
        if field.name not in ("span", "statements", "keyword_span", "header", "source")
        or label in ("Keyframe", "Extend")
        if field.name not in ("span", "keyword_span")
        if (said := value_text(getattr(node, field.name))) not in ("", "()", "None")
    ]
    yield f"{indent}{place} {label} " + " ".join(parts)
    for statement in inner:
        yield from tree_lines(statement, indent + "    ")


def value_text(value: Any) -> str:
    """A value in one line; each literal with the place of its first character."""
    if isinstance(value, Literal):
        return f"{value.text!r}@{value.segments[0][1]}"
    if isinstance(value, Expression):
        return "{{" + value.text + "}}" + f"@{value.span.start}"
    if isinstance(value, frozenset):
        return "{" + " ".join(sorted(value)) + "}"
    if isinstance(value, tuple):
        return "(" + " ".join(value_text(item) for item in value) + ")"
    if is_dataclass(value):
        said = (value_text(getattr(value, field.name)) for field in fields(value) if field.name != "span")
        return type(value).__name__ + "[" + " ".join(said) + "]"
    return str(value)


def diagnostic_lines(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    for diagnostic in diagnostics:
        span = diagnostic.span
        assert span is not None
        end = span.end_position
        yield f"{span.start_position.line}:{span.start_position.column}-{end.line}:{end.column} {diagnostic.message}"
        if diagnostic.help:
            yield f"    help: {diagnostic.help}"
        for related in diagnostic.related:
            yield f"    {related.span.start_position.line}:{related.span.start_position.column}: {related.label}"
        if diagnostic.fix:
            edits = ", ".join(f"{edit.span.text!r} -> {edit.text!r}" for edit in diagnostic.fix.edits)
            yield f"    {'fix' if diagnostic.fix.certain else 'guess'}: {diagnostic.fix.title}: {edits}"


def fixed(text: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The text with all fixes applied."""
    edits: list[Edit] = [edit for diagnostic in diagnostics if diagnostic.fix for edit in diagnostic.fix.edits]
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.fixture(scope="session")
def read() -> Callable[[str], tuple[File, list[Diagnostic]]]:
    """Parses a text."""
    return lambda text: parse(SourceFile("test.sky", text))


@pytest.fixture(scope="session")
def read_well() -> Callable[[str], File]:
    """Parses a text in which nothing is wrong."""

    def reads(text: str) -> File:
        file, diagnostics = parse(SourceFile("test.sky", text))
        assert list(diagnostic_lines(diagnostics)) == []
        return file

    return reads


@pytest.fixture(scope="session")
def outline_of() -> Callable[[object], Any]:
    return outline


@pytest.fixture(scope="session")
def apply_fixes() -> Callable[[str, Iterable[Diagnostic]], str]:
    return fixed


@pytest.fixture(scope="session")
def tree_text() -> Callable[[File], str]:
    def shows(file: File) -> str:
        lines = [line for statement in file.statements for line in tree_lines(statement)]
        return "".join(f"{line}\n" for line in lines)

    return shows


@pytest.fixture(scope="session")
def diagnostics_text() -> Callable[[Iterable[Diagnostic]], str]:
    return lambda diagnostics: "".join(f"{line}\n" for line in diagnostic_lines(diagnostics))
