"""`manifest.json`: for each clip of a storyboard what was asked, what was sent, what came, what it cost. A view of the ledger for people and scripts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skyflow.ledger import Ledger
from skyflow.planner import Plan, PlannedShot
from skyflow.runner.job import Job
from skyflow.runner.result import ClipOutcome
from skyflow.version import __version__

MANIFEST_VERSION = 1


def write_manifest(
    path: Path,
    plan: Plan,
    jobs: Mapping[str, Job],
    outcomes: Iterable[tuple[PlannedShot, ClipOutcome]],
    ledger: Ledger,
    written: float,
) -> None:
    """Write the manifest, whole or not at all. Where only a part of the storyboard was asked for, what an earlier one says of the rest stays.

    Raises OSError.
    """
    head = {
        "manifest": MANIFEST_VERSION,
        "skyflow": __version__,
        "title": plan.title,
        "storyboard": plan.storyboard,
        "target": plan.target.name,
        "written": _time(written),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(_pieces(head, _all_clips(path, plan, jobs, outcomes, ledger)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _pieces(head: Mapping[str, Any], clips: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The manifest's text, a clip at a time: of thousands, no more than one is in memory with all that was sent for it."""
    before = _json(head).removesuffix("\n}") + ',\n "clips": ['
    for clip in clips:
        # Within JSON text a line break is never a part of a string.
        yield before + f"\n{_json(clip)}".replace("\n", "\n  ")
        before = ","
    yield ("" if before == "," else before) + "\n ]\n}\n"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _all_clips(
    path: Path,
    plan: Plan,
    jobs: Mapping[str, Job],
    outcomes: Iterable[tuple[PlannedShot, ClipOutcome]],
    ledger: Ledger,
) -> Iterator[dict[str, Any]]:
    named = set()
    for shot, outcome in outcomes:
        clip = _clip(path.parent, plan, jobs[shot.key], shot, outcome, ledger)
        named.add(_name(clip))
        yield clip
    if plan.partial:
        yield from (clip for clip in _clips_of(path) if _name(clip) not in named)


def _clip(
    folder: Path, plan: Plan, job: Job, shot: PlannedShot, outcome: ClipOutcome, ledger: Ledger
) -> dict[str, Any]:
    known, clip = job.known, plan.clips[shot.key]
    return {
        "variant": shot.variant,
        "shot": shot.shot,
        "take": shot.take,
        "picked": shot.picked,
        "key": shot.key,
        "mode": clip.mode,
        "outcome": outcome.outcome.value,
        "message": outcome.message,
        "file": None if outcome.path is None else outcome.path.relative_to(folder).as_posix(),
        "sha256": None if known is None else known.sha256,
        "bytes": None if known is None else known.size,
        "seconds": None if known is None else known.seconds,
        "task_id": outcome.task_id,
        "idempotency_key": None if known is None else known.idempotency_key,
        "posted": None if known is None else _time(known.posted_at),
        "accepted": None if known is None else _time(known.accepted_at),
        "completed": None if known is None else _time(known.completed_at),
        "stored": None if known is None else _time(known.stored_at),
        # What the sandbox reports is what the clip would cost live.
        "cost": {
            "usd": str(outcome.cost),
            "reported": outcome.reported,
            "billed": False if plan.target.is_sandbox else outcome.billed,
        },
        "request": clip.body(),
        "sent": ledger.sent_request(plan.target, shot.key),
    }


def _clips_of(path: Path) -> list[dict[str, Any]]:
    """What the manifest that is there says; nothing where it cannot be read."""
    try:
        clips = json.loads(path.read_bytes())["clips"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [clip for clip in clips if isinstance(clip, dict)] if isinstance(clips, list) else []


def _name(clip: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return clip.get("variant"), clip.get("shot"), clip.get("take")


def _time(moment: float | None) -> str | None:
    """Unix seconds as people and programs read them."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
