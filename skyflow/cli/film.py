"""`skyflow film`: the picked takes of each variant, in storyboard order, as one MP4."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.reporting import (
    DamagedClip,
    Missing,
    Project,
    add_report_options,
    ending_with,
    left_out_lines,
    make_folder,
    open_project,
    place_of,
    refuse_several,
)
from skyflow.cli.run_words import count, shown_path
from skyflow.diagnostics.cells import shown

if TYPE_CHECKING:
    from skyflow.media.film import Joined
    from skyflow.report import Cut


def make_parser() -> Parser:
    parser = Parser(
        "film",
        "FILE [options]",
        "Join the clips of a storyboard into its film: of each shot the picked take, in\n"
        "storyboard order, one MP4 for each variant. The picture is copied as it is where all\n"
        "clips have one size, rate and codec; else it is encoded anew, letterboxed. Each shot is\n"
        "a chapter of the film, under its name. Nothing is sent and nothing is paid.",
        "  skyflow film film.sky\n"
        '  skyflow film advert.sky --live --variant "city=Tokyo" -o tokyo.mp4\n'
        "  skyflow film film.sky --slate -o talk-about.mp4\n"
        "  skyflow film film.sky --live --partial",
    )
    add_report_options(
        parser, "the film, a name that ends in .mp4; or the folder that the clips are in, by default `out`"
    )
    parser.add_argument(
        "--slate", action="store_true",
        help="say below the picture which shot and take is seen, and the film's time, to talk about a cut; encodes it anew",
    )  # fmt: skip
    parser.add_argument("--partial", action="store_true", help="leave out the shots whose clips are not there")
    return parser


def run(arguments: Namespace) -> int:
    return ending_with(partial(_run, arguments))


def _run(arguments: Namespace) -> int:
    with open_project("film", arguments, keep_requests=False) as project:
        targets = _targets(project)
        for cut in project.cuts(with_requests=False):
            target = targets.get(cut.variant)
            if target is None:
                print(shown(f"{cut.variant}: no film, none of its clips is made yet"), flush=True)
            else:
                _tell(cut, target, _join(project, cut, target))
    return Exit.FINE


def _targets(project: Project) -> dict[str, Path]:
    """Where each film goes that can be made. Raises Stop before the first one is made where any of them cannot."""
    place = place_of(project, ".mp4", "a film")
    missing, variants = Missing(), []
    for cut in project.cuts(with_requests=False):
        missing = missing.and_those_of(cut)
        if any(shot.picked.clip is not None for shot in cut.shots):
            variants.append(cut.variant)
    missing.refuse(project, "the film", partial=project.arguments.partial)
    refuse_several(project, variants, place)
    view = project.view(place.out)
    targets = {variant: place.file or view.beside(variant, "film.mp4") for variant in variants}
    for target in targets.values():
        make_folder(target.parent)
        _refuse_foreign(target)
    return targets


def _refuse_foreign(target: Path) -> None:
    from skyflow.report import FilmRefused
    from skyflow.report.films import refuse_foreign

    try:
        refuse_foreign(target)
    except FilmRefused as refusal:
        raise UsageError(refusal.message, refusal.remedy) from None


def _join(project: Project, cut: Cut, target: Path) -> Joined:
    from skyflow.report import FilmRefused, make_film

    try:
        with _showing(target, sum(shot.picked.clip is not None for shot in cut.shots)) as progress:
            return make_film(cut, project.plan.title, target, progress, slate=project.arguments.slate)
    except FilmRefused as refusal:
        raise (DamagedClip if refusal.damaged else UsageError)(refusal.message, refusal.remedy) from None


@contextmanager
def _showing(target: Path, clips: int) -> Iterator[Callable[[int], None]]:
    """Shows on a terminal how many clips are joined: encoding a long film anew takes minutes."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return

    def show(done: int) -> None:
        print(f"\r{target.name}: {done} of {count(clips, 'clip')} joined", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)  # ECMA-48, erase to the end of the line


def _tell(cut: Cut, target: Path, film: Joined) -> None:
    from skyflow.report import unmade_shots

    shots = count(len(cut.shots) - len(unmade_shots(cut)), "shot")
    print(shown(f"{shown_path(target)}: {shots}, {_length(film.seconds)}, {film.width} × {film.height}"), flush=True)
    if film.differing:
        print(f"  encoded anew, because the clips differ in {' and '.join(film.differing)}", flush=True)
    for line in left_out_lines(cut, "left out"):
        print(shown(line), flush=True)


def _length(seconds: float) -> str:
    """`0:07.5`, as players show it."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f}:{rest:04.1f}"
