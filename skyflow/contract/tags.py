"""Tags: their spelling, where one stands in a prompt (the whole-tag rule), and the rules that tie prompt and references together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import category

from skyflow.contract.limits import OURS, PAGE
from skyflow.contract.violation import Path, Violation, is_list, is_object, printable, show
from skyflow.diagnostics.rule import Rule

TAG_FORMAT = Rule(
    id="tag-format",
    severity="error",
    summary="a tag that cannot be written in a prompt",
    what="A tag is `@` and at least one letter, digit, `_` or `-` behind it: `@Mika`, `@image_1`, `@主角`. Letters of any script do; spaces and dots do not.",
    why="The tag is how the prompt points at a picture or clip. One that starts otherwise is refused, and nobody could tell where one with a space ends.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "Mika walks through the rain.",
  "ref_images": [
    {"tag": "Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    source=f'{PAGE}, "Parameter Constraints": "Must start with @"; the characters are {OURS}, from the examples of the page',
    example_kind="request",
)
TAG_NOT_IN_PROMPT = Rule(
    id="tag-not-in-prompt",
    severity="error",
    summary="a picture or clip that the prompt never mentions",
    what="The tag of every keyframe, reference picture and reference clip stands in the prompt, as a whole tag: `@image1` does not stand in `@image10`.",
    why="The prompt is the script: where it does not mention a picture, the model does not know what to do with it, and the API refuses the request.",
    wrong="""\
defaults { model = fast }

shot dragon {
  keyframe @landing = "https://example.com/landing.png" at 3s
  prompt = "The King summons a dragon. The beast lowers."
}
""",
    right="""\
defaults { model = fast }

