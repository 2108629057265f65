"""From a folder and the beginning of a key that somebody typed to the clip in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skyflow.cli.outcome import Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.run_words import SHORT_KEY, label_name
from skyflow.config import find_project
from skyflow.ledger import Attempt, Ledger, LedgerError, Target


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
    found: dict[tuple[str, str], KnownClip] = {}
    for target in ledger.targets():
        for key, attempt in ledger.attempts(target):
            if wanted and key.startswith(wanted):
                found[target.name, key] = KnownClip(target, key, attempt)
    live = [clip for clip in found.values() if not clip.target.is_sandbox]
    chosen = live or list(found.values())
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise UsageError(f"no clip has a key that begins with `{beginning}`", "skyflow status lists them")
    listed = ", ".join(f"{clip.key[:SHORT_KEY]} ({clip.name})" for clip in chosen[:5])
    raise UsageError(f"{len(chosen)} clips have keys that begin with `{beginning}`", f"write more of it: {listed}")
