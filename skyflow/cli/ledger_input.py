"""From a folder or storyboard and a name or the beginning of a key that somebody typed to the clip in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skyflow.cli.clip_names import join_names, read_name, whole_name
from skyflow.cli.outcome import Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.run_words import SHORT_KEY, label_name
from skyflow.cli.table import align
from skyflow.config import find_project
from skyflow.diagnostics import did_you_mean
from skyflow.ledger import Attempt, Label, Ledger, LedgerError, Queued, Target

CLIP_HELP = "the clip: its name, such as street or street@2 (take 2), or its key or the beginning of it"
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class KnownClip:
    """A clip that was sent once: where, its key, and its last attempt. `label` is how it is called now, where that is known."""

    target: Target
    key: str
    attempt: Attempt
    label: Label | None = None

    @property
    def name(self) -> str:
        return label_name(self.label or self.attempt.label)


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


def split_place(words: Sequence[str], project: str, *, alone: bool = False) -> tuple[Path, list[str]]:
    """The project folder and the names of clips, where a storyboard or a folder may stand in front of them, or `alone`.

    A storyboard is told by its ending, a folder by being there with something behind it. Raises UsageError.
    """
    first, rest = (words[0], list(words[1:])) if words else ("", [])
    place = Path(first)
    is_storyboard = first.endswith(".sky") and (place.is_file() or "/" in first or bool(rest))
    if first and (is_storyboard or (place.is_dir() and (rest or alone or "/" in first or first in (".", "..")))):
        return project_of(first), join_names(rest)
    return project_of(project), join_names(words)


def as_stop(error: LedgerError) -> Stop:
    return Stop(error.message, error.remedy)


def find_clip(ledger: Ledger, written: str) -> KnownClip:
    """The one clip that is called so or whose key begins so, live targets before the sandbox. Raises UsageError where none is, or more than one."""
    found = [clip for target in ledger.targets() for clip in _known(ledger, target, written)]
    chosen = [clip for clip in found if not clip.target.is_sandbox] or found
    if not chosen:
        raise _nothing_called(ledger, written)
    _refuse_several(written, [(clip.key, clip.label or clip.attempt.label) for clip in chosen])
    return chosen[0]


def _known(ledger: Ledger, target: Target, written: str) -> list[KnownClip]:
    beginning = written.strip().lower()
    found = {key: KnownClip(target, key, attempt) for key, attempt in ledger.overview.beginning_with(target, beginning)}
    name = read_name(written)
    if name is not None:
        called = [one for one in ledger.overview.called(target, name.shot) if name.fits(one[0])]
        whole = [one for one in called if one[0].shot == name.shot]
        found |= {key: KnownClip(target, key, attempt, label) for label, key, attempt in whole or called}
    return list(found.values())


def find_queued(ledger: Ledger, written: str) -> Queued | None:
    """The one clip that a run at work will still send and that is called so, or whose key begins so; None where none is.

    Raises UsageError where several are.
    """
    beginning, name = written.strip().lower(), read_name(written)
    found = [
        clip
        for clip in ledger.live.queued()
        if not clip.cancelled
        and ((beginning and clip.key.startswith(beginning)) or (name is not None and name.fits(clip.label)))
    ]
    _refuse_several(written, [(clip.key, clip.label) for clip in found])
    return found[0] if found else None


def _nothing_called(ledger: Ledger, written: str) -> UsageError:
    name = read_name(written)
    known = {shot for target in ledger.targets() for shot in ledger.overview.names(target)}
    known |= {shot.rpartition(".")[2] for shot in known}
    guess = did_you_mean(name.shot if name is not None else written, sorted(known))
    listed = "skyflow status --all lists the clips"
    return UsageError(f"no clip is called `{written}`, and no key begins so", f"{guess}; {listed}" if guess else listed)


def _refuse_several(written: str, found: Sequence[tuple[str, Label]]) -> None:
    if len(found) < 2:
        return
    boards = len({label.storyboard for _, label in found}) > 1
    rows = [(key[:SHORT_KEY], whole_name(label), label.storyboard if boards else "") for key, label in found]
    lines = align([("KEY", "CLIP", "STORYBOARD"), *rows[:_MOST_LISTED]])[1:]
    more = [f"  … and {len(found) - _MOST_LISTED:,} more"] if len(found) > _MOST_LISTED else []
    raise UsageError(
        f"`{written}` can be {len(found):,} clips; write the key or the whole name of one:",
        "\n".join([*(f"  {line}" for line in lines), *more]),
    )
