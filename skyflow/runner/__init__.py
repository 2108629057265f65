"""Executes a plan: uploads, submits, polls, downloads, and leaves clips. The only room that talks to a service; what it may not forget, it tells the ledger."""

from skyflow.runner.events import (
    ClipDone,
    ClipStopped,
    Downloading,
    Notice,
    Progressed,
    RunEnded,
    RunEvent,
    RunStarted,
    SandboxStarted,
    Stopping,
    Submitted,
    Uploaded,
    Waiting,
    event_as_dict,
)
from skyflow.runner.hosting import refuse_impossible
from skyflow.runner.lookup import Found, look_up
from skyflow.runner.options import RunOptions
from skyflow.runner.refusal import RunRefused
from skyflow.runner.restore import StrayClip, find_strays, take_back
from skyflow.runner.result import ClipOutcome, Outcome, RunResult
from skyflow.runner.run import World, run_plan
from skyflow.runner.service import Service

__all__ = [
    "ClipDone",
    "ClipOutcome",
    "ClipStopped",
    "Downloading",
    "Found",
    "Notice",
    "Outcome",
    "Progressed",
    "RunEnded",
    "RunEvent",
    "RunOptions",
    "RunRefused",
    "RunResult",
    "RunStarted",
    "SandboxStarted",
    "Service",
    "Stopping",
    "StrayClip",
    "Submitted",
    "Uploaded",
    "Waiting",
    "World",
    "event_as_dict",
    "find_strays",
    "look_up",
    "refuse_impossible",
    "run_plan",
    "take_back",
]
