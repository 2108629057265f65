"""The compiled form of one clip: what `compile` prints, what `plan` counts and what `run` sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["T2V", "I2V", "Omni"]


@dataclass(frozen=True, slots=True)
class CompiledClip:
    """One clip to be made: one take of one shot in one variant.

    `request` is exactly the body of the POST, but for `skyflow:` URLs in it, which the runner replaces before it sends. `key` is 64 hex digits.
    `needs` are the keys of the clips that must be finished first, in order of first mention. `picked` tells whether this take is the one that
    other shots and the film use. `files` maps each `skyflow:upload/…` URL of the request to the project path of its file. `video_seconds` is
    the length of the reference video where it is known.
    """

    variant: str
    shot: str
    take: int
    mode: Mode
    key: str
    needs: tuple[str, ...]
    request: Mapping[str, Any]
    picked: bool = True
    files: Mapping[str, str] = field(default_factory=dict)
    video_seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that `skyflow compile` prints."""
        return {
            "variant": self.variant,
            "shot": self.shot,
            "take": self.take,
            "mode": self.mode,
            "key": self.key,
            "needs": list(self.needs),
            "request": self.request,
        }

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, separators=(", ", ": "))
