"""What the commands film, timeline and sheet share: their options, the plan that they show, and where they write."""

from __future__ import annotations

import os
import re
import shlex
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.planning import plan_storyboard, read_prices, read_target
from skyflow.cli.run_words import clip_name, command_about, count
from skyflow.cli.storyboard_input import Input, add_variables, collect_variables, open_input, read_settings
from skyflow.cli.telling import open_checked

if TYPE_CHECKING:
    from skyflow.contract import PriceTable
    from skyflow.ledger import ClipStore, Ledger
    from skyflow.pipeline import Storyboarding
    from skyflow.planner import Plan
    from skyflow.planner.saved import Choice
    from skyflow.report import Cut, CutShot, CutTake
    from skyflow.runner.output import OutputView

_MOST_NAMED = 8  # clips that a message names; the rest is counted
# What looks like the ending of a file's name: `.prproj`, not `.5` or `. final`.
_ENDING = re.compile(r"\.[a-z][a-z0-9]{0,9}", re.ASCII)


ClipPlace = Callable[[str, "CutShot", "CutTake"], Path | None]
"""Variant, shot and take → where the clip is."""


class DamagedClip(Stop):
    """A clip is not what was stored."""

    code = Exit.INCOMPLETE


class StoryboardMistakes(Exception):
    """The storyboard has errors, and they were told."""


@dataclass(frozen=True, slots=True)
class Project:
    """A checked storyboard with its plan, its ledger and its clips; the ledger is open for reading. `name` is the command's."""

    name: str
    arguments: Namespace
    opened: Input
    storyboard: Storyboarding
    prices: PriceTable
    choice: Choice
    plan: Plan
    ledger: Ledger
    store: ClipStore
    out: Path

    def sampled(self, variants: int) -> Project:
        """The same with so many of its variants, spread over all alternatives, and with their requests."""
        choice = replace(self.choice, sample=variants)
        plan = plan_storyboard(
            self.opened, self.storyboard, self.ledger, self.plan.target, self.prices, choice, keep_requests=True
        )
        return replace(self, choice=choice, plan=plan)

    def cuts(self, *, with_requests: bool) -> Iterator[Cut]:
        """The cuts of the chosen variants, one at a time; with requests also what the storyboard says to people."""
        from skyflow.cli.shot_notes import notes_of
        from skyflow.report import gather_cuts

        notes = notes_of(self.storyboard, {shot.variant for shot in self.plan.each_shot()}) if with_requests else {}
        return gather_cuts(self.plan, self.ledger, self.store, notes, with_requests=with_requests)

    def view(self, out: Path | None = None) -> OutputView:
        """Where `skyflow run` shows the clips."""
        from skyflow.runner.output import OutputView

        return OutputView(out or self.out, self.plan, self.storyboard.variant_folder)

    def clip_places(self, view: OutputView) -> ClipPlace:
        """Where people find a take's clip: under its name in the output folder, where it is shown if it was not yet; None where it is not there.

        In the store only where the output folder cannot be written.
        """
        planned = {(row.variant, row.shot, row.take): row for row in self.plan.each_shot()}

        def place(variant: str, shot: CutShot, take: CutTake) -> Path | None:
            if take.clip is None:
                return None
            shown = view.path_of(variant, shot.name, take.number)
            try:
                # Where a file system has no hard links the view has copies.
                if shown.samefile(take.clip) or shown.stat().st_size == take.clip.stat().st_size:
                    return shown
            except OSError:
                pass  # it is not there yet
            try:
                return view.show(planned[variant, shot.name, take.number], take.clip)
            except OSError:
                return take.clip

        return place

    def command(self, name: str, *more: str) -> str:
        """What to type for another command about the same clips."""
        return command_about(name, self.opened.written, self.arguments, *more)


def add_report_options(parser: Parser, output: str) -> None:
    parser.add_argument("file", metavar="FILE", help="the storyboard")
    parser.add_argument("--live", action="store_true", help="of the clips from the API, not of the previews")
    add_variables(parser)
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME", dest="variants",
        help='only this variant, such as "city=Tokyo"; may be given several times',
    )  # fmt: skip
    parser.add_argument("-o", dest="output", metavar="PATH", help=output)


@contextmanager
def open_project(name: str, arguments: Namespace, *, keep_requests: bool) -> Iterator[Project]:
    """The project that a command is about. Raises StoryboardMistakes, UsageError, Stop."""
    from skyflow.ledger import ClipStore, LedgerError, read_ledger
    from skyflow.planner.saved import Choice

    opened = open_input(arguments.file)
    settings = read_settings(opened)
    prices = read_prices(None, opened, settings)
    target = read_target(live=arguments.live)
    variables = {name: tuple(values) for name, values in collect_variables(arguments.variables).items()}
    choice = Choice(variables, (), tuple(arguments.variants), None, None, False)
    storyboard = open_checked(
        opened, color=arguments.color, variables=variables, shots=(), variants=choice.variants, live=arguments.live
    )
    if storyboard is None:
        raise StoryboardMistakes
    try:
        with read_ledger(opened.root) as ledger:
            plan = plan_storyboard(opened, storyboard, ledger, target, prices, choice, keep_requests=keep_requests)
            store = ClipStore(opened.root, target)
            yield Project(
                name, arguments, opened, storyboard, prices, choice, plan, ledger, store, opened.root / settings.out
            )
    except LedgerError as error:
        raise Stop(error.message, error.remedy) from error


