"""Diagnostics for programs: one JSON document, in the form that `skyflow check --format json` promises."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from skyflow.diagnostics.diagnostic import Diagnostic
from skyflow.diagnostics.summary import count_severities
from skyflow.source import Position, Span


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The document with a line break behind it. `start` and `end` are null where a mistake has no text to point at."""
    found = list(diagnostics)
    counts = count_severities(found)
    document = {
        "diagnostics": [_entry(diagnostic) for diagnostic in found],
        "summary": {"errors": counts["error"], "warnings": counts["warning"]},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _entry(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "id": diagnostic.rule.id,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": diagnostic.path,
        **_range(diagnostic.span),
        "pointer": diagnostic.pointer,
        "shot": diagnostic.shot,
        "variant": diagnostic.variant,
        "related": [
            {"message": related.label, "file": related.span.source.path, **_range(related.span)}
            for related in diagnostic.related
        ],
    }


def _range(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"start": None, "end": None}
    return {"start": _position(span.start_position), "end": _position(span.end_position)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column, "offset": position.offset}
