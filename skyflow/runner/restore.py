"""Clips that lie in the output folder and are not in the books: a project that was copied without `.skyflow`, which file managers hide.

The manifest beside them tells which key each one is. They are taken back into the ledger and never paid again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from skyflow.ledger import Accepted, ClipStore, Completed, Fact, Label, Ledger, Posting, Stored
from skyflow.runner.output import MANIFEST, storyboard_folder, target_folder

# What wrote the events of such a clip: no run, and no person.
RESTORED = "restored"
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StrayClip:
    """A whole clip of the output folder that the ledger does not know; `told` is what the manifest says of it."""

    key: str
    path: Path
    told: Mapping[str, Any]


def find_strays(ledger: Ledger, store: ClipStore, out: Path, title: str, storyboard: str) -> list[StrayClip]:
    """The paid clips of a storyboard below the output folder `out` that are what the manifest says and are not in the books. Raises LedgerError."""
    if store.target.is_sandbox:
        return []  # previews cost nothing
    folder = storyboard_folder(out / target_folder(store.target), title, storyboard)
    listed = {str(clip["key"]): clip for clip in _told_of(folder, store.target.name)}
    known = ledger.latest(store.target, listed)
    found = (_stray(folder, key, clip) for key, clip in listed.items() if key not in known)
    return [stray for stray in found if stray is not None]


def take_back(ledger: Ledger, store: ClipStore, strays: list[StrayClip], storyboard: str) -> None:
    """Put the clips into the store and what is known of them into the ledger. Raises LedgerError, OSError."""
    for stray in strays:
        _put_into(store, stray)
        with ledger.batch():
            _write_down(ledger, store, stray, storyboard)


def _told_of(folder: Path, target: str) -> Iterator[Mapping[str, Any]]:
    """The clips of a manifest that could be taken back; nothing where it cannot be read, or speaks of another service."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    clips = manifest.get("clips") if isinstance(manifest, dict) and manifest.get("target") == target else None
    for clip in clips if isinstance(clips, list) else ():
        if not isinstance(clip, dict) or not _KEY.fullmatch(str(clip.get("key"))):
            continue
        if all(isinstance(clip.get(name), str) for name in ("file", "sha256", "task_id", "shot", "variant")):
            yield clip


def _stray(folder: Path, key: str, clip: Mapping[str, Any]) -> StrayClip | None:
    path = (folder / clip["file"]).resolve()
    try:
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            return None
        with path.open("rb") as file:
            is_it = hashlib.file_digest(file, "sha256").hexdigest() == clip["sha256"]
    except OSError:
        return None
    return StrayClip(key, path, clip) if is_it else None


def _put_into(store: ClipStore, stray: StrayClip) -> None:
    place = store.path(stray.key)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.stem}.{RESTORED}.part")
    shutil.copyfile(stray.path, part)
    part.chmod(0o444)
    part.replace(place)


def _write_down(ledger: Ledger, store: ClipStore, stray: StrayClip, storyboard: str) -> None:
    told, key, target = stray.told, stray.key, store.target
    cost, sent, seconds = told.get("cost"), told.get("sent"), told.get("seconds")
    take = told.get("take")
    paid, reported = (
        (_money(cost.get("usd")), bool(cost.get("reported"))) if isinstance(cost, dict) else (Decimal(0), False)
    )
    label = Label(storyboard, told["variant"], told["shot"], take if isinstance(take, int) else 1)
    name = str(told.get("idempotency_key") or "")
    length = float(seconds) if isinstance(seconds, (int, float)) else None
    facts: tuple[tuple[Fact, str], ...] = (
        (Posting(name, paid, reported, label, sent if isinstance(sent, dict) else {}), "posted"),
        (Accepted(told["task_id"]), "accepted"),
        (Completed((), None, paid if reported else None), "completed"),
        (Stored(told["sha256"], stray.path.stat().st_size, length), "stored"),
    )
    for fact, moment in facts:
        ledger.record(target, key, fact, run=RESTORED, attempt=1, at=_seconds(told.get(moment)))


def _money(written: object) -> Decimal:
    try:
        amount = Decimal(str(written))
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() and amount >= 0 else Decimal(0)


def _seconds(written: object) -> float | None:
    try:
        return datetime.fromisoformat(str(written)).timestamp()
    except ValueError:
        return None
