"""How many mistakes of which severity there are, as numbers and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from skyflow.diagnostics.diagnostic import Diagnostic
from skyflow.diagnostics.rule import Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


def count_severities(diagnostics: Iterable[Diagnostic]) -> dict[Severity, int]:
    """The number of diagnostics of each severity, the worst first."""
    found = Counter(diagnostic.severity for diagnostic in diagnostics)
    return {severity: found[severity] for severity in SEVERITIES}


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)


def in_words(counts: dict[Severity, int]) -> str:
    """`2 errors, 1 warning`; an empty string where there is nothing."""
    return ", ".join(f"{count:,} {severity}{'' if count == 1 else 's'}" for severity, count in counts.items() if count)
