"""What stands between {{ and }}: how values are computed and written, what is refused, and where the message points."""

from __future__ import annotations

from typing import Any

import pytest

from skyflow.variants.expression_text import ExpressionProblem
from skyflow.variants.expressions import Compiled, compile_expression
from skyflow.variants.values import Row, to_text

VALUES: dict[str, Any] = {
    "city": "tokyo",
    "n": 3,
    "half": 0.5,
    "night": True,
    "nothing": None,
    "colours": ["red", "blue"],
    "p": Row({"name": "mug", "image url": "a.jpg", "copy": "Hot", "items": "2"}, 1),
}


def value_of(text: str) -> Any:
    """The value, or the id and message of what is wrong."""
    found = compile_expression(text)
    if isinstance(found, ExpressionProblem):
        return f"{found.rule}: {found.message}"
    try:
        return found.evaluate(VALUES)
    except ExpressionProblem as problem:
        return f"{problem.rule}: {problem.message}"


def place_of(text: str) -> str:
    """The part of the expression that the problem points at."""
    found = compile_expression(text)
    try:
        assert isinstance(found, Compiled)
        found.evaluate(VALUES)
    except ExpressionProblem as problem:
        return text[problem.start : problem.end]
    except AssertionError:
        assert isinstance(found, ExpressionProblem)
        return text[found.start : found.end]
    raise AssertionError("nothing is wrong")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("city", "tokyo"),
        (" p.name ", "mug"),
        ("p['image url']", "a.jpg"),
        ('p["copy"]', "Hot"),
        ("p.items", "2"),
        ("n / 1", "3"),
        ("n * half", "1.5"),
        ("n == 3.0", "true"),
        ("not night", "false"),
        ("6 / 2 ~ night ~ city", "3truetokyo"),
        ("'%s of %03d: %s' % [city, n, night]", "tokyo of 003: true"),
        ("'%.1f%%' % half", "0.5%"),
        ("[1.0, night, city] | join('-')", "1-true-tokyo"),
        ("nothing | default('none at all')", "none at all"),
        ("'wide' if n > 2 else 'narrow'", "wide"),
        ("colours[-1]", "blue"),
        ("city[1:3]", "ok"),
        ("(colours + ['green']) | length", "3"),
        ("'ok' in city", "true"),
        ("'red' in colours", "true"),
        ("'r' in colours", "false"),
        ("city | replace('o', '0') | upper", "T0KY0"),
        ("7 // 2 + 7 % 4", "6"),
        ("2 ** 10", "1024"),
        ("'don\\'t' | title", "Don't"),
        ("city|truncate(4)", "tok…"),
        ("'12.50' | int", "12"),
        ("' -7 ' | int", "-7"),
        ("'.5' | float", "0.5"),
        ("'1e3' | float", "1000"),
        ("'twelve' | int(0)", "0"),
        ("'' | float(1.5)", "1.5"),
        ("none | int(3)", "3"),
        ("true | int", "1"),
        ("2.9 | int", "2"),
        ("2.5 | round", "2"),
        ("2.567 | round(1)", "2.6"),
        ("1234 | round(-2)", "1200"),
        ("[3, 1, 2] | sort | join", "123"),
        ("['b', 'a'] | sort(true) | first", "b"),
        ("[1, 1, 2] | unique | sum", "3"),
        ("colours | max ~ colours | min", "redblue"),
        ("'a b c' | wordcount", "3"),
        ("' a ' | trim ~ '.'", "a."),
        ("city | capitalize | reverse", "oykoT"),
        ("(-3) | abs", "3"),
        ("city is lower and city is string", "true"),
        ("n is number and n is not even", "true"),
        ("9 is divisibleby(3)", "true"),
        ("night is true and nothing is none", "true"),
        ("'k' is in city", "true"),
        ("city is in(['tokyo'])", "true"),
        ("0.1 + 0.2", "0.3"),
        ("24.5 * 1.2", "29.4"),
        ("10 ** 20 / 1", "1e+20"),
    ],
)
def test_is_written(text: str, written: str) -> None:
    assert to_text(value_of(text)) == written


