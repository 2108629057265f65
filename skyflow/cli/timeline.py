"""`skyflow timeline`: the film as a timeline that an editing program opens."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit, Stop
from skyflow.cli.output_file import open_output
from skyflow.cli.parser import Parser, one_of
from skyflow.cli.reporting import (
    ClipPlace,
    DamagedClip,
    Missing,
    Place,
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
    from skyflow.report import Cut
    from skyflow.report.timeline import Timeline
    from skyflow.runner.output import OutputView

# What each format is called on the command line, and how its files end.
SUFFIXES = {"otio": ".otio", "fcpxml": ".fcpxml", "xml": ".xml", "edl": ".edl"}
_CAN_BE_RELATIVE = ("otio", "fcpxml")


def make_parser() -> Parser:
    parser = Parser(
        "timeline",
        "FILE [options]",
        "Write the film as a timeline for an editing program: of each shot the picked take,\n"
        "in storyboard order, with scenes as markers and prompts and notes at their clips.\n\n"
        "  otio     OpenTimelineIO, with all takes: Resolve, Kdenlive, Premiere\n"
        "  fcpxml   Final Cut, Resolve\n"
        "  xml      Final Cut Pro 7 XML: Premiere, Resolve\n"
        "  edl      CMX 3600, for everything else: cuts and file names\n\n"
        "The clips are those of the output folder, under the names that it shows them by.",
        "  skyflow timeline film.sky --live\n"
        "  skyflow timeline film.sky --live --format fcpxml -o film.fcpxml\n"
        '  skyflow timeline advert.sky --live --variant "city=Tokyo" -o tokyo.otio',
    )
    add_report_options(
        parser,
        "the timeline, a name that ends as its format does; or the folder that the clips are in, by default `out`",
    )
    parser.add_argument(
        "--format", type=one_of(*SUFFIXES), metavar="FORM", help="otio, fcpxml, xml or edl (else: as -o ends, or otio)"
    )
    parser.add_argument(
        "--absolute", action="store_true",
        help="name the clips by whole paths (otio and fcpxml name them relative to the timeline, so that both can be moved)",
    )  # fmt: skip
    parser.add_argument("--partial", action="store_true", help="leave gaps for the shots whose clips are not there")
    return parser


def run(arguments: Namespace) -> int:
    return ending_with(partial(_run, arguments))


def _run(arguments: Namespace) -> int:
    form = arguments.format or _form_of(arguments.output)
    with open_project("timeline", arguments, keep_requests=True) as project:
        place = place_of(project, SUFFIXES[form], *_kind(arguments.format))
        cuts = list(project.cuts(with_requests=True))
        missing = Missing()
        for cut in cuts:
            missing = missing.and_those_of(cut)
        missing.refuse(project, "the film", partial=arguments.partial)
        refuse_several(project, [cut.variant for cut in cuts], place)
        view = project.view(place.out)
        places = project.clip_places(view)
        for cut in cuts:
            if all(shot.picked.clip is None for shot in cut.shots):
                print(shown(f"{cut.variant}: no timeline, none of its clips is made yet"))
            else:
                _write(project, cut, view, places, place, form)
    return Exit.FINE


def _kind(form: str | None) -> tuple[str, str]:
    """What the file is called, and how it may end."""
    if form is not None:
        return "a timeline in this format", SUFFIXES[form]
    *first, last = SUFFIXES.values()
    return "a timeline", f"{', '.join(first)} or {last} (`skyflow timeline --help` says which program reads which)"


def _form_of(output: str | None) -> str:
    suffix = Path(output).suffix.lower() if output is not None else ""
    return next((form for form, known in SUFFIXES.items() if known == suffix), "otio")


def _write(project: Project, cut: Cut, view: OutputView, places: ClipPlace, place: Place, form: str) -> None:
    from skyflow.media import MediaUnreadable
    from skyflow.report.films import DAMAGE_REMEDY
    from skyflow.report.timeline import make_timeline

    target = place.file or view.beside(cut.variant, f"timeline{SUFFIXES[form]}")
    make_folder(target.parent)
    is_relative = form in _CAN_BE_RELATIVE and not project.arguments.absolute
    home = target.parent if is_relative else None
    try:
        timeline = make_timeline(cut, project.plan.title, partial(places, cut.variant))
    except MediaUnreadable as error:
        # What is moved away must be the stored file, not the name that the output folder shows it by.
        stored = {places(cut.variant, shot, take): take.clip for shot in cut.shots for take in shot.takes}
        raise DamagedClip(
            f"a clip is damaged: {stored.get(error.path, error.path)} {error.reason}", DAMAGE_REMEDY
        ) from None
    text = _writer(form)(timeline, home)
    with open_output(str(target), [project.opened.root / path for path in project.opened.files.digests()]) as stream:
        stream.write(text)
    clips, seconds = count(len(timeline.clips), "clip"), float(timeline.frames / timeline.rate)
    print(shown(f"{shown_path(target)}: {clips}, {seconds:.1f} s at {float(timeline.rate):.5g} frames a second"))
    for line in left_out_lines(cut, "a gap"):
        print(shown(line))
    print(shown(f"  {_where(timeline, target, is_relative=is_relative)}"))


def _where(timeline: Timeline, target: Path, *, is_relative: bool) -> str:
    """Where the clips lie that the timeline names, and what may be moved."""
    folders = {clip.source.path.parent for clip in timeline.clips if clip.source is not None}
    if is_relative and folders == {target.parent.absolute()}:
        return "its clips lie beside it: move the folder as a whole"
    told = " and ".join(shown_path(folder) for folder in sorted(folders))
    how = "named relative to it: move both together" if is_relative else "named by their whole paths: leave them there"
    return f"its clips lie in {told}, {how}"


def _writer(form: str) -> Callable[..., str]:
    from skyflow.report.fcpxml import write_fcpxml
    from skyflow.report.otio import TimelineExtraMissing, write_edl, write_fcp7, write_otio

    writers: dict[str, Callable[..., str]] = {
        "otio": write_otio,
        "fcpxml": write_fcpxml,
        "xml": write_fcp7,
        "edl": write_edl,
    }

    def write(*arguments: object) -> str:
        try:
            return writers[form](*arguments)
        except TimelineExtraMissing as error:
            raise Stop(str(error), "--format fcpxml does without it") from None

    return write
