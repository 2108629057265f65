"""Prompt and look → the text that is sent, which tags it mentions where, and the way back from each character to the source."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass

from skyflow.contract import scan_tags
from skyflow.source import Span
from skyflow.syntax import tree
from skyflow.variants import Rendered


@dataclass(frozen=True, slots=True)
class PromptText:
    """The prompt as it is sent. `parts` are the rendered prompt and look with the offset each starts at before `@@` became `@`;
    `escaped` are the offsets in the text, ascending, of the `@`s that were doubled."""

    text: str
    parts: tuple[tuple[int, Rendered], ...]
    escaped: tuple[int, ...] = ()

    def span_at(self, start: int, end: int) -> Span:
        """Where characters `start` ≤ offset < `end` of the text stand in the source."""
        first, last = self._before(start), self._before(max(start, end - 1)) + 1
        offset, rendered = self._part(first)
        return rendered.span_at(first - offset, last - offset)

    def expression_at(self, start: int) -> tree.Expression | None:
        """The expression that character `start` of the text was computed from."""
        first = self._before(start)
        offset, rendered = self._part(first)
        return rendered.expression_at(first - offset)

    def _part(self, offset: int) -> tuple[int, Rendered]:
        return self.parts[max(0, bisect_right(self.parts, offset, key=lambda part: part[0]) - 1)]

    def _before(self, offset: int) -> int:
        """The offset in the rendered parts, where every escaped `@` still was two."""
        return offset + bisect_left(self.escaped, offset)


def compose(prompt: Rendered, look: Rendered | None) -> PromptText:
    """The prompt with the look behind it after a space, and every `@@` as a plain `@`."""
    parts = [(0, prompt)]
    text = prompt.text
    if look is not None and look.text.strip():
        text = f"{text} {look.text}" if text else look.text
        parts.append((len(text) - len(look.text), look))
    if "@@" not in text:
        return PromptText(text, tuple(parts))
    escaped: list[int] = []
    pieces: list[str] = []
    length = at = 0
    while (found := text.find("@@", at)) != -1:
        pieces.append(text[at : found + 1])
        length += found + 1 - at
        escaped.append(length - 1)
        at = found + 2
    pieces.append(text[at:])
    return PromptText("".join(pieces), tuple(parts), tuple(escaped))


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a prompt mentions: each declared tag once, in order of first mention, with its first place; and what stands for nothing."""

    first: dict[str, tuple[int, int]]
    unknown: tuple[tuple[str, int, int], ...]


def find_mentions(prompt: PromptText, declared: Collection[str]) -> Mentions:
    """Mentions by the contract's whole-tag rule; a doubled `@` mentions nothing."""
    if "@" not in prompt.text:
        return Mentions({}, ())
    scan = scan_tags(prompt.text, declared)
    plain = set(prompt.escaped)
    first: dict[str, tuple[int, int]] = {}
    for tag, start, end in scan.mentions:
        if start not in plain:
            first.setdefault(tag, (start, end))
    return Mentions(first, tuple(found for found in scan.undeclared if found[1] not in plain))