shot dragon {
  keyframe @landing = "https://example.com/landing.png" at 3s
  prompt = "The King summons a dragon. @landing The beast lowers."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "Must start with @ and appear in the prompt"; what a whole tag is, is {OURS}',
)
TAG_DUPLICATE = Rule(
    id="tag-duplicate",
    severity="error",
    summary="two pictures or clips under one tag",
    what="Within a request every keyframe, reference picture and reference clip has a tag of its own.",
    why="Where the prompt says the tag, nobody could know which of the two is meant.",
    wrong="""\
defaults { model = fast }
image @door = "https://example.com/door.png"

shot hall {
  keyframe @door at 1s
  keyframe @door at 4s
  prompt = "The camera finds @door and stays there."
}
""",
    right="""\
defaults { model = fast }

shot hall {
  keyframe @door = "https://example.com/door.png" at 1s
  keyframe @open-door = "https://example.com/door.png" at 4s
  prompt = "The camera finds @door and stays at @open-door."
}
""",
    source=f'{OURS}; {PAGE}, "@tag mechanism" calls a tag the pointer to one asset',
)
TAG_UNDECLARED = Rule(
    id="tag-undeclared",
    severity="warning",
    summary="an `@name` in the prompt that stands for nothing",
    what="At every `@name` of the prompt stands the tag of a picture or clip of this request. An address such as `a@b.com` is none.",
    why="The API accepts it and reads the name as plain words: the face that you meant will not appear.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mikka walks through the rain with @Mika.",
  "ref_images": [
    {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    source=f'{OURS}; {PAGE}, "@tag mechanism"',
    example_kind="request",
)
TAGGED_FIELDS = ("mid_frame_images", "ref_images", "ref_videos")
_MOST_UNDECLARED = 100  # that are told of one prompt, so that a hostile one of a million `@`s stays small
_WORDS = re.compile(r"@(?<![A-Za-z0-9_]@)[\w-]+")
_ASCII_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


# --- reading a prompt -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TagScan:
    """What stands at the `@`s of a prompt, in order, each with its range in characters (end exclusive)."""

    mentions: tuple[tuple[str, int, int], ...]
    undeclared: tuple[tuple[str, int, int], ...]


def scan_tags(prompt: str, declared: Collection[str]) -> TagScan:
    """Read a prompt by the whole-tag rule: which of the `declared` tags stand in it, and where an undeclared one does."""
    mentions: list[tuple[str, int, int]] = []
    undeclared: list[tuple[str, int, int]] = []
    longest_first = sorted(declared, key=len, reverse=True)
    at = prompt.find("@")
    while at != -1:
        if at == 0 or prompt[at - 1] not in _ASCII_WORD:
            tag = _tag_at(prompt, at, longest_first)
            if tag is not None:
                mentions.append((tag, at, at + len(tag)))
            else:
                end = _end_of_tag(prompt, at)
                if end > at + 1:
                    undeclared.append((prompt[at:end], at, end))
        at = prompt.find("@", at + 1)
    return TagScan(tuple(mentions), tuple(undeclared))


def is_tag(text: str) -> bool:
    """Whether a text is spelt as a tag is."""
    if _WORDS.fullmatch(text):
        return True
    return len(text) > 1 and text[0] == "@" and _end_of_tag(text, 0) == len(text)


def _tag_at(prompt: str, at: int, longest_first: Sequence[str]) -> str | None:
    for tag in longest_first:
        if prompt.startswith(tag, at):
            after = prompt[at + len(tag) : at + len(tag) + 2]
            if not after or not (after[0] in _ASCII_WORD or (after[0] == "-" and after[1:] in _ASCII_WORD)):
                return tag
    return None


def _end_of_tag(text: str, at: int) -> int:
    """Where the letters, digits, `_` and `-` behind the `@` at `at` end."""
    end = at + 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_-" or (end > at + 1 and _is_mark(text[end]))):
        end += 1
    return end


def _is_mark(character: str) -> bool:
    """Whether it is a vowel sign or an accent of its own, without which no word of Hindi or Thai can be written."""
    return category(character)[0] == "M"


# --- checks -----------------------------------------------------------------------------------------------------------


def check_tag(value: object, path: Path) -> Sequence[Violation]:
    if isinstance(value, str) and is_tag(value):
        return ()
    message = f"{show(value)} is no tag"
    return (Violation(TAG_FORMAT, path, message, _spelling_help(value), {"found": value}),)


def _spelling_help(value: object) -> str:
    if isinstance(value, str):
        mended = "@" + "-".join("".join(c if c.isalnum() or c in "_-" else " " for c in value).split())
        if is_tag(mended):
            return f"write {show(mended)}, here and in the prompt"
    return "a tag is `@` and letters, digits, `_` or `-`, such as `@Mika`"


def tag_places(request: Mapping[str, object]) -> Iterator[tuple[str, Path]]:
    """Every tag of a request that is a text, well spelt or not, with its field path."""
    for name in TAGGED_FIELDS:
        elements = request.get(name)
        if is_list(elements):
            for index, element in enumerate(elements):
                tag = element.get("tag") if is_object(element) else None
                if isinstance(tag, str):
                    yield tag, (name, index, "tag")


def declared_tags(request: Mapping[str, object]) -> dict[str, Path]:
    """The well-spelt tags of a request, each with the path of its (first) `tag` field, in the request's order."""
    tags: dict[str, Path] = {}
    for tag, path in tag_places(request):
        if is_tag(tag):
            tags.setdefault(tag, path)
    return tags


def check_tags_differ(request: Mapping[str, object]) -> Iterator[Violation]:
    first: dict[str, Path] = {}
    for tag, path in tag_places(request):
        if first.setdefault(tag, path) != path:
            message = f"{show(tag)} is the tag of two things in one request"
            related = ((first[tag], "the first one"),)
            yield Violation(TAG_DUPLICATE, path, message, "give each a tag of its own", {"tag": tag}, related)


def check_tags_meet_prompt(prompt: str, tags: Mapping[str, Path], *, all_declared: bool) -> list[Violation]:
    """Whether every tag stands in the prompt, and (where these are all there are) at every `@name` of it a tag.

    `tags` are well spelt, as those of `declared_tags`.
    """
    # Nearly always the words behind the `@`s are just the tags. Then nothing is wrong, and that is seen three times as fast.
    if set(_WORDS.findall(prompt)) == tags.keys():
        return []
    scan = scan_tags(prompt, tags)
    mentioned = {mention[0] for mention in scan.mentions}
    found = [_unmentioned(tag, path) for tag, path in tags.items() if tag not in mentioned]
    if all_declared:
        found += [_undeclared(text, start, end) for text, start, end in scan.undeclared[:_MOST_UNDECLARED]]
    return found


def _unmentioned(tag: str, path: Path) -> Violation:
    shown = printable(tag)
    message = f"the prompt never mentions {shown}"
    help_text = f"write {shown} in the prompt, where what it shows should be seen"
    return Violation(TAG_NOT_IN_PROMPT, path, message, help_text, {"tag": tag}, ((("prompt",), "the prompt"),))


def _undeclared(text: str, start: int, end: int) -> Violation:
    shown = printable(text)
    message = f"{shown} stands in the prompt, but nothing has that tag"
    help_text = f"declare what {shown} shows, or write the name without `@`"
    return Violation(TAG_UNDECLARED, ("prompt",), message, help_text, {"tag": text, "range": (start, end)})
