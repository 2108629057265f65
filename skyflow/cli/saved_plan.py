"""Reads a plan that `skyflow plan -o` saved, and refuses it where anything is not as it was then."""

from __future__ import annotations

import shlex
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Stop, UsageError
from skyflow.cli.run_words import clip_name, count
from skyflow.cli.storyboard_input import Input, open_input
from skyflow.config import locate_in_project
from skyflow.planner.saved import TABLE_SUFFIXES, PlanFileError, SavedPlan, differences, read_saved_plan
from skyflow.source import FilesError

if TYPE_CHECKING:
    from skyflow.planner import Plan
    from skyflow.planner.saved import Basis

MAX_PLAN_BYTES = 512_000_000  # ours: two million clips
_CHOOSING = ("variables", "shots", "variants", "sample", "limit", "again")
_OPTIONS = {"variables": "--var", "shots": "--shot", "variants": "--variant"}


def load_saved_plan(arguments: Namespace) -> tuple[SavedPlan, Input]:
    """The plan that `--plan` names, and its storyboard. Raises UsageError."""
    for name in _CHOOSING:
        if getattr(arguments, name):
            option = _OPTIONS.get(name, f"--{name}")
            raise UsageError(f"--plan says already which clips are meant, so {option} has no place beside it")
    written = str(arguments.plan)
    try:
        with Path(written).open("rb") as file:
            content = file.read(MAX_PLAN_BYTES + 1)
        if len(content) > MAX_PLAN_BYTES:
            raise PlanFileError("it is larger than 512 MB")
        saved = read_saved_plan(content.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"the plan `{written}` cannot be read: {error.strerror}") from None
    except ValueError as error:
        reason = str(error) if isinstance(error, PlanFileError) else "it is no UTF-8 text"
        raise UsageError(f"`{written}` cannot be used as a plan: {reason}") from None
    return saved, open_input(arguments.file or _find_storyboard(saved, written))


def _find_storyboard(saved: SavedPlan, written: str) -> str:
    """Where the storyboard of a plan lies: in the project of the plan's own folder, or of the current one."""
    for start in (Path(written), Path("here")):
        root, _ = locate_in_project(start)
        place = root / saved.basis.storyboard
        if place.resolve().is_relative_to(root) and place.is_file():
            with suppress(ValueError):
                return str(place.relative_to(Path.cwd()))
            return str(place)
    raise UsageError(
        f"`{written}` is a plan of {saved.basis.storyboard}, which is not in this project",
        f"name the storyboard, too: skyflow run {Path(saved.basis.storyboard).name} --plan {written}",
    )


def read_again(saved: SavedPlan, opened: Input) -> None:
    """Read every file that the plan was made from, so that its digest is known before anything else is done."""
    for path in saved.basis.files:
        with suppress(FilesError):
            if path.lower().endswith((".sky", *TABLE_SUFFIXES)):
                opened.files.read(path)
            else:
                opened.files.media(path)


def refuse_changed(saved: SavedPlan, now: Basis, written: str) -> None:
    """Raises Stop where the plan does not hold any more, with everything that differs."""
    found = differences(saved, now)
    if found:
        reasons = "\n".join(f"  {reason}" for reason in found)
        raise Stop(
            f"the plan `{written}` of {saved.made} does not hold any more, and nothing was started:",
            f"{reasons}\nMake a new one: {_plan_again(saved.basis, written)}",
        )


def _plan_again(basis: Basis, written: str) -> str:
    """The command that makes such a plan anew, with the same choice of clips."""
    from skyflow.ledger import SANDBOX

    choice = basis.choice
    words = ["skyflow", "plan", basis.storyboard]
    words += ["--live"] if basis.target != SANDBOX.name else []
    for name, values in choice.variables.items():
        words += [word for value in values for word in ("--var", f"{name}={value}")]
    words += [word for name in choice.shots for word in ("--shot", name)]
    words += [word for name in choice.variants for word in ("--variant", name)]
    words += ["--sample", str(choice.sample)] if choice.sample else []
    words += ["--limit", str(choice.limit)] if choice.limit else []
    words += ["--again"] if choice.again else []
    return shlex.join([*words, "-o", written])


def refuse_more(saved: SavedPlan, plan: Plan, written: str) -> None:
    """Raises Stop where the plan would now make a clip that it did not say, or lacks one that it said."""
    missing = saved.keys - plan.clips.keys()
    if missing:
        raise Stop(
            f"skyflow {saved.version} made the plan `{written}`, and this one compiles {count(len(missing), 'clip')} of it otherwise",
            "make a new plan; nothing was started",
        )
    more = [clip.label for clip in plan.to_make if clip.key not in saved.to_make]
    if more:
        name = clip_name(more[0].variant, more[0].shot, more[0].take)
        rest = f" and {len(more) - 1:,} more" if len(more) > 1 else ""
        raise Stop(
            f"{name}{rest} would be made, which the plan `{written}` does not say",
            "make a new plan; nothing was started",
        )
