"""One `{{ … }}`: judged by an allow-list of node kinds, computed in Jinja2's sandbox with every operator bounded.

Jinja2's own sandbox stops attribute tricks but neither `'a' * 10**9` nor deep nesting; the bounds here do. Only this module and `expression_text` import Jinja2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from skyflow.diagnostics import did_you_mean
from skyflow.variants.expression_text import (
    FORMS,
    ExpressionProblem,
    find_column,
    find_word,
    parse_expression,
)
from skyflow.variants.filters import FILTERS, TESTS, Limit, Unusable
from skyflow.variants.operators import (
    AS_NUMBER,
    COMPARED,
    CONCAT,
    OPERATORS,
    bounded_result,
    column_of,
    concat,
    in_plain_words,
    item_of,
)
from skyflow.variants.values import MAX_BITS, Row, kind_of

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.environment import TemplateExpression
    from jinja2.sandbox import SandboxedEnvironment

MAX_EXPRESSION = 2_000  # characters between the braces
MAX_DEPTH = 40  # nested operations; a person reads at most a handful

# The commonest expressions need no Jinja2 at all: importing it costs more than checking a small file.
_TRIVIAL = re.compile(r"\s*([^\W\d]\w*)(?:\s*\.\s*([^\W\d]\w*)|\s*\[\s*(?:\"([^\"\\]*)\"|'([^'\\]*)')\s*\])?\s*")
_KEYWORDS = frozenset({"true", "false", "none", "True", "False", "None", "not", "and", "or", "if", "else", "in", "is"})


@dataclass(frozen=True, slots=True)
class Access:
    """One name in an expression, the column it takes where it is `name.column`, and where the two stand in the expression's text."""

    name: str
    column: str | None
    start: int
    end: int
    column_start: int
    column_end: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A judged expression. `evaluate` takes all names of `accesses` and raises ExpressionProblem."""

    text: str
    accesses: tuple[Access, ...]
    evaluate: Callable[[Mapping[str, Any]], Any]
    trivial: bool

    @property
    def names(self) -> frozenset[str]:
        return frozenset(access.name for access in self.accesses)


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Compiled | ExpressionProblem:
    """The expression of a text, or what is wrong with it. The same text is compiled once."""
    trivial = _TRIVIAL.fullmatch(text)
    if trivial is not None and trivial[1] not in _KEYWORDS and trivial[2] not in _KEYWORDS:
        return _compile_trivial(text, trivial)
    try:
        return _compile_with_jinja(text)
    except ExpressionProblem as problem:
        return problem


def _compile_trivial(text: str, match: re.Match[str]) -> Compiled:
    name = match[1]
    group = next((index for index in (2, 3, 4) if match[index] is not None), None)
    if group is None:
        access = Access(name, None, *match.span(1), *match.span(1))
        return Compiled(text, (access,), lambda values: values[name], True)
    column, place = match[group], match.span(group)

    def take(values: Mapping[str, Any]) -> Any:
        row = values[name]
        if not isinstance(row, Row):
            message = f"`{name}` is {kind_of(row)} and has no columns"
            raise ExpressionProblem("template-error", message, f"write `{name}` alone", *place)
        if column not in row.columns:
            help = did_you_mean(column, row.columns) or f"its columns are {', '.join(row.columns)}"
            raise ExpressionProblem("template-error", f"`{name}` has no column `{column}`", help, *place)
        return row.columns[column]

    return Compiled(text, (Access(name, column, *match.span(1), *place),), take, True)


def _compile_with_jinja(text: str) -> Compiled:
    if len(text) > MAX_EXPRESSION:
        raise ExpressionProblem(
            "template-limit",
            f"this expression has {len(text):,} characters; the limit is {MAX_EXPRESSION:,}",
            "split it into variables",
            0,
            len(text),
        )
    if not text.strip():
        raise ExpressionProblem(
            "template-syntax",
            "there is nothing between {{ and }}",
            "name a variable between them, or remove the braces",
            0,
            len(text),
        )
    environment = _environment()
    try:
        root = parse_expression(environment, text)
        _judge(root, text)
        accesses = tuple(_accesses(root, text))
        compiled = _build(environment, root)
    except RecursionError:
        raise ExpressionProblem(
            "template-limit", "this expression is nested too deeply", "use variables for its parts", 0, len(text)
        ) from None

    keys = [(access.name, _inner_name(access.name)) for access in accesses]

    def evaluate(values: Mapping[str, Any]) -> Any:
        return _evaluate(compiled, {key: values[name] for name, key in keys}, text)

    return Compiled(text, accesses, evaluate, False)


_ASK_FOR_LESS = "ask for less: no prompt needs that much"
_CHANGE_IT = "change the expression, or give its variables values that fit"


def _inner_name(name: str) -> str:
    # `self`, `loop` and `result` mean something to Jinja2, but variables may be called so.
    return f"v_{name}"


def _build(environment: SandboxedEnvironment, root: nodes.Expr) -> TemplateExpression:
    """The expression as Jinja2 computes it, but with our own `~`: Jinja2's writes `True` and `3.0`."""
    from jinja2 import nodes as n
    from jinja2.environment import TemplateExpression
    from jinja2.visitor import NodeTransformer

    class Mend(NodeTransformer):
        def visit_Name(self, node: n.Name) -> n.Name:  # noqa: N802 - Jinja2 calls it so
            return n.Name(_inner_name(node.name), node.ctx, lineno=1)

        def visit_Concat(self, node: n.Concat) -> n.Filter:  # noqa: N802
            items = n.List([self.visit(item) for item in node.nodes], lineno=1)
            return n.Filter(items, CONCAT, [], [], None, None, lineno=1)

    result = n.Assign(n.Name("result", "store", lineno=1), Mend().visit(root), lineno=1)
    template = n.Template([result], lineno=1)
    template.set_environment(environment)
    return TemplateExpression(environment.from_string(template), undefined_to_none=False)


