"""Sound cues in a prompt: `<dialogue>…</dialogue>` and the like. They are plain text to the API; one that is broken would be read aloud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from skyflow.diagnostics import nearest

CUES = ("dialogue", "sfx", "bgm", "voice_ref")  # the maker's published examples
# What people call the sounds that these cues make.
_OTHER_WORDS = {
    **dict.fromkeys(("speech", "speak", "say", "says", "spoken", "voice", "voiceover", "voice_over", "narration", "line", "quote"), "dialogue"),
    **dict.fromkeys(("sound", "sounds", "sound_effect", "sound_effects", "soundeffect", "effect", "effects", "fx", "noise", "foley"), "sfx"),
    **dict.fromkeys(("music", "song", "soundtrack", "score", "background_music", "bg_music", "theme", "melody", "tune"), "bgm"),
}  # fmt: skip
_CUE = re.compile(r"<(/?)([A-Za-z][A-Za-z_ -]{0,20})>")


@dataclass(slots=True)
class BrokenCue:
    """A cue that is misspelt, not opened or not closed, at characters `start` ≤ offset < `end`. `edits` mend it: (start, end, text)."""

    start: int
    end: int
    message: str
    help: str
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Cue:
    """One `<…>` or `</…>` of a known name; `written` is the name as it stands there."""

    name: str
    written: str
    closes: bool
    start: int
    end: int

    @property
    def is_misspelt(self) -> bool:
        return self.written != self.name

    @property
    def is_other_word(self) -> bool:
        """Whether it is no slip of the hand but a word of its own, so that what is meant is a guess."""
        return nearest(self.written, (self.name,)) is None


def find_broken_cues(text: str) -> list[BrokenCue]:
    """Every mistake once, in order: a pair that is misspelt twice is one."""
    return _Reading(_cues(text)).broken if "<" in text else []


def _cues(text: str) -> list[_Cue]:
    found = []
    for match in _CUE.finditer(text):
        word = match[2]
        name: str | None = word if word in CUES else None
        plain = word.strip().lower().replace("-", "_").replace(" ", "_")
        # One or two letters are a mark of some other language, not a cue that somebody misspelt.
        if name is None and (len(word) > 2 or plain in _OTHER_WORDS):
            name = _OTHER_WORDS.get(plain) or nearest(plain, CUES)
        if name is not None:
            found.append(_Cue(name, word, match[1] == "/", *match.span()))
    return found


class _Reading:
    """Goes through the cues of one text; `open` are those that are not closed yet, with what was said of them."""

    def __init__(self, cues: Sequence[_Cue]) -> None:
        self.broken: list[BrokenCue] = []
        self.open: list[tuple[_Cue, BrokenCue | None]] = []
        for number, cue in enumerate(cues):
            following = next((later for later in cues[number + 1 :] if later.name == cue.name), None)
            if cue.closes:
                self._close(cue)
            else:
                self._open(cue, following)
        for cue, said in self.open:
            self._not_closed(cue, said)
        self.broken.sort(key=lambda one: one.start)

    def _open(self, cue: _Cue, following: _Cue | None) -> None:
        before = self.open[-1] if self.open and self.open[-1][0].name == cue.name else None
        if before is not None and (following is None or not following.closes):
            self.open.pop()
            message, help = (
                f"`<{cue.written}>` opens what is open already",
                f"write `</{cue.name}>` where the sound ends",
            )
            edits = [(cue.start, cue.end, f"</{cue.name}>")]
            self.broken.append(BrokenCue(cue.start, cue.end, message, help, edits, certain=False))
            return
        if before is not None:
            self._not_closed(*self.open.pop())
        self.open.append((cue, self._misspelt(cue) if cue.is_misspelt else None))

    def _close(self, cue: _Cue) -> None:
        if all(opened.name != cue.name for opened, _ in self.open):
            if cue.is_misspelt:
                self._misspelt(cue)
            else:
                message, help = f"`</{cue.name}>` closes nothing", f"write `<{cue.name}>` where the sound begins"
                self.broken.append(BrokenCue(cue.start, cue.end, message, help))
            return
        while True:
            opened, said = self.open.pop()
            if opened.name == cue.name:
                break
            self._not_closed(opened, said)
        if cue.is_misspelt and said is not None:
            said.edits.append((cue.start, cue.end, f"</{cue.name}>"))
        elif cue.is_misspelt:
            self._misspelt(cue)

    def _misspelt(self, cue: _Cue) -> BrokenCue:
        sign = "/" if cue.closes else ""
        right = f"<{sign}{cue.name}>"
        message, help = f"`<{sign}{cue.written}>` is no sound cue", f"did you mean `{right}`?"
        edits = [(cue.start, cue.end, right)]
        self.broken.append(BrokenCue(cue.start, cue.end, message, help, edits, certain=not cue.is_other_word))
        return self.broken[-1]

    def _not_closed(self, cue: _Cue, said: BrokenCue | None) -> None:
        if said is None:
            message, help = f"`<{cue.name}>` is not closed", f"write `</{cue.name}>` where the sound ends"
            self.broken.append(BrokenCue(cue.start, cue.end, message, help))
