"""The typed face of a request, for people who build requests in Python. It judges nothing itself: `check_request` does.

pydantic is imported here and in `answers` only. Importing it and building these classes takes longer than checking a small
storyboard, so the constraints live in plain functions, and this model lends them types, serialisation and a JSON schema.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from skyflow.contract.check import check_request
from skyflow.contract.limits import AspectRatio, Model, RefImageType, RefVideoType, Resolution
from skyflow.contract.violation import Violation, is_list, is_object


class _JsonObject(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class MidFrame(_JsonObject):
    """An element of `mid_frame_images`: a picture inside the clip. Without `time_stamp` the model places it itself."""

    tag: str
    image_url: str
    time_stamp: int | None = None


class RefImage(_JsonObject):
    """An element of `ref_images`: pictures of one subject, perhaps with a voice, or a collage."""

    tag: str
    type: RefImageType
    image_urls: list[str]
    audio_url: str | None = None


class RefVideo(_JsonObject):
    """An element of `ref_videos`: a clip to copy or to go on from."""

    tag: str
    type: RefVideoType
    video_url: str


class VideoRequest(_JsonObject):
    """The body of `POST /v1/videos/generations`.

    Making one checks every constraint of the contract and raises `pydantic.ValidationError`, whose errors have the constraint's
    id as `type`, the field path as `loc` and `help` in their `ctx`. Warnings are not errors; `check_request` tells them.
    """

    model: Model
    prompt: str
    duration: int | None = None
    resolution: Resolution | None = None
    aspect_ratio: AspectRatio | None = None
    prompt_optimizer: bool | None = None
    first_frame_image: str | None = None
    end_frame_image: str | None = None
    mid_frame_images: list[MidFrame] | None = None
    ref_images: list[RefImage] | None = None
    ref_videos: list[RefVideo] | None = None

    @model_validator(mode="before")
    @classmethod
    def _check(cls, data: object, info: ValidationInfo) -> object:
        """Let the contract judge. `context={"placeholders": True}` takes `skyflow:` URLs."""
        plain = _as_json_value(data)
        placeholders = bool((info.context or {}).get("placeholders", False))
        errors = [found for found in check_request(plain, placeholders=placeholders) if found.severity == "error"]
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, [_as_error(found, plain) for found in errors])
        return plain

    @classmethod
    def read(cls, request: object, *, placeholders: bool = False) -> Self:
        """The request that a JSON value is. Raises `pydantic.ValidationError`."""
        return cls.model_validate(request, context={"placeholders": placeholders})

    def body(self) -> dict[str, Any]:
        """The request as a JSON-ready dictionary, without the fields that were not given."""
        return self.model_dump(exclude_none=True)


def _as_json_value(data: object) -> object:
    """`data` with the models in it, at the two levels where a request has objects, turned into dictionaries."""
    if not is_object(data):
        return _plain(data)
    return {name: [_plain(element) for element in value] if is_list(value) else value for name, value in data.items()}


def _plain(value: object) -> object:
    return value.model_dump(exclude_none=True) if isinstance(value, BaseModel) else value


def _as_error(found: Violation, request: object) -> InitErrorDetails:
    words = {"message": found.message, "help": found.help}
    return InitErrorDetails(
        type=PydanticCustomError(found.rule.id, "{message}", words), loc=found.path, input=_value_at(request, found)
    )


def _value_at(request: object, found: Violation) -> object:
    value = request
    for part in found.path:
        if is_object(value) and isinstance(part, str):
            value = value.get(part)
        elif is_list(value) and isinstance(part, int):
            value = value[part]
    return value
