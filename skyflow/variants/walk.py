"""Axes → the variants of a storyboard, each with the values of its top-level variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from skyflow.diagnostics import Diagnostic
from skyflow.storyboard import Storyboard
from skyflow.syntax import tree
from skyflow.variants.axes import Inputs, TopVariable, label_of, plain_value
from skyflow.variants.evaluate import Evaluated, Unevaluated, evaluate
from skyflow.variants.rules import VALUE_TYPE, VARIANTS_TOO_MANY
from skyflow.variants.values import Row, identity_of, kind_of

# More than this many variants is more likely a slip than a wish (language, Variants).
MAX_VARIANTS = 100_000
# Computed values are remembered for variants to come; this many fit easily into memory.
MAX_MEMORY = 10_000


@dataclass(slots=True, eq=False)
class Variant:
    """One film: `name` is empty without axes, `values` holds every top-level variable that has a value, `number` counts from 0."""

    name: str
    values: Mapping[str, Any]
    number: int = 0


@dataclass
class VariantWalk:
    """Walks the product of all axes, first declared slowest. Problems are reported once each through `report`."""

    storyboard: Storyboard
    inputs: Inputs
    limit: int = MAX_VARIANTS
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _reported: set[tuple[str, int, int, int]] = field(default_factory=set)

    @property
    def possible(self) -> int:
        """How many variants there are before `when`."""
        count = 1
        for axis in self.inputs.axes:
            count *= max(1, len(axis.choices if axis.choices is not None else axis.variable.declaration.values))
        return count

    def check_count(self) -> Diagnostic | None:
        """`variants-too-many`, where the product is beyond the limit."""
        if self.possible <= self.limit:
            return None
        sizes = " × ".join(
            f"{len(a.choices if a.choices is not None else a.variable.declaration.values):,} {a.name}"
            for a in self.inputs.axes
        )
        return Diagnostic(
            VARIANTS_TOO_MANY,
            f"{self.possible:,} variants ({sizes}) are more than the limit of {self.limit:,}",
            self.inputs.axes[-1].variable.span,
            help='raise it in skyflow.toml: [limits] variants = …, or choose a part: --var NAME="…"',
        )

    def variants(self) -> Iterator[Variant]:
        """All variants that the top-level `when` keeps, in order."""
        if self.possible > self.limit:
            return
        values: dict[str, Any] = {"storyboard": Row({"title": self.storyboard.title})}
        for variable in self.inputs.variables:
            if not variable.is_axis and variable.choices:
                values[variable.name] = variable.choices[0]
        when = next((s.when for s in reversed(self.storyboard.root.scope.chain()) if s.when is not None), None)
        number = 0
        for name in self._walk(0, "", values):
            done = dict(values)
            done["variant"] = Row({"name": name})
            for variable in self._computed:
                self._compute(variable, done)
            if when is None or self._kept(when.value, done):
                yield Variant(name, done, number)
                number += 1

    @cached_property
    def _computed(self) -> list[TopVariable]:
        return [variable for variable in self.inputs.variables if not variable.is_axis and variable.choices is None]

    def _walk(self, index: int, prefix: str, values: dict[str, Any]) -> Iterator[str]:
        """The names of all variants; while one is out, `values` holds its axes."""
        axes = self.inputs.axes
        if index == len(axes):
            yield prefix
            return
        axis = axes[index]
        if axis.choices == []:  # a mistake that was reported: the rest is still worth checking
            yield from self._walk(index + 1, prefix, values)
            return
        start = f"{prefix},{axis.name}=" if prefix else f"{axis.name}="
        for choice, label in self._alternatives(axis, values):
            values[axis.name] = choice
            if index + 1 == len(axes):
                yield start + label
            else:
                yield from self._walk(index + 1, start + label, values)
            del values[axis.name]

    def _alternatives(self, axis: TopVariable, values: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
        if axis.choices is not None:
            yield from zip(axis.choices, axis.labels or [], strict=True)
            return
        known = dict(values)
        for variable in self._computed:
            self._compute(variable, known, quiet=True)
        for declared in axis.variable.declaration.values:
            try:
                value = plain_value(evaluate(declared, known))
            except Unevaluated as problem:
                self.report(problem.diagnostic)
                continue
            yield value, label_of(value)

    def _compute(self, variable: TopVariable, values: dict[str, Any], *, quiet: bool = False) -> None:
        """Gives a variable that reads others its value; where that fails the name stays without one, and what needs it stays silent."""
        key = tuple(identity_of(values.get(name)) for name in variable.reads)
        if key not in variable.memory:
            if len(variable.memory) >= MAX_MEMORY:
                variable.memory.clear()
            try:
                variable.memory[key] = plain_value(evaluate(variable.variable.declaration.values[0], values))
            except Unevaluated as problem:
                if not quiet:
                    self.report(problem.diagnostic)
                return
        values[variable.name] = variable.memory[key]

    def _kept(self, when: tree.Value, values: Mapping[str, Any]) -> bool:
        try:
            return truth_of(evaluate(when, values))
        except Unevaluated as problem:
            self.report(problem.diagnostic)
            return True  # so that the rest is still checked

    def report(self, diagnostic: Diagnostic | None) -> None:
        if diagnostic is None or diagnostic.span is None:
            return
        key = (diagnostic.rule.id, id(diagnostic.span.source), diagnostic.span.start, diagnostic.span.end)
        if key not in self._reported:
            self._reported.add(key)
            self.diagnostics.append(diagnostic)


def truth_of(found: Evaluated) -> bool:
    """Whether a `when` holds: true/false, or text that spells one. Raises Unevaluated."""
    value = found.value
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    shown = f"`{value}`" if isinstance(value, str | int | float) else kind_of(value)
    raise Unevaluated(
        Diagnostic(
            VALUE_TYPE,
            f"`when` needs true or false, and this is {shown}",
            found.span,
            help='write a comparison: when = {{ city == "Tokyo" }}',
            subject="when",
        )
    )
