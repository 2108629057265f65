"""The text between {{ and }}: read by Jinja2, what is said where it cannot be read, and where in it a word stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.sandbox import SandboxedEnvironment

FORMS = "between {{ and }} stands one expression, such as `city`, `product.name`, `city | upper` or `'wet' if rain else 'dry'`"


@dataclass(frozen=True, slots=True)
class ExpressionProblem(Exception):
    """Why an expression is refused; `start` and `end` are offsets in its text."""

    rule: str
    message: str
    help: str
    start: int
    end: int


def _guarded(text: str) -> str:
    # A minus or plus right behind the braces would be Jinja2's white-space control.
    return f" {text} "


def parse_expression(environment: SandboxedEnvironment, text: str) -> nodes.Expr:
    """What Jinja2 reads in the text of an expression. Raises ExpressionProblem."""
    from jinja2 import TemplateSyntaxError, nodes

    try:
        template = environment.parse("{{" + _guarded(text) + "}}")
    except TemplateSyntaxError as error:
        place = _offending(environment, text, error)
        words = _reading_words(error.message or "")
        help = _INSTEAD.get(text[slice(*place)][:1], FORMS)
        if text.endswith("-"):
            words = "`-}}` trims nothing here; leave the `-` out"
        raise ExpressionProblem("template-syntax", f"this expression cannot be read: {words}", help, *place) from None
    body = template.body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        return body[0].nodes[0]
    raise ExpressionProblem("template-syntax", "only one expression can stand between {{ and }}", FORMS, 0, len(text))


def _offending(environment: SandboxedEnvironment, text: str, error: TemplateSyntaxError) -> tuple[int, int]:
    """Where in the expression Jinja2 stopped: it names the token, mostly, but not its place."""
    found = re.search(r"got '(.+)'$|unexpected (?:char )?'(.+?)'", error.message or "")
    token = (found[1] or found[2]) if found else ""
    if token in (_END, "}"):
        end = len(text.rstrip())
        return max(0, end - 1), end
    places = [place.start() for place in re.finditer(re.escape(token), text)] if token else []
    if not places:
        return 0, len(text)
    # The same sign may stand there several times: the one behind a readable beginning is meant.
    at = next((place for place in places if _is_readable(environment, text[:place])), places[0])
    return at, at + len(token)


def _is_readable(environment: SandboxedEnvironment, text: str) -> bool:
    from jinja2 import TemplateSyntaxError

    try:
        environment.parse("{{" + _guarded(text) + "}}")
    except TemplateSyntaxError:
        return False
    return bool(text.strip())


# What other languages write, by its first sign.
_INSTEAD = {
    "&": "both at once is `and`: `city == 'Tokyo' and night`",
    "=": "two values are compared by `==`: `city == 'Tokyo'`",
    "!": "what is not so is `not`, another value `!=`: `not night`, `city != 'Tokyo'`",
    "?": "a choice is written `'wet' if rain else 'dry'`",
    "@": 'a tag stands outside of {{ and }}; a variable may hold one as text: `"@Mika"`',
    "$": "a variable stands here by its name alone: `city`",
}
_END = "end of print statement"
_WANTED = {"name": "a name", "string": "a text", "integer": "a number"}


def _reading_words(message: str) -> str:
    """What Jinja2 says of an expression, in the words of the language."""
    found = re.search(r"expected token '(?P<wanted>.+)', got '(?P<got>.+)'$", message)
    found = found or re.search(r"unexpected '(?P<got>.+)', expected '(?P<wanted>.+)'$", message)
    if found and found["wanted"] == _END:
        return f"`{found['got']}` cannot follow here"
    if found:
        wanted = _WANTED.get(found["wanted"], f"`{found['wanted']}`")
        ends = found["got"] in (_END, "}")
        return f"it ends where {wanted} should follow" if ends else f"{wanted} should stand instead of `{found['got']}`"
    if _END in message:
        return "it ends too early"
    if found := re.search(r"unexpected (?:char )?'(.+?)'", message):
        return f"`{found[1]}` cannot stand here"
    return message[:1].lower() + message[1:]


# --- places ---------------------------------------------------------------------------------------------------------


def find_word(text: str, word: str, start: int = 0) -> tuple[int, int]:
    """Where a word stands outside quotes; the whole text where it cannot be found."""
    pattern = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?<!\w)(" + re.escape(word) + r")(?!\w)")
    for match in pattern.finditer(text, start):
        if match[1] is not None:
            return match.span(1)
    return (0, len(text))


def find_column(text: str, column: str, start: int) -> tuple[int, int]:
    """Where a column is named right behind a name that ends at `start`."""
    word = re.escape(column)
    found = re.compile(rf"\s*\.\s*({word})|\s*\[\s*[\"']({word})[\"']").match(text, start)
    if found is None:
        return (0, len(text))
    return found.span(1) if found[1] is not None else found.span(2)
