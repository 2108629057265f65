"""A new name for a tag, a variable, a shot or a scene: the edits everywhere, or the reason why not.

Whether the film stays the same is not argued but tried: every storyboard concerned is compiled before and after.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from skyflow.diagnostics import Diagnostic
from skyflow.lsp.names.index import Occurrence, Symbol
from skyflow.lsp.names.project import IndexedFile
from skyflow.pipeline import open_storyboard
from skyflow.source import Files, SourceFile
from skyflow.storyboard import UNREAD_FILE

TRY_SECONDS = 3.0  # ours: for compiling one storyboard; what is behind that is not compared
MAX_CLIPS = 5_000
_TAG = re.compile(r"@[\w-]+")
_VARIABLE = re.compile(r"[^\W\d_]\w*")
_BLOCK = re.compile(r"[^\W\d_][\w-]*")
_RESERVED = {"true", "false", "none", "True", "False", "None", "not", "and", "or", "if", "else", "in", "is", "previous"}
_READS_NAMES = re.compile(r"\b(?:shot|scene|variant)\s*[.\[]")


class RenameRefused(Exception):
    """The reason, in a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """What is written instead, by the text it stands in: (start, end) of each place that names the thing."""

    name: str
    places: Mapping[SourceFile, Sequence[tuple[int, int]]]


def check_new_name(symbol: Symbol, written: str) -> str:
    """The new name as it will stand in the files. Raises RenameRefused."""
    name = written.strip()
    if symbol.kind == "tag":
        name = f"@{name.removeprefix('@')}"
        if not _TAG.fullmatch(name):
            raise RenameRefused(f"`{written}` is no tag: `@` and letters, digits, `_` or `-` behind it")
    elif symbol.kind == "variable":
        if not _VARIABLE.fullmatch(name):
            raise RenameRefused(f"`{written}` is no name of a variable: letters, digits and `_`, a letter first")
    elif symbol.kind in ("shot", "scene"):
        if not _BLOCK.fullmatch(name):
            raise RenameRefused(
                f"`{written}` is no name of a {symbol.kind}: letters, digits, `_` and `-`, a letter first"
            )
    else:
        what = "a column is named in its table" if symbol.kind == "column" else "a file is renamed on the disk"
        raise RenameRefused(f"{what}, not here")
    if name in _RESERVED:
        raise RenameRefused(f"`{name}` is a word of the language")
    return name


def plan_renaming(
    symbol: Symbol, name: str, found: Mapping[SourceFile, Sequence[Occurrence]], indexed: Sequence[IndexedFile]
) -> Renaming:
    """The places to write the new name at. Raises RenameRefused where one of them cannot be certain."""
    for one in indexed:
        words = one.storyboard.damaged_words
        if UNREAD_FILE in words or symbol.name in words:
            what = (
                "uses a file that cannot be read"
                if UNREAD_FILE in words
                else f"names {symbol.name} in a statement that cannot be read"
            )
            raise RenameRefused(f"{one.storyboard.path} {what}; mend that first")
    places: dict[SourceFile, list[tuple[int, int]]] = {}
    for source, occurrences in found.items():
        for occurrence in occurrences:
            if occurrence.implied:
                continue
            if source.text[occurrence.start : occurrence.end] != symbol.name:
                at = source.span(occurrence.start, occurrence.end)
                raise RenameRefused(f"{at} writes {symbol.name} in another way; write it plainly first")
            places.setdefault(source, []).append((occurrence.start, occurrence.end))
    return Renaming(name, places)


def renamed(source: SourceFile, renaming: Renaming) -> SourceFile:
    """A text with the new name in it."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(set(renaming.places.get(source, ()))):
        pieces += [source.text[at:start], renaming.name]
        at = end
    return SourceFile(source.path, "".join([*pieces, source.text[at:]]))


def try_renaming(
    symbol: Symbol,
    renaming: Renaming,
    indexed: Sequence[IndexedFile],
    before: Files,
    after: Files,
    variables: Mapping[str, Sequence[str]],
) -> None:
    """Compiles every storyboard concerned with the old and with the new name. Raises RenameRefused where something else changes."""
    edited = {source.path for source in renaming.places}
    for one in indexed:
        if not edited.intersection(one.sources):
            continue
        path = one.storyboard.path
        names_are_read = any(_READS_NAMES.search(source.text) for source in one.sources.values())
        old = _compile(path, before, variables, symbol, names_are_read)
        new = _compile(path, after, variables, symbol, names_are_read)
        if any(found.severity == "error" for found in old.diagnostics) and _declares(one, symbol, renaming.name):
            message = f"{path} declares {renaming.name} already, and has mistakes; mend these first"
            raise RenameRefused(message)
        if wrong := _first_new(old.diagnostics, new.diagnostics):
            at = f" ({wrong.span})" if wrong.span is not None else ""
            raise RenameRefused(f"{symbol.name} cannot become {renaming.name}: {wrong.message}{at}")
        if old.clips != new.clips:
            raise RenameRefused(f"{symbol.name} cannot become {renaming.name}: {path} would make another film")


def _declares(one: IndexedFile, symbol: Symbol, name: str) -> bool:
    return any(found.name == name and found.kind == symbol.kind for found in one.index.declared)


@dataclass(frozen=True, slots=True)
class _Compiled:
    diagnostics: tuple[Diagnostic, ...]
    clips: list[Any]


def _compile(
    path: str, files: Files, variables: Mapping[str, Sequence[str]], symbol: Symbol, names_are_read: bool
) -> _Compiled:
    storyboarding = open_storyboard(path, files, variables=variables)
    end = time.monotonic() + TRY_SECONDS
    diagnostics = storyboarding.check(lambda: time.monotonic() > end)
    loosely = symbol.kind == "tag" or names_are_read
    clips = [
        (clip.mode, clip.take, _sources(clip.request)) if loosely else clip.key
        for clip in islice(storyboarding.clips(), MAX_CLIPS)
    ]
    return _Compiled(diagnostics, clips)


def _sources(value: Any) -> list[str]:
    """The addresses of a request in their order. Another shot's result stands there by its key, which the prompt is part of."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() if name != "prompt" for found in _sources(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _sources(inner)]
    if isinstance(value, str) and value.startswith("skyflow:shot/"):
        return [value.rpartition("/")[2]]
    return [] if isinstance(value, str) and value.startswith("@") else [str(value)]


def _first_new(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> Diagnostic | None:
    """A mistake that was not there before."""
    left = Counter(map(_place, before))
    for diagnostic in after:
        if not left[_place(diagnostic)]:
            return diagnostic
        left[_place(diagnostic)] -= 1
    return None


def _place(diagnostic: Diagnostic) -> tuple[str, str, int]:
    """Rule, file and line: a new name moves nothing to another line."""
    line = diagnostic.span.start_position.line if diagnostic.span is not None else 0
    return diagnostic.rule.id, diagnostic.path, line
