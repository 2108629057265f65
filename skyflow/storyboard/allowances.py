"""`# allow: RULE`: a warning that is meant. Which statements a comment speaks of, and what is left of the diagnostics."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from skyflow.diagnostics import Diagnostic, did_you_mean
from skyflow.source import SourceFile, Span
from skyflow.storyboard.rules import ALLOW_UNUSED
from skyflow.syntax import tree
from skyflow.syntax.lexer import COMMENT, Lexer

# An error is the API's refusal and cannot be allowed; this one rests on a count that is an estimate.
ALLOWED_ERRORS = frozenset({"prompt-too-long"})
_ALLOW = re.compile(r"#\s*allow\s*:\s*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(slots=True)
class Allowance:
    """One rule that a comment allows in the statement it stands at; `scope` is None where there is no statement."""

    rule: str
    span: Span
    scope: Span | None
    used: bool = field(default=False)

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether the diagnostic is allowed: its rule, at a place inside the statement."""
        place, scope = diagnostic.span, self.scope
        if place is None or scope is None or diagnostic.rule.id != self.rule or place.source is not scope.source:
            return False
        allowed = diagnostic.severity != "error" or diagnostic.rule.id in ALLOWED_ERRORS
        return allowed and scope.start <= place.start <= scope.end


def find_allowances(file: tree.File) -> list[Allowance]:
    """All allowances of a file. A comment behind a statement speaks of that statement, one on a line of its own of the next."""
    source = file.source
    if "allow" not in source.text:
        return []
    statements = list(_statements(file.statements))
    found: list[Allowance] = []
    for token in Lexer(source).tokens():
        start = _ALLOW.match(token.text) if token.kind == COMMENT else None
        if start is None:
            continue
        scope = _statement_at(_line_meant(source, token.start), statements)
        for word in _WORD.finditer(token.text, start.end()):
            span = Span(source, token.start + word.start(), token.start + word.end())
            found.append(Allowance(word[0], span, scope))
    return found


def _statements(statements: Iterable[tree.Statement]) -> Iterator[tree.Statement]:
    """All statements, however deep, blocks before what they hold."""
    for statement in statements:
        yield statement
        if isinstance(statement, tree.Block | tree.Defaults):
            yield from _statements(statement.statements)


def _line_meant(source: SourceFile, comment: int) -> int:
    """The line that a comment speaks of: its own, or the next one with something on it where it stands alone."""
    line = source.position(comment).line
    if source.text[source.line_starts[line - 1] : comment].strip():
        return line
    for following in range(line + 1, source.line_count + 1):
        text = source.line_text(following).strip()
        if text and not text.startswith("#"):
            return following
    return line


def _statement_at(line: int, statements: list[tree.Statement]) -> Span | None:
    """The innermost statement on a line; a block where the line is its first."""
    found: Span | None = None
    for statement in statements:
        span = statement.span
        first, last = span.start_position.line, span.end_position.line
        if isinstance(statement, tree.Block | tree.Defaults):
            last = first
        if first <= line <= last:
            found = span
    return found


def apply_allowances(
    diagnostics: Iterable[Diagnostic], allowances: Iterable[Allowance], known: Collection[str], own: str
) -> tuple[Diagnostic, ...]:
    """What is left when everything allowed is taken away, with the allowances of the file `own` that allow nothing."""
    given = list(allowances)
    left: list[Diagnostic] = []
    for diagnostic in diagnostics:
        covering = [allowance for allowance in given if allowance.covers(diagnostic)]
        for allowance in covering:
            allowance.used = True
        if not covering:
            left.append(diagnostic)
    if any(diagnostic.severity == "error" for diagnostic in left):
        return tuple(left)  # with errors not everything is looked at, so nothing is called idle
    unused = [
        _unused(allowance, known) for allowance in given if not allowance.used and allowance.span.source.path == own
    ]
    return tuple(sorted((*left, *unused), key=lambda diagnostic: diagnostic.sort_key))


def _unused(allowance: Allowance, known: Collection[str]) -> Diagnostic:
    rule = allowance.rule
    if rule not in known:
        help = did_you_mean(rule, known) or "skyflow explain lists all rules"
        return Diagnostic(ALLOW_UNUSED, f"there is no rule `{rule}`", allowance.span, help=help, subject=rule)
    message = f"`{rule}` is allowed here, but nothing here breaks it"
    help = "remove the comment; only warnings can be allowed, and prompt-too-long"
    return Diagnostic(ALLOW_UNUSED, message, allowance.span, help=help, subject=rule)
