"""What a request costs: price tables and the seconds that are billed. Money is decimal, never float."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from math import isfinite
from typing import Any, Self

from skyflow.contract.limits import (
    DEFAULT_DURATION,
    DEFAULT_RESOLUTION,
    MAX_REFERENCE_SECONDS,
    MODELS,
    RESOLUTIONS,
)
from skyflow.contract.modes import is_given
from skyflow.contract.ref_images import elements_of_type
from skyflow.contract.violation import is_object, nearest_word, one_of, show

_WITH, _WITHOUT = "with_video", "without_video"
_HEAD = ("currency", "unit", "as_of")
_UNIT = "second"
_DEAREST = 1_000_000  # a second; more is a slip of the pen


class PriceTableError(ValueError):
    """A price table that cannot be used; the message says why, in words for whoever wrote the table."""


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices of one second, by model, resolution and whether the request has a reference video (`ref_videos`).

    `currency` is a code such as `USD`; `as_of` the day on which the prices were true, as the table writes it.
    """

    currency: str
    as_of: str
    rates: Mapping[tuple[str, str, bool], Decimal]

    @classmethod
    def parse(cls, toml_text: str) -> Self:
        """The table that a TOML text spells, in the form of the packaged `prices.toml`. Raises PriceTableError."""
        try:
            table = tomllib.loads(toml_text, parse_float=Decimal)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise PriceTableError(f"the price table is no TOML: {error}") from None
        _refuse_unknown(table, (*_HEAD, *MODELS), "the price table")
        if table.get("unit", _UNIT) != _UNIT:
            raise PriceTableError(f'the price table counts by {show(table["unit"])}; only "{_UNIT}" is known')
        currency = table.get("currency")
        if not isinstance(currency, str) or not currency.strip():
            raise PriceTableError('the price table names no currency; write `currency = "USD"` or another code')
        rates: dict[tuple[str, str, bool], Decimal] = {}
        for model in MODELS:
            prices = _section(table, model, "the price table")
            _refuse_unknown(prices, (_WITHOUT, _WITH), f"[{model}]")
            for name in (_WITHOUT, _WITH):
                row = _section(prices, name, f"[{model}]")
                _refuse_unknown(row, RESOLUTIONS, f"{name} of [{model}]")
                for resolution in RESOLUTIONS:
                    rates[model, resolution, name == _WITH] = _rate(row, resolution, f"{name} of [{model}]")
        return cls(currency.strip(), str(table.get("as_of", "")), rates)


@dataclass(frozen=True, slots=True)
class Price:
    """What one clip costs, in the table's currency; not `exact` where the billed length is only assumed. `seconds` are billed."""

    amount: Decimal
    exact: bool
    seconds: Decimal


def price_of(request: Mapping[str, Any], table: PriceTable, video_seconds: float | None = None) -> Price:
    """The price of a request that keeps the contract. `video_seconds` is the length of its reference video, where known."""
    seconds, exact = billed_seconds(request, video_seconds)
    resolution = request.get("resolution") or DEFAULT_RESOLUTION
    rate = table.rates[request["model"], resolution, is_given(request.get("ref_videos"))]
    return Price(rate * seconds, exact, seconds)


def billed_seconds(request: Mapping[str, Any], video_seconds: float | None = None) -> tuple[Decimal, bool]:
    """The seconds that are billed, and whether that is known or assumed.

    The requested `duration`; with a `reference` video that video's length, at most 10 s, and 10 s while it is unknown
    (generation page, "duration" and "ref_videos.type=reference").
    """
    if not elements_of_type(request, "ref_videos", "reference"):
        duration = request.get("duration")
        return Decimal(DEFAULT_DURATION if duration is None else duration), True
    longest = Decimal(MAX_REFERENCE_SECONDS)
    if video_seconds is None or not isfinite(video_seconds) or video_seconds <= 0:
        return longest, False
    return min(Decimal(str(video_seconds)), longest), True


def _section(table: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    found = table.get(name)
    if not is_object(found):
        raise PriceTableError(f"{place} has no table `{name}`; copy it from the packaged table and change its figures")
    return found


def _rate(row: Mapping[str, Any], resolution: str, place: str) -> Decimal:
    rate = row.get(resolution)
    if isinstance(rate, int) and not isinstance(rate, bool):
        rate = Decimal(rate)
    if not isinstance(rate, Decimal) or not rate.is_finite() or not 0 <= rate <= _DEAREST:
        found = "is missing" if rate is None else f"is {rate if isinstance(rate, Decimal) else show(rate)}"
        raise PriceTableError(f"the price for `{resolution}` {found} in {place}; write a number such as 0.11")
    return rate


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for name in table:
        if name not in known:
            meant = nearest_word(name, known) or f"; known are {one_of(known, 'and')}"
            raise PriceTableError(f"{place} has {show(name)}, which means nothing{meant}")


DEFAULT_PRICES = PriceTable.parse(files("skyflow.contract").joinpath("prices.toml").read_text(encoding="utf-8"))
"""The packaged table: list prices, quoted by resellers (see its head). The gateway sells below them."""
