"""Names of clips as people type them: `street`, `street@2`, `den.talk take 2`, `street take 2 (city=Tokyo)`. Asks no ledger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skyflow.ledger import Label

_NAME = re.compile(
    r"(?P<shot>[^\s@()]+)(?:@(?P<at>[0-9]{1,6})|\s+take\s+(?P<take>[0-9]{1,6}))?(?:\s*\((?P<variant>.*)\))?"
)


@dataclass(frozen=True, slots=True)
class ClipName:
    """The shot that is meant, and its take and variant where they were said."""

    shot: str
    take: int | None
    variant: str | None

    def fits(self, label: Label) -> bool:
        """Whether a clip with this label may be meant, its scene said or not."""
        return (
            (label.shot == self.shot or label.shot.endswith(f".{self.shot}"))
            and self.take in (None, label.take)
            and self.variant in (None, label.variant)
        )


def read_name(written: str) -> ClipName | None:
    """What was typed as a name; None where no clip can be called so."""
    found = _NAME.fullmatch(written.strip())
    if found is None:
        return None
    take = found["at"] or found["take"]
    return ClipName(found["shot"], None if take is None else int(take), found["variant"])


def whole_name(label: Label) -> str:
    """The name that means this clip alone, within its storyboard: `den.talk@1`."""
    return f"{label.shot}@{label.take}" + (f" ({label.variant})" if label.variant else "")


def join_names(words: Sequence[str]) -> list[str]:
    """Words of a command line as names: `street take 2 (city=Tokyo)` is one, also where nobody put it into quotes."""
    names: list[str] = []
    rest = list(words)
    while rest:
        name = rest.pop(0)
        if len(rest) > 1 and rest[0] == "take" and rest[1].isdigit():
            name += f" take {rest[1]}"
            del rest[:2]
        if rest and rest[0].startswith("(") and rest[0].endswith(")"):
            name += f" {rest.pop(0)}"
        names.append(name)
    return names
