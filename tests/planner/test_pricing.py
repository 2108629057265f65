"""The short way to a price gives what the long way gives, whatever a prompt says."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from skyflow.contract import DEFAULT_PRICES, PriceTable, mode_of, price_of
from skyflow.planner.pricing import Pricing
from skyflow.requests.compiled import CompiledClip

# Prompts that look like what the short way looks for.
TRAPS = (
    '"duration":9',
    '","resolution":"480p"',
    '"ref_videos":[{',
    '"type":"reference"',
    '\\","duration":3,"',
    "}",
    '{"model":"',
)
prompts = st.lists(st.one_of(st.sampled_from(TRAPS), st.text(max_size=8)), min_size=1, max_size=5).map("".join)
videos = st.fixed_dictionaries(
    {"tag": st.just("@m"), "type": st.sampled_from(["reference", "extend"]), "video_url": st.just("https://x/a.mp4")}
)


@st.composite
def requests(draw) -> dict:
    request = {"model": draw(st.sampled_from(["skyreels-v4-fast", "skyreels-v4-std"])), "prompt": draw(prompts)}
    if draw(st.booleans()):
        request["duration"] = draw(st.integers(3, 15))
    if draw(st.booleans()):
        request["resolution"] = draw(st.sampled_from(["480p", "720p", "1080p"]))
    if draw(st.booleans()):
        request["aspect_ratio"] = "9:16"
    extra = draw(st.sampled_from(["", "frame", "images", "video"]))
    if extra == "frame":
        request["first_frame_image"] = "https://x/a.jpg"
    if extra == "images":
        request["ref_images"] = [{"tag": draw(prompts), "type": "image", "image_urls": ["https://x/a.jpg"]}]
    if extra == "video":
        request["ref_videos"] = [draw(videos)]
    return request


def clip_of(request: dict, seconds: float | None) -> CompiledClip:
    return CompiledClip("", "a", 1, mode_of(request), "0" * 64, (), request, video_seconds=seconds)


@given(st.lists(st.tuples(requests(), st.sampled_from([None, 2.5, 12.0])), max_size=8))
@example([({"model": "skyreels-v4-std", "prompt": 'a","duration":15,"resolution":"480p"'}, None)])
def test_prices_are_those_of_the_contract(given_requests) -> None:
    pricing = Pricing(DEFAULT_PRICES)
    for request, seconds in given_requests:
        price = pricing.prices[pricing.number_of(clip_of(request, seconds), {})]
        assert price == price_of(request, DEFAULT_PRICES, seconds)


def test_money_is_decimal_to_the_last_digit() -> None:
    table = PriceTable(
        DEFAULT_PRICES.currency, "", {name: Decimal("0.1234567890123456789") for name in DEFAULT_PRICES.rates}
    )
    pricing = Pricing(table)
    request = {"model": "skyreels-v4-fast", "prompt": "a", "duration": 3}
    assert pricing.prices[pricing.number_of(clip_of(request, None), {})].amount == Decimal("0.3703703670370370367")
