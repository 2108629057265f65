"""The JSON objects of a request, field by field: which fields each has, which must be there, and who checks a value of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from skyflow.contract.frames import check_time_stamp
from skyflow.contract.limits import OURS, PAGE
from skyflow.contract.ref_images import check_ref_image_type
from skyflow.contract.ref_videos import check_ref_video_type
from skyflow.contract.settings import (
    check_aspect_ratio,
    check_duration,
    check_model,
    check_prompt_optimizer,
    check_resolution,
    missing_model,
)
from skyflow.contract.tags import check_tag
from skyflow.contract.urls import Check, image_url_list_check, url_check
from skyflow.contract.violation import Path, Violation, is_list, is_object, nearest_word, one_of, show
from skyflow.diagnostics.rule import Rule

FIELD_MISSING = Rule(
    id="field-missing",
    severity="error",
    summary="a keyframe or reference without one of its fields",
    what="A keyframe has `tag` and `image_url`, a reference picture `tag`, `type` and `image_urls`, a reference clip `tag`, `type` and `video_url`.",
    why="The API refuses an incomplete element. A storyboard always writes them all.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "image"}
  ]
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    source=f'{PAGE}, "Request Parameters"',
    example_kind="request",
)
FIELD_UNKNOWN = Rule(
    id="field-unknown",
    severity="error",
    summary="a field that the API does not have",
    what="A request, and every element in it, has only the fields that the API names.",
    why="The API would drop a misspelt field silently: the clip would be made, and paid, without what you meant.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "Rain falls on a quiet street.",
  "durations": 8
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "Rain falls on a quiet street.",
  "duration": 8
}
""",
    source=f'{OURS}; the fields are those of {PAGE}, "Request Parameters"',
    example_kind="request",
)
FIELD_TYPE = Rule(
    id="field-type",
    severity="error",
    summary="a list where an object belongs, or the like",
    what="A request is an object; `mid_frame_images`, `ref_images` and `ref_videos` are lists of objects; `image_urls` is a list. "
    "A prompt is text: JSON can spell half of a character (a lone surrogate, `\\ud800`), which no text can hold.",
    why="The API refuses a field of another type, also a single element that was not put into a list. Of half a character each reader makes what it likes.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    source=f'{PAGE}, "Request Parameters": "object[]"',
    example_kind="request",
)
# What people write who come from another service, and what to tell them.
_STRANGERS = {
    "seed": "the model has no seed; for another try send the request again",
    "negative_prompt": "the model has no negative prompt; say in `prompt` what should be seen",
    "mode": "the mode is never sent; frames or references decide it",
    "n": "one request makes one clip; for another try send the request again",
    "fps": "the frame rate cannot be chosen",
}


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """One kind of JSON object: who checks a value of each field, and what to say where a required field is missing."""

    noun: str
    checks: Mapping[str, Check]
    required: Mapping[str, Callable[[Path], Violation]]

    def check(self, value: Mapping[str, object], path: Path, found: list[Violation]) -> None:
        """Add what is wrong to `found`. `null` counts as not given."""
        checks = self.checks
        for name, field_value in value.items():
            check = checks.get(name)
            if check is None:
                found.append(_unknown_field(name, path, self))
            elif field_value is not None:
                found += check(field_value, (*path, name))
        for name, missing in self.required.items():
            if value.get(name) is None:
                found.append(missing((*path, name)))


def request_shape(*, placeholders: bool) -> ObjectShape:
    """The shape of a request, but for what the prompt says; with `placeholders`, `skyflow:` URLs stand for URLs."""
    image_url = url_check("picture", placeholders=placeholders)
    video_url = url_check("clip", placeholders=placeholders)
    audio_url = url_check("sound", placeholders=placeholders)
    image_urls = image_url_list_check(_wrong_type, placeholders=placeholders)
    mid_frame = _element_shape("keyframe", {"tag": check_tag, "image_url": image_url}, {"time_stamp": check_time_stamp})
    ref_image = _element_shape(
        "reference picture",
        {"tag": check_tag, "type": check_ref_image_type, "image_urls": image_urls},
        {"audio_url": audio_url},
    )
    ref_video = _element_shape(
        "reference clip", {"tag": check_tag, "type": check_ref_video_type, "video_url": video_url}, {}
    )
    checks: dict[str, Check] = {
        "model": check_model,
        "prompt": _leave_to_check_prompt,
        "duration": check_duration,
        "resolution": check_resolution,
        "aspect_ratio": check_aspect_ratio,
        "prompt_optimizer": check_prompt_optimizer,
        "first_frame_image": image_url,
        "end_frame_image": image_url,
        "mid_frame_images": _list_check(mid_frame),
        "ref_images": _list_check(ref_image),
        "ref_videos": _list_check(ref_video),
    }
    return ObjectShape("request", checks, {"model": missing_model})


def not_an_object(value: object) -> Violation:
    return _wrong_type(value, (), 'an object: {"model": …, "prompt": …}')


def _element_shape(noun: str, required: Mapping[str, Check], optional: Mapping[str, Check]) -> ObjectShape:
    def missing(path: Path) -> Violation:
        message = f"this {noun} has no `{path[-1]}`"
        return Violation(FIELD_MISSING, path, message, f"a {noun} has {one_of(tuple(required), 'and')}")

    return ObjectShape(noun, {**required, **optional}, dict.fromkeys(required, missing))


def _list_check(shape: ObjectShape) -> Check:
    def check(value: object, path: Path) -> Sequence[Violation]:
        if not is_list(value):
            return (_wrong_type(value, path, "a list of objects"),)
        found: list[Violation] = []
        for index, element in enumerate(value):
            place = (*path, index)
            if is_object(element):
                shape.check(element, place, found)
            else:
                found.append(_wrong_type(element, place, f"an object, one {shape.noun}"))
        return found

    return check


def _leave_to_check_prompt(value: object, path: Path) -> Sequence[Violation]:
    return ()


def _wrong_type(value: object, path: Path, wanted: str) -> Violation:
    subject = (
        f"`{path[-1]}`" if path and isinstance(path[-1], str) else "an element of the list" if path else "a request"
    )
    return Violation(
        FIELD_TYPE, path, f"{subject} is {show(value)}, but should be {wanted}", f"make it {wanted}", {"found": value}
    )


def _unknown_field(name: object, path: Path, shape: ObjectShape) -> Violation:
    known = tuple(shape.checks)
    message = f"{show(name)} is no field of a {shape.noun}{nearest_word(name, known)}"
    help_text = _STRANGERS.get(name) if isinstance(name, str) else None
    return Violation(
        FIELD_UNKNOWN,
        (*path, str(name)),
        message,
        help_text or f"its fields are {one_of(known, 'and')}",
        {"allowed": known},
    )
