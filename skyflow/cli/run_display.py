"""What is seen while a run goes on: a live display on a terminal, plain lines elsewhere. It hears events and changes nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from skyflow.cli.run_words import count, label_name, money, shown_path
from skyflow.diagnostics.cells import shown
from skyflow.runner import (
    ClipDone,
    ClipStopped,
    Downloading,
    Notice,
    Outcome,
    Progressed,
    RunEvent,
    RunStarted,
    Stopping,
    Submitted,
    Waiting,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_WAITS_APART = 60.0  # seconds
_LONG_WAIT = 10.0
MOST_BARS = 12  # clips shown at once; the rest is in the total


@contextmanager
def open_display(*, with_cost: bool) -> Iterator[Callable[[RunEvent], None]]:
    """What hears the events of a run while the block lasts. Without `with_cost` no sum is shown: previews are free."""
    if sys.stderr.isatty() and find_spec("rich") is not None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        # No markup anywhere: `[@hero]` in a name is a name.
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}", markup=False),
            TimeElapsedColumn(),
        )
        console = Console(stderr=True, markup=False, highlight=False, emoji=False)
        with Progress(*columns, console=console, transient=True) as progress:
            yield LiveDisplay(progress, with_cost=with_cost).hear
        console.print()
    else:
        yield PlainDisplay(with_cost=with_cost).hear


def event_line(event: RunEvent, *, with_cost: bool = True) -> str:
    """The event as one line, "" where it is not worth one."""
    match event:
        case RunStarted():
            parts = [f"{count(event.make, 'clip')} to make"] if event.make else []
            parts += [f"{event.resume:,} to go on with"] if event.resume else []
            parts += [f"{event.have:,} there already"] if event.have else []
            return f"{event.title}: {', '.join(parts) or 'nothing to do'}"
        case Submitted() if with_cost or event.resumed:
            return f"{label_name(event.label)}: {'goes on as' if event.resumed else 'sent as'} {event.task_id}"
        case ClipDone():
            cost = f", {money(event.cost)}" if event.cost and with_cost else ""
            return f"{label_name(event.label)}: done{cost}, {shown_path(event.path)}"
        case ClipStopped() if event.outcome == Outcome.NOT_STARTED:
            return ""  # why, is told once for all of them
        case ClipStopped():
            return f"{label_name(event.label)}: {event.outcome}: {event.message}"
        case Waiting():
            calm = "; Ctrl-C is safe, the next run goes on" if event.seconds >= _LONG_WAIT else ""
            return f"waiting {event.seconds:.0f} s: {event.reason}{calm}"
        case Notice():
            return event.message
        case Stopping():
            return f"nothing further is sent: {event.reason}"
    return ""


class Waits:
    """Which waits are told: the first for each reason, and then one a minute."""

    def __init__(self) -> None:
        self._reason = ""
        self._told_at = 0.0

    def is_worth_a_line(self, event: RunEvent) -> bool:
        """Whether the event is no wait, or one that people have not just been told."""
        if not isinstance(event, Waiting):
            return True
        now = time.monotonic()
        if event.reason == self._reason and now - self._told_at < _WAITS_APART:
            return False
        self._reason, self._told_at = event.reason, now
        return True


class PlainDisplay:
    """One line for each thing worth one, on standard error. A reader that has left is no reason to end a paid run."""

    def __init__(self, *, with_cost: bool = True) -> None:
        self._with_cost = with_cost
        self._waits = Waits()

    def hear(self, event: RunEvent) -> None:
        if not self._waits.is_worth_a_line(event):
            return
        line = event_line(event, with_cost=self._with_cost)
        if line:
            with suppress(OSError):
                print(shown(line), file=sys.stderr, flush=True)


class LiveDisplay:
    """Bars on a terminal: one for the whole run, one for each clip under way; what has ended is printed above them."""

    def __init__(self, progress: Progress, *, with_cost: bool = True) -> None:
        self._progress = progress
        self._with_cost = with_cost
        self._waits = Waits()
        self._bars: dict[str, TaskID] = {}
        self._total: TaskID | None = None

    def hear(self, event: RunEvent) -> None:
        match event:
            case RunStarted():
                total = event.make + event.resume
                self._say(event)
                self._total = self._progress.add_task("all clips", total=total, state=f"0 of {total:,}")
            case Submitted():
                self._bar(event.key, label_name(event.label), "waiting")
            case Progressed():
                self._bar(event.key, label_name(event.label), event.status, event.progress)
            case Downloading():
                self._bar(event.key, label_name(event.label), "downloading", 100)
            case ClipDone() | ClipStopped():
                self._end(event.key)
                self._say(event)
            case _:
                self._say(event)

    def _say(self, event: RunEvent) -> None:
        if not self._waits.is_worth_a_line(event):
            return
        line = event_line(event, with_cost=self._with_cost)
        if line:
            self._progress.console.print(shown(line), soft_wrap=True)

    def _bar(self, key: str, name: str, state: str, percent: int | None = None) -> None:
        if key not in self._bars:
            if len(self._bars) >= MOST_BARS:
                return
            self._bars[key] = self._progress.add_task(shown(name), total=100, state=state)
        self._progress.update(self._bars[key], state=shown(state), completed=percent)

    def _end(self, key: str) -> None:
        if key in self._bars:
            self._progress.remove_task(self._bars.pop(key))
        if self._total is not None:
            self._progress.advance(self._total)
            task = next(task for task in self._progress.tasks if task.id == self._total)
            self._progress.update(self._total, state=f"{task.completed:,.0f} of {task.total or 0:,.0f}")
