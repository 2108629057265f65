"""What a run tells, in words: names of clips, sums of money, the plan before it and the table after it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.table import align

if TYPE_CHECKING:
    from skyflow.ledger import Label
    from skyflow.runner import ClipOutcome, RunResult

MOST_ROWS = 40  # more than a screen is no table to read


SHORT_KEY = 12  # characters of a key that are shown; enough to tell a million clips apart


WAYS_OUT = {
    "--adopt TASK": "it became this task: its clip is fetched",
    "--resubmit": "it never arrived: it is ordered again, and paid again",
    "--abandon": "give it up",
}


def program() -> str:
    """skyflow as it can be typed here: by its name where the shell finds it, else by the path that it was called by."""
    called = Path(sys.argv[0])
    found = shutil.which("skyflow")
    if called.stem != "skyflow" or not called.exists() or (found is not None and called.samefile(found)):
        return "skyflow"
    return shlex.quote(shown_path(called))


def commands_for(key: str) -> tuple[str, ...]:
    """What a person can type about a clip in doubt."""
    return tuple(f"{program()} resolve {key[:SHORT_KEY]} {way}" for way in WAYS_OUT)


def ways_out(key: str) -> list[str]:
    """The same with what each means."""
    return align(list(zip(commands_for(key), WAYS_OUT.values(), strict=True)), has_heading=False)


def clip_name(variant: str, shot: str, take: int) -> str:
    """`street`, `street take 2`, `street take 2 (city=Tokyo)`."""
    return shot + (f" take {take}" if take > 1 else "") + (f" ({variant})" if variant else "")


def label_name(label: Label) -> str:
    return clip_name(label.variant, label.shot, label.take)


def money(amount: Decimal, *, exact: bool = True) -> str:
    """`2.75 USD`; `about` where the sum is not certain. At least cents, and no digit is dropped."""
    from skyflow.contract.dollars import show_dollars

    return f"{'' if exact or not amount else 'about '}{show_dollars(amount)}"


def shown_path(path: Path) -> str:
    """The path as one would type it here, where that is shorter than the whole."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if relative.startswith("..") else relative


def command_about(name: str, storyboard: str, arguments: Namespace, *more: str) -> str:
    """What to type for another command about the same clips of a storyboard."""
    words = [name, storyboard]
    words += ["--live"] if arguments.live else []
    words += [word for variable in arguments.variables for word in ("--var", "=".join(variable))]
    words += [word for pattern in arguments.variants for word in ("--variant", pattern)]
    return f"{program()} {shlex.join([*words, *more])}"


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def result_lines(result: RunResult, *, is_preview: bool) -> Iterator[str]:
    """What was made and where, what was not and why, and the sums."""
    rows: list[Sequence[str]] = [("VARIANT", "SHOT", "TAKE", "RESULT", "COST", "FILE")]
    # Of a long list only what needs a person is shown clip by clip; the folder has the rest.
    listed = result.clips if len(result.clips) <= MOST_ROWS else [clip for clip in result.clips if clip.path is None]
    rows += [_row(clip, is_preview) for clip in listed[:MOST_ROWS]]
    if len(rows) > 1:
        yield from align(rows, right=(2, 4))
        yield ""
    if len(listed) > MOST_ROWS:
        yield f"… and {len(listed) - MOST_ROWS:,} more of these"
    yield from _reasons(listed)
    yield from _other_takes(result.clips)
    if not is_preview:
        yield from _ways_out_of_doubt(listed)
    words = ", ".join(f"{number:,} {outcome}" for outcome, number in result.counts.items())
    yield f"{result.title}: {words or 'no clips'}, in {result.seconds:.0f} s" + (
        "" if is_preview else f"; {_spent(result)}"
    )
    if result.stopped:
        yield f"stopped early: {result.stopped}"
    if any(clip.path is not None for clip in result.clips):
        yield f"the clips are in {shown_path(result.folder)}"


def _row(clip: ClipOutcome, is_preview: bool) -> Sequence[str]:
    cost = "" if is_preview or not clip.cost else money(clip.cost, exact=clip.reported)
    file = shown_path(clip.path) if clip.path is not None else ""
    return (clip.variant, clip.shot, str(clip.take), clip.outcome, cost, file)


def _reasons(clips: Sequence[ClipOutcome]) -> Iterator[str]:
    """Why clips are not there; one reason that several share is told once."""
    told: dict[tuple[str, str], list[str]] = {}
    for clip in clips:
        if clip.message:
            told.setdefault((clip.message, clip.help), []).append(clip_name(clip.variant, clip.shot, clip.take))
    for (message, remedy), names in told.items():
        more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
        yield f"{', '.join(names[:3])}{more}: {message}"
        if remedy:
            yield f"  {remedy}"


def _ways_out_of_doubt(clips: Sequence[ClipOutcome]) -> Iterator[str]:
    for clip in [clip for clip in clips if clip.outcome == "in doubt"][:MOST_ROWS]:
        sent = "" if clip.sent_at is None else f", sent {moment(clip.sent_at)}"
        yield f"  when you know what became of {clip_name(clip.variant, clip.shot, clip.take)}{sent}, Idempotency-Key {clip.idempotency_key}:"
        yield from (f"    {line}" for line in ways_out(clip.key))


def _other_takes(clips: Sequence[ClipOutcome]) -> Iterator[str]:
    """Where a take is not there and others of its shot are, the film need not wait for it."""
    takes: dict[tuple[str, str], list[ClipOutcome]] = {}
    for clip in clips:
        takes.setdefault((clip.variant, clip.shot), []).append(clip)
    for (variant, shot), found in takes.items():
        there = [str(clip.take) for clip in found if clip.path is not None]
        if there and any(clip.outcome in ("failed", "lost", "in doubt") for clip in found):
            are = f"take {there[0]} is" if len(there) == 1 else f"takes {', '.join(there)} are"
            yield f"  of {clip_name(variant, shot, 1)} {are} there: `pick = {there[0]}` in the shot uses it"


def moment(at: float) -> str:
    """A time as the clock on the wall shows it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _spent(result: RunResult) -> str:
    """Three sums that hold nothing of one another."""
    parts = [f"spent {money(result.spent)}"]
    if result.uncertain:
        parts.append(f"and maybe {money(result.uncertain)} more for what is under way, in doubt or failed")
    if result.brought_home:
        parts.append(f"and {money(result.brought_home)} in earlier runs for clips that came home now")
    return ", ".join(parts)
