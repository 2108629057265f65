"""The filters and tests that expressions may use: pure ones, each bounded in what it can produce."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from skyflow.variants.values import MAX_TEXT, NoText, Row, to_text


class Limit(Exception):
    """A result that would grow beyond the limits; the message says what was asked for."""


class Unusable(Exception):
    """An operation that has no meaning for its operands; the message says why, `help` what to do where there is more to say."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def bounded_length(length: int, what: str) -> None:
    if length > MAX_TEXT:
        raise Limit(f"{what} would make {length:,} characters; the limit is {MAX_TEXT:,}")


def text_of(value: object, name: str) -> str:
    """The value as text for the filter or operator `name`. Raises Unusable."""
    try:
        return to_text(value)
    except NoText as error:
        raise Unusable(f"`{name}` needs text, but {error}", error.help) from None


def _items(value: object, name: str) -> list[Any]:
    if isinstance(value, str | list | tuple):
        return list(value)
    raise Unusable(f"`{name}` needs a list or text")


def _plain_items(value: object, name: str) -> list[Any]:
    items = _items(value, name)
    if any(isinstance(item, list | tuple | Row) for item in items):
        raise Unusable(f"`{name}` needs texts or numbers in its list")
    return items


def _number(value: object, name: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unusable(f"`{name}` needs a number")
    return value


def filter_plain(value: object) -> str:
    """Doubles every @, so that nothing in the value is read as a mention."""
    text = text_of(value, "plain")
    bounded_length(2 * len(text), "`plain`")
    return text.replace("@", "@@")


def filter_replace(value: object, old: object, new: object) -> str:
    """Every `old` becomes `new`."""
    text, old_text, new_text = text_of(value, "replace"), text_of(old, "replace"), text_of(new, "replace")
    hits = text.count(old_text)
    bounded_length(len(text) + hits * max(0, len(new_text) - len(old_text)), "`replace`")
    return text.replace(old_text, new_text)


def filter_join(value: object, separator: object = "") -> str:
    """The items as one text with `separator` between them."""
    items = [text_of(item, "join") for item in _items(value, "join")]
    between = text_of(separator, "join")
    bounded_length(sum(map(len, items)) + len(between) * max(0, len(items) - 1), "`join`")
    return between.join(items)


def filter_default(value: object, fallback: object = "", also_empty: bool = False) -> object:
    """`fallback` where the value is none; with `true` also where it is empty, zero or false."""
    return fallback if value is None or (also_empty and not value) else value


def filter_truncate(value: object, length: object = 255, end: object = "…") -> str:
    """At most `length` characters, cut at a word where one ends."""
    text, limit, tail = text_of(value, "truncate"), int(_number(length, "truncate")), text_of(end, "truncate")
    if len(text) <= limit:
        return text
    cut = text[: max(0, limit - len(tail))]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + tail


def filter_round(value: object, digits: object = 0) -> int | float:
    """Rounded half to even, to `digits` places (0 gives a whole number)."""
    number, places = _number(value, "round"), int(_number(digits, "round"))
    if not -20 <= places <= 20:
        raise Limit("`round` takes at most 20 places")
    rounded = round(number, places)
    return int(rounded) if places <= 0 and math.isfinite(rounded) else rounded


def filter_int(value: object, fallback: object = None) -> object:
    """The whole number that a text or number spells, its decimals cut off; else `fallback`. A mistake where there is none."""
    number = _spelt(value)
    if number is None:
        return _otherwise(value, fallback, "int")
    return int(number)


def filter_float(value: object, fallback: object = None) -> object:
    """The number that a text spells; else `fallback`. A mistake where there is none."""
    number = _spelt(value)
    if number is None:
        return _otherwise(value, fallback, "float")
    return float(number)


_SPELT = re.compile(r"\s*[+-]?(?:\d{1,300}(?:\.\d{0,300})?|\.\d{1,300})(?:[eE][+-]?\d{1,3})?\s*")


def _spelt(value: object) -> int | float | None:
    if isinstance(value, str):
        if not _SPELT.fullmatch(value):
            return None
        value = int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _otherwise(value: object, fallback: object, name: str) -> object:
    if fallback is None:
        shown = f"`{value}`" if isinstance(value, str) else "this"
        raise Unusable(f"{shown} spells no number", f"correct it, or say what counts otherwise: `| {name}(0)`")
    return fallback


def filter_sort(value: object, reverse: bool = False) -> list[Any]:
    """The items in order: numbers by size, texts by character."""
    try:
        return sorted(_plain_items(value, "sort"), reverse=bool(reverse))
    except TypeError:
        raise Unusable("`sort` needs items of one kind") from None


def filter_unique(value: object) -> list[Any]:
    """The items without repetitions, the first of each kept."""
    return list(dict.fromkeys(_plain_items(value, "unique")))


def _edge(name: str, index: int) -> Callable[[object], object]:
    def edge(value: object) -> object:
        items = _items(value, name)
        if not items:
            raise Unusable(f"`{name}` of nothing")
        return items[index]

    return edge


def _extreme(name: str, choose: Callable[[list[Any]], Any]) -> Callable[[object], object]:
    def extreme(value: object) -> object:
        try:
            return choose(_plain_items(value, name))
        except (TypeError, ValueError):
            raise Unusable(f"`{name}` needs at least one item, all of one kind") from None

    return extreme


def _on_text(name: str, change: Callable[[str], str]) -> Callable[[object], str]:
    return lambda value: change(text_of(value, name))


def _title(text: str) -> str:
    # str.title would make "Don'T" of "don't".
    return re.sub(r"[^\W\d_]+(['’][^\W\d_]+)?", lambda word: word[0][0].upper() + word[0][1:].lower(), text)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "abs": lambda value: abs(_number(value, "abs")),
    "capitalize": _on_text("capitalize", str.capitalize),
    "default": filter_default,
    "first": _edge("first", 0),
    "float": filter_float,
    "int": filter_int,
    "join": filter_join,
    "last": _edge("last", -1),
    "length": lambda value: len(_items(value, "length")),
    "list": lambda value: _items(value, "list"),
    "lower": _on_text("lower", str.lower),
    "max": _extreme("max", max),
    "min": _extreme("min", min),
    "plain": filter_plain,
    "replace": filter_replace,
    "reverse": lambda value: value[::-1] if isinstance(value, str) else _items(value, "reverse")[::-1],
    "round": filter_round,
    "sort": filter_sort,
    "string": _on_text("string", str),
    "sum": lambda value: sum(_number(item, "sum") for item in _items(value, "sum")),
    "title": _on_text("title", _title),
    "trim": _on_text("trim", str.strip),
    "truncate": filter_truncate,
    "unique": filter_unique,
    "upper": _on_text("upper", str.upper),
    "wordcount": lambda value: len(text_of(value, "wordcount").split()),
}


def _divisible(value: object, by: object) -> bool:
    divisor = _number(by, "divisibleby")
    if divisor == 0:
        raise Unusable("a number cannot be divided by 0")
    return _number(value, "divisibleby") % divisor == 0


TESTS: Mapping[str, Callable[..., bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "defined": lambda _value: True,
    "divisibleby": _divisible,
    "even": lambda value: _number(value, "even") % 2 == 0,
    "false": lambda value: value is False,
    "in": lambda value, container: (
        text_of(value, "in") in container if isinstance(container, str) else value in _items(container, "in")
    ),
    "lower": lambda value: text_of(value, "lower").islower(),
    "none": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "odd": lambda value: _number(value, "odd") % 2 == 1,
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "upper": lambda value: text_of(value, "upper").isupper(),
}
