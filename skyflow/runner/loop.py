"""The run loop: queues that feed a fixed number of workers, a heap of what is due later, and the graph that says who may start.

A waiting task costs an entry in the heap, never a coroutine of its own.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable
from itertools import count

from skyflow.ledger import BEAT_SECONDS, IN_FLIGHT, LedgerError, State
from skyflow.runner import explain
from skyflow.runner.context import Context
from skyflow.runner.events import Notice
from skyflow.runner.fetch import Fetcher
from skyflow.runner.job import Done, Elsewhere, Job, Next, NoPlace, Step, Then
from skyflow.runner.jobs import left_behind
from skyflow.runner.places import Places
from skyflow.runner.poll import Poller
from skyflow.runner.refusal import RunRefused
from skyflow.runner.result import GOOD, Outcome
from skyflow.runner.send import STOP_ASKED, Sender, take
from skyflow.runner.uploads import Uploader

# How often work that other processes do is looked at, in seconds.
LOOK_AGAIN = 2.0
_TAKEN_AT_ONCE = 200
ALL_IN_DOUBT = "All places on the service are held by requests in doubt. Settle those first, then run again."


class RunLoop:
    """Carries the jobs of one run to their ends; `finished` is called for each that has one."""

    def __init__(self, context: Context, jobs: dict[str, Job], finished: Callable[[Job], None]) -> None:
        self._context = context
        self._jobs = jobs
        self._finished = finished
        self._left = sum(job.done is None for job in jobs.values())
        self._queues: dict[Step, asyncio.Queue[Job]] = {step: asyncio.Queue() for step in Step}
        self._due: list[tuple[float, int, Job]] = []
        self._numbers = count()
        self._new_due = asyncio.Event()
        self._places = Places(context.options.concurrency)
        self._elsewhere: dict[str, Job] = {}
        self._at_work: dict[asyncio.Task[None], Job] = {}
        self._ends: list[tuple[Job, Done]] = []
        self._claims_to_release: list[str] = []
        self._unsent_stopped = False
        self._closing = False

    async def run(self, resumed: Iterable[str]) -> bool:
        """Work until nothing is left or the run is ended; whether it was interrupted. `resumed` are the keys of what is under way already."""
        options, context = self._context.options, self._context
        work: list[tuple[Step, int, Callable[[Job], Awaitable[Next]]]] = [
            (Step.SEND, options.senders, Sender(context, Uploader(context)).send),
            (Step.POLL, options.pollers, Poller(context).poll),
            (Step.FETCH, options.fetchers, Fetcher(context).fetch),
        ]
        workers = [self._work(step, action) for step, number, action in work for _ in range(number)]
        tasks = [asyncio.create_task(one) for one in (self._over(), self._alarm(), self._housekeeping(), *workers)]
        interrupted = False
        try:
            await self._begin(tuple(resumed))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            interrupted = True
            context.halt("Interrupted.")
        finally:
            await self._close(tasks)
        _raise_first(tasks)
        return interrupted

    # --- workers --------------------------------------------------------------------------------------------------

    async def _over(self) -> None:
        await self._context.ended.wait()

    async def _work(self, step: Step, action: Callable[[Job], Awaitable[Next]]) -> None:
        me = asyncio.current_task()
        while me is not None and not self._closing:
            job = await self._queues[step].get()
            if step is Step.SEND and not job.holds_place:  # doubt that is sent again never gave its place back
                await self._places.wait_and_take()
                job.holds_place = True
            if job.done is None:
                self._at_work[me] = job
                await self._one_step(job, action)
                del self._at_work[me]
            self._settle_place(job)

    async def _one_step(self, job: Job, action: Callable[[Job], Awaitable[Next]]) -> None:
        try:
            following = await action(job)
        except LedgerError as error:
            self._context.abort(f"{error.message} {error.remedy}")
        else:
            self._go_on(job, following)

    async def _alarm(self) -> None:
        """Put what is due into its queue, when it is due."""
        loop = asyncio.get_running_loop()
        while True:
            self._new_due.clear()
            while self._due and self._due[0][0] <= loop.time():
                job = heapq.heappop(self._due)[2]
                self._queues[job.step].put_nowait(job)
            pause = self._due[0][0] - loop.time() if self._due else None
            try:
                await asyncio.wait_for(self._new_due.wait(), pause)
            except TimeoutError:
                continue

    async def _housekeeping(self) -> None:
        """Say that this run lives, look at what other runs do, and notice when the service stays silent."""
        context, loop = self._context, asyncio.get_running_loop()
        last_beat = loop.time()
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                if loop.time() - last_beat >= BEAT_SECONDS:
                    last_beat = loop.time()
                    await context.write(lambda: context.ledger.runs.beat(context.run))
                await self._tell_others()
                self._look_elsewhere()
                if context.ledger.live.is_stop_asked(context.run):
                    self._stop(STOP_ASKED)
                await self._revive()
            except (LedgerError, RunRefused) as error:
                context.abort(f"{error.message} {error.remedy}")
            if context.gate.silent_for > context.patience:
                context.abort(explain.silent(context.gate.silent_for, context.gate.last_trouble))

    async def _tell_others(self) -> None:
        """Let other runs and `skyflow status` see what became of clips that are done here, and how the tasks of the others come along."""
        context, keys, news = self._context, self._claims_to_release, self._context.news
        if not keys and not news:
            return
        self._claims_to_release, context.news = [], {}

        def tell() -> None:
            ledger, target = context.ledger, context.service.target
            for key in keys:
                ledger.runs.release(target, key, context.run)
            ledger.live.dequeue(context.run, keys)
            ledger.live.hear(target, ((key, said) for key, said in news.items() if self._jobs[key].done is None))
            ledger.live.hush(target, keys)

        await context.write(tell)

    async def _revive(self) -> None:
        """Where the run has a sandbox of its own and that has died, start it again: it keeps its tasks on disk. Raises RunRefused."""
        context = self._context
        if context.revive is not None and await asyncio.to_thread(context.revive):
            context.emit(Notice("The preview server had ended by itself; it was started again and goes on."))

    def _stop(self, reason: str) -> None:
        """Send nothing further; what is under way is brought home."""
        self._context.halt(reason)
        if not self._unsent_stopped:
            self._stop_unsent()

    def _look_elsewhere(self) -> None:
        """Take up what another run left, or finished."""
        context, target = self._context, self._context.service.target
        known = context.ledger.latest(target, self._elsewhere) if self._elsewhere else {}
        for key, job in list(self._elsewhere.items()):
            attempt, owner = known.get(key), context.ledger.runs.owner_of(target, key)
            if (
                (attempt is not None and attempt.state is State.HAVE)
                or owner is None
                or not context.ledger.runs.alive(owner)
            ):
                del self._elsewhere[key]
                self._put(job)

    # --- what follows ---------------------------------------------------------------------------------------------

    async def _begin(self, resumed: tuple[str, ...]) -> None:
        """Take up what is under way, then start what waits for nothing."""
        for start in range(0, len(resumed), _TAKEN_AT_ONCE):
            part = [self._jobs[key] for key in resumed[start : start + _TAKEN_AT_ONCE]]
            await asyncio.gather(*(self._one_step(job, self._take) for job in part))
        ours = sum(job.holds_place and job.done is not None for job in self._jobs.values())
        for _ in range(self._doubts() - ours):
            self._places.take()  # doubt that other storyboards left
        fresh = self._jobs.keys() - set(resumed)
        for key, job in self._jobs.items():
            if key in fresh and job.done is None and not job.missing:
                self._put(job)
        if not self._left:
            self._context.ended.set()
        self._end_if_stuck()

    async def _take(self, job: Job) -> Next:
        return await take(self._context, job) or Then(Step.SEND)

    def _go_on(self, job: Job, following: Next) -> None:
        match following:
            case Done():
                self._settle_place(job)
                self._finish(job, following)
            case Then(step, after):
                job.step = step
                self._settle_place(job)
                self._put(job, after)
            case Elsewhere():
                self._elsewhere[job.key] = job
                self._context.emit(Notice(f"{job.label.shot} is being made by another run.", job.key))
            case NoPlace():
                self._look_for_places()
                self._put(job, LOOK_AGAIN)
        if self._context.halted and not self._unsent_stopped:
            self._stop_unsent()

    def _put(self, job: Job, after: float = 0.0) -> None:
        """Queue a job for its step, now or in `after` seconds."""
        if job.step is Step.SEND and self._context.halted:
            self._finish(job, Done(Outcome.NOT_STARTED, self._context.halted))
        elif after > 0:
            heapq.heappush(self._due, (asyncio.get_running_loop().time() + after, next(self._numbers), job))
            self._new_due.set()
        else:
            self._queues[job.step].put_nowait(job)

    def _settle_place(self, job: Job) -> None:
        """A job holds a place while the service may be working on it; doubt does not give it back."""
        holds = job.known is not None and job.known.state in IN_FLIGHT
        if holds and not job.holds_place:
            self._places.take()
        elif job.holds_place and not holds:
            self._places.give_back()
        job.holds_place = holds

    def _finish(self, job: Job, done: Done) -> None:
        """End a job and whatever ends with it. Chains of shots may be long, so this is a list and not a recursion."""
        self._ends.append((job, done))
        if len(self._ends) > 1:
            return  # an outer call works through the list
        for ending, how in self._ends:
            if ending.done is None:
                self._end(ending, how)
        self._ends.clear()
        if done.outcome is Outcome.IN_DOUBT:
            self._end_if_stuck()
        if not self._left:
            self._context.ended.set()

    def _end(self, job: Job, done: Done) -> None:
        job.done = done
        self._left -= 1
        self._claims_to_release.append(job.key)
        self._finished(job)
        for key in job.followers:
            follower = self._jobs[key]
            if done.outcome not in GOOD:
                self._finish(follower, Done(Outcome.BLOCKED, f"it needs {job.label.shot}, which is {done.outcome}"))
                continue
            follower.missing -= 1
            if not follower.missing and follower.done is None:
                self._put(follower)

    def _stop_unsent(self) -> None:
        """Finish what is not on the service yet, once nothing further is sent."""
        self._unsent_stopped = True
        at_work = {job.key for job in self._at_work.values()}
        for job in self._jobs.values():
            if job.done is None and job.step is Step.SEND and job.key not in at_work:
                self._finish(job, Done(Outcome.NOT_STARTED, self._context.halted))

    def _end_if_stuck(self) -> None:
        """Where doubt holds every place nothing can be sent any more."""
        moving = any(job.holds_place for job in self._jobs.values() if job.done is None)
        if self._places.free <= 0 and not moving and self._left:
            self._stop(ALL_IN_DOUBT)

    def _look_for_places(self) -> None:
        """All places are held, and not by us: doubt will not give its own back, and tasks of a run that died are ours to bring home."""
        context = self._context
        if self._doubts() >= context.options.concurrency:
            context.halt(ALL_IN_DOUBT)
        for job in left_behind(context.ledger, context.service.target, self._jobs):
            self._jobs[job.key] = job
            self._left += 1
            self._put(job)

    def _doubts(self) -> int:
        attempts = self._context.ledger.attempts(self._context.service.target, IN_FLIGHT)
        return sum(attempt.state is State.DOUBT for _, attempt in attempts)

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        """Stop all workers; those that wait for the answer to a paid request get the time to hear it."""
        self._closing = True
        waiting = {task for task, job in self._at_work.items() if job.key in self._context.in_air}
        for task in tasks:
            if task not in waiting:
                task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=self._context.options.answer_grace)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _raise_first(tasks: list[asyncio.Task[None]]) -> None:
    """A worker that broke is our mistake and must not pass for a run that ended."""
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error
