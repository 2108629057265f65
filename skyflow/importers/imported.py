"""What an import gives back: a storyboard's text, what could not be written as one, and what a person must still provide."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One request or passage that cannot be written in a storyboard.

    `place` tells where it stands in what was imported (`line 3`, `request 2`). `message` is a sentence without a full stop, `help` says
    what to do.
    """

    place: str
    message: str
    help: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f"; {self.help}" if self.help else "")


@dataclass(frozen=True, slots=True)
class MissingPicture:
    """A picture that the storyboard names and that somebody must put there: `path` relative to the storyboard, of the subject `tag`."""

    tag: str
    path: str
    subject: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A storyboard made from something else. Where there are `refusals`, `text` is empty: half a film is no import."""

    text: str
    refusals: tuple[Refusal, ...] = ()
    missing: tuple[MissingPicture, ...] = ()
