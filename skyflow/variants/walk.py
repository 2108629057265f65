"""Top-level variables → the variants of a storyboard: the product of all axes, less those that `when` drops, each with all its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from skyflow.diagnostics import Diagnostic, Related
from skyflow.storyboard import Storyboard
from skyflow.storyboard.rules import NAME_DUPLICATE, NAME_UNKNOWN
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


@dataclass(slots=True)
class _Problem:
    """A diagnostic with the first variant that shows it, the last one's number, and how many show it."""

    diagnostic: Diagnostic
    first: str | None
    last: int = -1
    variants: int = 0


@dataclass
class VariantWalk:
    """Walks the product of all axes, first declared slowest. What is wrong with top-level values is gathered in `diagnostics`."""

    storyboard: Storyboard
    inputs: Inputs
    limit: int = MAX_VARIANTS
    _problems: dict[tuple[str, int, int, int], _Problem] = field(default_factory=dict)
    _walked: int = 0
    """How many variants the last walk had before `when`."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was wrong in the last walk, each once, with its variant where not all show it."""
        found = []
        for problem in self._problems.values():
            diagnostic = problem.diagnostic
            if problem.first and problem.variants < self._walked:
                diagnostic = replace(diagnostic, variant=problem.first, also=problem.variants - 1)
            found.append(diagnostic)
        return found

    @property
    def possible(self) -> int:
        """How many variants there are before `when`."""
        count = 1
        for axis in self.inputs.axes:
            count *= max(1, _alternative_count(axis))
        return count

    def check_count(self) -> Diagnostic | None:
        """`variants-too-many`, where the product is beyond the limit."""
        if self.possible <= self.limit:
            return None
        axes = self.inputs.axes
        sizes = " × ".join(f"{_alternative_count(axis):,} {axis.name}" for axis in axes)
        return Diagnostic(
            VARIANTS_TOO_MANY,
            f"{self.possible:,} variants ({sizes}) are more than the limit of {self.limit:,}",
            axes[-1].variable.span,
            related=tuple(Related(axis.variable.span, "an axis") for axis in axes[:-1]),
            help="raise it in skyflow.toml ([project] variants-limit = …), "
            f"or choose some alternatives: --var {axes[-1].name}={_some_label(axes[-1])}",
        )

    def variants(self) -> Iterator[Variant]:
        """All variants that the top-level `when` keeps, in order."""
        if self.possible > self.limit:
            return
        when = self._when
        names, honest = _Names(self), len(self.inputs.axes)
        is_named, computed = self._is_named, self._computed
        number = self._walked = 0
        # Of an axis without a value a mistake was told; the rest is still worth checking.
        axes = [axis for axis in self.inputs.axes if axis.choices != []]
        for name, values in self._products(axes, "", self._constants()):
            if name.count("=") > honest:
                names.add(name)
            if is_named:
                values["variant"] = Row({"name": name})
            for variable in computed:
                self._compute(variable, values, name)
            if when is None or self._kept(when.value, values, name):
                yield Variant(name, values, number)
                number += 1
            self._walked += 1

    @property
    def _when(self) -> tree.Setting | None:
        return next((s.when for s in reversed(self.storyboard.root.scope.chain()) if s.when is not None), None)

    def free_axes(self) -> dict[str, list[Any]] | None:
        """The values of each axis where every combination of them is a variant and changes nothing else at the top level; None where a
        `when`, a computed variable or a name that two variants could share asks for each combination to be looked at."""
        axes = {axis.name: axis.choices or [] for axis in self.inputs.axes}
        labels = (label for axis in self.inputs.axes for label in axis.labels or ())
        if self._when is not None or self._computed or not all(axes.values()) or any("=" in label for label in labels):
            return None
        return axes

    def _constants(self) -> dict[str, Any]:
        """What has the same value in every variant."""
        values: dict[str, Any] = {"storyboard": Row({"title": self.storyboard.title})}
        for variable in self.inputs.variables:
            if not variable.is_axis and variable.choices:
                values[variable.name] = variable.choices[0]
        return values

    @property
    def _is_named(self) -> bool:
        """Whether anything can ask for the variant's name: no variable hides it, and somebody wrote the word."""
        return all(variable.name != "variant" for variable in self.inputs.variables) and any(
            "variant" in file.source.text for file in self.storyboard.trees.values()
        )

    @cached_property
    def _computed(self) -> list[TopVariable]:
        """The variables that read others, each behind those it reads: what a used file computes may read what hides a name of that file."""
        pending = {v.name: v for v in self.inputs.variables if not v.is_axis and v.choices is None}
        ordered: list[TopVariable] = []
        trail: list[str] = []

        def visit(variable: TopVariable) -> None:
            trail.append(variable.name)
            for name in variable.reads:
                if name in trail and name in pending:
                    self._report_circle(pending[name], [*trail[trail.index(name) :], name])
                elif name in pending:
                    visit(pending[name])
            trail.pop()
            if pending.pop(variable.name, None) is not None:
                ordered.append(variable)

        while pending:
            visit(next(iter(pending.values())))
        return ordered

    def _report_circle(self, variable: TopVariable, names: list[str]) -> None:
        """A circle within one file was told as a name that is declared further down."""
        if len({id(v.variable.span.source) for v in self.inputs.variables if v.name in names}) == 1:
            return
        message = f"these variables need each other in a circle: {' → '.join(names)}"
        help = f"`{variable.name}` hides a variable of a used file; give it another name"
        self.report(Diagnostic(NAME_UNKNOWN, message, variable.variable.span, help=help, subject=variable.name))

    def _products(
        self, axes: Sequence[TopVariable], prefix: str, values: dict[str, Any]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """The name of each variant and its values, a fresh dictionary: those of `values` and of the axes."""
        if not axes:
            yield prefix, values.copy()
            return
        axis, inner = axes[0], axes[1:]
        start = f"{prefix},{axis.name}=" if prefix else f"{axis.name}="
        for choice, label in self._alternatives(axis, values, prefix):
            chosen = values.copy()
            chosen[axis.name] = choice
            if inner:
                yield from self._products(inner, start + label, chosen)
            else:
                yield start + label, chosen

    def _alternatives(self, axis: TopVariable, values: Mapping[str, Any], prefix: str) -> Iterable[tuple[Any, str]]:
        """The values that an axis takes, with their labels."""
        if axis.choices is not None:
            return zip(axis.choices, axis.labels or [], strict=True)
        return self._computed_alternatives(axis, values, prefix)

    def _computed_alternatives(
        self, axis: TopVariable, values: Mapping[str, Any], prefix: str
    ) -> Iterator[tuple[Any, str]]:
        known = dict(values)
        for variable in self._computed:
            self._compute(variable, known, None)
        first: dict[str, tree.Value] = {}
        for declared in axis.variable.declaration.values:
            try:
                value = plain_value(evaluate(declared, known))
            except Unevaluated as problem:
                self.report(problem.diagnostic)
                continue
            label = label_of(value)
            if label in first:
                self.report(_equal_alternatives(axis, label, first[label], declared, prefix))
                continue
            first[label] = declared
            yield value, label

    def _compute(self, variable: TopVariable, values: dict[str, Any], variant: str | None) -> None:
        """Gives a variable that reads others its value; where that fails the name stays without one, and what needs it stays silent.

        `variant` is None while axes are still without a value: then a failure means nothing.
        """
        key = tuple(identity_of(values.get(name)) for name in variable.reads)
        if key not in variable.memory:
            if len(variable.memory) >= MAX_MEMORY:
                variable.memory.clear()
            try:
                variable.memory[key] = plain_value(evaluate(variable.variable.declaration.values[0], values))
            except Unevaluated as problem:
                if variant is not None:
                    self.report(problem.diagnostic, variant)
                return
        values[variable.name] = variable.memory[key]

    def _kept(self, when: tree.Value, values: Mapping[str, Any], variant: str) -> bool:
        try:
            return truth_of(evaluate(when, values))
        except Unevaluated as problem:
            self.report(problem.diagnostic, variant)
            return True  # so that the rest is still checked

    def report(self, diagnostic: Diagnostic | None, variant: str | None = None) -> None:
        if diagnostic is None or diagnostic.span is None:
            return
        key = (diagnostic.rule.id, id(diagnostic.span.source), diagnostic.span.start, diagnostic.span.end)
        problem = self._problems.setdefault(key, _Problem(diagnostic, variant))
        if problem.last >= self._walked:  # an earlier walk, or the same variant
            return
        problem.last = self._walked
        problem.variants += 1


@dataclass(slots=True)
class _Names:
    """Watches that no two variants have one name. Alternatives of one axis differ, so only a name that spells more
    axes than there are can be another's: a million honest names cost nothing."""

    walk: VariantWalk
    _seen: set[str] = field(default_factory=set)

    def add(self, name: str) -> None:
        axes = self.walk.inputs.axes
        if name in self._seen:
            message = f"two variants would have the name `{name}`"
            help = "leave `,` and `=` out of the alternatives, or put them into a table with a column `name`"
            span = axes[0].variable.span
            self.walk.report(Diagnostic(NAME_DUPLICATE, message, span, help=help, subject=name))
        self._seen.add(name)


def _alternative_count(axis: TopVariable) -> int:
    return len(axis.choices if axis.choices is not None else axis.variable.declaration.values)


def _some_label(axis: TopVariable) -> str:
    label = axis.labels[0] if axis.labels else "…"
    return label if label.isalnum() else f'"{label}"'


def _equal_alternatives(
    axis: TopVariable, label: str, first: tree.Value, second: tree.Value, prefix: str
) -> Diagnostic:
    where = f" (where {prefix})" if prefix else ""
    return Diagnostic(
        NAME_DUPLICATE,
        f"`{axis.name}` has the alternative `{label}` twice{where}",
        second.span,
        related=(Related(first.span, "the first one"),),
        help="remove one: variants are named by their alternatives",
        subject=label,
    )


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
