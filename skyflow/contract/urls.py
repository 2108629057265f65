"""Where pictures, clips and sounds are fetched from: what counts as a URL, and which formats its path may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from skyflow.contract.json_text import find_half_a_character
from skyflow.contract.limits import IMAGE_EXTENSIONS, OURS, PAGE, VIDEO_EXTENSIONS
from skyflow.contract.violation import Path, Violation, is_list, one_of, show
from skyflow.diagnostics.rule import Rule

URL_INVALID = Rule(
    id="url-invalid",
    severity="error",
    summary="an address that is no web address",
    what="The address of a picture, clip or sound is a whole `http` or `https` URL: with a host and without spaces.",
    why="The service fetches the file itself, from outside your network. It cannot reach a path on your disk, nor guess what is missing of an address.",
    wrong="""\
defaults { model = fast }

shot harbour {
  first_frame = "https://example.com/harbour at dawn.png"
  prompt = "Boats leave the harbour."
}
""",
    right="""\
defaults { model = fast }

shot harbour {
  first_frame = "https://example.com/harbour-at-dawn.png"
  prompt = "Boats leave the harbour."
}
""",
    source=f'{PAGE}, "first_frame_image": "First frame image URL"; how much of a URL must be there is {OURS}',
)
IMAGE_FORMAT = Rule(
    id="image-format",
    severity="error",
    summary="a picture of a format that the model does not read",
    what=f"Where the address of a picture ends in a file extension, it is {one_of(IMAGE_EXTENSIONS)}, in small or capital letters. "
    "Pictures on your own disk may be webp too: they are converted for the upload.",
    why="The API refuses other formats, or fails after the request was accepted.",
    wrong="""\
defaults { model = fast }

shot harbour {
  first_frame = "https://example.com/harbour.webp"
  prompt = "Boats leave the harbour."
}
""",
    right="""\
defaults { model = fast }

shot harbour {
  first_frame = "https://example.com/harbour.png"
  prompt = "Boats leave the harbour."
}
""",
    source=f'{PAGE}, "first_frame_image": "(jpg / jpeg / png / gif / bmp)"; that it holds for reference pictures too is {OURS}',
)
VIDEO_FORMAT = Rule(
    id="video-format",
    severity="error",
    summary="a clip of a format that the model does not read",
    what=f"Where the address of a clip ends in a file extension, it is {one_of(VIDEO_EXTENSIONS)}, in small or capital letters.",
    why="The API refuses other formats.",
    wrong="""\
defaults { model = fast }
video @dance = "https://example.com/dance.webm"

shot copy {
  prompt = "A girl copies the moves of @dance."
}
""",
    right="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"

shot copy {
  prompt = "A girl copies the moves of @dance."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "video_url MP4 / MOV"',
)
# RFC 3986, with letters of any script allowed as browsers do. Groups: host, port, path.
_URL = re.compile(
    r"""https?://(?:[^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:@\[\]\\<>{}|^"`]+)(?::([0-9]{0,5}))?(/[^?#]*)?(?:\?[^#]*)?(?:#.*)?""",
    re.IGNORECASE,
)
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x20\x7f]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_EXTENSION = re.compile(r"[^/]\.([A-Za-z0-9]+)$")
_LAST_PORT = 65535
_NEEDS_ADDRESS = "write a whole address, such as https://example.com/picture.png"

# What stands in a compiled request for what is only known later (storyboard language, "Compiled form").
_PLACEHOLDER = re.compile(
    r"skyflow:(?:upload/(?P<upload>[^\s/?#]+)|shot/[^\s/?#]+/(?:(?P<clip>clip)|first_frame|last_frame|frame@[0-9]+(?:\.[0-9]+)?))"
)
# Local pictures of these formats become png for the upload (storyboard language, "What is checked").
_CONVERTED_FOR_UPLOAD = ("webp",)

Check = Callable[[object, Path], Sequence[Violation]]
Kind = Literal["picture", "clip", "sound"]
_FORMATS: Mapping[Kind, tuple[tuple[str, ...], Rule]] = {
    "picture": (IMAGE_EXTENSIONS, IMAGE_FORMAT),
    "clip": (VIDEO_EXTENSIONS, VIDEO_FORMAT),
}  # nobody says which formats of sounds the API reads
# What else pictures and clips are kept in, and what to make of them.
_OTHER_FORMATS: Mapping[Kind, tuple[tuple[str, ...], str]] = {
    "picture": (
        ("webp", "avif", "heic", "heif", "tif", "tiff", "psd", "svg", "pdf", "jxl", "jp2", "ico"),
        "JPEG or PNG",
    ),
    "clip": (("mkv", "avi", "webm", "m4v", "mpg", "mpeg", "wmv", "flv", "ogv", "mts", "ts", "gif"), "MP4"),
}


