"""The decisions at the edges of the contract: what counts as given, as an integer, as one mistake."""

from __future__ import annotations

import pytest

from skyflow.contract import check_fields, check_request, mode_of

URL = "https://example.com/a.png"


def request(**fields):
    return {"model": "skyreels-v4-fast", "prompt": "Rain falls.", **fields}


def mid(tag="@key", **fields):
    return {"tag": tag, "image_url": URL, **fields}


def image(tag="@Mika", **fields):
    return {"tag": tag, "type": "image", "image_urls": [URL], **fields}


def grid(tag="@grid", **fields):
    return {"tag": tag, "type": "grid", "image_urls": [URL], **fields}


def video(tag="@clip", **fields):
    return {"tag": tag, "type": "reference", "video_url": "https://example.com/a.mp4", **fields}


def at_time(time_stamp, **fields):
    return request(prompt="The @key turns.", mid_frame_images=[mid(time_stamp=time_stamp)], **fields)


@pytest.mark.parametrize("nothing", [None, []], ids=["null", "empty"])
@pytest.mark.parametrize("field", ["mid_frame_images", "ref_images", "ref_videos"])
def test_an_empty_or_null_list_is_not_given(field, nothing, ids):
    both = (
        request(first_frame_image=URL)
        if field != "mid_frame_images"
        else request(prompt="@Mika.", ref_images=[image()])
    )
    assert ids({**both, field: nothing}) == []
    assert mode_of({**request(), field: nothing}) == "T2V"


def test_null_is_not_given_for_optional_fields(ids):
    optional = ("duration", "resolution", "aspect_ratio", "prompt_optimizer", "first_frame_image", "end_frame_image")
    assert ids(request(**dict.fromkeys(optional))) == []
    assert ids(at_time(None)) == []
    assert ids(request(prompt="@Mika.", ref_images=[image(audio_url=None)])) == []
    assert ids(request(prompt="@grid.", ref_images=[grid(audio_url=None)])) == []


def test_null_is_missing_for_required_fields(ids):
    assert ids({"model": None, "prompt": None}) == ["model-required", "prompt-required"]
    nothing = {"tag": None, "type": None, "image_urls": None}
    assert ids(request(ref_images=[nothing])) == ["field-missing"] * 3
    assert ids(request(ref_videos=[{}])) == ["field-missing"] * 3
    assert ids(request(mid_frame_images=[{}])) == ["field-missing"] * 2


@pytest.mark.parametrize("value", [[], 3, "text", None, True, 2.5, "", float("nan")])
def test_a_request_is_an_object(value, ids):
    assert ids(value) == ["field-type"]
    assert mode_of(value) == "T2V"


@pytest.mark.parametrize("value", [{}, "x", 3, True, "", 0, False])
@pytest.mark.parametrize("field", ["mid_frame_images", "ref_images", "ref_videos"])
def test_list_fields_are_lists(field, value, ids):
    assert ids(request(**{field: value})) == ["field-type"]


@pytest.mark.parametrize("element", [None, [], "x", 3, True, [[]]])
@pytest.mark.parametrize("field", ["mid_frame_images", "ref_images", "ref_videos"])
def test_elements_are_objects(field, element, ids):
    assert ids(request(**{field: [element]})) == ["field-type"]


@pytest.mark.parametrize("value", ["https://example.com/a.png", {}, 3, True, ""])
def test_image_urls_is_a_list(value, ids):
    assert ids(request(prompt="@Mika.", ref_images=[image(image_urls=value)])) == ["field-type"]


@pytest.mark.parametrize("value", [5.0, 5.5, "5", "", True, False, [5], [], {}, float("inf"), float("nan")])
def test_duration_is_an_integer(value, ids):
    assert ids(request(duration=value)) == ["duration-type"]


@pytest.mark.parametrize("value", [-1, 0, 2, 16, 10**400, pytest.param(-(10**5000), id="huge")])
def test_duration_out_of_range(value, ids):
    assert ids(request(duration=value)) == ["duration-range"]


