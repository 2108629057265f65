"""`skyflow explain`: what a rule means, straight from the rule's own documentation."""

from __future__ import annotations

import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Sequence

from skyflow.cli.outcome import Exit, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.screen import screen_width, wants_color
from skyflow.diagnostics import Rule, nearest

_WIDTH = 88  # cells; longer lines of prose are hard to read
_COLORS = {"error": "1;31", "warning": "1;33", "hint": "1;36"}


def make_parser() -> Parser:
    parser = Parser(
        "explain",
        "[ID…]",
        "Say what a rule means: what is checked, why, a wrong and a right example, and\n"
        "where the API says so. An ID is the word in brackets of a message, as in\n"
        "error[tag-not-in-prompt]. Without an ID, list them all.",
        "  skyflow explain tag-not-in-prompt\n  skyflow explain",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="the rule's id")
    return parser


def run(arguments: Namespace) -> int:
    rules = _all_rules()
    page = _Page(wants_color(arguments.color, sys.stdout), min(screen_width(sys.stdout), _WIDTH))
    if not arguments.ids:
        print(page.overview(rules))
        return Exit.FINE
    chosen = [_find(written, rules) for written in arguments.ids]
    print("\n\n".join(map(page.explain, chosen)))
    return Exit.FINE


def _all_rules() -> tuple[Rule, ...]:
    from skyflow.config import CONFIG_INVALID
    from skyflow.pipeline import RULES

    return (*RULES, CONFIG_INVALID)


def _find(written: str, rules: Sequence[Rule]) -> Rule:
    wanted = written.strip().lower().removeprefix("error[").removeprefix("warning[").removeprefix("hint[").rstrip("]:")
    by_id = {rule.id: rule for rule in rules}
    if wanted in by_id:
        return by_id[wanted]
    containing = [rule_id for rule_id in by_id if wanted and wanted in rule_id]
    found = nearest(wanted, by_id)
    if containing:
        hint = f"these come near: {', '.join(containing)}"
    else:
        hint = f"did you mean `{found}`?" if found else "`skyflow explain` lists them all"
    raise UsageError(f"there is no rule `{written}`", hint)


def _sentence(summary: str) -> str:
    """A summary with a capital, but for the name of a file."""
    first = summary.split(" ", 1)[0]
    return f"{summary if '.' in first else summary[0].upper() + summary[1:]}."


class _Page:
    """Rules as text for a terminal."""

    def __init__(self, color: bool, width: int) -> None:
        self._color = color
        self._width = width

    def overview(self, rules: Sequence[Rule]) -> str:
        widest = max(len(rule.id) for rule in rules)
        return "\n".join(
            f"{self._paint(rule.id.ljust(widest), '1')}  {self._paint(f'{rule.severity:<7}', _COLORS[rule.severity])}  {rule.summary}"
            for rule in rules
        )

    def explain(self, rule: Rule) -> str:
        title = self._paint(rule.id, "1") + " " + self._paint(f"({rule.severity})", _COLORS[rule.severity])
        return "\n\n".join(
            (
                f"{title}\n{_sentence(rule.summary)}",
                self._prose(rule.what),
                self._prose(rule.why),
                self._example("Wrong:", rule.wrong),
                self._example("Right:", rule.right),
                *self._allowance(rule),
                self._prose(f"Where this is said: {rule.source.rstrip('.')}."),
            )
        )

    def _allowance(self, rule: Rule) -> Iterator[str]:
        from skyflow.storyboard.allowances import may_be_allowed

        if may_be_allowed(rule) and rule.id != "allow-unused":
            how = f"Where it is meant: `# allow: {rule.id}` behind the line or above it, or `[allow]` in skyflow.toml."
            yield self._prose(how)

    def _prose(self, text: str) -> str:
        return "\n\n".join(textwrap.fill(part, self._width) for part in textwrap.dedent(text).strip().split("\n\n"))

    def _example(self, title: str, text: str) -> str:
        return self._paint(title, "1") + "\n" + textwrap.indent(text.strip("\n"), "    ")

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color else text
