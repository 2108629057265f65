"""What the operators of an expression do: arithmetic, joining, formatting, columns and items, each bounded in what it can produce."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from skyflow.diagnostics import did_you_mean
from skyflow.variants.filters import Limit, Unusable, bounded_length, text_of
from skyflow.variants.values import MAX_BITS, MAX_TEXT, Row, kind_of

# A list may hold this many values and characters in all; comparing two such lists takes milliseconds.
MAX_LIST = 2 * MAX_TEXT
MAX_WIDTH = 1_000  # characters; no column of a prompt is wider

CONCAT = "~"


def concat(items: list[Any]) -> str:
    """`a ~ b ~ c`: all as text, written as they would be between braces."""
    texts = [text_of(item, CONCAT) for item in items]
    bounded_length(sum(map(len, texts)), "`~`")
    return "".join(texts)


def column_of(obj: Any, column: Any) -> Any:
    """The cell of a row."""
    if not isinstance(obj, Row):
        raise Unusable(f"{kind_of(obj)} has no columns", "only the rows of a table have columns")
    if column not in obj.columns:
        help = did_you_mean(str(column), obj.columns) or f"its columns are {', '.join(obj.columns)}"
        raise Unusable(f"there is no column `{column}`", help)
    return obj.columns[column]


def item_of(obj: Any, index: Any) -> Any:
    """The character or item at a number from 0, or the cell of a column."""
    if not isinstance(obj, str | list | tuple) or not isinstance(index, int | slice) or isinstance(index, bool):
        return column_of(obj, index)
    try:
        return obj[index]
    except IndexError:
        help = f"the first is 0, the last {len(obj) - 1}" if obj else "there is none at all"
        raise Unusable(f"there is no item {index}", help) from None


def bounded_result(value: Any, what: str = "this expression") -> Any:
    """A value that was computed, where it is no larger than a text or a list may be. Raises Limit."""
    if isinstance(value, str):
        bounded_length(len(value), what)
    elif isinstance(value, list | tuple):
        _bounded_list(_size(value, MAX_LIST), what)
    return value


def _size(value: Any, enough: int) -> int:
    """How many values and characters a value holds; counting stops beyond `enough`."""
    size = 1
    if isinstance(value, str):
        size += len(value)
    elif isinstance(value, list | tuple):
        for item in value:
            size += _size(item, enough - size)
            if size > enough:
                break
    return size


def _bounded_list(size: int, what: str) -> None:
    if size > MAX_LIST:
        raise Limit(f"{what} would make a list of more than {MAX_LIST:,} values and characters")


AS_NUMBER = "`| int` or `| float` makes a number of text (cells of a .csv are text)"
_SPELT_NUMBER = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)?\s*")

# --- arithmetic -----------------------------------------------------------------------------------------------------


def _numbers(left: Any, right: Any, operator: str) -> None:
    for side in (left, right):
        if isinstance(side, bool) or not isinstance(side, int | float):
            help = AS_NUMBER if isinstance(side, str) else ""
            raise Unusable(f"`{operator}` needs numbers, and this is {kind_of(side)}", help)


def _bounded_number(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise Limit("this number is too large")
    return value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        bounded_length(len(left) + len(right), "`+`")
        return left + right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        _bounded_list(_size(left, MAX_LIST) + _size(right, MAX_LIST), "`+`")
        return [*left, *right]
    if isinstance(left, str) or isinstance(right, str):
        message = f"`+` cannot put {kind_of(left)} and {kind_of(right)} together"
        raise Unusable(message, "write `~` between them: it writes both as text")
    _numbers(left, right, "+")
    return _bounded_number(left + right)


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, str | list | tuple):
        left, right = right, left
    if isinstance(left, str | list | tuple):
        if isinstance(right, bool) or not isinstance(right, int):
            raise Unusable("text can be repeated a whole number of times only", AS_NUMBER)
        if isinstance(left, str) and _SPELT_NUMBER.fullmatch(left):
            raise Unusable(f"`{left.strip()}` is text here, and `*` would write it {right} times", AS_NUMBER)
        if isinstance(left, str):
            bounded_length(len(left) * max(0, right), "`*`")
        else:
            _bounded_list(_size(left, MAX_LIST) * max(0, right), "`*`")
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


def _arithmetic(operator: str, compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        _numbers(left, right, operator)
        return _bounded_number(compute(left, right))

    return apply


# --- % --------------------------------------------------------------------------------------------------------------

_PLACE = re.compile(r"%(?P<flags>[-+ #0]*)(?P<width>\*|\d+)?(?:\.(?P<digits>\*|\d+))?(?P<kind>.?)", re.DOTALL)
_LONGEST_NUMBER = 320  # characters; a float of 309 digits before the point, or a whole number of MAX_BITS


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        return _format(left, list(right) if isinstance(right, list | tuple) else [right])
    _numbers(left, right, "%")
    return left % right


def _format(text: str, values: list[Any]) -> str:
    """`"%s of %03d" % [name, number]`: texts and numbers, each in a width of its own."""
    places = [place for place in _PLACE.finditer(text) if place["kind"] != "%"]
    widths = sum(map(_width, places))
    if len(places) != len(values):
        raise Unusable(f"the text has {_times(len(places), 'place')} with % for {_times(len(values), 'value')}")
    written = [_written(place, value) for place, value in zip(places, values, strict=True)]
    longest = sum(len(value) if isinstance(value, str) else _LONGEST_NUMBER for value in written)
    bounded_length(len(text) + longest + widths, "`%`")
    return text % tuple(written)


def _width(place: re.Match[str]) -> int:
    widths = [width for width in (place["width"], place["digits"]) if width]
    if any(width == "*" or len(width) > 4 or int(width) > MAX_WIDTH for width in widths):
        raise Limit(f"this asks for a width of more than {MAX_WIDTH:,} characters")
    return sum(map(int, widths))


def _written(place: re.Match[str], value: Any) -> Any:
    kind = place["kind"]
    if kind == "s":
        return text_of(value, "%s")
    if kind and kind in "difeExXog":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unusable(f"`%{kind}` needs a number, and this is {kind_of(value)}")
        if kind in "xXo" and isinstance(value, float):
            raise Unusable(f"`%{kind}` needs a whole number")
        return value
    help = "there are %s, %d, %f, %e, %g, %x, %o, and %% for the sign itself"
    raise Unusable(f"`{place[0]}` is no place for a value", help)


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _arithmetic("-", lambda left, right: left - right),
    "*": _multiply,
    "/": _arithmetic("/", lambda left, right: left / right),
    "//": _arithmetic("//", lambda left, right: left // right),
    "**": _power,
    "%": _remainder,
}

# --- what Python says when operands do not fit ----------------------------------------------------------------------

_KINDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true/false",
    "NoneType": "none",
    "list": "a list",
    "tuple": "a list",
    "Row": "a row",
}
COMPARED = r"'(<|>|<=|>=)' not supported between instances of '(\w+)' and '(\w+)'"
_SAID: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(COMPARED), "`{0}` cannot compare {1} with {2}"),
    (re.compile(r"argument of type '(\w+)' is not"), "`in` looks in a list or in a text, and this is {0}"),
    (re.compile(r"'in <string>' requires string as left operand, not (\w+)"), "`in` finds text in a text, not {0}"),
    (re.compile(r"bad operand type for unary (.): '(\w+)'"), "`{0}` needs a number, and this is {1}"),
    (re.compile(r"'(\w+)' object is not subscriptable"), "{0} has no parts"),
    (re.compile(r"slice indices must be integers"), "parts of a text or list are counted in whole numbers"),
    (re.compile(r"slice step cannot be zero"), "every 0th character means nothing"),
)  # fmt: skip


def in_plain_words(error: Exception) -> str:
    """What Python's complaint about operands means, in the words of the language."""
    for pattern, words in _SAID:
        if found := pattern.search(str(error)):
            return words.format(*(_KINDS.get(group, group) for group in found.groups()))
    return "its parts do not fit together"
