"""The pydantic face of a request says exactly what `check_request` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from skyflow.contract import MidFrame, RefImage, RefVideo, VideoRequest, check_request
from skyflow.contract.check import REQUEST

COPIES = Path(__file__).parent / "conformance"
REQUESTS = [
    json.loads(line)["request"] for line in (COPIES / "requests.jsonl").read_text(encoding="utf-8").splitlines()
]
REQUESTS += [example["request"] for example in json.loads((COPIES / "page-examples.json").read_text(encoding="utf-8"))]


def ids_of(problem):
    return [(error["type"], error["loc"]) for error in problem.errors()]


def test_every_conformance_request():
    read = 0
    for request in REQUESTS:
        errors = [(found.rule.id, found.path) for found in check_request(request) if found.severity == "error"]
        if errors:
            with pytest.raises(ValidationError) as refused:
                VideoRequest.read(request)
            assert ids_of(refused.value) == errors
        else:
            assert VideoRequest.read(request).body() == request
            read += 1
    assert read == 51


def test_the_model_has_the_fields_of_the_contract():
    assert list(VideoRequest.model_fields) == list(REQUEST.checks)
    by_field = {"mid_frame_images": MidFrame, "ref_images": RefImage, "ref_videos": RefVideo}
    for name, model in by_field.items():
        full = dict.fromkeys(model.model_fields)
        missing = [found.path[-1] for found in check_request({name: [full]}) if found.rule.id == "field-missing"]
        assert missing == [field for field, info in model.model_fields.items() if info.is_required()]
        assert not [found for found in check_request({name: [full]}) if found.rule.id == "field-unknown"]


def test_building_in_python():
    made = VideoRequest(
        model="skyreels-v4-std",
        prompt="@Mika waits.",
        duration=8,
        ref_images=[RefImage(tag="@Mika", type="image", image_urls=["https://example.com/mika.jpg"])],
    )
    assert made.duration == 8
    assert made.body() == {
        "model": "skyreels-v4-std",
        "prompt": "@Mika waits.",
        "duration": 8,
        "ref_images": [{"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}],
    }
    assert VideoRequest.model_validate(made) == made
    assert VideoRequest.model_validate_json(made.model_dump_json(exclude_none=True)) == made


def test_errors_carry_message_help_and_value():
    with pytest.raises(ValidationError) as refused:
        VideoRequest(model="skyreels-v4-std", prompt="Rain.", duration=99)
    (error,) = refused.value.errors()
    assert error["msg"] == "the length is 99 s, but a clip lasts 3 to 15 s"
    assert error["ctx"]["help"].startswith("write a whole number from 3 to 15")
    assert error["input"] == 99


def test_placeholders_are_asked_for():
    request = {"model": "skyreels-v4-std", "prompt": "Rain.", "first_frame_image": "skyflow:upload/0a.png"}
    assert VideoRequest.read(request, placeholders=True).first_frame_image == "skyflow:upload/0a.png"
    with pytest.raises(ValidationError):
        VideoRequest.read(request)


@pytest.mark.parametrize("request_", [[], 3, None, "x"])
def test_what_is_no_object(request_):
    with pytest.raises(ValidationError) as refused:
        VideoRequest.read(request_)
    assert ids_of(refused.value) == [("field-type", ())]


def test_a_schema_for_editors():
    schema = VideoRequest.model_json_schema()
    assert schema["required"] == ["model", "prompt"]
    assert schema["properties"]["model"]["enum"] == ["skyreels-v4-fast", "skyreels-v4-std"]
