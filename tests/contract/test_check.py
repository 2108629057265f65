"""Properties of the whole check: it takes any JSON value, says nothing twice, and its halves are what it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from skyflow.contract import RULES, VideoRequest, check_fields, check_prompt, check_request, declared_tags, mode_of

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
URLS = st.sampled_from(
    [
        "https://example.com/a.png",
        "https://example.com/b.mp4",
        "https://example.com/c",
        "skyflow:upload/a.png",
        "skyflow:shot/k/clip",
        "a.png",
    ]
)
TAGS = st.sampled_from(["@a", "@b", "@小梅", "@a b", "c"])


def nearly(*good):
    """Mostly a good value, now and then anything."""
    return st.one_of(*good, *good, *good, ANY)


def elements(**fields):
    return nearly(
        st.lists(nearly(st.fixed_dictionaries({}, optional=fields), st.fixed_dictionaries(fields)), max_size=4)
    )


REQUESTS = st.fixed_dictionaries(
    {
        "model": nearly(st.sampled_from(["skyreels-v4-fast", "skyreels-v4-std"])),
        "prompt": nearly(
            st.lists(st.sampled_from(["@a ", "@b", "@小梅", "rain ", "x@a.b", "走"]), min_size=1, max_size=5).map(
                "".join
            )
        ),
    },
    optional={
        "duration": nearly(st.integers(0, 18)),
        "resolution": nearly(st.sampled_from(["480p", "1080p"])),
        "aspect_ratio": nearly(st.just("16:9")),
        "prompt_optimizer": nearly(st.booleans()),
        "first_frame_image": nearly(URLS),
        "mid_frame_images": elements(tag=nearly(TAGS), image_url=nearly(URLS), time_stamp=nearly(st.integers(-2, 16))),
        "ref_images": elements(
            tag=nearly(TAGS),
            type=nearly(st.sampled_from(["image", "grid"])),
            image_urls=nearly(st.lists(URLS, max_size=6)),
            audio_url=nearly(URLS),
        ),
        "ref_videos": elements(
            tag=nearly(TAGS), type=nearly(st.sampled_from(["reference", "extend"])), video_url=nearly(URLS)
        ),
    },
)
LENGTHS = st.dictionaries(URLS, st.floats(), max_size=3)


def place(found):
    return (found.rule.id, found.path, found.facts.get("range"))


@given(st.one_of(ANY, REQUESTS), LENGTHS, st.booleans())
def test_any_json_value_is_judged(request, lengths, placeholders):
    found = check_request(request, lengths=lengths, placeholders=placeholders)
    assert len({place(violation) for violation in found}) == len(found)
    for violation in found:
        assert violation.rule in RULES
        assert violation.message
        assert (violation.message + violation.help).isprintable()
        assert len(violation.message) < 400
    assert mode_of(request) in ("T2V", "I2V", "Omni")


@given(REQUESTS)
def test_the_halves_are_the_whole(request):
    whole = check_request(request)
    fields = check_fields(request)
    prompt = check_prompt(request["prompt"], declared_tags(request))
    assert whole[: len(fields)] == fields
    assert [found for found in whole if found.severity == "error"] == [
        found for found in (*fields, *prompt) if found.severity == "error"
    ]
    if not any(found.severity == "error" for found in fields):
        assert whole == [*fields, *prompt]


@given(REQUESTS)
def test_order_of_keys_does_not_matter(request):
    backwards = dict(reversed(list(request.items())))
    assert sorted(map(place, check_request(backwards)), key=str) == sorted(map(place, check_request(request)), key=str)


@given(REQUESTS)
def test_tuples_stand_for_lists(request):
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in request.items()}
    assert [place(found) for found in check_request(tuples)] == [place(found) for found in check_request(request)]


@given(REQUESTS, st.booleans())
def test_the_typed_face_agrees(request, placeholders):
    found = check_request(request, placeholders=placeholders)
    errors = [(violation.rule.id, violation.path) for violation in found if violation.severity == "error"]
    if errors:
        with pytest.raises(ValidationError) as refused:
            VideoRequest.read(request, placeholders=placeholders)
        assert [(error["type"], error["loc"]) for error in refused.value.errors()] == errors
    else:
        body = VideoRequest.read(request, placeholders=placeholders).body()
        assert check_request(body, placeholders=placeholders) == found
