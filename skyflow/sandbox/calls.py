"""The two calls around a task: asking for a clip, and asking how it is coming along."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from skyflow.contract import SubmitAnswer, check_request, refusal
from skyflow.media import MediaExtraMissing, MediaUnreadable, probe_media
from skyflow.sandbox.exchange import CutConnection, Refused, base_url, read_json
from skyflow.sandbox.parts import Parts, parts_of
from skyflow.sandbox.store import Fate, JournalEntry
from skyflow.sandbox.tasks import SUBMIT_CALL, BalanceSpent, Task

_CREDITS_A_DOLLAR = 100  # prices.toml: "1 credit = 0.01 USD"


async def submit(request: Request) -> Response:
    """`POST /v1/videos/generations`."""
    parts = parts_of(request)
    body = request.state.body = await read_json(request)
    lengths = await _lengths(parts, body)
    allowed = parts.settings.allow
    violations = [found for found in check_request(body, lengths=lengths) if found.rule.id not in allowed]
    if any(violation.severity == "error" for violation in violations):
        raise Refused(422, refusal(violations).error.message)
    key = request.headers.get("idempotency-key", "")
    if parts.settings.idempotent and key and (known := parts.store.task_with_key(key)) is not None:
        parts.store.add_entry(JournalEntry(parts.clock(), SUBMIT_CALL, 200, "", key, known, request=body))
        return JSONResponse(SubmitAnswer.of(known).as_json())
    return _accept(request, parts, body, lengths, key)


def _accept(
    request: Request, parts: Parts, body: Mapping[str, Any], lengths: Mapping[str, float], key: str
) -> Response:
    """Charge and start a task, and say so, unless the answer is to be lost."""
    video_seconds = next((lengths.get(video["video_url"]) for video in body.get("ref_videos") or ()), None)
    fate: Fate = "task-fails" if parts.faults.strikes("task-fails") else ""
    fate = "moderation" if parts.faults.strikes("moderation") else fate
    is_lost = parts.faults.strikes("lost-answer")
    try:
        task = parts.tasks.accept(
            body,
            video_seconds,
            estimate=parts.renderer.estimate,
            fate=fate,
            idempotency_key=key,
            status=None if is_lost else 200,
            fault="lost-answer" if is_lost else "",
        )
    except BalanceSpent as spent:
        raise Refused(402, str(spent)) from None
    parts.renderer.take(task)
    return CutConnection(parts.connections) if is_lost else JSONResponse(SubmitAnswer.of(task.stored.id).as_json())


async def _lengths(parts: Parts, body: object) -> dict[str, float]:
    """The seconds of the clips and sounds that a request names, as far as they are ours. Takes any JSON value."""
    found: dict[str, float] = {}
    for url in _timed_urls(body):
        seconds = parts.index.known_seconds(url)
        if seconds is None and (path := parts.index.path(url)) is not None:
            seconds = await asyncio.to_thread(_probed_seconds, path)
        if seconds is not None:
            found[url] = seconds
    return found


def _timed_urls(body: object) -> list[str]:
    fields = (("ref_images", "audio_url"), ("ref_videos", "video_url"))
    found = []
    for name, field in fields:
        elements = body.get(name) if isinstance(body, dict) else None
        for element in elements if isinstance(elements, list) else ():
            url = element.get(field) if isinstance(element, dict) else None
            if isinstance(url, str):
                found.append(url)
    return found


def _probed_seconds(path: Path) -> float | None:
    try:
        return probe_media(path).seconds
    except (MediaUnreadable, MediaExtraMissing, OSError):
        return None


async def tell(request: Request) -> Response:
    """`GET /v1/tasks/{task_id}`."""
    parts = parts_of(request)
    task = parts.tasks.get(request.path_params["task_id"])
    if task is None:
        raise Refused(404, "there is no task with this id")
    data = _task_data(parts, task, base_url(request))
    if parts.faults.strikes("odd-answer"):
        _make_odd(data)
    return JSONResponse({"code": 200, "data": data})


def _task_data(parts: Parts, task: Task, base: str) -> dict[str, Any]:
    stored = task.stored
    status, progress = parts.tasks.status(task)
    data: dict[str, Any] = {
        "id": stored.id,
        "status": status,
        "progress": progress,
        "created": int(stored.created),
        "estimated_time": stored.estimate,
    }
    if stored.completed is None:
        return data
    data |= {
        "completed": int(stored.completed),
        "actual_time": max(0, round(stored.completed - stored.created)),
        "cost": float(stored.cost),  # the shortest number that reads back as this decimal
        "credits_cost": float(stored.cost * _CREDITS_A_DOLLAR),
    }
    if stored.state == "failed":
        return data | {"error": json.loads(stored.error)}
    expires = int(stored.completed + parts.settings.result_seconds)
    if parts.faults.strikes("expired-url"):
        expires = int(parts.clock()) - 1
    return data | {"result": {"videos": [{"url": [result_url(parts, task, base, expires)], "expires_at": expires}]}}


def result_url(parts: Parts, task: Task, base: str, expires: int) -> str:
    """Where a clip can be had until `expires`, in seconds since 1970."""
    return f"{base}/results/{task.stored.id}.mp4?{parts.links.query(task.stored.id, expires)}"


def _make_odd(data: dict[str, Any]) -> None:
    """What clients meet in the field: a plain string for a list, a text for an object, a word that nobody knows."""
    if "result" in data:
        video = data["result"]["videos"][0]
        video["url"] = video["url"][0]
    elif "error" in data:
        data["error"] = data["error"]["message"]
    else:
        data["status"] = "queued_for_upscale"
