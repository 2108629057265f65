"""Requests as JSON text: the one way to read it that every reader would read alike. Never judges what the request says.

JSON allows two things of which each reader makes what it likes (RFC 8259, sections 4 and 8.2): a name twice in one object, and half of a
character. What is checked here would then not be what the API reads.
"""

from __future__ import annotations

import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")


class NameRepeated(ValueError):
    """A name stands twice in one object of JSON text; `name` says which."""

    def __init__(self, name: str) -> None:
        from skyflow.contract.violation import printable

        super().__init__(f"`{printable(name)}` stands twice in one object")
        self.name = name


def load_json(text: str) -> Any:
    """The value of JSON text. Raises NameRepeated; json.JSONDecodeError, ValueError (NaN, a number too long), RecursionError."""
    import json

    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_without_repetition)


def load_json_loosely(text: str) -> Any:
    """As `load_json`, but of a name that stands twice the last value counts, as for most readers."""
    import json

    return json.loads(text, parse_constant=_no_constant)


def find_half_a_character(text: str) -> int | None:
    """Where the first lone surrogate stands: JSON can spell it (`\\ud800`), UTF-8 and so every request on its way cannot hold it."""
    found = None if text.isascii() else _HALF.search(text)
    return found.start() if found else None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise NameRepeated(name)
            seen.add(name)
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")
