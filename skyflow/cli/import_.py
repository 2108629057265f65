"""`skyflow import`: requests or a screenplay that exist already become a storyboard."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.screen import screen_width, wants_color
from skyflow.cli.storyboard_input import Input, as_typed, open_input
from skyflow.diagnostics.summary import has_errors
from skyflow.importers import Imported, import_fountain, import_requests
from skyflow.source import FilesError, SourceFile

IMPORTERS: dict[str, Callable[[SourceFile, str], Imported]] = {
    ".json": import_requests,
    ".jsonl": import_requests,
    ".fountain": import_fountain,
}
_SHOWN_REFUSALS = 20
_AS_FOUNTAIN = "export it as Fountain (.fountain), as most programs for screenplays do"
# What else screenplays and requests are kept in, and how they come here.
_OTHERS = {
    ".fdx": "export it as Fountain (.fountain); other programs that open Final Draft's files, such as Beat or Highland, can",
    **dict.fromkeys(
        (".pdf", ".docx", ".doc", ".rtf", ".odt", ".pages", ".celtx", ".fadein", ".highland"), _AS_FOUNTAIN
    ),
    **dict.fromkeys((".txt", ".md"), "a screenplay in Fountain's plain text needs the ending .fountain: rename it"),
    ".csv": 'a table is named in a storyboard: var row from "rows.csv"',
}


class Refused(Stop):
    """What was imported holds something that no storyboard can say."""

    code = Exit.MISTAKES


def make_parser() -> Parser:
    parser = Parser(
        "import",
        "FILE [-o FILM.sky]",
        "Turn what exists already into a storyboard. Requests for the API (.json: one or\n"
        "a list; .jsonl: one a line) become a storyboard that compiles to the very same\n"
        "bodies, with what they share written once. A screenplay (.fountain) becomes a\n"
        "skeleton: scenes, action as prompts, dialogue as sound, and a cast whose\n"
        "pictures are to be filled in.",
        "  skyflow import requests.jsonl -o film.sky\n  skyflow import ferry.fountain -o ferry.sky",
    )
    parser.add_argument("file", metavar="FILE", help="requests or a screenplay")
    parser.add_argument("-o", dest="output", metavar="FILM.sky", help="the storyboard to write, instead of the screen")
    parser.add_argument(
        "--title",
        default="",
        type=_read_title,
        metavar="TITLE",
        help="the film's title, where the file itself gives none",
    )
    return parser


def _read_title(written: str) -> str:
    try:
        written.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("the title is not UTF-8") from None
    return written


def run(arguments: Namespace) -> int:
    other = _OTHERS.get(Path(arguments.file).suffix.lower())
    if other is not None and Path(arguments.file).is_file():
        raise UsageError(f"`{arguments.file}` is none of the files that are read here: {', '.join(IMPORTERS)}", other)
    opened = open_input(arguments.file, tuple(IMPORTERS))
    target = None if arguments.output in (None, "-") else _check_target(arguments.output)
    try:
        source = opened.files.read(opened.path)
    except FilesError as error:
        from skyflow.storyboard import file_help

        raise UsageError(str(error), file_help(error)) from None
    imported = IMPORTERS[opened.disk_path.suffix.lower()](source, arguments.title)
    if imported.refusals:
        return _refuse(imported, source, opened, arguments.color)
    if target is None:
        sys.stdout.write(imported.text)
    else:
        _write(target, imported.text)
    _tell_next(imported, arguments.output if target else None)
    return Exit.FINE


def _check_target(written: str) -> Path:
    target = Path(written)
    if target.suffix.lower() != ".sky":
        raise UsageError(f"-o names the storyboard to write, and `{written}` is none", f"write {target.stem}.sky")
    return target


def _write(target: Path, text: str) -> None:
    """Never over a storyboard that is there: somebody may have worked on it."""
    try:
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"`{target}` is there already", "choose another name, or remove it first") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"`{target}` cannot be written: {reason}") from None


def _refuse(imported: Imported, source: SourceFile, opened: Input, color: str) -> int:
    """Mistakes in requests are shown as `skyflow check` shows them; what else there is, by its place."""
    if not source.path.lower().endswith(".fountain"):
        from skyflow.requests.raw import check_raw_request

        diagnostics = as_typed(check_raw_request(source), opened)
        if has_errors(diagnostics):
            from skyflow.diagnostics.terminal import render_terminal

            width = screen_width(sys.stderr)
            sys.stderr.write(render_terminal(diagnostics, color=wants_color(color, sys.stderr), width=width))
            raise Refused(f"`{opened.written}` was not imported", "mend it first; nothing was written")
    shown = [f"  {refusal}" for refusal in imported.refusals[:_SHOWN_REFUSALS]]
    more = len(imported.refusals) - len(shown)
    lines = "\n".join([*shown, *([f"  … and {more} more"] if more else [])])
    raise Refused(f"`{opened.written}` was not imported:", f"{lines}\n")


def _tell_next(imported: Imported, written: str | None) -> None:
    """What to do with the storyboard; beside it where it goes to the screen."""
    stream = sys.stdout if written else sys.stderr
    if written:
        print(f"Wrote {written}.", file=stream)
    if imported.missing:
        folder = Path(written).parent if written else Path()
        print("\nNow put a picture of each of these at its path, or change the path in the storyboard:", file=stream)
        widest = max(len(missing.tag) for missing in imported.missing)
        for missing in imported.missing:
            print(f"  {missing.tag:<{widest}}  {folder / missing.path}", file=stream)
    if written:
        print(f"\nNext:\n  skyflow check {written}\n  skyflow run {written}", file=stream)
