"""One thing that could be typed here, and the question which files there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SuggestionKind = Literal[
    "statement", "setting", "word", "tag", "variable", "column", "filter", "test", "shot", "scene", "call", "file", "folder", "text", "rule"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` replaces the characters from `start` to `end`; in a `snippet` `$1` says where the cursor goes. `order`: smaller is better."""

    label: str
    kind: SuggestionKind
    text: str
    start: int
    end: int
    about: str = ""
    snippet: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """Which files could stand between the quotes: `written` is what stands there up to the cursor, `extensions` those that fit (empty: any)."""

    base: str
    written: str
    extensions: tuple[str, ...]
    start: int
    end: int


@dataclass(slots=True)
class Completion:
    """The answer to a cursor: suggestions, or a question that the disk must answer first."""

    suggestions: list[Suggestion] = field(default_factory=list)
    files: FileQuestion | None = None