@pytest.mark.parametrize("value", [3, 15])
def test_durations_at_the_edges(value, ids):
    assert ids(request(duration=value)) == []


@pytest.mark.parametrize("value", [0, 1, "true", "false", "", [], {}, 0.0])
def test_prompt_optimizer_is_a_boolean(value, ids):
    assert ids(request(prompt_optimizer=value)) == ["prompt-optimizer-type"]


@pytest.mark.parametrize(
    "value", ["", "skyreels-v4", "SkyReels-V4-Fast", " skyreels-v4-fast", 4, True, {}, ["skyreels-v4-fast"], []]
)
def test_model_is_one_of_two(value, ids):
    assert ids({"model": value, "prompt": "Rain."}) == ["model-unknown"]


@pytest.mark.parametrize("value", ["720", "720P", "4k", "", 720, True, [], {}])
def test_resolution_is_one_of_three(value, ids):
    assert ids(request(resolution=value)) == ["resolution-unknown"]


@pytest.mark.parametrize("value", ["16x9", "16/9", "21:9", "", 1.78, 1, [], {}])
def test_aspect_ratio_is_one_of_five(value, ids):
    assert ids(request(aspect_ratio=value)) == ["aspect-ratio-unknown"]


@pytest.mark.parametrize("value", ["", "   ", "\n\t\r", "\u3000\u00a0", 5, True, [], {}, ["Rain."]])
def test_prompt_is_a_text_with_something_in_it(value, ids):
    assert ids(request(prompt=value, ref_images=[image()])) == ["prompt-required"]


class TestTimeStamps:
    @pytest.mark.parametrize("value", ["2", "", 2.0, 1.5, True, False, [], {}, float("nan")])
    def test_type(self, value, ids):
        assert ids(at_time(value)) == ["time-stamp-type"]

    @pytest.mark.parametrize("value", [0, -2, 5, 6, 99, 10**400, pytest.param(-(10**5000), id="huge")])
    def test_outside_of_the_default_length(self, value, ids):
        assert ids(at_time(value)) == ["time-stamp-range"]

    @pytest.mark.parametrize("value", [-1, 1, 4])
    def test_inside_of_the_default_length(self, value, ids):
        assert ids(at_time(value)) == []

    def test_against_the_given_length(self, ids):
        assert ids(at_time(14, duration=15)) == []
        assert ids(at_time(15, duration=15)) == ["time-stamp-range"]
        assert ids(at_time(3, duration=3)) == ["time-stamp-range"]
        assert ids(at_time(5, duration=None)) == ["time-stamp-range"]

    def test_a_wrong_length_is_the_mistake_where_some_length_would_do(self, ids):
        assert ids(at_time(9, duration="12")) == ["duration-type"]
        assert ids(at_time(15, duration=12.0)) == ["duration-type", "time-stamp-range"]
        assert ids(at_time(9, duration=60)) == ["duration-range"]

    def test_length_and_time_are_judged_each(self, ids):
        assert ids(at_time(2, duration=2)) == ["duration-range", "time-stamp-range"]
        assert ids(at_time(-1, duration=0)) == ["duration-range"]


