"""The run as a whole: refuse what cannot work, execute the plan, leave clips, manifest and result."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from skyflow.config import Budget
from skyflow.ledger import SANDBOX, ClipStore, Label, Ledger, LedgerError, Queued, SeenShot, SpendingLimit
from skyflow.planner import TO_MAKE, Plan, PlannedShot
from skyflow.runner.client import Client
from skyflow.runner.context import Context
from skyflow.runner.events import ClipDone, ClipStopped, Notice, RunEnded, RunEvent, RunStarted, SandboxStarted
from skyflow.runner.gate import Gate
from skyflow.runner.hosting import OpenHost, ready_host, refuse_impossible
from skyflow.runner.hosts import open_host
from skyflow.runner.job import Job
from skyflow.runner.jobs import jobs_of, outcome_of
from skyflow.runner.loop import RunLoop
from skyflow.runner.manifest import write_manifest
from skyflow.runner.options import (
    LIVE_BACKOFF,
    LIVE_PATIENCE,
    LIVE_POLLING,
    SANDBOX_BACKOFF,
    SANDBOX_PATIENCE,
    SANDBOX_POLLING,
    RunOptions,
)
from skyflow.runner.output import OutputView
from skyflow.runner.refusal import RunRefused
from skyflow.runner.result import EXIT_REFUSED, GOOD, ClipOutcome, Outcome, RunResult
from skyflow.runner.sandbox_process import own_sandbox
from skyflow.runner.service import Service
from skyflow.runner.writer import Writer

# Starts the run's own sandbox again where it has died; whether it had.
Revive = Callable[[], bool]
# Whether the run was interrupted, and why nothing further was sent ("" where it came to its own end).
Ending = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class World:
    """What a run takes from outside: the time (Unix seconds), chance (0 to 1), how a client for a service is made, what runs the loop, and how an
    asset host is opened."""

    now: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
    connect: Callable[[Service], Client] = Client
    run_loop: Callable[[Coroutine[None, None, Ending]], Ending] = asyncio.run
    open_host: OpenHost = open_host


def run_plan(
    plan: Plan,
    *,
    root: Path,
    out: Path,
    ledger: Ledger,
    variant_folder: Callable[[str], str],
    service: Service | None = None,
    options: RunOptions | None = None,
    on_event: Callable[[RunEvent], None] = lambda _: None,
    sandbox_arguments: tuple[str, ...] = (),
    world: World | None = None,
) -> RunResult:
    """Make what the plan says, and nothing else.

    `root` is the project folder, `out` the output folder. `service` is where a live plan is sent; a plan for the sandbox starts its own, with
    `sandbox_arguments`. `on_event` hears what happens, in this thread. Ctrl-C ends it cleanly: the result says `interrupted`.
    Runs an event loop of its own, so it is not for the inside of another. Raises RunRefused before anything was started, LedgerError
    where the ledger cannot be used, ValueError where plan and service belong to different targets.
    """
    if plan.target != (SANDBOX if service is None else service.target):
        raise ValueError(
            f"a plan for {plan.target.name} cannot be run on {'a sandbox' if service is None else service.target.name}"
        )
    refuse_impossible(plan, None if service is None else service.host)
    view = OutputView(out, plan, variant_folder)
    if plan.shots:
        view.refuse_unwritable()
    run = _Run(plan, root, ledger, view, on_event, world or World())
    return run.execute(service, options or RunOptions(), sandbox_arguments)


class _Run:
    """One execution of a plan: what it shares with its callbacks."""

    def __init__(
        self, plan: Plan, root: Path, ledger: Ledger, view: OutputView, emit: Callable[[RunEvent], None], world: World
    ) -> None:
        self.plan = plan
        self.root = root
        self.ledger = ledger
        self.view = view
        self.emit = emit
        self.world = world
        self.store = ClipStore(root, plan.target)
        self.paths: dict[PlannedShot, Path] = {}
        self._shots: dict[str, list[PlannedShot]] = defaultdict(list)
        for shot in plan.shots:
            self._shots[shot.key].append(shot)

    def execute(self, service: Service | None, options: RunOptions, sandbox_arguments: tuple[str, ...]) -> RunResult:
        plan, ledger, began = self.plan, self.ledger, time.monotonic()
        run = ledger.runs.start(plan.target, plan.storyboard)
        interrupted, stopped = False, ""
        try:
            jobs, resumed = jobs_of(plan, ledger)
            if any(job.done is None for job in jobs.values()):
                with self._service(service, sandbox_arguments) as (reachable, revive):
                    self._announce(jobs, resumed)
                    work = self._perform(run, jobs, resumed, reachable, revive, options)
                    interrupted, stopped = self.world.run_loop(work)
            else:
                self._announce(jobs, resumed)
                self._see()
        except RunRefused as refused:
            seconds = time.monotonic() - began
            self.emit(RunEnded({}, Decimal(0), Decimal(0), seconds, EXIT_REFUSED, refused.message))
            raise
        finally:
            stopped = self._end(run) or stopped
        return self._close(run, jobs, time.monotonic() - began, interrupted, stopped)

    async def _perform(
        self,
        run: str,
        jobs: dict[str, Job],
        resumed: list[str],
        service: Service,
        revive: Revive | None,
        options: RunOptions,
    ) -> Ending:
        async with self.world.connect(service) as client:
            context = self._context(run, client, options)
            context.revive = revive
            await ready_host(context, self.plan, resumed, self.world.open_host)
            self._see()
            self.ledger.live.enqueue(run, _queue(run, self.plan))
            interrupted = await RunLoop(context, jobs, self._finished).run(resumed)
        return interrupted, context.halted

    def _context(self, run: str, client: Client, options: RunOptions) -> Context:
        sandbox, now = client.service.target.is_sandbox, self.world.now
        loop = asyncio.get_running_loop()
        backoff = options.backoff or (SANDBOX_BACKOFF if sandbox else LIVE_BACKOFF)
        return Context(
            root=self.root,
            run=run,
            service=client.service,
            client=client,
            ledger=self.ledger,
            writer=Writer(self.ledger),
            store=self.store,
            options=options,
            polling=options.polling or (SANDBOX_POLLING if sandbox else LIVE_POLLING),
            patience=options.patience or (SANDBOX_PATIENCE if sandbox else LIVE_PATIENCE),
            backoff=backoff,
            gate=Gate(backoff, now=loop.time, chance=self.world.chance, emit=self.emit, rate=options.rate),
            emit=self.emit,
            now=now,
            chance=self.world.chance,
            limits=lambda job: () if sandbox else limits_of(options.budget, run, job.label, now()),
        )

    @contextmanager
    def _service(
        self, service: Service | None, sandbox_arguments: tuple[str, ...]
    ) -> Iterator[tuple[Service, Revive | None]]:
        if service is not None:
            yield service, None
            return
        with own_sandbox(self.root, sandbox_arguments) as own:
            self.emit(SandboxStarted(own.service.base_url))
            yield own.service, own.revive
            for remark in dict.fromkeys(own.remarks()):
                self.emit(Notice(f"About the previews: {remark}."))

    def _end(self, run: str) -> str:
        """Free what the run had claimed. Where that cannot be written the run ended all the same, and what it did must be told: the reason why."""
        try:
            self.ledger.end_run(run)
        except LedgerError as error:
            return f"{error.message} {error.remedy}"
        return ""

    def _see(self) -> None:
        """The run is no longer refused: from now on it is the last one."""
        plan = self.plan
        self.ledger.shots.see(plan.target, plan.storyboard, _seen(plan), whole=not plan.partial)

    def _announce(self, jobs: Mapping[str, Job], resumed: list[str]) -> None:
        plan = self.plan
        have = [job for job in jobs.values() if job.done is not None]
        self.emit(
            RunStarted(plan.target.name, plan.title, len(plan.to_make), len(resumed), len(have), plan.cost, plan.exact)
        )
        for job in have:
            self._show(job)

    def _finished(self, job: Job) -> None:
        """A job came to its end: show its clip and say so."""
        if job.done is None:
            return
        if job.done.outcome in GOOD:
            paths = self._show(job)
            path = paths[0] if paths else self.store.path(job.key)
            cost = job.known.owed if job.known is not None and job.sent_now else None
            self.emit(ClipDone(job.key, job.label, path, cost))
        elif job.clip is not None:
            self.emit(ClipStopped(job.key, job.label, job.done.outcome, job.done.message, job.done.help))

    def _show(self, job: Job) -> list[Path]:
        """Make the clip visible wherever it was asked for."""
        shown = []
        for shot in self._shots.get(job.key, ()):
            try:
                self.paths[shot] = self.view.show(shot, self.store.path(job.key))
            except OSError as error:
                self.emit(Notice(f"{self.view.path(shot)} cannot be written: {error.strerror}", job.key))
            else:
                shown.append(self.paths[shot])
        return shown

    def _close(self, run: str, jobs: Mapping[str, Job], seconds: float, interrupted: bool, stopped: str) -> RunResult:
        plan = self.plan
        outcomes = [(shot, outcome_of(shot, jobs[shot.key], self.paths.get(shot))) for shot in plan.shots]
        try:
            write_manifest(self.view.manifest, plan, jobs, outcomes, self.ledger, self.world.now())
        except OSError as error:
            self.emit(Notice(f"{self.view.manifest} cannot be written: {error.strerror}"))
        books = self.ledger.books(plan.target, run)
        result = RunResult(
            target=plan.target.name,
            title=plan.title,
            folder=self.view.folder,
            manifest=self.view.manifest,
            clips=tuple(outcome for _, outcome in outcomes),
            spent=books.spent,
            uncertain=books.uncertain + books.reserved,
            seconds=seconds,
            brought_home=sum((cost for cost in _brought_home(outcomes).values()), Decimal(0)),
            stopped=stopped,
            interrupted=interrupted,
        )
        counts = {outcome.value: number for outcome, number in result.counts.items()}
        self.emit(RunEnded(counts, result.spent, result.uncertain, seconds, result.exit_code, stopped))
        return result


def _brought_home(outcomes: Iterable[tuple[PlannedShot, ClipOutcome]]) -> dict[str, Decimal]:
    """What each clip cost that an earlier run had sent and this one fetched, by key."""
    return {clip.key: clip.cost for _, clip in outcomes if clip.outcome is Outcome.MADE and not clip.spent_now}


def _queue(run: str, plan: Plan) -> Iterator[Queued]:
    """What the run will send, in the order of the plan."""
    wanted = (clip for clip in plan.clips.values() if clip.state in TO_MAKE)
    return (Queued(run, plan.target, clip.key, clip.label, clip.cost) for clip in wanted)


def _seen(plan: Plan) -> Iterator[SeenShot]:
    return (SeenShot(shot.variant, shot.shot, shot.take, shot.key, plan.clips[shot.key].request) for shot in plan.shots)


def limits_of(budget: Budget, run: str, label: Label, now: float) -> tuple[SpendingLimit, ...]:
    """The limits that a clip's posting must keep. A day begins at midnight where the machine is."""
    midnight = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    board = label.storyboard
    named = (
        (budget.run, SpendingLimit("the budget of a run", Decimal(0), run=run)),
        (budget.day, SpendingLimit("the budget of a day", Decimal(0), since=midnight.timestamp())),
        (budget.storyboard, SpendingLimit("the budget of a storyboard", Decimal(0), storyboard=board)),
        (budget.variant, SpendingLimit("the budget of a variant", Decimal(0), storyboard=board, variant=label.variant)),
    )
    return tuple(replace(limit, amount=amount) for amount, limit in named if amount is not None)
