"""What the parser builds when it has read a production: one method for each name in the grammar. Parts come as the grammar keeps them.

Mistakes that do not hinder reading (a bad escape, a name with a sign that it may not hold) are reported here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from skyflow.source import SourceFile, Span
from skyflow.syntax import tree
from skyflow.syntax.lexer import Token
from skyflow.syntax.texts import Report, read_expression, read_text

Build = Callable[[Sequence[Any], int, int], Any]


class Body(NamedTuple):
    """What stands between `{` and `}`, and where the `{` stands."""

    start: int
    statements: tuple[tree.Statement, ...]


class Several(NamedTuple):
    """Values with `|` or `,` between them."""

    values: tuple[tree.Value, ...]
    separator: str


class Builder:
    """Builds the tree of one source. Each method gets the parts and where the production starts and ends."""

    def __init__(self, source: SourceFile, report: Report) -> None:
        self._source = source
        self.report = report
        self.damaged_words: set[str] = set()

    def span(self, start: int, end: int) -> Span:
        return Span(self._source, start, end)

    # --- file and blocks

    def file(self, parts: Sequence[Any], start: int, end: int) -> tree.File:
        return tree.File(self._source, tuple(parts), frozenset(self.damaged_words))

    def block(self, parts: Sequence[Any], start: int, end: int) -> Body:
        return Body(start, tuple(parts))

    def damaged(self, parts: Sequence[Any], start: int, end: int) -> tree.Damaged:
        words = words_in(parts[0].text)
        self.damaged_words |= words
        return tree.Damaged(self.span(start, end), words, parts[1].statements if len(parts) > 1 else ())

    # --- statements

    def title(self, parts: Sequence[Any], start: int, end: int) -> tree.Title:
        return tree.Title(self.span(start, end), parts[0])

    def use(self, parts: Sequence[Any], start: int, end: int) -> tree.Use:
        return tree.Use(self.span(start, end), parts[0])

    def var(self, parts: Sequence[Any], start: int, end: int) -> tree.Var:
        values, _separator = self._values(parts[1])
        return tree.Var(self.span(start, end), self._name(parts[0], "variable"), values)

    def var_from_table(self, parts: Sequence[Any], start: int, end: int) -> tree.Var:
        return tree.Var(self.span(start, end), self._name(parts[0], "variable"), table=parts[1])

    def var_from_outside(self, parts: Sequence[Any], start: int, end: int) -> tree.Var:
        return tree.Var(self.span(start, end), self._name(parts[0], "variable"))

    def asset(self, parts: Sequence[Any], start: int, end: int) -> tree.Asset:
        keyword, tag, *sources = parts
        return tree.Asset(
            self.span(start, end), keyword.text, self._token_span(keyword), self._tag_value(tag), tuple(sources)
        )

    def defaults(self, parts: Sequence[Any], start: int, end: int) -> tree.Defaults:
        keyword_span = self.span(start, start + len("defaults"))
        return tree.Defaults(self.span(start, end), keyword_span, parts[0].statements)

    def scene(self, parts: Sequence[Any], start: int, end: int) -> tree.Block:
        return self._block("scene", parts, start, end)

    def shot(self, parts: Sequence[Any], start: int, end: int) -> tree.Block:
        return self._block("shot", parts, start, end)

    def _block(self, keyword: Any, parts: Sequence[Any], start: int, end: int) -> tree.Block:
        name, *loop, body = parts
        header_end = loop[0].span.end if loop else name.end
        return tree.Block(
            self.span(start, end),
            self.span(start, header_end),
            keyword,
            self.span(start, start + len(keyword)),
            self._name(name, keyword),
            loop[0] if loop else None,
            body.statements,
        )

    def loop(self, parts: Sequence[Any], start: int, end: int) -> tree.Loop:
        return tree.Loop(self.span(start, end), self._name(parts[0], "variable"), parts[1], None)

    def loop_over_table(self, parts: Sequence[Any], start: int, end: int) -> tree.Loop:
        return tree.Loop(self.span(start, end), self._name(parts[0], "variable"), None, parts[1])

    def setting(self, parts: Sequence[Any], start: int, end: int) -> tree.Setting:
        name, value = parts
        values, separator = self._values(value)
        return tree.Setting(self.span(start, end), tree.Name(name.text, self._token_span(name)), values, separator)

    def keyframe(self, parts: Sequence[Any], start: int, end: int) -> tree.Keyframe:
        tag, *rest = parts
        found = dict(rest)
        keyword_span = self.span(start, start + len("keyframe"))
        return tree.Keyframe(self.span(start, end), keyword_span, self._tag_value(tag), found.get("="), found.get("at"))

    def extend(self, parts: Sequence[Any], start: int, end: int) -> tree.Extend:
        tag, *rest = parts
        keyword_span = self.span(start, start + len("extend"))
        return tree.Extend(self.span(start, end), keyword_span, self._tag_value(tag), dict(rest).get("="))

    def source(self, parts: Sequence[Any], start: int, end: int) -> tuple[str, tree.Value]:
        return "=", parts[0]

    def time(self, parts: Sequence[Any], start: int, end: int) -> tuple[str, tree.Value]:
        return "at", parts[0]

    # --- values

    def alternatives(self, parts: Sequence[Any], start: int, end: int) -> Several:
        return Several(tuple(parts), "|")

    def row(self, parts: Sequence[Any], start: int, end: int) -> Several:
        return Several(tuple(parts), ",")

    def _values(self, value: Any) -> tuple[tuple[tree.Value, ...], Any]:
        return (value.values, value.separator) if isinstance(value, Several) else ((value,), "")

    def text(self, parts: Sequence[Any], start: int, end: int) -> tree.Text:
        return read_text(self._source, start, end, self.report)

    def number(self, parts: Sequence[Any], start: int, end: int) -> tree.Number:
        return tree.Number(self.span(start, end), parts[0].text, self._number(parts[0].text, start))

    def quantity(self, parts: Sequence[Any], start: int, end: int) -> tree.Quantity:
        text = parts[0].text
        digits = text[: _number_end(text)]
        value = self._number(digits, start)
        return tree.Quantity(self.span(start, end), text, value, text[len(digits) :])

    def spaced_quantity(self, parts: Sequence[Any], start: int, end: int) -> tree.Quantity:
        number, unit = parts
        text = f"{number.text} {unit.text}"
        return tree.Quantity(self.span(start, end), text, self._number(number.text, start), unit.text, spaced=True)

    def ratio(self, parts: Sequence[Any], start: int, end: int) -> tree.Ratio:
        return tree.Ratio(self.span(start, end), parts[0].text)

    def word(self, parts: Sequence[Any], start: int, end: int) -> tree.Word:
        return tree.Word(self.span(start, end), parts[0].text)

    def tag(self, parts: Sequence[Any], start: int, end: int) -> tree.TagValue:
        return self._tag_value(parts[0])

    def list(self, parts: Sequence[Any], start: int, end: int) -> tree.ListValue:
        return tree.ListValue(self.span(start, end), tuple(parts))

    def call(self, parts: Sequence[Any], start: int, end: int) -> tree.Call:
        name, *arguments = parts
        return tree.Call(self.span(start, end), tree.Name(name.text, self._token_span(name)), tuple(arguments))

    def template(self, parts: Sequence[Any], start: int, end: int) -> tree.Template:
        return tree.Template(self.span(start, end), read_expression(self._source, start, end))

    # --- names and numbers

    def _token_span(self, token: Token) -> Span:
        return Span(self._source, token.start, token.end)

    def _tag_value(self, token: Token) -> tree.TagValue:
        # The `＠` of another keyboard is reported elsewhere.
        return tree.TagValue(self._token_span(token), "@" + token.text[1:])

    def _name(self, token: Token, what: str) -> tree.Name:
        text = token.text
        if not text[0].isalpha():
            better = text.lstrip("_")
            self._misname(token, f"a name starts with a letter, `{text}` does not", better, f"write `{better}`")
        elif "." in text:
            better = text.replace(".", "_")
            help = f"write `{better}`; what belongs to a scene stands inside `scene NAME {{ … }}`"
            self._misname(token, f"the name of a {what} holds no dot", better, help)
        elif what == "variable" and "-" in text:
            better = text.replace("-", "_")
            self._misname(token, "the name of a variable holds no `-`", better, f"write `{better}`")
        return tree.Name(text, self._token_span(token))

    def _misname(self, token: Token, message: str, better: str, help: str) -> None:
        self.report(message, token.start, token.end, help if better else "")
        self.damaged_words |= words_in(token.text) | {better}

    def _number(self, text: str, start: int) -> int | float:
        if len(text) > MAX_DIGITS:
            self.report("no number needs so many digits", start, start + len(text), "")
            return 0
        return float(text) if "." in text else int(text)


MAX_DIGITS = 30  # ours: a length in seconds has two


def _number_end(text: str) -> int:
    found = re.match(r"-?[0-9]+(?:\.[0-9]+)?", text)
    return found.end() if found else 0


# Up to U+1FFF stand the scripts whose words hold marks besides letters.
_WORDS = re.compile(r"@[\w\u0300-\u1fff-]+|[^\W\d][\w\u0300-\u1fff-]*(?:\.[\w\u0300-\u1fff-]+)*")


def words_in(text: str) -> frozenset[str]:
    """Names and tags in a damaged piece of text, the parts of dotted and hyphenated names too."""
    words = set(_WORDS.findall(text))
    return frozenset(words.union(*(re.split(r"[.-]", word) for word in words)) - {"", "@"})
