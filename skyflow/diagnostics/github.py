"""Diagnostics as workflow commands, which GitHub shows beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable

from skyflow.diagnostics.cells import shown
from skyflow.diagnostics.diagnostic import Diagnostic
from skyflow.diagnostics.rule import Severity

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "hint": "notice"}


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One line for each diagnostic; paths stay as they are, so they should be relative to the repository."""
    return "".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    properties = {"file": diagnostic.path, **_place(diagnostic), "title": diagnostic.rule.id}
    written = ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items() if value)
    text = "\n".join(part for part in (diagnostic.message, diagnostic.help) if part)
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{_escape(text)}\n"


def _place(diagnostic: Diagnostic) -> dict[str, int]:
    """Columns only within one line: GitHub drops an annotation whose columns belong to different lines."""
    if diagnostic.span is None:
        return {}
    start, end = diagnostic.span.start_position, diagnostic.span.end_position
    if start.line == end.line:
        return {"line": start.line, "col": start.column, "endLine": end.line, "endColumn": end.column}
    return {"line": start.line, "endLine": end.line}


def _escape(text: str) -> str:
    text = "\n".join(map(shown, text.split("\n")))  # logs are read on terminals
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
