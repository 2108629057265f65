"""The LALR(1) machine: takes tokens, follows the tables, has the tree built. It knows nothing of mistakes but that a token does not fit."""

from __future__ import annotations

from typing import Any

from skyflow.syntax.builder import Builder
from skyflow.syntax.lexer import Token
from skyflow.syntax.tables import END, load_tables


class Machine:
    """`height` is how much has been read and not yet been put together; cutting back to an earlier height forgets what came since."""

    def __init__(self, builder: Builder) -> None:
        self.tables = load_tables()
        self.plain_words: set[int] = set()  # where a keyword was read as a name
        self._build = [
            getattr(builder, rule.builds) if rule.builds and not rule.passes else None for rule in self.tables.rules
        ]
        # Of all states but the first: what has been read in it, and where that starts and ends.
        self._states = [0]
        self._values: list[Any] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    @property
    def height(self) -> int:
        return len(self._values)

    def cut_to(self, height: int) -> None:
        del self._values[height:], self._starts[height:], self._ends[height:], self._states[height + 1 :]

    @property
    def result(self) -> Any:
        """What was built, once END was fed."""
        (value,) = self._values
        return value

    def feed(self, token: Token) -> bool:
        """Takes a token over; False, and nothing taken, where the grammar has no place for it."""
        states, tables = self._states, self.tables
        kind = token.kind
        while True:
            action = tables.states[states[-1]].get(kind)
            if action is None:
                if kind not in tables.keyword_kinds:
                    return False
                kind = "NAME"
            elif action >= 0:
                break
            else:
                self._reduce(~action)
                if kind == END and states[-1] == tables.end:
                    return True
        if kind != token.kind:
            self.plain_words.add(token.start)
        states.append(action)
        self._values.append(token)
        self._starts.append(token.start)
        self._ends.append(token.end)
        return True

    def accepts(self, kind: str) -> bool:
        """Whether a token of this kind could come next."""
        states = list(self._states)
        while True:
            action = self.tables.states[states[-1]].get(kind)
            if action is None or action >= 0:
                return action is not None
            rule = self.tables.rules[~action]
            del states[len(states) - rule.size :]
            states.append(self.tables.states[states[-1]][rule.origin])

    def _reduce(self, number: int) -> None:
        rule, build = self.tables.rules[number], self._build[number]
        values, starts, ends = self._values, self._starts, self._ends
        base = len(values) - rule.size
        start, end = (starts[base], ends[-1]) if rule.size else (0, 0)
        if rule.passes:
            value = values[base + rule.kept[0][0]]
        else:
            parts: list[Any] = []
            for index, is_list in rule.kept:
                if not is_list:
                    parts.append(values[base + index])
                elif parts:
                    parts.extend(values[base + index])
                else:
                    parts = values[base + index]  # A list grows in place: n values take n steps.
            value = build(parts, start, end) if build else parts
        self.cut_to(base)
        self._states.append(self.tables.states[self._states[-1]][rule.origin])
        values.append(value)
        starts.append(start)
        ends.append(end)
