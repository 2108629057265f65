"""From the path and the variables that somebody typed to a file of a project; and from project paths back to what they would type."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from skyflow.assets import DiskFiles
from skyflow.cli.outcome import UsageError
from skyflow.cli.parser import Parser
from skyflow.config import Config, ConfigError, load_config, locate_in_project
from skyflow.diagnostics import Diagnostic, Related, nearest
from skyflow.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Input:
    """One file to work on: as it was written, its project folder, and its path in there."""

    written: str
    root: Path
    path: str
    files: DiskFiles

    @property
    def disk_path(self) -> Path:
        return self.root / self.path


def open_input(written: str, suffixes: Sequence[str] = (".sky",)) -> Input:
    """The project and path of a file that was named on the command line. Raises UsageError where there is none."""
    try:
        place = Path(written).resolve()
        exists, is_folder = place.exists(), place.is_dir()
    except (OSError, RuntimeError, ValueError):
        raise UsageError(f"`{written}` can be no file") from None
    if not exists:
        raise UsageError(f"there is no file `{written}`", _similar(Path(written)))
    if is_folder:
        raise UsageError(f"`{written}` is a folder", _storyboards_in(Path(written)))
    if place.suffix.lower() not in suffixes:
        raise UsageError(f"`{written}` is none of the files that are read here: {', '.join(suffixes)}")
    root, path = locate_in_project(place)
    return Input(written, root, path, DiskFiles(root))


def _similar(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"there is no folder `{path.parent}`, either"
    found = nearest(path.name, names)
    return f"did you mean `{path.parent / found}`?" if found else ""


def _storyboards_in(folder: Path) -> str:
    found = sorted(str(path) for path in folder.glob("*.sky"))[:3]
    return f"name a storyboard in it: {', '.join(found)}" if found else "there is no storyboard (.sky) in it"


def read_settings(opened: Input) -> Config:
    """The settings of the project. Raises UsageError with every mistake in `skyflow.toml`."""
    try:
        return load_config(opened.root)
    except ConfigError as error:
        from skyflow.diagnostics.terminal import render_terminal

        found = render_terminal(as_typed(error.diagnostics, opened))
        raise UsageError("the project's settings cannot be used", found.rstrip()) from None


def add_variables(parser: Parser) -> None:
    """The option that gives variables from outside."""
    parser.add_argument(
        "--var", action="append", default=[], type=_read_variable, metavar="NAME=VALUE", dest="variables",
        help="give a variable its value; given several times, one variant for each value",
    )  # fmt: skip


def _read_variable(written: str) -> tuple[str, str]:
    name, sign, value = written.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"`{written}` is no variable; write it as NAME=VALUE, such as city=Tokyo")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise argparse.ArgumentTypeError(f"the value of `{name.strip()}` is not UTF-8 text")
    return name.strip(), value


def collect_variables(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name, in the order in which they were given."""
    variables: dict[str, list[str]] = {}
    for name, value in pairs:
        variables.setdefault(name, []).append(value)
    return variables


def as_typed(diagnostics: Iterable[Diagnostic], opened: Input) -> tuple[Diagnostic, ...]:
    """The same diagnostics with every path as the person at the keyboard would write it, so that it can be clicked or copied."""
    relabel = _Relabelling(opened)
    return tuple(map(relabel.diagnostic, diagnostics))


class _Relabelling:
    """Puts other paths on sources; one new source for each old one, since sources are compared by identity."""

    def __init__(self, opened: Input) -> None:
        self._opened = opened
        self._folder = Path.cwd()
        self._sources: dict[SourceFile, SourceFile] = {}

    def diagnostic(self, diagnostic: Diagnostic) -> Diagnostic:
        return replace(
            diagnostic,
            span=diagnostic.span and self._span(diagnostic.span),
            file=self._path(diagnostic.file) if diagnostic.file else "",
            related=tuple(Related(self._span(related.span), related.label) for related in diagnostic.related),
            fix=diagnostic.fix and replace(
                diagnostic.fix, edits=tuple(replace(edit, span=self._span(edit.span)) for edit in diagnostic.fix.edits)
            ),
        )  # fmt: skip

    def _span(self, span: Span) -> Span:
        source = self._sources.get(span.source)
        if source is None:
            source = self._sources[span.source] = SourceFile(self._path(span.source.path), span.source.text)
        return Span(source, span.start, span.end)

    def _path(self, path: str) -> str:
        if path == self._opened.path:
            return self._opened.written
        place = self._opened.root / path
        if Path(self._opened.written).is_absolute():
            return str(place)
        try:
            return os.path.relpath(place, self._folder)
        except ValueError:  # another drive
            return str(place)
