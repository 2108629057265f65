"""One mistake as a value: which rule, where, what was found, what to do about it. Renderers turn it into text."""

from __future__ import annotations

from dataclasses import dataclass

from skyflow.diagnostics.rule import Rule, Severity
from skyflow.source import Span


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that belongs to the mistake, with a few words about it."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend the mistake. `certain` ones may be applied without asking."""

    title: str
    edits: tuple[Edit, ...]
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake.

    `span` is where to look (None only where there is no text, for one a file that cannot be read: then `file` names it).
    `label` is written under the span, `help` behind "= help:". `pointer` is a JSON pointer into the request that is concerned.
    `variant` is empty unless the mistake shows in some variants only; `also` counts further variants with the same cause.
    `subject` names what the fault concerns (a tag, a name): one mistake seen twice is merged by rule, span and subject.
    """

    rule: Rule
    message: str
    span: Span | None = None
    label: str = ""
    help: str = ""
    related: tuple[Related, ...] = ()
    pointer: str = ""
    shot: str = ""
    variant: str = ""
    also: int = 0
    fix: Fix | None = None
    file: str = ""
    subject: str = ""
    severity_override: Severity | None = None

    @property
    def severity(self) -> Severity:
        return self.severity_override or self.rule.severity

    @property
    def path(self) -> str:
        return self.span.source.path if self.span is not None else self.file

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        if self.span is None:
            return (self.file, 0, 0, self.rule.id)
        return (self.span.source.path, self.span.start, self.span.end, self.rule.id)
