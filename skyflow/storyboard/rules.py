"""The rules about names and their places."""

from __future__ import annotations

from skyflow.diagnostics import Rule

LANGUAGE = "the storyboard language (grammar/README.md)"

NAME_UNKNOWN = Rule(
    id="name-unknown",
    severity="error",
    summary="a name that nothing declares",
    what="Every variable, table column, setting, filter and shot that is named must exist where it is named.",
    why="A misspelt name would silently become an empty place in a prompt, or a setting that is never sent.",
    wrong='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ citty }} at night." }\n',
    right='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city }} at night." }\n',
    source=f"{LANGUAGE}, Templates",
)
NAME_DUPLICATE = Rule(
    id="name-duplicate",
    severity="error",
    summary="one name declared twice in one block",
    what="Within one block a name, a tag, a setting or a `defaults` block stands once, and no two variants have one name.",
    why="Which of the two was meant cannot be known. A nearer block may declare a name again: it hides the farther one.",
    wrong='defaults { model = fast }\nshot street { prompt = "Rain." }\nshot street { prompt = "Snow." }\n',
    right='defaults { model = fast }\nshot street { prompt = "Rain." }\nshot street-in-snow { prompt = "Snow." }\n',
    source=f"{LANGUAGE}, Statements",
)
NAME_UNUSED = Rule(
    id="name-unused",
    severity="warning",
    summary="a variable or an asset that nothing uses",
    what="A variable that no expression names and an asset that no shot uses are probably forgotten. Used files are exempt: a cast may be larger than one film needs.",
    why="A forgotten mention means that the model never sees the picture you prepared.",
    wrong='defaults { model = fast }\nimage @Mika = "https://example.com/mika.jpg"\nshot street { prompt = "A woman walks." }\n',
    right='defaults { model = fast }\nimage @Mika = "https://example.com/mika.jpg"\nshot street { prompt = "@Mika walks." }\n',
    source=f"{LANGUAGE}, Mentions",
)
FILE_MISSING = Rule(
    id="file-missing",
    severity="error",
    summary="a file that is not there or cannot be read",
    what="Every picture, clip, sound, table and used file that a storyboard names must be there, readable, and text where text is needed.",
    why="A request with a missing picture cannot be sent, and what a missing table holds cannot be planned.",
    wrong='defaults { model = fast }\nshot street { first_frame = "no-such-file.jpg"\n  prompt = "Rain." }\n',
    right='defaults { model = fast }\nshot street { first_frame = "https://example.com/street.jpg"\n  prompt = "Rain." }\n',
    source=f"{LANGUAGE}, Statements",
)
FILE_TYPE = Rule(
    id="file-type",
    severity="error",
    summary="a file whose content is not what its name says, or is not whole",
    what="Local media are opened: a .jpg must hold a JPEG picture, a .mp4 a clip, a .mp3 a sound. Storyboards and tables are UTF-8 text. A picture must be whole and have at most 64 million pixels.",
    why="The API would take the file, fail on it, and maybe bill it. A picture that broke off while it was copied is grey from some line on, and so would be the clip.",
    wrong="""\
# words.jpg holds words, not a picture
defaults { model = fast }

shot street {
  first_frame = "words.jpg"
  prompt = "Rain."
}
""",
    right="""\
# street.png holds a PNG picture
defaults { model = fast }

shot street {
  first_frame = "street.png"
  prompt = "Rain."
}
""",
    source=f"{LANGUAGE}, What is checked",
)
FILE_OUTSIDE = Rule(
    id="file-outside",
    severity="error",
    summary="a path that leaves the project folder",
    what="Paths are relative to the file they stand in and stay inside the project folder (the nearest folder with skyflow.toml or .git).",
    why="A storyboard may come from anybody; it must not be able to send a file from elsewhere on your disk to a server.",
    wrong='defaults { model = fast }\nshot street { first_frame = "../../secret.jpg"\n  prompt = "Rain." }\n',
    right='defaults { model = fast }\nshot street { first_frame = "https://example.com/street.jpg"\n  prompt = "Rain." }\n',
    source=f"{LANGUAGE}, Keys",
)
USE_CYCLE = Rule(
    id="use-cycle",
    severity="error",
    summary="files that use each other in a circle",
    what="A used file may use others, but the chain must end.",
    why="In a circle nothing comes first.",
    wrong="""\
# this file is called example.sky
defaults { model = fast }

use "example.sky"

shot street { prompt = "Rain." }
""",
    right="""\
# what several storyboards share stands in cast.sky, which uses none of them
defaults { model = fast }

use "cast.sky"

shot street { prompt = "@Mika walks in the rain." }
""",
    source=f"{LANGUAGE}, Statements",
)
USE_CONTENT = Rule(
    id="use-content",
    severity="error",
    summary="a used file that holds more than variables, assets and defaults",
    what="A file named by `use` holds `var`, `image`, `grid`, `video`, `voice`, `defaults` and `use`, nothing else.",
    why="Shots and titles of a used file would appear in films that did not ask for them.",
    wrong="""\
# cast.sky holds: shot test { prompt = "A face in front of grey." }
defaults { model = fast }

use "cast.sky"

shot door { prompt = "Rain on a door." }
""",
    right="""\
# cast.sky holds: image @Mika = "https://example.com/mika.jpg"
defaults { model = fast }

use "cast.sky"

shot door { prompt = "@Mika opens a door." }
""",
    source=f"{LANGUAGE}, Statements",
)
SHOT_NONE = Rule(
    id="shot-none",
    severity="error",
    summary="a storyboard without a single shot",
    what="At least one shot must exist, in at least one variant, after every `when`.",
    why="There would be nothing to make, which is hardly what was meant.",
    wrong='defaults { model = fast }\nvar city = "Tokyo"\nshot street {\n  when = {{ city == "Osaka" }}\n  prompt = "Rain in {{ city }}."\n}\n',
    right='defaults { model = fast }\nvar city = "Tokyo"\nshot street {\n  when = {{ city == "Tokyo" }}\n  prompt = "Rain in {{ city }}."\n}\n',
    source=f"{LANGUAGE}, When",
)

ALLOW_UNUSED = Rule(
    id="allow-unused",
    severity="warning",
    summary="an allowance that allows nothing",
    what="`# allow: RULE` behind a statement, or on the line above it, keeps a warning quiet that is meant; `[allow]` in `skyflow.toml` does it for the whole project, or for some of its files. Where nothing breaks the rule it is idle.",
    why="An idle allowance would keep a later mistake quiet that nobody meant.",
    wrong='defaults { model = fast }\nshot street {\n  prompt = "Rain." # allow: picture-ratio\n}\n',
    right='defaults { model = fast }\nvideo @dance = "https://example.com/dance.mp4"\nshot copy {\n  duration = 5s # allow: duration-overridden\n  prompt = "A girl copies the moves of @dance."\n}\n',
    source=f"{LANGUAGE}, What is checked",
)

RULES = (
    NAME_UNKNOWN,
    NAME_DUPLICATE,
    NAME_UNUSED,
    FILE_MISSING,
    FILE_TYPE,
    FILE_OUTSIDE,
    USE_CYCLE,
    USE_CONTENT,
    SHOT_NONE,
    ALLOW_UNUSED,
)
