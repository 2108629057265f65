"""One `{{ … }}`: read by Jinja2, judged by an allow-list of node kinds, computed in Jinja2's sandbox with every operator bounded.

Jinja2's own sandbox stops attribute tricks but neither `'a' * 10**9` nor deep nesting; the bounds here do. Nothing else imports Jinja2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from skyflow.diagnostics import did_you_mean, nearest
from skyflow.variants.filters import FILTERS, TESTS, Limit, Unusable, bounded_length
from skyflow.variants.values import MAX_BITS, MAX_TEXT, Row, kind_of

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

MAX_EXPRESSION = 2_000  # characters between the braces
MAX_DEPTH = 40  # nested operations; a person reads at most a handful

# The commonest expressions need no Jinja2 at all: importing it costs more than checking a small file.
_TRIVIAL = re.compile(r"\s*([^\W\d]\w*)(?:\s*\.\s*([^\W\d]\w*)|\s*\[\s*(?:\"([^\"\\]*)\"|'([^'\\]*)')\s*\])?\s*")
_KEYWORDS = frozenset({"true", "false", "none", "True", "False", "None", "not", "and", "or", "if", "else", "in", "is"})


@dataclass(frozen=True, slots=True)
class Access:
    """One name in an expression, the column it takes where it is `name.column`, and where the name stands in the expression's text."""

    name: str
    column: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ExpressionProblem(Exception):
    """Why an expression is refused; `start` and `end` are offsets in its text."""

    rule: str
    message: str
    help: str
    start: int
    end: int


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
        return Compiled(text, (Access(name, None, *match.span(1)),), lambda values: values[name], True)
    column = match[group]
    access = Access(name, column, match.start(1), match.end(group))

    def take(values: Mapping[str, Any]) -> Any:
        row = values[name]
        if not isinstance(row, Row):
            raise _problem(
                "template-error", f"`{name}` is {kind_of(row)} and has no columns", "", access.start, access.end
            )
        return row.columns[column]

    return Compiled(text, (access,), take, True)


def _problem(rule: str, message: str, help: str, start: int, end: int) -> ExpressionProblem:
    return ExpressionProblem(rule, message, help, start, end)


def _compile_with_jinja(text: str) -> Compiled:
    if len(text) > MAX_EXPRESSION:
        raise _problem(
            "template-limit",
            f"this expression has {len(text):,} characters; the limit is {MAX_EXPRESSION:,}",
            "split it into variables",
            0,
            len(text),
        )
    if not text.strip():
        raise _problem("template-syntax", "there is nothing between {{ and }}", "write a variable's name", 0, len(text))
    environment = _environment()
    try:
        root = _parse(environment, text)
        _judge(root, text)
        accesses = tuple(_accesses(root, text))
        compiled = environment.compile_expression(_guarded(text), undefined_to_none=False)
    except RecursionError:
        raise _problem(
            "template-limit", "this expression is nested too deeply", "use variables for its parts", 0, len(text)
        ) from None

    def evaluate(values: Mapping[str, Any]) -> Any:
        return _evaluate(compiled, values, text)

    return Compiled(text, accesses, evaluate, False)


def _guarded(text: str) -> str:
    # A minus or plus right behind the braces would be Jinja2's white-space control.
    return f" {text} "


def _evaluate(compiled: Callable[..., Any], values: Mapping[str, Any], text: str) -> Any:
    whole = (0, len(text))
    try:
        result = compiled(values)
        if isinstance(result, str | list | tuple):
            bounded_length(len(result), "this expression")
    except Limit as limit:
        raise _problem("template-limit", str(limit), "", *whole) from None
    except Unusable as unusable:
        raise _problem("template-error", str(unusable), "", *whole) from None
    except (RecursionError, MemoryError, OverflowError):
        raise _problem("template-limit", "this expression grows beyond all measure", "", *whole) from None
    except ZeroDivisionError:
        raise _problem("template-error", "a number cannot be divided by 0", "", *whole) from None
    except Exception as error:  # whatever Jinja2 raises for operands that do not fit
        raise _problem("template-error", f"this cannot be computed: {_plain_words(error)}", "", *whole) from None
    from jinja2 import Undefined

    if isinstance(result, Undefined):
        raise _problem(
            "template-error", "this has no value here", "write what it is otherwise: `… if … else …`", *whole
        )
    return list(result) if isinstance(result, tuple) else result


