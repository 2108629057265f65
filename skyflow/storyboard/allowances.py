"""A warning that is meant: `# allow: RULE` in a storyboard, `[allow]` in skyflow.toml. What each speaks of, and what is left of the diagnostics."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from skyflow.diagnostics import Diagnostic, Rule, did_you_mean
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
        return _may_be_allowed(diagnostic) and scope.start <= place.start <= scope.end


class ProjectRule(Protocol):
    """One rule that the project's settings allow, with its place in `skyflow.toml`."""

    @property
    def rule(self) -> str: ...

    @property
    def span(self) -> Span: ...

    @property
    def pattern(self) -> str: ...

    def covers_file(self, path: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Look:
    """What one check saw of the project's allowances: those that hold, those that allowed something, and the files that were read.

    `is_whole` is false where not everything was looked at, because of an error or of the time.
    """

    allowed: Sequence[ProjectRule] = ()
    used: Collection[ProjectRule] = ()
    files: Collection[str] = ()
    is_whole: bool = False


def may_be_allowed(rule: Rule) -> bool:
    """Whether a rule may be broken on purpose at all."""
    return rule.severity != "error" or rule.id in ALLOWED_ERRORS


def _may_be_allowed(diagnostic: Diagnostic) -> bool:
    return diagnostic.severity != "error" or diagnostic.rule.id in ALLOWED_ERRORS


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


def allow_in_project(
    diagnostics: Iterable[Diagnostic], allowed: Sequence[ProjectRule]
) -> tuple[tuple[Diagnostic, ...], set[ProjectRule]]:
    """What is left when everything that the project allows is taken away, and the allowances that were needed."""
    left: list[Diagnostic] = []
    used: set[ProjectRule] = set()
    for diagnostic in diagnostics:
        covering = [one for one in allowed if one.rule == diagnostic.rule.id and one.covers_file(diagnostic.path)]
        if covering and _may_be_allowed(diagnostic):
            used.update(covering)
        else:
            left.append(diagnostic)
    return tuple(left), used


def tell_idle(
    looks: Sequence[Look], storyboards: Callable[[], Collection[str] | None], known: Sequence[Rule]
) -> Iterator[Diagnostic]:
    """The allowances of a project that allow nothing, after some of its storyboards were checked.

    Told only where all storyboards that an allowance speaks of were looked at: another one may need it. `storyboards` lists their project paths,
    None where there are too many.
    """
    rules = {rule.id: rule for rule in known}
    used = {_named(one) for look in looks for one in look.used}
    read = {path for look in looks for path in look.files}
    is_whole = all(look.is_whole for look in looks)
    unmatched: set[str] = set()
    there: Collection[str] | None = None
    for name, one in {_named(one): one for look in looks for one in look.allowed}.items():
        if name in used or one.pattern in unmatched:
            continue
        if (impossible := _impossible(one.rule, one.span, rules)) is not None:
            yield impossible
            continue
        there = storyboards() if there is None else there
        if there is None:
            return
        meant = {path for path in there if one.covers_file(path)}
        if not meant and one.pattern.endswith(".sky"):
            unmatched.add(one.pattern)
            message = f"no storyboard of the project is called `{one.pattern}`"
            help = "mend the pattern, or remove it; it is a path from the project folder, or a file's name alone"
            yield Diagnostic(ALLOW_UNUSED, message, one.span, help=help, subject=one.pattern)
        elif meant and meant <= read and is_whole:
            where = f"`{one.pattern}`" if one.pattern else "the project"
            message = f"`{one.rule}` is allowed here, but nothing in {where} breaks it"
            yield Diagnostic(ALLOW_UNUSED, message, one.span, help="remove it", subject=f"{one.pattern} {one.rule}")


def _named(one: ProjectRule) -> tuple[str, str, int]:
    """Each check reads `skyflow.toml` for itself: an allowance is known by what it says and where."""
    return one.rule, one.pattern, one.span.start


def apply_allowances(
    diagnostics: Iterable[Diagnostic], allowances: Iterable[Allowance], known: Sequence[Rule], own: str
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
    rules = {rule.id: rule for rule in known}
    # With errors not everything is looked at: nothing is called idle, but for what could never allow anything.
    is_whole = all(diagnostic.severity != "error" for diagnostic in left)
    unused = [_unused(one, rules, is_whole) for one in given if not one.used and one.span.source.path == own]
    told = (*left, *(one for one in unused if one is not None))
    return tuple(sorted(told, key=lambda diagnostic: diagnostic.sort_key))


def _unused(allowance: Allowance, rules: Mapping[str, Rule], is_whole: bool) -> Diagnostic | None:
    rule = allowance.rule
    impossible = _impossible(rule, allowance.span, rules)
    if impossible is not None or not is_whole:
        return impossible
    message = f"`{rule}` is allowed here, but nothing here breaks it"
    return Diagnostic(ALLOW_UNUSED, message, allowance.span, help="remove the comment", subject=rule)


def _impossible(rule: str, span: Span, rules: Mapping[str, Rule]) -> Diagnostic | None:
    """An allowance that could never allow anything."""
    if rule not in rules:
        help = did_you_mean(rule, rules) or "skyflow explain lists all rules"
        return Diagnostic(ALLOW_UNUSED, f"there is no rule `{rule}`", span, help=help, subject=rule)
    if not may_be_allowed(rules[rule]):
        message = f"`{rule}` is an error, and errors cannot be allowed"
        help = "remove it; only warnings can be allowed, and prompt-too-long, whose count is an estimate"
        return Diagnostic(ALLOW_UNUSED, message, span, help=help, subject=rule)
    return None