@pytest.mark.parametrize("name", ["self", "loop", "result", "context", "environment", "super", "caller", "v_x", "城市"])
def test_any_name_may_be_a_variables(name: str) -> None:
    """Some of them mean something inside of Jinja2."""
    found = compile_expression(f"{name} ~ '!'")
    assert isinstance(found, Compiled)
    assert found.evaluate({name: "rain"}) == "rain!"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # attribute tricks: a value has columns or nothing
        ("city.__class__", "template-error: `city` is text and has no columns"),
        ("''.__class__.__mro__", "template-error: text has no columns"),
        ("p.__class__", "template-error: `p` has no column `__class__`"),
        ("p['__init__'].__globals__", "template-error: there is no column `__init__`"),
        ("(city,)[0].format", "template-error: text has no columns"),
        ("city | attr('__class__')", "name-unknown: there is no filter `attr`"),
        ("''.__class__.__mro__[1].__subclasses__()", "template-error: nothing can be called in an expression"),
        ("range(10)", "template-error: nothing can be called in an expression"),
        ("lipsum(1)", "template-error: nothing can be called in an expression"),
        ("{'a': 1}", "template-error: a dictionary cannot stand in an expression"),
        # filters and tests
        ("city | map('upper')", "name-unknown: there is no filter `map`"),
        ("city | safe", "name-unknown: there is no filter `safe`"),
        ("city is sequence", "name-unknown: there is no test `sequence`"),
        ("city | replace('o')", "template-error: the filter `replace` is not given what it takes"),
        ("city | upper(1)", "template-error: the filter `upper` is not given what it takes"),
        ("city | join(*colours)", "template-error: the filter `join` is not given what it takes"),
        ("n is even(2)", "template-error: the test `even` is not given what it takes"),
        ("city | round", "template-error: `round` needs a number"),
        ("'twelve' | int", "template-error: `twelve` spells no number"),
        ("'12,50' | float", "template-error: `12,50` spells no number"),
        ("'' | int", "template-error: `` spells no number"),
        ("'nan' | float", "template-error: `nan` spells no number"),
        ("'1_000' | int", "template-error: `1_000` spells no number"),
        ("colours | int", "template-error: this spells no number"),
        ("city | sum", "template-error: `sum` needs a number"),
        ("[] | max", "template-error: `max` needs at least one item, all of one kind"),
        ("colours | replace('a', 'b')", "template-error: `replace` needs text, but it is a list"),
        ("p | upper", "template-error: `upper` needs text, but it is a row"),
        ("n is in n", "template-error: `in` needs a list or text"),
        ("n | length", "template-error: `length` needs a list or text"),
        ("[] | first", "template-error: `first` of nothing"),
        ("[1, 'a'] | sort", "template-error: `sort` needs items of one kind"),
        ("[[1]] | unique", "template-error: `unique` needs texts or numbers in its list"),
        ("colours | upper", "template-error: `upper` needs text, but it is a list"),
        # operands
        ("city + n", "template-error: `+` cannot put text and a number together"),
        ("city - 1", "template-error: `-` needs numbers, and this is text"),
        ("night * 2", "template-error: `*` needs numbers, and this is true/false"),
        ("nothing ~ city", "template-error: `~` needs text, but it is none"),
        ("-city", "template-error: this cannot be computed: `-` needs a number, and this is text"),
        ("city < n", "template-error: this cannot be computed: `<` cannot compare text with a number"),
        ("1 in n", "template-error: this cannot be computed: `in` looks in a list or in a text, and this is a number"),
        ("n in city", "template-error: this cannot be computed: `in` finds text in a text, not a number"),
        ("'x' in p", "template-error: this cannot be computed: `in` looks in a list or in a text, and this is a row"),
        ("n[0]", "template-error: a number has no columns"),
        ("p[0:1]", "template-error: this cannot be computed: a row has no parts"),
        ("city[::0]", "template-error: this cannot be computed: every 0th character means nothing"),
        ("city[9]", "template-error: there is no item 9"),
        ("''[0]", "template-error: there is no item 0"),
        ("'12,50' * 2", "template-error: `12,50` is text here, and `*` would write it 2 times"),
        ("n // 0", "template-error: a number cannot be divided by 0"),
        ("n is divisibleby(0)", "template-error: a number cannot be divided by 0"),
        ("(-1) ** 0.5", "template-error: this power is no real number"),
        ("'x' if not night", "template-error: this has no value here"),
        ("'%s %s' % city", "template-error: the text has 2 places with % for 1 value"),
        ("'%d' % city", "template-error: `%d` needs a number, and this is text"),
        ("'%(a)s' % city", "template-error: `%(` is no place for a value"),
        # what cannot be read
        ("city |", "template-syntax: this expression cannot be read: it ends where a name should follow"),
        ("1 +", "template-syntax: this expression cannot be read: it ends too early"),
        ("'a' if", "template-syntax: this expression cannot be read: it ends too early"),
        ("(1", "template-syntax: this expression cannot be read: it ends where `)` should follow"),
        ("[1, ", "template-syntax: this expression cannot be read: it ends where `]` should follow"),
        ("city city", "template-syntax: this expression cannot be read: `city` cannot follow here"),
        ("x for x in y", "template-syntax: this expression cannot be read: `for` cannot follow here"),
        ("$city", "template-syntax: this expression cannot be read: `$` cannot stand here"),
        ("city -", "template-syntax: this expression cannot be read: `-}}` trims nothing here; leave the `-` out"),
        ("  ", "template-syntax: there is nothing between {{ and }}"),
        (r"'\ud83c'", "template-syntax: a text in it holds half a character (a lone surrogate)"),
    ],
)  # fmt: skip
def test_is_refused(text: str, problem: str) -> None:
    assert value_of(text) == problem


