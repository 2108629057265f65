"""The whole check of a request, made of two halves that know nothing of each other: what the prompt says, and everything else.

The halves are separate because a film with a thousand variants has a thousand prompts but few distinct sets of fields: a compiler
checks each distinct prompt and each distinct set of fields once. Nothing here imports pydantic, whose import alone takes longer
than checking a small storyboard; `model` lends the request a typed face with the very checks of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from skyflow.contract.fields import FIELD_MISSING, FIELD_TYPE, ObjectShape, not_an_object, request_shape
from skyflow.contract.frames import check_mid_frames_count, check_time_stamps_inside
from skyflow.contract.media_lengths import check_lengths
from skyflow.contract.modes import check_modes
from skyflow.contract.prompt import check_prompt
from skyflow.contract.ref_images import check_ref_images_together
from skyflow.contract.ref_videos import check_ref_videos_together
from skyflow.contract.tags import TAG_FORMAT, check_tags_differ, declared_tags
from skyflow.contract.violation import Violation, is_object

REQUEST = request_shape(placeholders=False)
COMPILED_REQUEST = request_shape(placeholders=True)

# What spans fields. Each reads what it needs and is silent about values that are wrong in themselves.
ACROSS_FIELDS: tuple[Callable[[Mapping[str, object]], Iterator[Violation]], ...] = (
    check_modes,
    check_mid_frames_count,
    check_time_stamps_inside,
    check_ref_images_together,
    check_ref_videos_together,
    check_tags_differ,
)

_HIDES_A_TAG = (TAG_FORMAT, FIELD_MISSING, FIELD_TYPE)
_UNKNOWN: Mapping[str, float] = {}


def check_request(
    request: object, *, lengths: Mapping[str, float] = _UNKNOWN, placeholders: bool = False
) -> list[Violation]:
    """Every constraint that a request breaks, each once for each place. Takes any JSON value and never raises.

    `lengths` are the seconds of clips and sounds by URL, as far as known. With `placeholders`, `skyflow:` URLs stand for URLs, as
    they do in compiled requests.
    """
    found = check_fields(request, lengths=lengths, placeholders=placeholders)
    if is_object(request):
        # Where a tag could not be read, a name in the prompt may well be that tag: one mistake is told once.
        tags_readable = not any(violation.rule in _HIDES_A_TAG for violation in found)
        found += check_prompt(request.get("prompt"), declared_tags(request), all_declared=tags_readable)
    return found


def check_fields(
    request: object, *, lengths: Mapping[str, float] = _UNKNOWN, placeholders: bool = False
) -> list[Violation]:
    """The half of `check_request` that never looks at the prompt: its result is the same for requests that differ in it only."""
    if not is_object(request):
        return [not_an_object(request)]
    shape: ObjectShape = COMPILED_REQUEST if placeholders else REQUEST
    found: list[Violation] = []
    shape.check(request, (), found)
    for check in ACROSS_FIELDS:
        found += check(request)
    if lengths:
        found += check_lengths(request, lengths)
    return found
