"""The words of the language as an editor explains them: what each is for, what it takes, and which rules speak about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from skyflow.contract import (
    ASPECT_RATIOS,
    DEFAULT_ASPECT_RATIO,
    DEFAULT_DURATION,
    DEFAULT_RESOLUTION,
    MAX_DURATION,
    MIN_DURATION,
    MODELS,
    RESOLUTIONS,
)

BlockKind = Literal["file", "scene", "shot", "defaults"]


@dataclass(frozen=True, slots=True)
class StatementWord:
    """A keyword: what it makes, how it is written (a snippet: `$1` is where the cursor goes first), and in which blocks it may stand."""

    about: str
    snippet: str
    blocks: tuple[BlockKind, ...]


@dataclass(frozen=True, slots=True)
class SettingWord:
    """A setting: what it says, the words it takes (best first), how it is written, what holds without it, and the rules about its value."""

    about: str
    values: tuple[str, ...] = ()
    snippet: str = ""
    without: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallWord:
    """A result of another shot: what it is, and of which kind."""

    about: str
    kind: Literal["image", "video"]
    snippet: str


_DECLARING: tuple[BlockKind, ...] = ("file", "scene", "shot")

STATEMENTS: Mapping[str, StatementWord] = {
    "storyboard": StatementWord("The title of the film.", 'storyboard "$1"', ("file",)),
    "use": StatementWord("The variables, assets and defaults of another file.", 'use "$1.sky"', ("file",)),
    "defaults": StatementWord(
        "Settings for every shot of this block and of the blocks in it.", "defaults {\n\t$0\n}", ("file", "scene")
    ),
    "var": StatementWord(
        "A variable, `{{ name }}` in texts. At top level, alternatives (`|`) or the rows of a table make an axis: the film exists once for each.",
        'var ${1:name} = "$2"',
        _DECLARING,
    ),
    "image": StatementWord(
        "1 to 5 pictures of one subject: an actor, a place, a thing. A prompt that mentions the tag gets them.",
        'image @${1:Name} = "$2"',
        _DECLARING,
    ),
    "grid": StatementWord(
        "One picture that shows the steps of something side by side.", 'grid @${1:steps} = "$2"', _DECLARING
    ),
    "video": StatementWord(
        "A clip whose motion, subject or style is imitated where the tag is mentioned.",
        'video @${1:move} = "$2"',
        _DECLARING,
    ),
    "voice": StatementWord(
        "The voice of the image of that tag; the nearest one wins.", 'voice @${1:Name} = "$2"', _DECLARING
    ),
    "scene": StatementWord("A group of shots, which are called `SCENE.SHOT`.", "scene ${1:name} {\n\t$0\n}", ("file", "scene")),
    "shot": StatementWord(
        "One clip.", 'shot ${1:name} {\n\tprompt = """\n\t\t$0\n\t"""\n}', ("file", "scene")
    ),
    "keyframe": StatementWord(
        "A picture that the clip reaches on its way. The prompt mentions its tag where the picture belongs in the story.",
        'keyframe @${1:moment} = "$2" at ${3:3}s',
        ("shot",),
    ),
    "extend": StatementWord(
        "A clip that this shot goes on from. The prompt mentions its tag.", "extend @${1:before} = clip(${2:previous})", ("shot",)
    ),
}  # fmt: skip
LOOP_WORDS: Mapping[str, str] = {
    "for": "Makes this block once for each element of a list or row of a table.",
    "in": "Behind it stands a list: `[\"red\", \"blue\"]`.",
    "from": "Behind it stands a table: a .csv, .json or .jsonl file.",
    "at": "The second at which a keyframe is reached: `at 3s`.",
}  # fmt: skip

_TEXT = '$NAME = "$1"'
_SOURCE_VALUES = ("none",)
SETTINGS: Mapping[str, SettingWord] = {
    "prompt": SettingWord(
        "What is seen and heard. A mentioned `@tag` brings its pictures or clip with it; sound is written as `<sfx>rain</sfx>`.",
        snippet='prompt = """\n\t$0\n"""',
        rules=("prompt-required", "prompt-too-long"),
    ),
    "model": SettingWord(
        "Which model makes the clip: `fast` is quick and cheaper, `std` better and dearer.",
        ("fast", "std", *MODELS),
        rules=("model-required", "model-unknown"),
    ),
    "duration": SettingWord(
        "How long the clip is, in whole seconds.",
        tuple(f"{seconds}s" for seconds in range(MIN_DURATION, MAX_DURATION + 1)),
        without=f"{DEFAULT_DURATION}s",
        rules=("duration-type", "duration-range", "duration-overridden"),
    ),
    "resolution": SettingWord(
        "How large the picture is; larger is dearer.", RESOLUTIONS, without=DEFAULT_RESOLUTION, rules=("resolution-unknown",)
    ),
    "aspect_ratio": SettingWord(
        "The shape of the picture, width to height.",
        ASPECT_RATIOS,
        without=DEFAULT_ASPECT_RATIO,
        rules=("aspect-ratio-unknown", "aspect-ratio-ignored"),
    ),
    "prompt_optimizer": SettingWord(
        "Whether the service may polish the prompt.", ("true", "false"), without="true", rules=("prompt-optimizer-type",)
    ),
    "first_frame": SettingWord(
        "The picture that the clip starts from: a file, an address, `@tag` of an image, or a frame of another shot.",
        _SOURCE_VALUES,
        'first_frame = "$1"',
        rules=("modes-exclusive", "image-format", "picture-ratio"),
    ),
    "last_frame": SettingWord(
        "The picture that the clip ends with: a file, an address, `@tag` of an image, or a frame of another shot.",
        _SOURCE_VALUES,
        'last_frame = "$1"',
        rules=("modes-exclusive", "image-format"),
    ),
    "look": SettingWord(
        "Text that stands behind the prompt and gives the film its style. A nearer one replaces a farther one.",
        ("none",),
        'look = "$1"',
    ),
    "takes": SettingWord(
        "How many tries are made. The model has no seed, so each is another one; each is paid.",
        ("2", "3", "4"),
        without="1",
        rules=("take-unpicked",),
    ),
    "pick": SettingWord("The take that the film and other shots use.", ("1", "2", "3"), without="1", rules=("take-unpicked",)),
    "note": SettingWord("A remark for people. It is never sent.", snippet='note = "$1"'),
    "when": SettingWord(
        "What exists: at top level which variants, in a scene or shot whether it exists at all.",
        ("true", "false"),
        "when = {{ $1 }}",
        rules=("shot-absent", "shot-none"),
    ),
}  # fmt: skip

CALLS: Mapping[str, CallWord] = {
    "last_frame": CallWord("The last picture of another shot's clip.", "image", "last_frame(${1:previous})"),
    "first_frame": CallWord("The first picture of another shot's clip.", "image", "first_frame(${1:previous})"),
    "frame": CallWord("The picture of another shot's clip at a time.", "image", "frame(${1:previous}, ${2:2}s)"),
    "clip": CallWord("Another shot's whole clip.", "video", "clip(${1:previous})"),
}

OBJECTS: Mapping[str, str] = {
    "shot": "The shot that this is said for: `shot.name`.",
    "scene": "The scene around it: `scene.name`.",
    "storyboard": "The storyboard: `storyboard.title`.",
    "variant": "The variant of the film: `variant.name`.",
}

# How each is written, and what it gives (language reference, Templates).
FILTERS: Mapping[str, str] = {
    "abs": "the number without its sign",
    "capitalize": "the first letter large, all others small",
    "default": "another value where there is none: `default(\"no line\")`; with `true` also where it is empty",
    "first": "the first item",
    "float": "the number that a text spells",
    "int": "the whole number that a text spells",
    "join": "the items as one text: `join(\", \")`",
    "last": "the last item",
    "length": "how many items or characters there are",
    "list": "the characters or items as a list",
    "lower": "in small letters",
    "max": "the largest item",
    "min": "the smallest item",
    "plain": "the text with every `@` doubled, so that it mentions nothing",
    "replace": "the text with other words: `replace(\"old\", \"new\")`",
    "reverse": "from back to front",
    "round": "rounded to whole numbers, or to some digits: `round(1)`",
    "sort": "the items in order",
    "string": "the value as text",
    "sum": "the items added up",
    "title": "every word with a large first letter",
    "trim": "without the blanks around it",
    "truncate": "cut at a word: `truncate(80)`",
    "unique": "the items without repetitions",
    "upper": "in large letters",
    "wordcount": "how many words there are",
}  # fmt: skip
TESTS: Mapping[str, str] = {
    "boolean": "is true or false",
    "defined": "has a value",
    "divisibleby": "can be divided by a number: `is divisibleby(3)`",
    "even": "is an even number",
    "false": "is false",
    "in": "is one of a list, or part of a text",
    "lower": "is written in small letters",
    "none": "is none",
    "number": "is a number",
    "odd": "is an odd number",
    "string": "is text",
    "true": "is true",
    "upper": "is written in large letters",
}

CUES: Mapping[str, str] = {
    "dialogue": "what somebody says",
    "sfx": "a sound",
    "bgm": "music",
    "voice_ref": "how a voice sounds",
}
