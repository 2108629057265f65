"""How a command can end: the exit codes, and the exceptions that end one with a message instead of a result."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the shell is told."""

    FINE = 0
    MISTAKES = 1  # the storyboard has errors
    USAGE = 2
    INCOMPLETE = 3  # some clips failed or are in doubt
    REFUSED = 4  # nothing was started
    BROKEN = 70  # a mistake of ours; the number is EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT, as shells count


class Stop(Exception):
    """Ends the command with exit code `code`. `message` is a sentence without a full stop; `hint` says what to do."""

    code = Exit.REFUSED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(Stop):
    """The command was called in a way that means nothing."""

    code = Exit.USAGE
