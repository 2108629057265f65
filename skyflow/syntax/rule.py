"""The rules of this room: that a file can be read at all."""

from __future__ import annotations

from skyflow.diagnostics import Rule

SYNTAX = Rule(
    id="syntax",
    severity="error",
    summary="this is not written as storyboards are written",
    what=(
        'Every statement stands on a line of its own: a setting is `name = value`, an asset `image @tag = "file.jpg"`, a shot '
        "`shot name { … }` with its `}`. Texts stand in straight double quotes, or in three of them over several lines. What cannot "
        "be read is left out, one statement at a time, and everything else in the file is still checked."
    ),
    why=(
        "A statement that cannot be read cannot be sent, and guessing what was meant could cost money. Nothing is compiled until "
        "the file can be read as a whole."
    ),
    wrong='shot street {\n  duration 5s\n  model = fast\n  prompt = "A neon-lit street at night."\n}\n',
    right='shot street {\n  duration = 5s\n  model = fast\n  prompt = "A neon-lit street at night."\n}\n',
    source="the language reference, grammar/README.md",
)

RULES: tuple[Rule, ...] = (SYNTAX,)
