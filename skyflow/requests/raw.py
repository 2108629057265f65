"""Raw requests in .json and .jsonl files, checked by the contract's own code, each mistake at its place in the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from skyflow.contract import Path, Violation, check_request, json_pointer
from skyflow.contract.json_text import NameRepeated, load_json, load_json_loosely
from skyflow.diagnostics import Diagnostic, Related
from skyflow.source import SourceFile, Span
from skyflow.syntax.rule import SYNTAX

_BLANK = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()
_DEEPEST = 6  # no request has a name further down; what is, is an unknown field
# What `skyflow compile` prints around a request; its lines can be checked as they are.
_COMPILED_FIELDS = {"variant", "shot", "take", "mode", "key", "needs", "request"}


def check_raw_request(source: SourceFile) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with the requests of a file: one in a .json file, one a line in a .jsonl file. Never raises."""
    found: list[Diagnostic] = []
    count = 0
    for start, end in _documents(source):
        count += 1
        found.extend(_check_document(source, start, end))
    if count == 0:
        message = "this file holds no request"
        found.append(Diagnostic(SYNTAX, message, Span(source, 0, 0), help="write one JSON object" + _a_line(source)))
    return tuple(found)


def _a_line(source: SourceFile) -> str:
    return " a line" if source.path.endswith(".jsonl") else ""


def _documents(source: SourceFile) -> Iterator[tuple[int, int]]:
    if not source.path.endswith(".jsonl"):
        if source.text.strip():
            yield 0, len(source.text)
        return
    for line, start in enumerate(source.line_starts, 1):
        text = source.line_text(line)
        if text.strip():
            yield start, start + len(text)


def _check_document(source: SourceFile, start: int, end: int) -> Iterator[Diagnostic]:
    text = source.text[start:end]
    try:
        try:
            document = load_json(text)
        except NameRepeated:
            document = load_json_loosely(text)
            yield from _repetitions(source, _skip(source.text, start))
    except (ValueError, RecursionError) as error:
        yield _not_json(source, start, end, error)
        return
    path: Path = ()
    if isinstance(document, dict) and document.keys() == _COMPILED_FIELDS:
        document, path = document["request"], ("request",)
    elif isinstance(document, list) and not source.path.endswith(".jsonl"):
        yield from _check_list(source, document)
        return
    places = Places(source.text)
    for violation in check_request(document, placeholders=True):
        yield _diagnose(violation, source, places, start, path)


def _check_list(source: SourceFile, requests: list[Any]) -> Iterator[Diagnostic]:
    """A list of requests in a .json file: what an API client may have written down."""
    if not requests:
        yield Diagnostic(SYNTAX, "this file holds an empty list", Span(source, 0, 0), help="write a request")
    places = Places(source.text)
    for index, request in enumerate(requests):
        for violation in check_request(request, placeholders=True):
            yield _diagnose(violation, source, places, 0, (index,))


def _repetitions(source: SourceFile, at: int, path: Path = ()) -> Iterator[Diagnostic]:
    """Each name that stands in an object before, at its place. The text is known to be JSON."""
    text, first = source.text, dict[str | int, Span]()
    for name, named, (start, _) in _members(text, at):
        span = Span(source, *named)
        if name in first:
            yield Diagnostic(
                SYNTAX,
                str(NameRepeated(str(name))),
                span,
                help="keep one of them: which one counts depends on who reads the request",
                related=(Related(first[name], "the first one"),),
                pointer=json_pointer((*path, name)),
            )
        first.setdefault(name, span)
        if len(path) < _DEEPEST:
            yield from _repetitions(source, start, (*path, name))


def _not_json(source: SourceFile, start: int, end: int, error: Exception) -> Diagnostic:
    at, message = start, str(error)
    if isinstance(error, json.JSONDecodeError):
        at, message = start + error.pos, error.msg
        message = message[:1].lower() + message[1:]
    elif isinstance(error, RecursionError):
        message = "it is nested too deeply"
    elif "digits" in message:  # Python reads no integer of more than 4300
        message = "a number in it is too long"
    at = min(at, max(start, end - 1))
    return Diagnostic(
        SYNTAX, f"this is no JSON: {message}", Span(source, at, min(at + 1, end)), help="a request is one JSON object"
    )


def _diagnose(violation: Violation, source: SourceFile, places: Places, start: int, prefix: Path) -> Diagnostic:
    path = (*prefix, *violation.path)
    first, last = places.find(start, path)
    text_range = violation.facts.get("range")
    if isinstance(text_range, tuple):
        first, last = _inside_string(source.text, first, last, text_range)
    return Diagnostic(
        violation.rule,
        violation.message,
        Span(source, first, last),
        help=violation.help,
        related=tuple(
            Related(Span(source, *places.find(start, (*prefix, *other))), words) for other, words in violation.related
        ),
        pointer=json_pointer(path),
        # Two requests of one file can make the same mistake at empty spans; the place alone must keep them apart.
        subject=str(violation.facts.get("tag", "")),
        severity_override=violation.severity_override,
    )


class Places:
    """Where the values of JSON text stand that is known to be valid. Each object and list is looked through once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, dict[str | int, tuple[int, int]]] = {}

    def find(self, at: int, path: Path) -> tuple[int, int]:
        """The range of the value at a path of the document that begins at `at`; of the nearest value around it where it is missing."""
        text = self._text
        at = _skip(text, at)
        end = -1
        for part in path:
            if at not in self._members:
                self._members[at] = {name: value for name, _, value in _members(text, at)}
            if part not in self._members[at]:
                break
            at, end = self._members[at][part]
        end = _end(text, at) if end < 0 else end
        # A missing field of a large object is shown at its opening brace.
        return (at, end) if (end - at <= 200 and "\n" not in text[at:end]) or text[at] == '"' else (at, at + 1)


def _members(text: str, at: int) -> Iterator[tuple[str | int, tuple[int, int], tuple[int, int]]]:
    """The name of each element of the object or list at `at`, the range of the name and that of the value; of a list, the value's twice.

    A name that is written twice comes twice, the one that counts last.
    """
    opening = text[at]
    if opening not in "{[":
        return
    index = 0
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        name: str | int = index
        start = end = at
        if opening == "{":
            end = _end(text, at)
            name, at = json.loads(text[at:end]), end
            at = _skip(text, _skip(text, at) + 1)
        named = (start, end)
        end = _end(text, at)
        yield name, named if opening == "{" else (at, end), (at, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _end(text: str, at: int) -> int:
    return _decoder.raw_decode(text, at)[1]


def _inside_string(text: str, first: int, last: int, wanted: tuple[int, int]) -> tuple[int, int]:
    """The range in the JSON text of some characters of a string, whose escapes are longer than what they stand for."""
    offsets = []
    at = first + 1
    while at < last - 1:
        offsets.append(at)
        if text[at] != "\\":
            at += 1
        elif text[at + 1] != "u":
            at += 2
        else:
            pair = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}").match(text, at)
            at += 12 if pair else 6
    offsets.append(at)
    start, end = wanted
    if end >= len(offsets):
        return first, last
    return offsets[start], offsets[end]