HOSTILE = [
    "'a' * 10 ** 9",
    "10 ** 10 ** 10 ** 10",
    "9 ** 9 ** 9 ** 9",
    "0.1 ** -400",
    "1e999",
    "9" * 1500,
    "'%1000000000d' % 1",
    "'%.1000000000f' % 1",
    "'%*d' % 1",
    "('%s' * 20000) % (['a' * 49999] * 2)",
    "('%s' * 2) % (['a' * 49999] * 2)",
    "('%999d' * 60) % ([1] * 60)",
    "([1] * 50000) | join(',')",
    "['a' * 49999] * 50000",
    "[[1] * 50000] * 50000",
    "[[1] * 50000] * 50000 == [[1] * 50000] * 50000",
    "'a' * 49999 ~ 'a' * 49999",
    "('a' * 49999) | replace('a', 'a' * 49999)",
    "('@' * 49999) | plain",
    "(('a' * 49999) | list) | join('a' * 49999)",
    "[1] * 10 ** 9",
    "3.5 | round(1000)",
    "(" * 500 + "1" + ")" * 500,
    "[" * 300 + "]" * 300,
    "-" * 900 + "1",
    "not " * 400 + "night",
    "1" + "+1" * 900,
    "1" + "<1" * 5000,
    "'a'" + "~'a'" * 5000,
    "x" * 1_000_000 + " ~ 1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:40] for text in HOSTILE])
def test_is_bounded(text: str) -> None:
    found = value_of(text)
    assert isinstance(found, str)
    assert found.startswith(("template-limit: ", "template-error: "))


def test_bounds_admit_what_honest_prompts_need() -> None:
    assert len(value_of("'rain ' * 1000")) == 5000
    assert len(value_of("[city] * 5000")) == 5000
    assert value_of("'%1000d' % 1") == f"{1:1000d}"
    assert value_of(" ~ ".join(["n"] * 400)) == "3" * 400


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("city | uper", "uper"),
        ("city | upper | lowr", "lowr"),
        ("'uper' ~ city | uper", "uper"),
        ("city is evn", "evn"),
        ("city.upper()", "upper"),
        ("p.nme", "nme"),
        ("p['nme']", "nme"),
        ("city city", "city"),
        ("(1", "1"),
        ("$x", "$"),
        ("city + n", "city + n"),
        ("1 // 0", "1 // 0"),
    ],
)
def test_points_at_the_mistake(text: str, place: str) -> None:
    assert place_of(text) == place


def test_points_at_the_second_of_two_equal_words() -> None:
    problem = compile_expression("city city")
    assert isinstance(problem, ExpressionProblem)
    assert (problem.start, problem.end) == (5, 9)


def test_knows_where_names_and_columns_stand() -> None:
    found = compile_expression("'p.name' ~ p.name ~ p[ 'image url' ] ~ city")
    assert isinstance(found, Compiled)
    accesses = [(a.name, a.column, a.start, a.column_start, a.column_end) for a in found.accesses]
    assert accesses == [("p", "name", 11, 13, 17), ("p", "image url", 20, 24, 33), ("city", None, 39, 39, 43)]


def test_an_unknown_column_gets_a_suggestion() -> None:
    found = compile_expression("p.nam")
    assert isinstance(found, Compiled)
    with pytest.raises(ExpressionProblem) as caught:
        found.evaluate(VALUES)
    assert caught.value.help == "did you mean `name`?"


def test_a_filter_that_is_given_too_little_shows_its_form() -> None:
    problem = compile_expression("city | replace('o')")
    assert isinstance(problem, ExpressionProblem)
    assert problem.help == "write `replace(old, new)`"