def _evaluate(compiled: Callable[..., Any], values: Mapping[str, Any], text: str) -> Any:
    whole = (0, len(text))
    try:
        result = bounded_result(compiled(values))
    except Limit as limit:
        raise ExpressionProblem("template-limit", str(limit), _ASK_FOR_LESS, *whole) from None
    except Unusable as unusable:
        raise ExpressionProblem("template-error", str(unusable), unusable.help or _CHANGE_IT, *whole) from None
    except (RecursionError, MemoryError, OverflowError):
        raise ExpressionProblem(
            "template-limit", "this expression grows beyond all measure", _ASK_FOR_LESS, *whole
        ) from None
    except ZeroDivisionError:
        help = "say what stands there otherwise: `… if n else …`"
        raise ExpressionProblem("template-error", "a number cannot be divided by 0", help, *whole) from None
    except Exception as error:  # whatever Python raises for operands that do not fit
        message = f"this cannot be computed: {in_plain_words(error)}"
        help = AS_NUMBER if re.search(COMPARED, str(error)) and "'str'" in str(error) else _CHANGE_IT
        raise ExpressionProblem("template-error", message, help, *whole) from None
    from jinja2 import Undefined

    if isinstance(result, Undefined):
        raise ExpressionProblem(
            "template-error", "this has no value here", "write what it is otherwise: `… if … else …`", *whole
        )
    return list(result) if isinstance(result, tuple) else result


def _allowed_nodes() -> tuple[type[nodes.Node], ...]:
    from jinja2 import nodes as n

    return (
        *(n.Name, n.Const, n.Tuple, n.List, n.CondExpr, n.Filter, n.Test, n.Getattr, n.Getitem, n.Slice, n.Concat),
        *(n.Compare, n.Operand, n.Add, n.Sub, n.Mul, n.Div, n.FloorDiv, n.Mod, n.Pow, n.Not, n.Neg, n.Pos, n.And, n.Or),
        n.Keyword,
    )


