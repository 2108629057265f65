"""The tree of one file as it was written: nothing resolved, nothing judged but its form.

Values are general on purpose: `4k`, `5 sec` or `last_fram(x)` are well-formed here and judged by `storyboard`, which knows what was meant.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal as OneOf

from skyflow.source import SourceFile, Span

AssetKeyword = OneOf["image", "grid", "video", "voice"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written: `street`, and where shots are referred to also `den.street` or `item.2.spin`."""

    text: str
    span: Span


# --- values ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A run of text without `{{ }}`, after layout and escapes.

    `segments` are pairs (offset in `text`, offset in the source), ascending; within a segment both run on together.
    """

    text: str
    segments: tuple[tuple[int, int], ...]

    def source_offset(self, offset: int) -> int:
        """Where character `offset` of `text` stands in the source."""
        index = bisect_right(self.segments, (offset, 1 << 62)) - 1
        start, source = self.segments[max(index, 0)]
        return source + (offset - start)


@dataclass(frozen=True, slots=True)
class Expression:
    """`{{ … }}`: `span` with the braces, `text` what stands between them exactly as written, from offset `start` on."""

    text: str
    start: int
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """A string or a text block, after layout and escapes; `block` tells which. No two literals are neighbours."""

    span: Span
    parts: tuple[Literal | Expression, ...]
    block: bool = False

    @property
    def plain(self) -> str | None:
        """The text where it has no expression in it, else None."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first.text if len(self.parts) == 1 and isinstance(first, Literal) else None


@dataclass(frozen=True, slots=True)
class Number:
    """`3`, `-1`, `2.5`. `text` as written."""

    span: Span
    text: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what stands behind it: `5s`, `720p`, `4k`, and `5 sec` too (then `spaced`, and one space in `text` however many were written)."""

    span: Span
    text: str
    value: int | float
    unit: str
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """`16:9`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: `fast`, `skyreels-v4-std`, `true`, `none`, `street`, `den.street`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class TagValue:
    """`@Mika`; `text` with the `@`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class ListValue:
    span: Span
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`last_frame(street)`, `frame(den.street, 2s)`."""

    span: Span
    name: Name
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """`{{ … }}` in place of a value."""

    span: Span
    expression: Expression


Value = Text | Number | Quantity | Ratio | Word | TagValue | ListValue | Call | Template


# --- statements -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Title:
    """`storyboard "Neon Night"`."""

    span: Span
    title: Text


@dataclass(frozen=True, slots=True)
class Use:
    """`use "cast.sky"`."""

    span: Span
    path: Text


@dataclass(frozen=True, slots=True)
class Var:
    """`var city = "Tokyo" | "Osaka"` (`values`), `var p from "rows.csv"` (`table`), `var city` (neither)."""

    span: Span
    name: Name
    values: tuple[Value, ...] = ()
    table: Text | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """`image @Mika = "a.jpg", "b.jpg"`."""

    span: Span
    keyword: AssetKeyword
    keyword_span: Span
    tag: TagValue
    sources: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """`duration = 5s`, `prompt = "…"`, `when = {{ … }}`, `seed = 3`: any `NAME = value`.

    `values` has one element; more (`a | b`, or `a, b`) are well-formed here and judged later: `separator` is what stood between.
    """

    span: Span
    name: Name
    values: tuple[Value, ...]
    separator: OneOf["", "|", ","] = ""

    @property
    def value(self) -> Value:
        return self.values[0]


@dataclass(frozen=True, slots=True)
class Keyframe:
    """`keyframe @key = "key.png" at 3s`; the source and the time may be missing."""

    span: Span
    keyword_span: Span
    tag: TagValue
    source: Value | None
    at: Value | None


@dataclass(frozen=True, slots=True)
class Extend:
    """`extend @opening = clip(street)`; the source may be missing."""

    span: Span
    keyword_span: Span
    tag: TagValue
    source: Value | None


@dataclass(frozen=True, slots=True)
class Loop:
    """`for X in ["a", "b"]` (`items`: a list, or an expression that is judged later) or `for X from "rows.csv"` (`table`)."""

    span: Span
    variable: Name
    items: Value | None
    table: Text | None


@dataclass(frozen=True, slots=True)
class Defaults:
    """`defaults { … }`."""

    span: Span
    keyword_span: Span
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`scene NAME [for …] { … }` or `shot NAME [for …] { … }`; `header` is the part before `{`."""

    span: Span
    header: Span
    keyword: OneOf["scene", "shot"]
    keyword_span: Span
    name: Name
    loop: Loop | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """What a syntax error dropped. Nobody may draw conclusions from it.

    `words` are the names and tags (with `@`) that stood in it: they may have been declared there, so nothing is said about them elsewhere.
    `statements` are the readable statements of a block whose header is damaged (never part of the storyboard, but names in them count as used).
    """

    span: Span
    words: frozenset[str]
    statements: tuple[Statement, ...] = ()


Statement = Title | Use | Var | Asset | Setting | Keyframe | Extend | Defaults | Block | Damaged


@dataclass(frozen=True, slots=True)
class File:
    """One file. `damaged_words` gathers the words of every `Damaged` in it, however deep, and names that could be read but not be used so."""

    source: SourceFile
    statements: tuple[Statement, ...]
    damaged_words: frozenset[str]
