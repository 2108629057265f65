"""`skyflow fmt`: storyboards in the one style."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from skyflow.cli.outcome import Exit, UsageError
from skyflow.cli.output_file import replace_file, show_difference
from skyflow.cli.parser import Parser
from skyflow.cli.storyboard_input import open_input
from skyflow.source import FilesError, SourceFile


def make_parser() -> Parser:
    parser = Parser(
        "fmt",
        "FILE… [options]",
        "Write storyboards in the one style: two spaces for each block, one blank line\n"
        "between blocks. Comments and the words of prompts stay as they are, and what\n"
        "cannot be read is left alone. `-` reads from standard input and prints.",
        "  skyflow fmt film.sky\n  skyflow fmt --diff film.sky\n  skyflow fmt --check scenes/*.sky",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="storyboards, or `-`")
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 where something would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")
    return parser


def run(arguments: Namespace) -> int:
    changed = [_format(written, arguments) for written in arguments.files]
    if arguments.check or arguments.diff:
        return Exit.MISTAKES if any(changed) else Exit.FINE
    return Exit.FINE


def _format(written: str, arguments: Namespace) -> bool:
    """Formats one file; whether it was in another style."""
    from skyflow.formatter import format_text

    source, place = _read(written)
    formatted = format_text(source)
    differs = formatted != source.text
    if arguments.diff:
        show_difference(source.text, formatted, written, "formatted")
    elif arguments.check:
        if differs:
            print(f"{written}: would be written in another way")
    elif place is None:
        sys.stdout.write(formatted)
    elif differs:
        replace_file(place, formatted)
        print(f"{written}: formatted")
    return differs


def _read(written: str) -> tuple[SourceFile, Path | None]:
    if written == "-":
        try:
            return SourceFile("<standard input>", sys.stdin.read()), None
        except UnicodeDecodeError:
            raise UsageError("standard input is not UTF-8 text") from None
    opened = open_input(written)
    try:
        return opened.files.read(opened.path), opened.disk_path
    except FilesError as error:
        from skyflow.storyboard import file_help

        raise UsageError(str(error), file_help(error)) from None
