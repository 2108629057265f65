"""Every constraint of the API, in the order of the contract's table. Each is declared beside its check; this is the roll-call."""

from __future__ import annotations

from skyflow.contract.fields import FIELD_MISSING, FIELD_TYPE, FIELD_UNKNOWN
from skyflow.contract.frames import MID_FRAMES_COUNT, TIME_STAMP_RANGE, TIME_STAMP_TYPE
from skyflow.contract.media_lengths import AUDIO_TOO_LONG, REFERENCE_TRUNCATED, VIDEO_TOO_LONG
from skyflow.contract.modes import ASPECT_RATIO_IGNORED, DURATION_OVERRIDDEN, MODES_EXCLUSIVE
from skyflow.contract.prompt import PROMPT_REQUIRED, PROMPT_TOO_LONG
from skyflow.contract.ref_images import (
    GRID_AUDIO,
    GRID_COUNT,
    GRID_URLS_COUNT,
    REF_IMAGE_TYPE_UNKNOWN,
    REF_IMAGE_URLS_COUNT,
    REF_IMAGES_COUNT,
    REF_IMAGES_MIXED_TYPES,
)
from skyflow.contract.ref_videos import (
    EXTEND_WITH_REF_IMAGES,
    REF_VIDEO_TYPE_UNKNOWN,
    REF_VIDEOS_COUNT,
    REFERENCE_WITH_GRID,
)
from skyflow.contract.settings import (
    ASPECT_RATIO_UNKNOWN,
    DURATION_RANGE,
    DURATION_TYPE,
    MODEL_REQUIRED,
    MODEL_UNKNOWN,
    PROMPT_OPTIMIZER_TYPE,
    RESOLUTION_UNKNOWN,
)
from skyflow.contract.tags import TAG_DUPLICATE, TAG_FORMAT, TAG_NOT_IN_PROMPT, TAG_UNDECLARED
from skyflow.contract.urls import IMAGE_FORMAT, URL_INVALID, VIDEO_FORMAT
from skyflow.diagnostics.rule import Rule

RULES: tuple[Rule, ...] = (
    MODEL_REQUIRED,
    MODEL_UNKNOWN,
    PROMPT_REQUIRED,
    PROMPT_TOO_LONG,
    DURATION_TYPE,
    DURATION_RANGE,
    RESOLUTION_UNKNOWN,
    ASPECT_RATIO_UNKNOWN,
    PROMPT_OPTIMIZER_TYPE,
    URL_INVALID,
    IMAGE_FORMAT,
    VIDEO_FORMAT,
    MID_FRAMES_COUNT,
    TIME_STAMP_TYPE,
    TIME_STAMP_RANGE,
    REF_IMAGES_MIXED_TYPES,
    REF_IMAGE_TYPE_UNKNOWN,
    REF_IMAGES_COUNT,
    REF_IMAGE_URLS_COUNT,
    GRID_COUNT,
    GRID_URLS_COUNT,
    GRID_AUDIO,
    AUDIO_TOO_LONG,
    REF_VIDEOS_COUNT,
    REF_VIDEO_TYPE_UNKNOWN,
    VIDEO_TOO_LONG,
    EXTEND_WITH_REF_IMAGES,
    REFERENCE_WITH_GRID,
    MODES_EXCLUSIVE,
    TAG_FORMAT,
    TAG_NOT_IN_PROMPT,
    TAG_DUPLICATE,
    FIELD_MISSING,
    FIELD_UNKNOWN,
    FIELD_TYPE,
    ASPECT_RATIO_IGNORED,
    DURATION_OVERRIDDEN,
    REFERENCE_TRUNCATED,
    TAG_UNDECLARED,
)