class TestModes:
    @pytest.mark.parametrize(
        "frame", [{"first_frame_image": URL}, {"end_frame_image": URL}, {"mid_frame_images": [mid("@key")]}]
    )
    @pytest.mark.parametrize("reference", [{"ref_images": [image()]}, {"ref_videos": [video("@Mika")]}])
    def test_frames_and_references_exclude_each_other(self, frame, reference):
        both = request(prompt="@Mika meets @key." if "mid_frame_images" in frame else "@Mika.", **frame, **reference)
        (found,) = check_request(both)
        assert found.rule.id == "modes-exclusive"
        assert found.facts == {"frames": tuple(frame), "references": tuple(reference)}
        assert mode_of(both) == "I2V"

    def test_all_fields_of_both_sides_are_named_once(self):
        frames = {"first_frame_image": URL, "end_frame_image": URL, "mid_frame_images": [mid("@key")]}
        references = {"ref_images": [image()], "ref_videos": [video()]}
        (found,) = check_request(request(prompt="@key @Mika @clip", **frames, **references))
        assert found.facts == {"frames": tuple(frames), "references": tuple(references)}

    def test_the_fields_decide(self):
        assert mode_of(request()) == "T2V"
        assert mode_of(request(end_frame_image=URL)) == "I2V"
        assert mode_of(request(ref_videos=[video()])) == "Omni"

    def test_aspect_ratio_is_used_with_pictures_only(self, ids):
        assert ids(request(prompt="@Mika.", ref_images=[image()], aspect_ratio="1:1")) == []
        assert ids(request(prompt="@clip.", ref_videos=[video(type="extend")], aspect_ratio="1:1")) == [
            "aspect-ratio-ignored"
        ]
        assert ids(request(mid_frame_images=[mid()], prompt="@key", aspect_ratio="1:1")) == ["aspect-ratio-ignored"]

    def test_a_wrong_setting_is_not_called_ignored_as_well(self, ids):
        assert ids(request(first_frame_image=URL, aspect_ratio="2:1")) == ["aspect-ratio-unknown"]
        assert ids(request(prompt="@clip", ref_videos=[video()], duration=99)) == ["duration-range"]

    def test_duration_is_overridden_by_a_reference_only(self, ids):
        assert ids(request(prompt="@clip", ref_videos=[video()], duration=5)) == ["duration-overridden"]
        assert ids(request(prompt="@clip", ref_videos=[video(type="extend")], duration=5)) == []


class TestReferences:
    def test_mixed_types_are_one_mistake(self, ids):
        assert ids(request(prompt="@Mika @grid", ref_images=[image(), grid()])) == ["ref-images-mixed-types"]
        many = [image("@a"), image("@b"), grid("@c"), image("@d")]
        assert ids(request(prompt="@a @b @c @d", ref_images=many)) == ["ref-images-mixed-types"]

    def test_counts_are_of_each_type(self, ids):
        four = [image(f"@{name}") for name in "abcd"]
        assert ids(request(prompt="@a @b @c @d", ref_images=four)) == ["ref-images-count"]
        two = [grid("@a"), grid("@b"), image("@c")]
        assert ids(request(prompt="@a @b @c", ref_images=two)) == ["ref-images-mixed-types", "grid-count"]

    @pytest.mark.parametrize("kind", ["", "Image", "photo", 3, True, [], {}, ["image"]])
    def test_an_unknown_type_is_not_counted_nor_mixed(self, kind, ids):
        odd = {**image("@a"), "type": kind, "image_urls": [URL] * 9, "audio_url": URL}
        assert ids(request(prompt="@a @b", ref_images=[odd, image("@b")])) == ["ref-image-type-unknown"]
        assert ids(request(prompt="@clip", ref_videos=[video(type=kind)])) == ["ref-video-type-unknown"]

    @pytest.mark.parametrize(
        ("count", "said"), [(0, ["ref-image-urls-count"]), (1, []), (5, []), (6, ["ref-image-urls-count"])]
    )
    def test_pictures_of_a_subject(self, count, said, ids):
        assert ids(request(prompt="@Mika", ref_images=[image(image_urls=[URL] * count)])) == said

    @pytest.mark.parametrize(("count", "said"), [(0, ["grid-urls-count"]), (1, []), (2, ["grid-urls-count"])])
    def test_pictures_of_a_collage(self, count, said, ids):
        assert ids(request(prompt="@grid", ref_images=[grid(image_urls=[URL] * count)])) == said

    def test_every_element_is_checked_also_beyond_the_limit(self, ids):
        frames = [mid(f"@f{number}", time_stamp=0) for number in range(8)]
        prompt = " ".join(frame["tag"] for frame in frames)
        assert ids(request(prompt=prompt, mid_frame_images=frames)) == ["mid-frames-count"] + ["time-stamp-range"] * 8

    def test_extend_stands_alone(self, ids):
        alone = [video(type="extend")]
        assert ids(request(prompt="@clip @Mika", ref_videos=alone, ref_images=[image()])) == ["extend-with-ref-images"]
        assert ids(request(prompt="@clip @grid", ref_videos=alone, ref_images=[grid()])) == ["extend-with-ref-images"]
        both = [video("@a", type="extend"), video("@b")]
        assert ids(request(prompt="@a @b", ref_videos=both)) == ["ref-videos-count"]

    def test_sounds_of_any_format(self, ids):
        assert ids(request(prompt="@Mika", ref_images=[image(audio_url="https://example.com/a.webm")])) == []


