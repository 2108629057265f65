"""`skyflow compile`: the requests that a storyboard becomes, as lines, a list, bare bodies or a script."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit
from skyflow.cli.output_file import open_output
from skyflow.cli.parser import Parser, one_of
from skyflow.cli.selection import add_selection, keep_sample
from skyflow.cli.storyboard_input import Input, add_variables, collect_variables, open_input
from skyflow.cli.telling import open_checked

if TYPE_CHECKING:
    from skyflow.pipeline import Storyboarding

FORMATS = ("jsonl", "json", "bodies", "curl")
_BATCH = 1 << 18  # bytes written at once: a call for each variant would cost more than the variant


def make_parser() -> Parser:
    parser = Parser(
        "compile",
        "FILE [options]",
        "Show the requests that a storyboard becomes: one for each take of each shot in\n"
        "each variant, in storyboard order. Nothing is sent. What is known only later\n"
        "stands there as a `skyflow:` address: a picture to upload, a frame of a clip\n"
        "that another shot makes.",
        "  skyflow compile film.sky\n"
        "  skyflow compile advert.sky --variant city=Tokyo -o tokyo.jsonl\n"
        "  skyflow compile film.sky --format curl -o send.sh",
    )
    parser.add_argument("file", metavar="FILE", help="the storyboard")
    add_variables(parser)
    add_selection(parser)
    parser.add_argument(
        "--format", type=one_of(*FORMATS), default="jsonl", metavar="FORM",
        help="jsonl (one clip a line), json (one list), bodies (only what is posted, one a line) or\n"
        "curl (a bash script that uploads the pictures and submits)",
    )  # fmt: skip
    parser.add_argument("-o", dest="output", metavar="FILE", help="write to this file instead of the screen")
    return parser


def run(arguments: Namespace) -> int:
    opened = open_input(arguments.file)
    storyboard = open_checked(
        opened,
        color=arguments.color,
        variables=collect_variables(arguments.variables),
        shots=arguments.shots,
        variants=arguments.variants,
    )
    if storyboard is None:
        return Exit.MISTAKES
    keep_sample(storyboard, arguments)
    pieces = _WRITERS[arguments.format](storyboard, opened)
    with open_output(arguments.output, [opened.disk_path], executable=arguments.format == "curl") as stream:
        for piece in pieces:
            stream.buffer.write(piece)
    return Exit.FINE


def _in_batches(pieces: Iterator[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece)
        if size >= _BATCH:
            yield b"".join(batch)
            batch, size = [], 0
    yield b"".join(batch)


def _lines(storyboard: Storyboarding, opened: Input) -> Iterator[bytes]:
    return _in_batches(storyboard.clip_lines())


def _bodies(storyboard: Storyboarding, opened: Input) -> Iterator[bytes]:
    return _in_batches(storyboard.body_lines())


def _list(storyboard: Storyboarding, opened: Input) -> Iterator[bytes]:
    separator = b"[\n"
    for lines in filter(None, storyboard.clip_lines()):
        yield separator + lines[:-1].replace(b"\n", b",\n")
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"


def _script(storyboard: Storyboarding, opened: Input) -> Iterator[bytes]:
    from skyflow.cli.curl_script import write_script

    yield write_script(storyboard.clips(), opened).encode("utf-8", "backslashreplace")


_WRITERS: dict[str, Callable[[Storyboarding, Input], Iterator[bytes]]] = {
    "jsonl": _lines,
    "json": _list,
    "bodies": _bodies,
    "curl": _script,
}
