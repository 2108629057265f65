"""From a plan to the jobs of a run, and from the jobs to what became of each clip that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from skyflow.ledger import Ledger, State, Target
from skyflow.planner import UNDER_WAY, WAITING, Plan, PlannedShot, PlanState
from skyflow.runner.explain import IN_DOUBT_HELP, IN_DOUBT_MESSAGE
from skyflow.runner.job import Done, Job
from skyflow.runner.result import ClipOutcome, Outcome

# What an earlier run left under way and can be brought home without the request that made it.
_CAN_GO_ON = (State.RUNNING, State.MADE)


def jobs_of(plan: Plan, ledger: Ledger) -> tuple[dict[str, Job], list[str]]:
    """A job for each distinct clip, and the keys of those whose standing in the ledger must be looked at before anything is sent.

    Work that earlier runs of other storyboards left under way on the target is taken along.
    """
    known = ledger.latest(plan.target, plan.clips)
    jobs: dict[str, Job] = {}
    resumed: list[str] = []
    for clip in plan.clips.values():
        job = jobs[clip.key] = Job(clip.key, clip.label, clip, known=None)
        if clip.state is PlanState.HAVE:
            job.known, job.done = known[clip.key], Done(Outcome.HAD)
        elif clip.state in UNDER_WAY or (clip.state in WAITING and clip.state is not PlanState.BLOCKED):
            resumed.append(clip.key)
        for need in clip.waits_for if clip.key not in resumed and job.done is None else ():
            job.missing += 1
            jobs[need].followers.append(clip.key)
    for job in left_behind(ledger, plan.target, jobs):
        jobs[job.key] = job
        resumed.append(job.key)
    return jobs, resumed


def left_behind(ledger: Ledger, target: Target, jobs: Mapping[str, Job]) -> list[Job]:
    """Jobs for what runs that are over left under way, beside those that are known."""
    states = (*_CAN_GO_ON, State.DOUBT, State.POSTING) if target.is_sandbox else _CAN_GO_ON
    found = {key: attempt for key, attempt in ledger.attempts(target, states) if key not in jobs}
    owners = {key: ledger.runs.owner_of(target, key) for key in found}
    return [
        Job(key, attempt.label, None)
        for key, attempt in found.items()
        if (owner := owners[key]) is None or not ledger.runs.alive(owner)
    ]


def outcome_of(shot: PlannedShot, job: Job, path: Path | None) -> ClipOutcome:
    """What became of a clip that was asked for; `path` is its file in the output folder."""
    known, done = job.known, job.done or _unfinished(job)
    return ClipOutcome(
        variant=shot.variant,
        shot=shot.shot,
        take=shot.take,
        key=shot.key,
        outcome=done.outcome,
        path=path,
        cost=Decimal(0) if known is None else known.owed,
        reported=known is not None and known.charged is not None,
        billed=False if known is None else known.billed,
        spent_now=job.sent_now,
        task_id=None if known is None else known.task_id,
        message=done.message,
        help=done.help,
        sent_at=None if known is None else known.posted_at,
        idempotency_key="" if known is None else known.idempotency_key,
    )


def _unfinished(job: Job) -> Done:
    """How a job stands that the end of the run cut short."""
    state = None if job.known is None else job.known.state
    if state in (State.POSTING, State.DOUBT):
        return Done(Outcome.IN_DOUBT, IN_DOUBT_MESSAGE, IN_DOUBT_HELP)
    if state in (State.RUNNING, State.MADE):
        return Done(Outcome.UNFINISHED, "the run ended before it was done", "Run again to go on with it.")
    return Done(Outcome.NOT_STARTED, "the run ended before it was sent")
