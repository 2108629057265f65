"""Clips as the compiler gives them, and a past that is told by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from skyflow.contract import DEFAULT_PRICES, mode_of
from skyflow.ledger import Standing, State, live_target
from skyflow.planner import Plan, make_plan
from skyflow.requests.compiled import CompiledClip
from skyflow.requests.keys import canonical_json, clip_key

FIELDS = (
    "model", "prompt", "duration", "resolution", "aspect_ratio", "prompt_optimizer", "first_frame_image", "end_frame_image",
    "mid_frame_images", "ref_images", "ref_videos",
)  # fmt: skip


@dataclass
class Past:
    """A history in memory."""

    known: dict[str, Standing] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    keys: dict[tuple[str, str, int], str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)

    def standings(self, keys: Collection[str]) -> Mapping[str, Standing]:
        return {key: self.known[key] for key in keys if key in self.known}

    def clip_sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        return {key: self.sizes[key] for key in keys if key in self.sizes}

    def last_keys(self, variants: Collection[str]) -> dict[tuple[str, str, int], str]:
        return {name: key for name, key in self.keys.items() if name[0] in variants}

    def requests(self, keys: Collection[str]) -> Mapping[str, str]:
        return {key: self.bodies[key] for key in keys if key in self.bodies}

    def variants(self) -> Iterator[str]:
        return iter(sorted({name[0] for name in self.keys}))

    def put(self, clip: CompiledClip, state: State, *, on_disk: bool = True, seconds: float | None = None) -> None:
        """Say that a clip stands so."""
        self.known[clip.key] = Standing(state, 7 if state is State.HAVE else None, seconds)
        if state is State.HAVE and on_disk:
            self.sizes[clip.key] = 7

    def ran(self, *clips: CompiledClip) -> None:
        """Say that a run was asked for these clips and made them."""
        for clip in clips:
            self.put(clip, State.HAVE)
            self.keys[clip.variant, clip.shot, clip.take] = clip.key
            self.bodies[clip.key] = clip.body


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def make_clip() -> Callable[..., CompiledClip]:
    """A compiled clip; a field that is None is left out. For its 5 s in 480p with the fast model it costs 0.40 USD."""

    def make(shot: str, *needs: CompiledClip, variant: str = "", take: int = 1, **fields: Any) -> CompiledClip:
        extra = {name: fields.pop(name) for name in ("files", "picked", "video_seconds") if name in fields}
        wanted: dict[str, Any] = {"model": "skyreels-v4-fast", "prompt": shot, "resolution": "480p"}
        for need in needs[:1]:
            wanted["first_frame_image"] = f"skyflow:shot/{need.key}/last_frame"
        for need in needs[1:]:
            wanted["end_frame_image"] = f"skyflow:shot/{need.key}/first_frame"
        wanted |= fields
        request = {name: wanted[name] for name in FIELDS if wanted.get(name) is not None}
        key = clip_key(canonical_json(request), take)
        return CompiledClip(variant, shot, take, mode_of(request), key, tuple(n.key for n in needs), request, **extra)

    return make


@pytest.fixture
def plan_for(past: Past) -> Callable[..., Plan]:
    def plan(*clips: CompiledClip, **kwargs: Any) -> Plan:
        given = {"target": live_target("https://api.example.com"), "prices": DEFAULT_PRICES, **kwargs}
        return make_plan(clips, history=past, storyboard="film.sky", title="Film", **given)

    return plan