def url_check(kind: Kind, *, placeholders: bool) -> Check:
    """A check of one URL; with `placeholders`, `skyflow:` URLs stand for URLs."""
    return lambda value, path: check_url(value, path, kind, placeholders=placeholders)


def image_url_list_check(not_a_list: Callable[[object, Path, str], Violation], *, placeholders: bool) -> Check:
    """A check of a list of pictures' URLs; `not_a_list` words what is wrong with anything else."""

    def check(value: object, path: Path) -> Sequence[Violation]:
        if not is_list(value):
            return (not_a_list(value, path, "a list of picture URLs"),)
        found: list[Violation] = []
        for index, url in enumerate(value):
            found += check_url(url, (*path, index), "picture", placeholders=placeholders)
        return found

    return check


def check_url(value: object, path: Path, kind: Kind, *, placeholders: bool = False) -> Sequence[Violation]:
    """What is wrong with the address of a picture, clip or sound; nothing where it is good."""
    if not isinstance(value, str):
        message = f"{show(value)} is no URL"
        return (Violation(URL_INVALID, path, message, _NEEDS_ADDRESS, {"found": value}),)
    judge = _problem_once if len(value) <= _LONGEST_REMEMBERED else _problem
    problem = judge(value, kind, placeholders)
    if problem is None:
        return ()
    rule, message, help_text = problem
    return (Violation(rule, path, message, help_text, {"found": value}),)


def _problem(url: str, kind: Kind, placeholders: bool) -> tuple[Rule, str, str] | None:
    """The rule that a URL breaks, with message and help, or None."""
    if placeholders and url.startswith("skyflow:"):
        return _placeholder_problem(url, kind)
    match = _URL.fullmatch(url)
    wrong = _why_no_url(url, match)
    if wrong is not None:
        return (URL_INVALID, f"{show(url)} is no web address: {wrong[0]}", wrong[1])
    return _format_problem(url, _extension_of(match), kind)


# The same few addresses stand in thousands of requests.
_problem_once = lru_cache(maxsize=4096)(_problem)
_LONGEST_REMEMBERED = 2000  # characters, so that a hostile request cannot fill the memory


def _format_problem(
    url: str, extension: str, kind: Kind, besides: tuple[str, ...] = ()
) -> tuple[Rule, str, str] | None:
    if kind not in _FORMATS or not extension:
        return None
    allowed, rule = _FORMATS[kind]
    if extension in allowed or extension in besides:
        return None
    others, better = _OTHER_FORMATS[kind]
    help = f"a {kind} is {one_of(allowed)}" + (f"; save it as {better}" if extension in others else "")
    return (rule, f"{show(url)} is a .{extension} file, which the model does not read as a {kind}", help)


def _placeholder_problem(url: str, kind: Kind) -> tuple[Rule, str, str] | None:
    match = _PLACEHOLDER.fullmatch(url)
    if match is None:
        forms = "`skyflow:upload/DIGEST.jpg` and `skyflow:shot/KEY/last_frame` (`first_frame`, `clip`, `frame@2.0`)"
        return (URL_INVALID, f"{show(url)} stands for nothing that skyflow knows", f"known are {forms}")
    if match["upload"] is not None:
        besides = _CONVERTED_FOR_UPLOAD if kind == "picture" else ()
        return _format_problem(url, _extension("/" + match["upload"]), kind, besides)
    if kind not in _FORMATS or (match["clip"] is not None) == (kind == "clip"):
        return None
    return (_FORMATS[kind][1], f"{show(url)} stands for no {kind}", "a picture is a frame of a shot, a clip its `clip`")


def _why_no_url(url: str, match: re.Match[str] | None) -> tuple[str, str] | None:
    """Why a text is no absolute http(s) URL and what to do about it, or None where it is one. `match` is what `_URL` found in it."""
    if url.startswith("skyflow:"):
        return "it stands for a file that only `skyflow run` can fill in", "write the file's own address"
    if url and _BLANK_OR_CONTROL.search(url):
        return "there is a space or a line break in it", "take it out, or write %20 for a space"
    if find_half_a_character(url) is not None:
        return "there is half a character in it", "write the whole character"
    if match is None or not _LETTER_OR_DIGIT.search(match[1]):
        return "it does not start with http:// or https:// and a host" if url else "it is empty", _NEEDS_ADDRESS
    if match[2] and int(match[2]) > _LAST_PORT:
        return f"{match[2]} is no port", f"a port is at most {_LAST_PORT}"
    return None


def url_extension(url: str) -> str:
    """The file extension that a URL's path ends in, in small letters and without its dot; `""` where it has none.

    Only the last segment of the path counts; query and fragment are ignored.
    """
    return _extension_of(_URL.fullmatch(url))


def _extension_of(url: re.Match[str] | None) -> str:
    return _extension(url[3]) if url is not None and url[3] else ""


def _extension(path: str) -> str:
    match = _EXTENSION.search(path)
    return match[1].lower() if match else ""
