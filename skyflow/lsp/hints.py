"""Mode, length and cost of each shot, shown behind its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from skyflow.lsp.analysis import Analysis, declared_path, total_price
from skyflow.lsp.wording import count, money, seconds


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words at an offset, and what they stand for."""

    offset: int
    label: str
    about: str


def hints(analysis: Analysis, start: int, end: int) -> Iterator[Hint]:
    """The hints between two offsets. A shot with a mistake has none: it will not be made so."""
    for shot in analysis.storyboard.shots:
        name = shot.name.span
        clips = analysis.shots.get(declared_path(shot), ()) if start <= name.end <= end else ()
        if not clips:
            continue
        parts = ["/".join(dict.fromkeys(priced.clip.mode for priced in clips))]
        lengths = {priced.price.seconds for priced in clips if priced.price is not None}
        if len(lengths) == 1:
            parts.append(seconds(*lengths))
        total = total_price(clips)
        about = [count(len(clips), "clip") if len(clips) > 1 else "one clip"]
        if total is not None:
            prices = analysis.settings.prices
            parts.append(money(total[0], prices.currency, exact=total[1]))
            about.append(f"list prices of {prices.as_of}" if prices.as_of else "list prices")
        if clips[0].clip.variant:
            about.append(f"in the variant {clips[0].clip.variant}, one of {analysis.variant_count:,}")
        yield Hint(name.end, " · ".join(parts), ", ".join(about))
