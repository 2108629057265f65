"""`skyflow check`: every mistake in storyboards and raw requests, for people or programs."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit
from skyflow.cli.parser import Parser, one_of
from skyflow.cli.screen import screen_width, wants_color
from skyflow.cli.storyboard_input import Input, add_variables, as_typed, collect_variables, open_input, read_settings
from skyflow.cli.telling import open_with_settings
from skyflow.diagnostics import Diagnostic
from skyflow.diagnostics.summary import count_severities, has_errors, in_words
from skyflow.source import FilesError

if TYPE_CHECKING:
    from skyflow.storyboard.allowances import Look

FORMATS = ("terminal", "json", "sarif", "github")
REQUEST_SUFFIXES = (".json", ".jsonl")


def make_parser() -> Parser:
    parser = Parser(
        "check",
        "FILE… [options]",
        "Find every mistake in storyboards (.sky) before anything is sent: each at its\n"
        "place, with what to do about it. Pictures, clips and sounds that a storyboard\n"
        "names are opened, too. Requests that are already written down as JSON can be\n"
        "checked the same way: .json holds one, .jsonl one a line.",
        "  skyflow check film.sky\n"
        "  skyflow check advert.sky --var city=Tokyo\n"
        "  skyflow check scenes/*.sky requests.jsonl --format json",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="storyboards and requests")
    add_variables(parser)
    parser.add_argument(
        "--format", type=one_of(*FORMATS), default="terminal", metavar="FORM",
        help="terminal, json, sarif (code scanning) or github (annotations)",
    )  # fmt: skip
    parser.add_argument("--live", action="store_true", help="also find what only the real API demands")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended for certain, then tell the rest")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    return parser


def run(arguments: Namespace) -> int:
    inputs = [open_input(written, (".sky", *REQUEST_SUFFIXES)) for written in arguments.files]
    variables = collect_variables(arguments.variables)
    if arguments.diff:
        return Exit.MISTAKES if _mend(inputs, variables, arguments, write=False) else Exit.FINE
    if arguments.fix:
        _mend(inputs, variables, arguments, write=True)
        inputs = [open_input(written, (".sky", *REQUEST_SUFFIXES)) for written in arguments.files]
    looks: dict[Path, list[Look]] = {}
    only_live: dict[str, int] = {}
    checked = [as_typed(_check(opened, variables, arguments.live, looks, only_live), opened) for opened in inputs]
    checked += [as_typed(_idle(opened.root, looks), opened) for opened in inputs]
    diagnostics = _each_once(diagnostic for found in checked for diagnostic in found)
    if diagnostics or arguments.format != "terminal":
        sys.stdout.write(_renderer(arguments)(diagnostics))
    if arguments.format == "terminal":
        print(_closing_line(arguments.files, checked, diagnostics))
        if only_live:
            print(_live_line(only_live))
    return Exit.MISTAKES if has_errors(diagnostics) else Exit.FINE


def _mend(
    inputs: Sequence[Input], variables: Mapping[str, Sequence[str]], arguments: Namespace, *, write: bool
) -> bool:
    """Mends storyboards, or shows how; whether there was something to mend."""
    from skyflow.cli.mending import mend

    def check(again: Input) -> Iterable[Diagnostic]:
        return open_with_settings(again, variables=variables, live=arguments.live).check()

    def tell(line: str) -> None:
        print(line, file=sys.stdout if arguments.format == "terminal" else sys.stderr)

    found = [
        mend(opened, check, write=write, tell=tell)
        for opened in inputs
        if not opened.path.lower().endswith(REQUEST_SUFFIXES)
    ]
    return any(found)


def _check(
    opened: Input,
    variables: Mapping[str, Sequence[str]],
    live: bool,
    looks: dict[Path, list[Look]],
    only_live: dict[str, int],
) -> Iterable[Diagnostic]:
    """What is wrong with one file; what was seen of the project's allowances is added to `looks`, and to `only_live` how many more
    mistakes the real API would find."""
    if not opened.path.lower().endswith(REQUEST_SUFFIXES):
        storyboard = open_with_settings(opened, variables=variables, live=live)
        found = storyboard.check()
        looks.setdefault(opened.root, []).append(storyboard.look)
        if storyboard.only_live:
            only_live[opened.written] = storyboard.only_live
        return found
    from skyflow.requests.raw import check_raw_request
    from skyflow.storyboard.allowances import allow_in_project

    try:
        found = check_raw_request(opened.files.read(opened.path))
    except FilesError as error:
        from skyflow.storyboard import file_help, file_rule

        return [Diagnostic(file_rule(error), str(error), file=error.path, help=file_help(error))]
    return allow_in_project(found, read_settings(opened).allowed)[0]


def _idle(root: Path, looks: dict[Path, list[Look]]) -> Iterable[Diagnostic]:
    """The allowances of a project that allow nothing, told once."""
    from skyflow.config import list_storyboards
    from skyflow.pipeline import idle_allowances

    return idle_allowances(looks.pop(root, ()), lambda: list_storyboards(root))


def _each_once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """A mistake in a file that two storyboards use is one mistake."""
    kept: dict[object, Diagnostic] = {}
    for found in diagnostics:
        kept.setdefault((found.sort_key, found.message, found.pointer, found.shot, found.variant), found)
    return list(kept.values())


def _renderer(arguments: Namespace) -> Callable[[Iterable[Diagnostic]], str]:
    """The renderer of the format; only the one that is needed is imported."""
    if arguments.format == "json":
        from skyflow.diagnostics.json import render_json

        return render_json
    if arguments.format == "sarif":
        from skyflow.diagnostics.sarif import render_sarif

        return render_sarif
    if arguments.format == "github":
        from skyflow.diagnostics.github import render_github

        return render_github
    from skyflow.diagnostics.terminal import render_terminal

    color, width = wants_color(arguments.color, sys.stdout), screen_width(sys.stdout)
    return lambda diagnostics: render_terminal(diagnostics, color=color, width=width)


def _closing_line(files: Sequence[str], checked: Sequence[Sequence[Diagnostic]], diagnostics: list[Diagnostic]) -> str:
    names = files[0] if len(files) == 1 else f"{len(files)} files"
    if not diagnostics:
        return f"{names}: no mistakes found"
    touched = sum(1 for found in checked if found)
    names = f"{touched} of {len(files)} files" if len(files) > 1 else names
    return f"\n{names}: {in_words(count_severities(diagnostics))}"


def _live_line(only_live: Mapping[str, int]) -> str:
    """What would stop a paid run and not a preview: better heard of now than when the money is ready."""
    files = " ".join(shlex.quote(written) for written in only_live)
    count = sum(only_live.values())
    return f"for --live {count} more error{'s' if count > 1 else ''}: skyflow check --live {files}"
