"""What is gathered while the statements of a storyboard are walked, and the words in which statements are spoken of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from skyflow.diagnostics import Diagnostic, Fix, Related, Rule
from skyflow.source import Files, Span
from skyflow.storyboard.model import Scope, Variable
from skyflow.syntax import tree
from skyflow.syntax.rule import SYNTAX


@dataclass
class Resolution:
    """What is gathered while the statements are walked."""

    files: Files
    diagnostics: list[Diagnostic] = field(default_factory=list)
    damaged_words: set[str] = field(default_factory=set)
    loaded: dict[str, Scope] = field(default_factory=dict)
    trees: dict[str, tree.File] = field(default_factory=dict)
    top_variables: list[Variable] = field(default_factory=list)
    title: str | None = None
    title_span: Span | None = None

    def report(
        self,
        rule: Rule,
        message: str,
        span: Span,
        *,
        label: str = "",
        help: str = "",
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        subject: str = "",
        shot: str = "",
    ) -> None:
        self.diagnostics.append(
            Diagnostic(
                rule, message, span, label=label, help=help, related=related, fix=fix, subject=subject, shot=shot
            )
        )

    def forget(self, is_there: Callable[[Span], bool]) -> None:
        """Leaves unsaid how something is written that must not stand there at all."""
        self.diagnostics[:] = [
            found
            for found in self.diagnostics
            if not (found.rule is SYNTAX and found.span is not None and is_there(found.span))
        ]


def misplaced(statement: tree.Statement, where: str, r: Resolution) -> None:
    """A statement in a block that cannot hold it; `where` says which can."""
    r.report(SYNTAX, f"{kind_of(statement)} cannot stand here", head_of(statement), help=f"it stands {where}")


def kind_of(statement: tree.Statement) -> str:
    match statement:
        case tree.Title():
            return "a title"
        case tree.Use():
            return "`use`"
        case tree.Var():
            return "a variable"
        case tree.Asset():
            return f"an asset ({statement.keyword})"
        case tree.Setting():
            return f"the setting `{statement.name.text}`"
        case tree.Keyframe():
            return "a keyframe"
        case tree.Extend():
            return "`extend`"
        case tree.Defaults():
            return "`defaults`"
        case tree.Block():
            return f"a {statement.keyword}"
        case tree.Damaged():
            return "an unreadable statement"
        case _:
            assert_never(statement)


def head_of(statement: tree.Statement) -> Span:
    match statement:
        case tree.Block():
            return statement.header
        case tree.Defaults():
            return statement.keyword_span
        case _:
            return statement.span


def listed(words: tuple[str, ...]) -> str:
    quoted = [f"`{word}`" for word in words]
    return ", ".join(quoted[:-1]) + f" and {quoted[-1]}"
