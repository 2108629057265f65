"""Clips as the compiler gives them, and a past that is told by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from skyflow.contract import DEFAULT_PRICES, mode_of
from skyflow.ledger import Standing, State, live_target
from skyflow.planner import Plan, make_plan
from skyflow.requests.compiled import CompiledClip


@dataclass
class Past:
    """A history in memory."""

    known: dict[str, Standing] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    keys: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def standings(self, keys: Collection[str]) -> Mapping[str, Standing]:
        return {key: self.known[key] for key in keys if key in self.known}

    def clip_sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        return {key: self.sizes[key] for key in keys if key in self.sizes}

    def last_keys(self, variants: Collection[str]) -> dict[tuple[str, str, int], str]:
        return {name: key for name, key in self.keys.items() if name[0] in variants}

    def requests(self, keys: Collection[str]) -> Mapping[str, str]:
        return {}

    def variants(self) -> Iterator[str]:
        return iter(sorted({name[0] for name in self.keys}))

    def put(self, clip: CompiledClip, state: State, *, on_disk: bool = True, seconds: float | None = None) -> None:
        """Say that a clip stands so."""
        self.known[clip.key] = Standing(state, 7 if state is State.HAVE else None, seconds)
        if state is State.HAVE and on_disk:
            self.sizes[clip.key] = 7


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def make_clip() -> Callable[..., CompiledClip]:
    def make(
        shot: str,
        *needs: CompiledClip,
        variant: str = "",
        take: int = 1,
        video_seconds: float | None = None,
        **fields: Any,
    ) -> CompiledClip:
        request: dict[str, Any] = {"model": "skyreels-v4-fast", "prompt": shot, "resolution": "480p", **fields}
        for need in needs:
            request.setdefault("first_frame_image", f"skyflow:shot/{need.key}/last_frame")
        key = hashlib.sha256(json.dumps([request, take, [need.key for need in needs]]).encode()).hexdigest()
        need_keys = tuple(need.key for need in needs)
        return CompiledClip(variant, shot, take, mode_of(request), key, need_keys, request, video_seconds=video_seconds)

    return make


@pytest.fixture
def plan_for(past: Past) -> Callable[..., Plan]:
    def plan(*clips: CompiledClip, **kwargs: Any) -> Plan:
        given = {"target": live_target("https://api.example.com"), **kwargs}
        return make_plan(clips, history=past, prices=DEFAULT_PRICES, storyboard="film.sky", title="Film", **given)

    return plan
