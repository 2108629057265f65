"""What to say of words on the command line that mean nothing there: what a person who writes them most likely wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

# To pay is asked for by its own name, never guessed from another one.
PAYING = ("--yes", "--live", "--again")
# What other tools call what a command does.
_COMMANDS = {
    **dict.fromkeys(("render", "make", "generate", "preview", "play", "shoot", "go"), "run"),
    **dict.fromkeys(("validate", "verify", "lint", "test"), "check"),
    **dict.fromkeys(("cost", "price", "estimate", "diff", "dry-run"), "plan"),
    **dict.fromkeys(("join", "concat", "stitch", "edit", "movie", "export"), "film"),
    **dict.fromkeys(("init", "create", "start"), "new"),
    **dict.fromkeys(("format", "beautify"), "fmt"),
    **dict.fromkeys(("convert",), "import"),
    **dict.fromkeys(("history",), "log"),
    **dict.fromkeys(("stop", "abort"), "cancel"),
    **dict.fromkeys(("sandbox", "server"), "serve"),
}
_MOST_WORDS = 8  # of a file name without quotes; more of them are a sentence


def command_meant(word: str) -> str | None:
    """The command that other tools call so."""
    return _COMMANDS.get(word.lower())


def explain_option(name: str, value: str | None, options: Iterable[str]) -> str:
    """What to write instead of an option that there is not; an empty text where nothing is near."""
    from skyflow.diagnostics import did_you_mean
    from skyflow.diagnostics.suggest import one_letter_off

    return _written_in_the_shot(name, value) or did_you_mean(
        name, [option for option in options if option not in PAYING or one_letter_off(name, option)]
    )


def _written_in_the_shot(name: str, value: str | None) -> str:
    """`--takes 5`: what a shot is like stands in the storyboard."""
    from skyflow.storyboard.settings import IN_DEFAULTS, IN_SHOT, INSTEAD

    setting = name.lstrip("-").replace("-", "_").lower()
    if setting in IN_SHOT:
        written = value if value is not None and re.fullmatch(r"[\w:]+", value) else "…"
        place = "in its shot, or in `defaults { }` for all of them" if setting in IN_DEFAULTS else "in its shot"
        return f"that is written in the storyboard: `{setting} = {written}` {place}"
    return INSTEAD.get(setting, "")


def unquoted_file(words: Sequence[str]) -> str | None:
    """A file whose name was torn apart at its spaces: `skyflow check my film.sky`."""
    for end, last in enumerate(words, 1):
        if last.startswith("-") or not Path(last).suffix or _is_file(last):
            continue
        for start in range(end - 2, max(-1, end - 1 - _MOST_WORDS), -1):
            if words[start].startswith("-"):
                break
            joined = " ".join(words[start:end])
            if _is_file(joined):
                return joined
    return None


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):
        return False