class TestFields:
    def test_unknown_fields_at_every_level(self):
        odd = request(
            prompt="@key",
            Duration=5,
            seed=None,
            mid_frame_images=[{**mid(), "type": "image", "x/~y": 1}],
        )
        assert [found.pointer for found in check_request(odd)] == [
            "/Duration",
            "/seed",
            "/mid_frame_images/0/type",
            "/mid_frame_images/0/x~1~0y",
        ]
        assert {found.rule.id for found in check_request(odd)} == {"field-unknown"}

    def test_keys_that_json_cannot_have_do_no_harm(self, ids):
        assert ids({**request(), 5: 1, None: 2}) == ["field-unknown"] * 2

    def test_the_fields_half_never_looks_at_the_prompt(self):
        for prompt in (None, "", "x" * 99999, "@nobody", 5):
            assert check_fields(request(prompt=prompt)) == []
        assert check_fields({"model": "skyreels-v4-std"}) == []

    def test_one_unreadable_tag_does_not_make_its_mention_undeclared(self, ids):
        assert ids(request(prompt="@Mika waits.", ref_images=image())) == ["field-type"]
        assert ids(request(prompt="@Mika waits.", ref_images=[image("Mika")])) == ["tag-format"]
        assert ids(request(prompt="@Mika waits.", ref_images=[{"type": "image", "image_urls": [URL]}])) == [
            "field-missing"
        ]


class TestLengths:
    VOICE = request(prompt="@Mika", ref_images=[image(audio_url="https://example.com/v.mp3")])
    COPY = request(prompt="@clip", ref_videos=[video()])
    EXTEND = request(prompt="@clip", ref_videos=[video(type="extend")])

    @pytest.mark.parametrize(
        ("seconds", "said"), [(15, []), (15.001, ["audio-too-long"]), (0.5, []), (float("nan"), [])]
    )
    def test_voices(self, seconds, said, ids):
        assert ids(self.VOICE, lengths={"https://example.com/v.mp3": seconds}) == said

    @pytest.mark.parametrize(
        ("seconds", "copied", "extended"),
        [
            (10, [], []),
            (10.04, ["reference-truncated"], []),
            (15, ["reference-truncated"], []),
            (15.1, ["video-too-long"], ["video-too-long"]),
        ],
    )
    def test_clips(self, seconds, copied, extended, ids):
        known = {"https://example.com/a.mp4": seconds}
        assert ids(self.COPY, lengths=known) == copied
        assert ids(self.EXTEND, lengths=known) == extended

    def test_what_nobody_knows_is_not_judged(self, ids):
        assert ids(self.COPY, lengths={"https://example.com/other.mp4": 99}) == []
        assert ids(request(prompt="@clip", ref_videos=[video(video_url=["x"])]), lengths={"x": 99}) == ["url-invalid"]

    def test_a_length_just_over_the_limit_is_told_as_such(self):
        (found,) = check_request(self.VOICE, lengths={"https://example.com/v.mp3": 15.0000001})
        assert found.message == "the voice lasts a little over 15 s, but the model takes at most 15 s"
        (found,) = check_request(self.VOICE, lengths={"https://example.com/v.mp3": 15.02})
        assert found.message == "the voice lasts 15.02 s, but the model takes at most 15 s"
