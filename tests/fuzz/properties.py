"""What holds for any text whatever. Each function takes a text and raises AssertionError, or whatever went wrong in the program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from skyflow.diagnostics import Diagnostic
from skyflow.diagnostics.terminal import render_terminal
from skyflow.formatter import format_text
from skyflow.formatter.meaning import same_meaning
from skyflow.pipeline import open_storyboard
from skyflow.source import FileProblem, FilesError, MediaFacts, SourceFile, Span
from skyflow.syntax import parse, tokens
from skyflow.syntax.lexer import COMMENT

NAME = "film.sky"


def check_parser(text: str) -> None:
    """Tokens put together are the text, places lie in it, and what is damaged was reported."""
    source = SourceFile(NAME, text)
    found = tokens(source)
    assert "".join(token.text for token in found) == text
    file, diagnostics = parse(source)
    for node in _nodes(file):
        span = getattr(node, "span", None)
        assert span is None or 0 <= span.start <= span.end <= len(text)
        assert diagnostics or type(node).__name__ != "Damaged"
    _check_places(diagnostics, len(text))


def check_formatter(text: str) -> None:
    """Formatting is idempotent, keeps what is meant, and loses no comment."""
    source = SourceFile(NAME, text)
    once = format_text(source)
    formatted = SourceFile(NAME, once)
    assert format_text(formatted) == once, "formatting twice is not formatting once"
    assert same_meaning(parse(source)[0], parse(formatted)[0]), "it does not say the same"
    assert _comments(source) == _comments(formatted), "a comment was lost"


def check_rules(text: str) -> None:
    """Everything behind the parser: names, variants, requests, and messages that can be printed."""
    storyboarding = open_storyboard(NAME, OneFile(text), limit=200)
    diagnostics = storyboarding.check()
    _check_places(diagnostics, len(text))
    render_terminal(diagnostics)
    if not any(one.severity == "error" for one in diagnostics):
        for clip in storyboarding.clips():
            clip.as_json()


class OneFile:
    """A project that holds one storyboard, and a picture wherever one is asked for."""

    def __init__(self, text: str) -> None:
        self._source = SourceFile(NAME, text)

    def resolve(self, base: str, reference: str) -> str:
        if reference.startswith(("/", "..")):
            raise FilesError(FileProblem.OUTSIDE, reference)
        return reference

    def read(self, path: str) -> SourceFile:
        if path != NAME:
            raise FilesError(FileProblem.MISSING, path)
        return self._source

    def media(self, path: str) -> MediaFacts:
        return MediaFacts("image", "png", "0" * 64, 100, None, 160, 90)


def _nodes(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)
    elif is_dataclass(node) and not isinstance(node, (Span, SourceFile)):
        yield node
        for field in fields(node):
            yield from _nodes(getattr(node, field.name))


def _check_places(diagnostics: Iterable[Diagnostic], length: int) -> None:
    for diagnostic in diagnostics:
        places = [diagnostic.span, *(related.span for related in diagnostic.related)]
        places += [edit.span for edit in diagnostic.fix.edits] if diagnostic.fix else []
        assert all(
            place is None or place.source.path != NAME or 0 <= place.start <= place.end <= length for place in places
        )


def _comments(source: SourceFile) -> Counter[str]:
    return Counter(token.text.rstrip() for token in tokens(source) if token.kind == COMMENT)