def _plain_words(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()[:200] or type(error).__name__


# --- reading --------------------------------------------------------------------------------------------------------


def _parse(environment: SandboxedEnvironment, text: str) -> nodes.Expr:
    from jinja2 import TemplateSyntaxError, nodes

    try:
        template = environment.parse("{{" + _guarded(text) + "}}")
    except TemplateSyntaxError as error:
        start, end = _offending(text, error)
        raise _problem("template-syntax", f"this expression cannot be read: {error.message}", "", start, end) from None
    body = template.body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        return body[0].nodes[0]
    raise _problem("template-syntax", "only one expression can stand between {{ and }}", "", 0, len(text))


def _offending(text: str, error: Any) -> tuple[int, int]:
    """Where in the expression Jinja2 stopped: it names the line and mostly the token."""
    lines = text.split("\n")
    line = min(max(error.lineno - 1, 0), len(lines) - 1)
    start = sum(len(earlier) + 1 for earlier in lines[:line])
    found = re.search(r"got '(.+)'$|unexpected (?:char )?'(.+?)'", error.message or "")
    token = (found[1] or found[2]) if found else None
    at = lines[line].find(token) if token else -1
    if at >= 0 and token:
        return start + at, start + at + len(token)
    if "end of" in (error.message or ""):
        end = len(text.rstrip())
        return max(0, end - 1), end
    return 0, len(text)


def _allowed_nodes() -> tuple[type[nodes.Node], ...]:
    from jinja2 import nodes as n

    return (
        *(n.Name, n.Const, n.Tuple, n.List, n.CondExpr, n.Filter, n.Test, n.Getattr, n.Getitem, n.Slice, n.Concat),
        *(n.Compare, n.Operand, n.Add, n.Sub, n.Mul, n.Div, n.FloorDiv, n.Mod, n.Pow, n.Not, n.Neg, n.Pos, n.And, n.Or),
        n.TemplateData,
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
            raise _problem(
                "template-limit", "this expression is nested too deeply", "use variables for its parts", 0, len(text)
            )
        if isinstance(node, n.Call):
            method = node.node.attr if isinstance(node.node, n.Getattr) else ""
            at = _find_word(text, method) if method else (0, len(text))
            help = f"write `| {method}`" if method in FILTERS else "use a filter: `{{ city | upper }}`"
            raise _problem("template-error", "nothing can be called in an expression", help, *at)
        if not isinstance(node, allowed):
            raise _problem("template-error", f"{type(node).__name__} cannot stand in an expression", "", 0, len(text))
        if isinstance(node, n.Filter):
            _known(node.name, FILTERS, "filter", text)
        elif isinstance(node, n.Test):
            _known(node.name, TESTS, "test", text)
        elif isinstance(node, n.Const) and isinstance(node.value, int) and node.value.bit_length() > MAX_BITS:
            raise _problem("template-limit", "this number is too large", "", 0, len(text))
        pending.extend((child, depth + 1) for child in node.iter_child_nodes())


def _known(name: str, known: Mapping[str, object], what: str, text: str) -> None:
    if name not in known:
        found = did_you_mean(name, known) or f"there are {', '.join(known)}"
        raise _problem("name-unknown", f"there is no {what} `{name}`", found, *_find_word(text, name))


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
        start, end = _find_word(text, inner.name, cursor.get(inner.name, 0))
        cursor[inner.name] = end
        found.append(Access(inner.name, column, start, end))
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


def _find_word(text: str, word: str, start: int = 0) -> tuple[int, int]:
    """Where a word stands outside quotes; the whole text where it cannot be found."""
    pattern = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?<!\w)(" + re.escape(word) + r")(?!\w)")
    for match in pattern.finditer(text, start):
        if match[1] is not None:
            return match.span(1)
    return (0, len(text))


# --- computing ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """The sandbox with bounded operators and with columns as the only attributes."""

        intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

        def call_binop(self, _context: object, operator: str, left: Any, right: Any) -> Any:
            return OPERATORS[operator](left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            return _column(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if (
                isinstance(obj, str | list | tuple)
                and isinstance(argument, int | slice)
                and not isinstance(argument, bool)
            ):
                try:
                    return obj[argument]
                except IndexError:
                    raise Unusable(f"there is no item {argument}: the first is 0, the last {len(obj) - 1}") from None
            return _column(obj, argument)

    environment = Bounded(undefined=StrictUndefined, autoescape=False, cache_size=0)
    environment.filters = dict(FILTERS)
    environment.tests = dict(TESTS)
    environment.globals = {}
    return environment


def _column(obj: Any, column: Any) -> Any:
    if not isinstance(obj, Row):
        raise Unusable(f"{kind_of(obj)} has no columns")
    if column not in obj.columns:
        found = nearest(str(column), obj.columns)
        raise Unusable(f"there is no column `{column}`" + (f"; did you mean `{found}`?" if found else ""))
    return obj.columns[column]


def _numbers(left: Any, right: Any, operator: str) -> None:
    for side in (left, right):
        if isinstance(side, bool) or not isinstance(side, int | float):
            raise Unusable(f"`{operator}` needs numbers, and this is {kind_of(side)}")


def _bounded_number(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise Limit("this number is too large")
    return value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        bounded_length(len(left) + len(right), "`+`")
        return left + right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        bounded_length(len(left) + len(right), "`+`")
        return [*left, *right]
    if isinstance(left, str) or isinstance(right, str):
        raise Unusable(f"`+` cannot put {kind_of(left)} and {kind_of(right)} together; `~` writes both as text")
    _numbers(left, right, "+")
    return _bounded_number(left + right)


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, str | list | tuple):
        left, right = right, left
    if isinstance(left, str | list | tuple):
        if isinstance(right, bool) or not isinstance(right, int):
            raise Unusable("text can be repeated a whole number of times only")
        bounded_length(len(left) * max(0, right), "`*`")
        return left * right
    _numbers(left, right, "*")
    return _bounded_number(left * right)


def _power(left: Any, right: Any) -> Any:
    _numbers(left, right, "**")
    if isinstance(left, int) and isinstance(right, int) and abs(left).bit_length() * abs(right) > MAX_BITS:
        raise Limit("this power is too large")
    result = left**right
    if isinstance(result, complex):
        raise Unusable("this power is no real number")
    return result


_WIDTH = re.compile(r"%[-+ #0]*(\*|\d+)?(?:\.(\*|\d+))?")


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        widths = [width for found in _WIDTH.finditer(left) for width in found.groups() if width]
        if any(width == "*" or int(width[:9]) > 1000 for width in widths):
            raise Limit("a width of more than 1,000 characters")
        formatted = left % (tuple(right) if isinstance(right, list) else right)
        bounded_length(len(formatted), "`%`")
        return formatted
    _numbers(left, right, "%")
    return left % right


def _arithmetic(operator: str, compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        _numbers(left, right, operator)
        return _bounded_number(compute(left, right))

    return apply


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _arithmetic("-", lambda left, right: left - right),
    "*": _multiply,
    "/": _arithmetic("/", lambda left, right: left / right),
    "//": _arithmetic("//", lambda left, right: left // right),
    "**": _power,
    "%": _remainder,
}

assert MAX_TEXT > MAX_EXPRESSION
