"""From an offset to what is said there: the thing that is named, else the word, and in any case the rules that are broken there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from skyflow.diagnostics import Rule
from skyflow.lsp.analysis import Analysis
from skyflow.lsp.hover.files import describe_file
from skyflow.lsp.hover.shots import describe_node
from skyflow.lsp.hover.tags import describe_tag
from skyflow.lsp.hover.variables import describe_column, describe_variable
from skyflow.lsp.hover.words import describe_rule, describe_word
from skyflow.lsp.names import Occurrence


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the characters from `start` to `end`."""

    text: str
    start: int
    end: int


def hover_at(analysis: Analysis, offset: int, *, pictures: bool = False) -> Hover | None:
    """What is said at an offset; None where there is nothing to say. `pictures`: the editor shows pictures that stand in Markdown."""
    found = _thing_at(analysis, offset, pictures) or _word_at(analysis, offset)
    rules = [describe_rule(rule) for rule in _rules_at(analysis, offset)]
    if not rules:
        return found
    if found is None:
        return Hover("\n\n---\n\n".join(rules), offset, offset)
    return Hover("\n\n---\n\n".join([found.text, *rules]), found.start, found.end)


def _thing_at(analysis: Analysis, offset: int, pictures: bool) -> Hover | None:
    occurrence = analysis.names.at(offset)
    text = _describe(analysis, occurrence, pictures) if occurrence is not None else ""
    return Hover(text, occurrence.start, occurrence.end) if occurrence is not None and text else None


def _describe(analysis: Analysis, occurrence: Occurrence, pictures: bool) -> str:
    match occurrence.symbol.kind:
        case "tag":
            return describe_tag(analysis, occurrence.symbol, pictures)
        case "variable":
            return describe_variable(analysis, occurrence.symbol)
        case "column":
            return describe_column(analysis, occurrence.symbol)
        case "shot" | "scene":
            return describe_node(analysis, occurrence.symbol)
        case "file":
            return describe_file(analysis, occurrence.symbol.path, pictures)


def _word_at(analysis: Analysis, offset: int) -> Hover | None:
    found = describe_word(analysis.file, offset)
    return Hover(*found) if found is not None else None


def _rules_at(analysis: Analysis, offset: int) -> Iterator[Rule]:
    """The rules that are broken at an offset, each once."""
    found = {
        diagnostic.rule.id: diagnostic.rule
        for diagnostic in analysis.diagnostics
        if diagnostic.span is not None
        and diagnostic.span.source is analysis.source
        and diagnostic.span.start <= offset <= diagnostic.span.end
    }
    return iter(found.values())
