"""Diagnostics of many variants → each mistake once, at its place, with the variant only where it matters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from skyflow.diagnostics import Diagnostic, Related, Rule
from skyflow.source import Span
from skyflow.storyboard.rules import NAME_UNKNOWN
from skyflow.variants import TEMPLATE_ERROR, WITHOUT_BRACES

MAX_ROWS = 10  # ours: that are named for one mistake; who has more looks at the column as a whole

USED_HERE = "used here"  # one use is shown of what is wrong where it is declared

_Place = tuple[str, int, int, int, str, str]


@dataclass(slots=True)
class _Seen:
    diagnostic: Diagnostic
    first_variant: str
    last_number: int
    variants: int = 1
    elsewhere: dict[Span, Related] = field(default_factory=dict)
    """Cells of other rows that hold the same mistake, by their place."""
    in_a_loop: bool = False

    def add(self, diagnostic: Diagnostic, number: int) -> None:
        """The same mistake once more, in the same variant or another."""
        if diagnostic.related != self.diagnostic.related:
            self.in_a_loop = self.in_a_loop or self.last_number == number
            named = {related.span for related in self.diagnostic.related}
            for related in diagnostic.related:
                if related.span not in named and related.label != USED_HERE and len(self.elsewhere) < MAX_ROWS - 1:
                    self.elsewhere.setdefault(related.span, related)
        if self.last_number != number:
            self.last_number = number
            self.variants += 1


@dataclass(slots=True)
class Collector:
    """Gathers diagnostics. One cause is one diagnostic: the same rule, the same place, the same subject."""

    _seen: dict[_Place, _Seen] = field(default_factory=dict)
    errors: int = 0
    _unknown: list[Span] = field(default_factory=list)
    _bare_words: set[tuple[int, int, int]] = field(default_factory=set)

    def add(self, diagnostic: Diagnostic, variant: str = "", number: int = -1) -> None:
        """Notes a diagnostic; `number` is the number of the variant that shows it, -1 for what no variant has a part in."""
        span = diagnostic.span
        if span is not None and self._follows(diagnostic.rule, span):
            return
        place = (
            diagnostic.rule.id,
            id(span.source) if span is not None else 0,
            span.start if span is not None else 0,
            span.end if span is not None else 0,
            diagnostic.subject,
            diagnostic.file if span is None else "",
        )
        if diagnostic.subject == WITHOUT_BRACES:
            self._bare_words.add(place[1:4])
        elif place[1:4] in self._bare_words:
            return
        seen = self._seen.get(place)
        if seen is None:
            self._seen[place] = _Seen(diagnostic, variant, number)
            self.errors += diagnostic.severity == "error"
            if diagnostic.rule is NAME_UNKNOWN and span is not None:
                self._unknown.append(span)
        else:
            seen.add(diagnostic, number)

    def _follows(self, rule: Rule, span: Span) -> bool:
        """Whether an expression could not be computed because a name in it is unknown, which was told."""
        return rule is TEMPLATE_ERROR and any(
            unknown.source is span.source and span.start <= unknown.start and unknown.end <= span.end
            for unknown in self._unknown
        )

    def finish(self, variant_count: int) -> tuple[Diagnostic, ...]:
        """All diagnostics by file and place. A mistake that every variant shows names none."""
        found = []
        for seen in self._seen.values():
            diagnostic = seen.diagnostic
            everywhere = seen.last_number < 0 or seen.variants >= variant_count
            if not everywhere and seen.first_variant:
                diagnostic = replace(diagnostic, variant=seen.first_variant, also=seen.variants - 1)
            if seen.elsewhere and (seen.in_a_loop or not everywhere):
                diagnostic = replace(diagnostic, related=(*diagnostic.related, *seen.elsewhere.values()))
            found.append(diagnostic)
        return tuple(sorted(found, key=lambda diagnostic: diagnostic.sort_key))