def _judge(root: nodes.Node, text: str) -> None:
    """Refuses everything that is not on the list: calls, dictionaries, unknown filters and tests, too deep nesting."""
    from jinja2 import nodes as n

    allowed = _allowed_nodes()
    pending: list[tuple[nodes.Node, int]] = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise ExpressionProblem(
                "template-limit", "this expression is nested too deeply", "use variables for its parts", 0, len(text)
            )
        if isinstance(node, n.Call):
            method = node.node.attr if isinstance(node.node, n.Getattr) else ""
            at = find_word(text, method) if method else (0, len(text))
            help = f"write `| {method}`" if method in FILTERS else "use a filter: `{{ city | upper }}`"
            raise ExpressionProblem("template-error", "nothing can be called in an expression", help, *at)
        if not isinstance(node, allowed):
            what = "a dictionary" if isinstance(node, n.Dict) else "this"
            raise ExpressionProblem("template-error", f"{what} cannot stand in an expression", FORMS, 0, len(text))
        if isinstance(node, n.Filter):
            _known(node, FILTERS, "filter", text)
        elif isinstance(node, n.Test):
            _known(node, TESTS, "test", text)
        elif isinstance(node, n.Const) and _is_too_large(node.value):
            raise ExpressionProblem("template-limit", "this number is too large", _ASK_FOR_LESS, 0, len(text))
        elif isinstance(node, n.Const) and _is_broken(node.value):
            message, help = "a text in it holds half a character (a lone surrogate)", "write the character itself"
            raise ExpressionProblem("template-syntax", message, help, 0, len(text))
        pending.extend((child, depth + 1) for child in node.iter_child_nodes())


def _is_too_large(value: Any) -> bool:
    return (isinstance(value, int) and value.bit_length() > MAX_BITS) or value in (float("inf"), float("-inf"))


def _is_broken(value: Any) -> bool:
    r"""Whether a text cannot be written as UTF-8: Jinja2 reads `\ud800` in its quotes as Python does."""
    return isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value)


def _known(node: nodes.Filter | nodes.Test, known: Mapping[str, Callable[..., Any]], what: str, text: str) -> None:
    """Refuses a filter or test that is not on the list, or that is given more or less than it takes."""
    name = node.name
    if name not in known:
        found = did_you_mean(name, known) or f"there are {', '.join(known)}"
        raise ExpressionProblem("name-unknown", f"there is no {what} `{name}`", found, *find_word(text, name))
    takes = signature(known[name])
    given = {str(keyword.key): None for keyword in node.kwargs}
    try:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise TypeError
        takes.bind(None, *[None for _ in node.args], **given)
    except TypeError:
        more = list(takes.parameters.values())[1:]
        needs = ", ".join(one.name if one.default is Parameter.empty else f"[{one.name}]" for one in more)
        help = f"write `{name}({needs})`" if needs else f"write `{name}` alone"
        message = f"the {what} `{name}` is not given what it takes"
        raise ExpressionProblem("template-error", message, help, *find_word(text, name)) from None


def _accesses(root: nodes.Node, text: str) -> list[Access]:
    """Every name that the expression reads, with its column where that is written out."""
    from jinja2 import nodes as n

    found: list[Access] = []
    cursor: dict[str, int] = {}
    with_column: set[int] = set()
    for node in _walk(root):
        column: str | None = None
        inner = node
        if isinstance(node, n.Getattr) and isinstance(node.node, n.Name):
            inner, column = node.node, node.attr
        elif (
            isinstance(node, n.Getitem)
            and isinstance(node.node, n.Name)
            and isinstance(node.arg, n.Const)
            and isinstance(node.arg.value, str)
        ):
            inner, column = node.node, node.arg.value
        if not isinstance(inner, n.Name) or id(inner) in with_column:
            continue
        with_column.add(id(inner))
        start, end = find_word(text, inner.name, cursor.get(inner.name, 0))
        cursor[inner.name] = end
        place = find_column(text, column, end) if column is not None else (start, end)
        found.append(Access(inner.name, column, start, end, *place))
    return found


def _walk(root: nodes.Node) -> list[nodes.Node]:
    """Depth first, parents before children."""
    found: list[nodes.Node] = []
    pending = [root]
    while pending:
        node = pending.pop()
        found.append(node)
        pending.extend(reversed(list(node.iter_child_nodes())))
    return found


# --- computing ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """The sandbox with bounded operators and with columns as the only attributes."""

        intercepted_binops = frozenset(OPERATORS)

        def call_binop(self, _context: object, operator: str, left: Any, right: Any) -> Any:
            return OPERATORS[operator](left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            return column_of(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            return item_of(obj, argument)

    environment = Bounded(undefined=StrictUndefined, autoescape=False, cache_size=0)
    environment.filters = {**FILTERS, CONCAT: concat}
    environment.tests = dict(TESTS)
    environment.globals = {}
    return environment
