"""Prices: the packaged table, the seconds that are billed, and tables that people write."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from skyflow.contract import DEFAULT_PRICES, MODELS, RESOLUTIONS, PriceTable, PriceTableError, price_of

SHARED = Path(__file__).parents[3] / "shared" / "api" / "prices.toml"
PACKAGED = files("skyflow.contract").joinpath("prices.toml").read_text(encoding="utf-8")


def request(**fields):
    return {"model": "skyreels-v4-fast", "prompt": "Rain.", **fields}


def video(kind):
    return [{"tag": "@v", "type": kind, "video_url": "https://example.com/v.mp4"}]


@pytest.mark.skipif(not SHARED.is_file(), reason="the original is not here")
def test_the_packaged_table_is_the_original():
    assert SHARED.read_text(encoding="utf-8") == PACKAGED


def test_the_packaged_table():
    assert (DEFAULT_PRICES.currency, DEFAULT_PRICES.as_of) == ("USD", "2026-04-29")
    assert len(DEFAULT_PRICES.rates) == len(MODELS) * len(RESOLUTIONS) * 2
    assert DEFAULT_PRICES.rates["skyreels-v4-std", "1080p", True] == Decimal("0.625")


@pytest.mark.parametrize(
    ("fields", "video_seconds", "amount", "seconds", "exact"),
    [
        ({}, None, "1.375", "5", True),
        ({"duration": 8, "resolution": "480p"}, None, "0.64", "8", True),
        ({"duration": None, "resolution": None}, None, "1.375", "5", True),
        ({"model": "skyreels-v4-std", "duration": 15}, None, "5.25", "15", True),
        ({"ref_videos": [], "resolution": "720p"}, None, "0.55", "5", True),
        ({"ref_videos": video("extend"), "duration": 8, "resolution": "720p"}, None, "1.60", "8", True),
        ({"ref_videos": video("extend"), "resolution": "720p"}, 12.5, "1.00", "5", True),
        ({"ref_videos": video("reference"), "resolution": "720p"}, None, "2.00", "10", False),
        ({"ref_videos": video("reference"), "resolution": "720p", "duration": 3}, 6.5, "1.30", "6.5", True),
        ({"ref_videos": video("reference"), "resolution": "720p"}, 14.2, "2.00", "10", True),
        ({"ref_videos": video("reference"), "resolution": "720p"}, 0.0, "2.00", "10", False),
        ({"ref_videos": video("reference"), "resolution": "720p"}, float("nan"), "2.00", "10", False),
    ],
)
def test_what_a_request_costs(fields, video_seconds, amount, seconds, exact):
    price = price_of(request(**fields), DEFAULT_PRICES, video_seconds)
    assert (price.amount, price.seconds, price.exact) == (Decimal(amount), Decimal(seconds), exact)


def test_money_is_decimal():
    assert str(price_of(request(duration=3, resolution="720p"), DEFAULT_PRICES).amount) == "0.33"


def test_a_table_of_ones_own():
    cheaper = PriceTable.parse(PACKAGED.replace("0.275", "1").replace('"USD"', '" EUR "'))
    assert cheaper.currency == "EUR"
    assert price_of(request(), cheaper).amount == Decimal(5)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('currency = "USD"', "currency USD", "the price table is no TOML: "),
        ('currency = "USD"', "", "names no currency"),
        ('currency = "USD"', 'currency = " "', "names no currency"),
        ('"second"', '"minute"', 'counts by "minute"; only "second" is known'),
        (
            'unit = "second"',
            'units = "second"',
            'the price table has "units", which means nothing; did you mean `unit`?',
        ),
        ("[skyreels-v4-std]", "[skyreels-v5]", 'the price table has "skyreels-v5", which means nothing'),
        (
            "with_video    = { 480p = 0.18, 720p = 0.25, 1080p = 0.625 }",
            "",
            "[skyreels-v4-std] has no table `with_video`",
        ),
        (
            "480p = 0.08",
            "480 = 0.08",
            'without_video of [skyreels-v4-fast] has "480", which means nothing; did you mean `480p`?',
        ),
        ("480p = 0.08, ", "", "the price for `480p` is missing in without_video of [skyreels-v4-fast]"),
        ("480p = 0.08", '480p = "0.08"', 'the price for `480p` is "0.08" in'),
        ("480p = 0.08", "480p = -0.08", "the price for `480p` is -0.08 in"),
        ("480p = 0.08", "480p = 1e999999", "the price for `480p` is 1E+999999 in"),
        ("480p = 0.08", "480p = nan", "the price for `480p` is NaN in"),
        ("480p = 0.08", "480p = true", "the price for `480p` is true in"),
    ],
)
def test_tables_that_cannot_be_used(old, new, message):
    assert PACKAGED.count(old) == 1
    with pytest.raises(PriceTableError) as refused:
        PriceTable.parse(PACKAGED.replace(old, new))
    assert message in str(refused.value)
