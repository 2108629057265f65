"""How the editor writes things down: sums, lengths, pictures, Markdown."""

from __future__ import annotations

import re
from decimal import Decimal

from skyflow.source import MediaFacts

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!])")


def money(amount: Decimal, currency: str, *, exact: bool = True) -> str:
    """`2.75 USD`; `about` where the sum is not certain. At least cents, and no digit is dropped."""
    cents = amount.normalize()
    exponent = cents.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > -2:
        cents = cents.quantize(Decimal("0.01"))
    return f"{'' if exact else 'about '}{cents:,f} {currency}"


def seconds(length: float | Decimal) -> str:
    """`5 s`, `4.2 s`."""
    return f"{float(length):.1f}".removesuffix(".0") + " s"


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """A file's size as people say it."""
    if number < 1_000_000:
        return f"{max(1, round(number / 1_000)):,} kB"
    return f"{number / 1_000_000:,.1f} MB"


def describe_media(facts: MediaFacts) -> str:
    """`JPG, 1024 × 1536, 312 kB`; `MP3, 4.2 s, 96 kB`."""
    parts = [facts.format.upper()] if facts.format else []
    if facts.width and facts.height:
        parts.append(f"{facts.width} × {facts.height}")
    if facts.seconds is not None:
        parts.append(seconds(facts.seconds))
    return ", ".join([*parts, size(facts.size)])


def code(text: str) -> str:
    """Text as code in a line of Markdown, whatever stands in it."""
    line = " ".join(text.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def plain(text: str) -> str:
    """Text that means nothing to Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)


def shortened(text: str, limit: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
