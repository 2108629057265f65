"""The API and nothing else: its limits, constraints, modes, tags, token count, prices and answers. Never a place in a file, never a socket.

`check_request` is the whole check; a compiler calls its halves, `check_fields` and `check_prompt`, once for each distinct value.
Prices, answers and the pydantic request model are imported on first use: checking needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skyflow.contract.check import check_fields, check_request
from skyflow.contract.limits import (
    ASPECT_RATIOS,
    DEFAULT_ASPECT_RATIO,
    DEFAULT_DURATION,
    DEFAULT_PROMPT_OPTIMIZER,
    DEFAULT_RESOLUTION,
    FRAME_FIELDS,
    IMAGE_EXTENSIONS,
    MAX_AUDIO_SECONDS,
    MAX_DURATION,
    MAX_GRID_URLS,
    MAX_GRIDS,
    MAX_MID_FRAMES,
    MAX_PROMPT_TOKENS,
    MAX_REF_IMAGE_URLS,
    MAX_REF_IMAGES,
    MAX_REF_VIDEOS,
    MAX_REFERENCE_SECONDS,
    MAX_VIDEO_SECONDS,
    MIN_DURATION,
    MODELS,
    PLACE_IT_YOURSELF,
    REF_IMAGE_TYPES,
    REF_VIDEO_TYPES,
    REFERENCE_FIELDS,
    RESOLUTIONS,
    VIDEO_EXTENSIONS,
    Mode,
)
from skyflow.contract.modes import mode_of
from skyflow.contract.prompt import check_prompt
from skyflow.contract.rules import RULES
from skyflow.contract.tags import TagScan, declared_tags, is_tag, scan_tags
from skyflow.contract.tokens import TokenCount, count_tokens
from skyflow.contract.urls import check_url, url_extension
from skyflow.contract.violation import Path, Violation, json_pointer

if TYPE_CHECKING:
    from skyflow.contract.answers import (
        AnswerUnreadable,
        ApiError,
        ErrorAnswer,
        SubmitAnswer,
        Task,
        TaskAnswer,
        UploadAnswer,
        read_answer,
        read_error,
        refusal,
    )
    from skyflow.contract.model import MidFrame, RefImage, RefVideo, VideoRequest
    from skyflow.contract.prices import DEFAULT_PRICES, Price, PriceTable, PriceTableError, billed_seconds, price_of

__all__ = [
    "ASPECT_RATIOS",
    "DEFAULT_ASPECT_RATIO",
    "DEFAULT_DURATION",
    "DEFAULT_PRICES",
    "DEFAULT_PROMPT_OPTIMIZER",
    "DEFAULT_RESOLUTION",
    "FRAME_FIELDS",
    "IMAGE_EXTENSIONS",
    "MAX_AUDIO_SECONDS",
    "MAX_DURATION",
    "MAX_GRIDS",
    "MAX_GRID_URLS",
    "MAX_MID_FRAMES",
    "MAX_PROMPT_TOKENS",
    "MAX_REFERENCE_SECONDS",
    "MAX_REF_IMAGES",
    "MAX_REF_IMAGE_URLS",
    "MAX_REF_VIDEOS",
    "MAX_VIDEO_SECONDS",
    "MIN_DURATION",
    "MODELS",
    "PLACE_IT_YOURSELF",
    "REFERENCE_FIELDS",
    "REF_IMAGE_TYPES",
    "REF_VIDEO_TYPES",
    "RESOLUTIONS",
    "RULES",
    "VIDEO_EXTENSIONS",
    "AnswerUnreadable",
    "ApiError",
    "ErrorAnswer",
    "MidFrame",
    "Mode",
    "Path",
    "Price",
    "PriceTable",
    "PriceTableError",
    "RefImage",
    "RefVideo",
    "SubmitAnswer",
    "TagScan",
    "Task",
    "TaskAnswer",
    "TokenCount",
    "UploadAnswer",
    "VideoRequest",
    "Violation",
    "billed_seconds",
    "check_fields",
    "check_prompt",
    "check_request",
    "check_url",
    "count_tokens",
    "declared_tags",
    "is_tag",
    "json_pointer",
    "mode_of",
    "price_of",
    "read_answer",
    "read_error",
    "refusal",
    "scan_tags",
    "url_extension",
]

# What checking does not need, by the module that has it.
_LATE = {
    "answers": (
        "AnswerUnreadable",
        "ApiError",
        "ErrorAnswer",
        "SubmitAnswer",
        "Task",
        "TaskAnswer",
        "UploadAnswer",
        "read_answer",
        "read_error",
        "refusal",
    ),
    "model": ("MidFrame", "RefImage", "RefVideo", "VideoRequest"),
    "prices": ("DEFAULT_PRICES", "Price", "PriceTable", "PriceTableError", "billed_seconds", "price_of"),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        for module, names in _LATE.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
