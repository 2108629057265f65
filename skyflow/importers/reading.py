"""A file of JSON → the requests in it, each with its place and, where the file gives one, its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skyflow.contract import Violation, check_request, declared_tags
from skyflow.contract.json_text import load_json
from skyflow.importers.imported import Refusal
from skyflow.importers.naming import as_name
from skyflow.source import SourceFile

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted request. What is null or an empty list in it has been left out. `name` is empty where the file gives none."""

    request: Request
    place: str
    name: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that it declares, in its order."""
        return tuple(declared_tags(self.request))


def read_entries(source: SourceFile) -> tuple[list[Entry], list[Refusal]]:
    """The accepted requests of a file, and what is wrong with the others."""
    entries: list[Entry] = []
    refusals: list[Refusal] = []
    for place, text in _documents(source):
        try:
            document = load_json(text)
        except (ValueError, RecursionError) as error:
            refusals.append(Refusal(place, f"this is no JSON: {error}", "a request is one JSON object"))
            continue
        for where, value in _values(document, place):
            _take(value, where, entries, refusals)
    return entries, refusals


def _documents(source: SourceFile) -> Iterator[tuple[str, str]]:
    if not source.path.lower().endswith(".jsonl"):
        if source.text.strip():
            yield source.path, source.text
        return
    for number in range(1, source.line_count + 1):
        line = source.line_text(number)
        if line.strip():
            yield f"line {number}", line


def _values(document: object, place: str) -> Iterator[tuple[str, object]]:
    if isinstance(document, list):
        yield from ((f"request {number}", value) for number, value in enumerate(document, 1))
    else:
        yield place, document


def _take(value: object, place: str, entries: list[Entry], refusals: list[Refusal]) -> None:
    name = ""
    if isinstance(value, dict) and isinstance(value.get("request"), dict) and "prompt" not in value:
        name = _given_name(value)
        value = value["request"]
    wrong = [found for found in check_request(value) if found.severity == "error"]
    if wrong or not isinstance(value, dict):
        refusals += [_refuse(found, place) for found in wrong]
    else:
        entries.append(Entry(_without_nothing(value), place, name))


def _given_name(wrapper: Mapping[str, Any]) -> str:
    """The name of what `skyflow compile` printed around a request; other wrappers may give one too."""
    parts = [
        wrapper.get("variant"),
        next((wrapper[key] for key in ("shot", "name", "title", "id") if key in wrapper), ""),
    ]
    return as_name("-".join(part for part in parts if isinstance(part, str) and part))


def _refuse(found: Violation, place: str) -> Refusal:
    where = f"{place}, {found.pointer}" if found.pointer else place
    return Refusal(where, f"{found.message} [{found.rule.id}]", found.help)


def _without_nothing(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request without fields that are null or an empty list: for the API these are not given (contract.md, "Boundaries")."""
    kept: dict[str, Any] = {}
    for name, value in request.items():
        if isinstance(value, list) and value:
            kept[name] = [{key: part for key, part in element.items() if part is not None} for element in value]
        elif value is not None and value != []:
            kept[name] = value
    return kept
