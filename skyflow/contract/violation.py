"""One broken constraint as a value: which rule, at which field of the request, in words. Places in files are never known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from skyflow.diagnostics.rule import Rule, Severity

Path = tuple[str | int, ...]
"""A field path in the request: `("ref_images", 0, "tag")`. `()` is the request itself."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A constraint that a request breaks.

    `path` may name a field that is missing. `message` says what was found, `help` what to do. `facts` holds the values that the
    message was made from; for a place inside the prompt, `facts["range"]` is `(start, end)` in characters. `related` are further
    places that belong to it, each with a few words.
    """

    rule: Rule
    path: Path
    message: str
    help: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    related: tuple[tuple[Path, str], ...] = ()
    severity_override: Severity | None = None

    @property
    def severity(self) -> Severity:
        return self.severity_override or self.rule.severity

    @property
    def pointer(self) -> str:
        return json_pointer(self.path)


def json_pointer(path: Path) -> str:
    """A field path as a JSON pointer (RFC 6901): `/ref_images/0/tag`, and `""` for the request itself."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict) or isinstance(value, Mapping)  # noqa: SIM101 - the first is much the faster


def is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a JSON value is a list; a tuple stands for one in requests that Python code made."""
    return isinstance(value, (list, tuple))


def is_integer(value: object) -> TypeGuard[int]:
    """Whether a JSON value is an integer: 5 is, 5.0, "5" and true are not."""
    return isinstance(value, int) and not isinstance(value, bool)


SHOWN_CHARACTERS = 60
SHOWN_DIGITS = 15


def show(value: object) -> str:
    """A JSON value as a message quotes it: short, on one line, and safe on any terminal whatever it holds."""
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**SHOWN_DIGITS:
        return f"a number of more than {SHOWN_DIGITS} digits"
    if isinstance(value, int | float):
        return str(value)
    if is_list(value):
        return "a list" if value else "an empty list"
    return "an object" if is_object(value) else f"a {type(value).__name__}"


def printable(text: str, longest: int = SHOWN_CHARACTERS) -> str:
    """`text` cut to a message's length, with everything that a terminal might take for a command written out."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


def one_of(words: tuple[str, ...], joint: str = "or") -> str:
    """`` `a`, `b` or `c` ``."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"


NEARLY_THE_SAME = 0.85  # for words of a short list, where a farther guess would mislead


def nearest_word(word: object, words: tuple[str, ...], likeness: float = 0.6) -> str:
    """`` ; did you mean `x`? `` where one of `words` is near, else nothing. Follows a message."""
    found = near_word(word, words, likeness)
    return f"; did you mean `{found}`?" if found else ""


def near_word(word: object, words: tuple[str, ...], likeness: float = 0.6) -> str | None:
    """The one of `words` that a misspelling most likely means."""
    from difflib import get_close_matches  # only a mistake pays for it

    written = show(word).strip('" ').lower()
    by_lower = {known.lower(): known for known in words}
    found = get_close_matches(written, by_lower, n=1, cutoff=likeness)
    return by_lower[found[0]] if found else None
