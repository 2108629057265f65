"""The shape of a file: its symbols for the outline, and what can be folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from skyflow.lsp.tree_search import parts_of, statements_of, values_of
from skyflow.lsp.wording import shortened
from skyflow.source import SourceFile, Span
from skyflow.syntax import tree
from skyflow.syntax.lexer import COMMENT, NEWLINE, SPACE, Lexer

Kind = Literal["title", "file", "variable", "asset", "defaults", "scene", "shot", "keyframe"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outline: `span` is all of it, `name_span` what is marked when it is chosen."""

    name: str
    kind: Kind
    detail: str
    span: Span
    name_span: Span
    children: tuple[Entry, ...] = ()


def outline(statements: Iterable[tree.Statement]) -> tuple[Entry, ...]:
    """The entries of some statements, those of blocks with their own."""
    return tuple(entry for statement in statements for entry in _entries(statement))


def _entries(statement: tree.Statement) -> Iterator[Entry]:
    span = statement.span
    match statement:
        case tree.Title():
            yield Entry(statement.title.plain or "title", "title", "", span, statement.title.span)
        case tree.Use():
            yield Entry(statement.path.plain or "use", "file", "use", span, statement.path.span)
        case tree.Var():
            written = " | ".join(value.span.text for value in statement.values)
            detail = statement.table.span.text if statement.table is not None else written
            yield Entry(statement.name.text, "variable", shortened(detail, 60), span, statement.name.span)
        case tree.Asset():
            yield Entry(statement.tag.text, "asset", statement.keyword, span, statement.tag.span)
        case tree.Defaults():
            yield Entry("defaults", "defaults", "", span, statement.keyword_span)
        case tree.Block():
            loop = statement.loop.span.text if statement.loop is not None else ""
            children = outline(statement.statements)
            yield Entry(
                statement.name.text, statement.keyword, shortened(loop, 60), span, statement.name.span, children
            )
        case tree.Keyframe():
            yield Entry(statement.tag.text, "keyframe", "keyframe", span, statement.tag.span)
        case tree.Extend():
            yield Entry(statement.tag.text, "keyframe", "extend", span, statement.tag.span)
        case tree.Damaged():
            yield from outline(statement.statements)
        case tree.Setting():
            pass  # a setting is a part of its block


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines (from 0) that can be folded into the first one."""

    start: int
    end: int
    comment: bool = False


def folds(file: tree.File) -> list[Fold]:
    """Blocks, text blocks, lists and rows of alternatives over several lines, and runs of comment lines."""
    found = {(fold.start, fold.end): fold for fold in (*_statement_folds(file), *_comment_folds(file.source))}
    return [found[place] for place in sorted(found)]


def _statement_folds(file: tree.File) -> Iterator[Fold]:
    for statement in statements_of(file.statements):
        spans = [statement.span] if isinstance(statement, tree.Block | tree.Defaults | tree.Asset | tree.Var) else []
        for value in values_of(statement):
            spans.extend(part.span for part in parts_of(value) if isinstance(part, tree.Text | tree.ListValue))
        for span in spans:
            first, last = _line(file.source, span.start), _line(file.source, max(span.start, span.end - 1))
            if isinstance(statement, tree.Block | tree.Defaults) and span is statement.span:
                last -= 1  # the line of the `}` stays
            if last > first:
                yield Fold(first, last)


def _line(source: SourceFile, offset: int) -> int:
    return source.position(offset).line - 1


def _comment_folds(source: SourceFile) -> Iterator[Fold]:
    for run in _comment_runs(source):
        if len(run) > 1:
            yield Fold(run[0], run[-1], comment=True)


def _comment_runs(source: SourceFile) -> Iterator[Sequence[int]]:
    run: list[int] = []
    alone = True  # whether nothing but blanks stands before on the line
    for token in Lexer(source).tokens():
        if token.kind == COMMENT and alone:
            line = _line(source, token.start)
            if run and line != run[-1] + 1:
                yield run
                run = []
            run.append(line)
        if token.kind == NEWLINE:
            alone = True
        elif token.kind != SPACE:
            alone = False
    yield run
