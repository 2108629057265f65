"""What requests say alike: settings that become the storyboard's defaults, and the end of every prompt that becomes its look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from skyflow.contract import FRAME_FIELDS
from skyflow.importers.reading import Request

SETTINGS = ("model", "duration", "resolution", "aspect_ratio", "prompt_optimizer")
MODEL_WORDS = {
    "skyreels-v4-fast": "fast",
    "skyreels-v4-std": "std",
}  # language.md, "Writing": `fast`, `std`, or a full model id

MIN_LOOK_WORDS = 3  # fewer words at the end of every prompt may be chance
_SENTENCE_END = re.compile(r"(?<=[.!?…]) (?=\S)")


def write_setting(name: str, value: Any) -> str:
    """The statement that sets a field of the API; `none` where it is not to be sent."""
    if value is None:
        written = "none"
    elif name == "model":
        written = MODEL_WORDS.get(value, value)
    elif name == "duration":
        written = f"{value}s"
    else:
        written = str(value).lower() if isinstance(value, bool) else value
    return f"{name} = {written}"


def share_settings(requests: Sequence[Request]) -> dict[str, Any]:
    """The defaults that save lines: by name, the value that most requests have."""
    shared: dict[str, Any] = {}
    for name in SETTINGS:
        values = Counter(request[name] for request in requests if name in request)
        if not values:
            continue
        value, _ = values.most_common(1)[0]
        lines = 1 + sum(needs_line(request, name, {name: value}) for request in requests)
        if lines < values.total():
            shared[name] = value
    return shared


def needs_line(request: Request, name: str, defaults: Mapping[str, Any]) -> bool:
    """Whether a shot must say something of a setting, given the storyboard's defaults."""
    if name not in request:
        return name in defaults and not _is_ignored(request, name)
    # What is inherited and ignored by the mode is not sent (language.md, "Statements"); here it was sent.
    return request[name] != defaults.get(name) or _is_ignored(request, name)


def _is_ignored(request: Request, name: str) -> bool:
    """Whether the mode ignores a setting, so that an inherited one is left out."""
    videos = request.get("ref_videos", ())
    if name == "aspect_ratio":
        return bool(videos) or any(field in request for field in FRAME_FIELDS)
    return name == "duration" and any(video["type"] == "reference" for video in videos)


def share_look(prompts: Sequence[str]) -> str:
    """The sentences that end every prompt alike; empty where it is not certain that they are a look.

    A look is certain where at least two prompts differ before it and each of them is a whole text without it; it mentions nothing.
    """
    if len(set(prompts)) < 2:
        return ""
    shortest = min(prompts, key=len)
    for cut in _SENTENCE_END.finditer(shortest):
        look = shortest[cut.end() :]
        if all(prompt.endswith(f" {look}") and _may_end(prompt[: -len(look) - 1]) for prompt in prompts):
            return look if len(look.split()) >= MIN_LOOK_WORDS and not re.search(r"[@<>\n\"“”]", look) else ""
    return ""


def _may_end(text: str) -> bool:
    return text.endswith((".", "!", "?", "…")) and bool(text.strip())
