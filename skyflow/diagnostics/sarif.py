"""Diagnostics as SARIF 2.1.0 (OASIS), which code-scanning services and editors read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from skyflow.diagnostics.diagnostic import Diagnostic, Fix
from skyflow.diagnostics.rule import Rule, Severity
from skyflow.source import Span
from skyflow.version import __version__

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "hint": "note"}


def render_sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """One SARIF log with one run; its rules are those that were broken, in the order in which they first occur."""
    found = list(diagnostics)
    rules = list({diagnostic.rule.id: diagnostic.rule for diagnostic in found}.values())
    ids = [rule.id for rule in rules]
    run = {
        "tool": {"driver": {"name": "skyflow", "version": __version__, "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, ids.index(diagnostic.rule.id)) for diagnostic in found],
    }
    log = {"version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.what},
        "help": {"text": f"{rule.why}\n\nWrong:\n{rule.wrong}\n\nRight:\n{rule.right}\n\n{rule.source}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, Any]:
    text = "\n".join(part for part in (diagnostic.message, diagnostic.help) if part)
    result: dict[str, Any] = {
        "ruleId": diagnostic.rule.id,
        "ruleIndex": rule_index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [_location(diagnostic.path, diagnostic.span)] if diagnostic.path else [],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {**_location(related.span.source.path, related.span), "message": {"text": related.label}}
            for related in diagnostic.related
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _location(path: str, span: Span | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if span is not None:
        place["region"] = _region(span)
    return {"physicalLocation": place}


def _region(span: Span) -> dict[str, int]:
    start, end = span.start_position, span.end_position
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _uri(path: str) -> str:
    local = PurePath(path)
    return local.as_uri() if local.is_absolute() else quote(local.as_posix())


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        changes.setdefault(edit.span.source.path, []).append(replacement)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(path)}, "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }
