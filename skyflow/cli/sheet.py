"""`skyflow sheet`: the contact sheet of a storyboard, one page with all its shots."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit
from skyflow.cli.output_file import open_output
from skyflow.cli.parser import Parser, whole_number
from skyflow.cli.reporting import Project, add_report_options, ending_with, make_folder, open_project, place_of
from skyflow.cli.run_words import count, shown_path
from skyflow.cli.selection import MOST
from skyflow.diagnostics.cells import shown

if TYPE_CHECKING:
    from skyflow.planner import Plan
    from skyflow.report import Cut, CutShot, CutTake

# More shots than this are no sheet to look at: of many variants a sample is shown.
MOST_SHOTS = 240


def make_parser() -> Parser:
    parser = Parser(
        "sheet",
        "FILE [options]",
        "Write a contact sheet: one page for any browser, with a row for each shot. Its takes\n"
        "side by side, played in the page, how they stand and what they cost; its prompt and\n"
        "what it is made from. The page carries its pictures with it; the clips are those of\n"
        "the output folder. Of many variants it shows a sample.",
        "  skyflow sheet film.sky\n  skyflow sheet film.sky --live -o film.html\n  skyflow sheet advert.sky --sample 6",
    )
    add_report_options(
        parser, "the page, a name that ends in .html; or the folder that the clips are in, by default `out`"
    )
    parser.add_argument(
        "--sample", type=whole_number(1, MOST), metavar="N",
        help="only N of the variants, spread over all alternatives (else: as many as make about 240 shots)",
    )  # fmt: skip
    return parser


def run(arguments: Namespace) -> int:
    return ending_with(partial(_run, arguments))


def _run(arguments: Namespace) -> int:
    with open_project("sheet", arguments, keep_requests=False) as project:
        place_of(project, ".html", "a page")
        variants = project.plan.rows.variants
        _write(project.sampled(min(variants, arguments.sample or _fitting(project.plan))), variants)
    return Exit.FINE


def _fitting(plan: Plan) -> int:
    """How many variants make a sheet that can be looked at, by the shots of the first."""
    _, rows = next(groupby(plan.each_shot(), key=lambda row: row.variant), ("", iter(())))
    return max(1, MOST_SHOTS // max(1, len({row.shot for row in rows})))


def _write(project: Project, variants: int) -> None:
    from skyflow.report.addresses import address
    from skyflow.report.pictures import Pictures
    from skyflow.report.sheet import SheetFacts, write_sheet

    place = place_of(project, ".html", "a page")
    view = project.view(place.out)
    target = place.file or view.folder / "contact-sheet.html"
    make_folder(target.parent)
    place_of_clip = project.clip_places(view)
    plan, cuts = project.plan, list(project.cuts(with_requests=True))

    def link(variant: str, shot: CutShot, take: CutTake) -> str:
        clip = place_of_clip(variant, shot, take)
        return "" if clip is None else address(clip, target.parent)

    made = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
    facts = SheetFacts(plan.title, project.opened.path, plan.target.name, plan.target.is_sandbox, made, variants)
    with open_output(str(target), [project.opened.root / path for path in project.opened.files.digests()]) as stream:
        stream.writelines(write_sheet(facts, cuts, Pictures(project.opened.root), link))
    print(shown(_told(target, cuts, variants)))


def _told(target: Path, cuts: list[Cut], variants: int) -> str:
    shots = count(sum(len(cut.shots) for cut in cuts), "shot")
    if len(cuts) < variants:
        return f"{shown_path(target)}: {shots} of {len(cuts):,} of {count(variants, 'variant')}"
    return f"{shown_path(target)}: {shots}" + (f" in {count(variants, 'variant')}" if variants > 1 else "")
