"""From a folder and the beginning of a key that somebody typed to the clip in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skyflow.cli.outcome import Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.run_words import SHORT_KEY, label_name
from skyflow.config import find_project
from skyflow.ledger import Attempt, Ledger, LedgerError, Queued, Target


@dataclass(frozen=True, slots=True)
class KnownClip:
    """A clip that was sent once: where, its key, and its last attempt."""

    target: Target
    key: str
    attempt: Attempt

    @property
    def name(self) -> str:
        return label_name(self.attempt.label)


def add_folder(parser: Parser) -> None:
    """The option that says whose ledger is meant."""
    parser.add_argument(
        "--project", default=".", metavar="FOLDER", help="a folder or storyboard of the project (else: this folder)"
    )


def project_of(written: str) -> Path:
    """The project folder. Raises UsageError where nothing is there."""
    place = Path(written).resolve()
    if not place.exists():
        raise UsageError(f"there is no `{written}`")
    return find_project(place if place.is_file() else place / "x")


def as_stop(error: LedgerError) -> Stop:
    return Stop(error.message, error.remedy)


def find_clip(ledger: Ledger, beginning: str) -> KnownClip:
    """The one clip whose key begins so, live targets before the sandbox. Raises UsageError where there is none, or more than one."""
    wanted = beginning.strip().lower()
    found = [
        KnownClip(target, key, attempt)
        for target in ledger.targets()
        for key, attempt in ledger.overview.beginning_with(target, wanted)
    ]
    live = [clip for clip in found if not clip.target.is_sandbox]
    chosen = live or found
    if not chosen:
        raise UsageError(f"no clip has a key that begins with `{beginning}`", "skyflow status lists them")
    _refuse_several(beginning, [(clip.key, clip.name) for clip in chosen])
    return chosen[0]


def find_queued(ledger: Ledger, beginning: str) -> Queued | None:
    """The one clip that a run at work will still send and whose key begins so; None where none does. Raises UsageError where several do."""
    wanted = beginning.strip().lower()
    found = [clip for clip in ledger.live.queued() if wanted and clip.key.startswith(wanted) and not clip.cancelled]
    _refuse_several(beginning, [(clip.key, label_name(clip.label)) for clip in found])
    return found[0] if found else None


def _refuse_several(beginning: str, found: Sequence[tuple[str, str]]) -> None:
    if len(found) > 1:
        listed = ", ".join(f"{key[:SHORT_KEY]} ({name})" for key, name in found[:5])
        raise UsageError(f"{len(found)} clips have keys that begin with `{beginning}`", f"write more of it: {listed}")