# --- where to write ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where results go: one `file`, or into the folders that show the clips, below `out`."""

    file: Path | None
    out: Path


def place_of(project: Project, suffix: str, kind: str, endings: str = "") -> Place:
    """What `-o` says: a name that ends in `suffix` is the file, one without an ending the output folder, as for `skyflow run`.

    Other endings are refused, for a folder of that name is not what was meant; `endings` says which there are.
    """
    written = project.arguments.output
    if written is None:
        return Place(None, project.out)
    path = Path(written)
    found = path.suffix.lower()
    if found != suffix:
        ends = endings or suffix
        if path.exists() and not path.is_dir():
            raise UsageError(f"`{written}` is a file", f"name a folder, or a file that ends in {ends}")
        is_folder = path.is_dir() or written.endswith(("/", os.sep))
        if _ENDING.fullmatch(found) and not is_folder:
            raise UsageError(
                f"`{written}` is no name for {kind}", f"one ends in {ends}; a folder would be `{written}/`"
            )
        return Place(None, path)
    if path.is_dir():
        raise UsageError(f"`{written}` is a folder", f"name a file in it, such as {path / ('film' + suffix)}")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}` to write to", "make it first")
    return Place(path.resolve(), project.out)


def refuse_several(project: Project, variants: Sequence[str], place: Place) -> None:
    """Raise UsageError where one file shall hold several films."""
    if place.file is None or len(variants) < 2:
        return
    raise UsageError(
        f"-o names one file, and there are {len(variants):,} variants",
        f"choose one, such as --variant {shlex.quote(variants[0])}, or name a folder with -o",
    )


def make_folder(folder: Path) -> None:
    """Make the folder that a result is written to. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the folder {folder} cannot be made: {error.strerror}", "name another one with -o") from None


# --- what is missing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missing:
    """The picked takes that are not there: some of their names with how they stand, and how many they are of how many."""

    named: tuple[str, ...] = ()
    number: int = 0
    of: int = 0
    waiting: bool = False

    def and_those_of(self, cut: Cut) -> Missing:
        from skyflow.planner import WAITING
        from skyflow.report import unmade_shots

        unmade = unmade_shots(cut)
        named = [*self.named, *(_named(cut.variant, shot) for shot in unmade)]
        return replace(
            self,
            named=tuple(named[:_MOST_NAMED]),
            number=self.number + len(unmade),
            of=self.of + len(cut.shots),
            waiting=self.waiting or any(shot.picked.state in WAITING for shot in unmade),
        )

    def refuse(self, project: Project, kind: str, *, partial: bool) -> None:
        """Raise Stop where there is nothing to show, or less than all and no word that less will do."""
        if not self.number or (partial and self.number < self.of):
            return
        remedy = f"make them: {project.command('run')}"
        if self.waiting:
            remedy = f"see what they wait for: {project.command('plan')}"
        if self.number == self.of:
            raise Stop(f"none of the {count(self.of, 'clip')} of {kind} is there", remedy)
        remedy += f"\nor do without them: {project.command(project.name, '--partial')}"
        lines = [f"  {named}" for named in self.named]
        if self.number > len(self.named):
            lines.append(f"  … and {self.number - len(self.named):,} more")
        are = "is" if self.number == 1 else "are"
        raise Stop(f"{count(self.number, 'clip')} of {kind} {are} not there:", "\n".join([*lines, remedy]))


def _named(variant: str, shot: CutShot) -> str:
    from skyflow.report import how_it_is_missing

    return f"{clip_name(variant, shot.name, shot.picked.number)}: {how_it_is_missing(shot)}"


def left_out_lines(cut: Cut, kind: str) -> Iterator[str]:
    """Which shots a partial result does without, and why."""
    from skyflow.report import unmade_shots

    unmade = unmade_shots(cut)
    for shot in unmade[:_MOST_NAMED]:
        yield f"  {kind}: {_named('', shot)}"
    if len(unmade) > _MOST_NAMED:
        yield f"  {kind}: {len(unmade) - _MOST_NAMED:,} more"


def ending_with(run: Callable[[], int]) -> int:
    """Run a command of this family; what its storyboard, its packages and its clips lack ends it with a message."""
    from skyflow.media import MediaExtraMissing

    try:
        return run()
    except StoryboardMistakes:
        return Exit.MISTAKES
    except MediaExtraMissing as error:
        raise Stop(str(error)) from None
