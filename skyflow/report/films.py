"""The picked takes of one variant as one MP4. Whether the stored clips are still what was paid for is looked at before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from skyflow.media import MediaUnreadable
from skyflow.media.film import Joined, is_film, join_clips
from skyflow.report.cut import Cut, CutShot

DAMAGE_REMEDY = "move that file away and `skyflow run` again: it is fetched once more, as long as the service has it"


class FilmRefused(Exception):
    """A film that cannot be made. `message` says what was found, `remedy` what to do; `damaged` tells that a clip is not what it was."""

    def __init__(self, message: str, remedy: str, *, damaged: bool = False) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
        self.damaged = damaged


def make_film(
    cut: Cut, title: str, target: Path, progress: Callable[[int], None] = lambda done: None, *, slate: bool = False
) -> Joined:
    """Join the picked takes that are there, at least one, in storyboard order; each is a chapter. `progress` hears how many are done.

    With a `slate` a band below the picture says which shot is seen.

    Raises FilmRefused where a clip is damaged or where `target` is a file that no film of ours is, MediaExtraMissing, OSError.
    """
    refuse_foreign(target)
    takes = {shot.name: shot.picked for shot in cut.shots if shot.picked.clip is not None}
    for name, take in takes.items():
        if take.clip is not None and take.sha256 is not None and _sha256(take.clip) != take.sha256:
            raise _damaged(name, take.clip, "is not what was stored")
    clips = {take.clip: name for name, take in takes.items() if take.clip is not None}
    try:
        return join_clips(
            [take.clip for take in takes.values() if take.clip is not None],
            target,
            title=f"{title} ({cut.variant})" if cut.variant else title,
            names=[_shown_name(shot) for shot in cut.shots if shot.picked.clip is not None],
            slate=slate,
            progress=progress,
        )
    except MediaUnreadable as error:
        raise _damaged(clips.get(error.path, ""), error.path, error.reason) from error


def _shown_name(shot: CutShot) -> str:
    """`den.talk`, with the take where there is more than one."""
    return shot.name if len(shot.takes) == 1 else f"{shot.name} take {shot.picked.number}"


def refuse_foreign(target: Path) -> None:
    """Raise FilmRefused where something else than a film of ours stands in the place of the film."""
    if target.exists() and not (target.is_file() and is_film(target)):
        raise FilmRefused(f"`{target}` is there already and is no film that skyflow made", "name another file with -o")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(name: str, clip: Path, reason: str) -> FilmRefused:
    return FilmRefused(
        f"the clip of {name} is damaged: {clip} {reason}",
        DAMAGE_REMEDY,
        damaged=True,
    )
