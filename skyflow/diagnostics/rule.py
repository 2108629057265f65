"""What a rule is: an id and its documentation. Rules are data; who checks one stands beside the check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong.

    `id` states the mistake (`prompt-too-long`). `summary` is one line without a full stop. `what` says what is checked, `why` what would
    happen otherwise, both prose for a film person. `wrong` and `right` are whole examples: storyboards, or a request as JSON where
    no storyboard can break the rule (then `example_kind` is "request"). `source` says where the API, its maker or our design says so.
    """

    id: str
    severity: Severity
    summary: str
    what: str
    why: str
    wrong: str
    right: str
    source: str
    example_kind: Literal["storyboard", "request", "config"] = "storyboard"
