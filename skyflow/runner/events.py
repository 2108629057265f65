"""What a run tells while it happens: one frozen type for each thing. Displays, plain lines and event files are made from these, elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from skyflow.ledger import Label


@dataclass(frozen=True, slots=True)
class RunStarted:
    """`make` clips will be sent, `resume` are under way or paid already, `have` are there."""

    target: str
    title: str
    make: int
    resume: int
    have: int
    cost: Decimal
    exact: bool


@dataclass(frozen=True, slots=True)
class SandboxStarted:
    """The run's own preview server answers at `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A local file, or a frame of a clip, now has a URL. `name` is its project path, or says which frame of which shot it is."""

    key: str
    label: Label
    name: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service took the request: its task is `task_id`. `resumed` where an earlier run had sent it."""

    key: str
    label: Label
    task_id: str
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Progressed:
    """News of a task: the service's own word for its state, per cent, seconds since it was accepted, seconds that it usually takes."""

    key: str
    label: Label
    status: str
    progress: int | None
    elapsed: float
    estimated: float | None


@dataclass(frozen=True, slots=True)
class Downloading:
    """The task is completed; its clip is being fetched, for the `tries`th time."""

    key: str
    label: Label
    tries: int


@dataclass(frozen=True, slots=True)
class ClipDone:
    """The clip is on disk. `path` is the file in the project's store; `cost` dollars, None where nothing was sent in this run."""

    key: str
    label: Label
    path: Path
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class ClipStopped:
    """The clip will not be there after this run: `outcome` is the word, `message` the reason, `help` what to do."""

    key: str
    label: Label
    outcome: str
    message: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The whole run holds back for `seconds`: the service asked for it, or does not answer."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should read; `key` is "" where it concerns no clip."""

    message: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stopping:
    """Nothing further is sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over: how many distinct clips ended how, what was spent in it (dollars), and why it stopped early, "" where it did not."""

    clips: Mapping[str, int]
    spent: Decimal
    uncertain: Decimal
    seconds: float
    exit_code: int
    stopped: str


RunEvent = (
    RunStarted
    | SandboxStarted
    | Uploaded
    | Submitted
    | Progressed
    | Downloading
    | ClipDone
    | ClipStopped
    | Waiting
    | Notice
    | Stopping
    | RunEnded
)


def event_as_dict(event: RunEvent) -> dict[str, Any]:
    """The event as JSON-ready values, its type under `event`; money and paths as text."""
    data: dict[str, Any] = {"event": type(event).__name__}
    for item in fields(event):
        value = getattr(event, item.name)
        if isinstance(value, Label):
            data |= {"storyboard": value.storyboard, "variant": value.variant, "shot": value.shot, "take": value.take}
        else:
            data[item.name] = str(value) if isinstance(value, (Decimal, Path)) else value
    return data
