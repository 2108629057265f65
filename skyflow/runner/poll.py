"""The step that asks how a task stands. It costs nothing, and it is never in a hurry to give a task up."""

from __future__ import annotations

from dataclasses import dataclass

from skyflow.contract.answers import AnswerUnreadable, Task, TaskAnswer, read_answer
from skyflow.ledger import Completed, Failed, Lost, News, State
from skyflow.runner import explain
from skyflow.runner.context import Context
from skyflow.runner.events import Progressed
from skyflow.runner.explain import IN_DOUBT_HELP
from skyflow.runner.fetch import KEPT_HELP
from skyflow.runner.job import Done, Job, Next, Step, Then
from skyflow.runner.replies import Answered, Reply
from skyflow.runner.result import Outcome
from skyflow.runner.retry import Meaning, judge_harmless

# A task may be unknown for a while after it was accepted; after that many answers over that many seconds it is gone.
_UNKNOWN_TRIES = 6
_UNKNOWN_SECONDS = 60.0
_MOST_ODD_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class Poller:
    """Asks for the tasks of one run."""

    context: Context

    async def poll(self, job: Job) -> Next:
        """From a task to its clip's address, to its failure, or to the next question."""
        context = self.context
        await context.gate.passing()
        reply = await context.client.task(self._task_id(job))
        meaning = judge_harmless(reply)
        job.polls += 1
        if meaning is not Meaning.GOOD or not isinstance(reply, Answered):
            return await self._troubled(job, meaning, reply)
        try:
            task = read_answer(TaskAnswer, reply.body).data
        except AnswerUnreadable:
            return await self._troubled(job, Meaning.AGAIN, reply)
        context.gate.fine()
        job.poll_troubles = 0
        return await self._hear(job, task)

    def _task_id(self, job: Job) -> str:
        if job.known is None or job.known.task_id is None:
            raise RuntimeError(f"{job.key} is polled and has no task")
        return job.known.task_id

    async def _hear(self, job: Job, task: Task) -> Next:
        if task.state == "completed":
            return await self._completed(job, task)
        if task.state in ("failed", "cancelled"):
            return await self._failed(job, task)
        job.failures_heard = 0
        job.estimated = job.estimated if task.estimated_time is None else float(task.estimated_time)
        elapsed = self._elapsed(job)
        self.context.news[job.key] = News(task.status, task.progress, job.estimated)
        self.context.emit(Progressed(job.key, job.label, task.status, task.progress, elapsed, job.estimated))
        return self._later(job)

    async def _completed(self, job: Job, task: Task) -> Next:
        known = job.known
        heard = Completed(task.video_urls, expiry_of(task), task.cost, task.credits_cost)
        if known is None or (known.urls, known.expires_at) != (heard.urls, heard.expires_at) or not known.completed_at:
            await self.context.record(job, heard)
        if heard.urls:
            return Then(Step.FETCH)
        job.odd_answers += 1
        if job.odd_answers >= _MOST_ODD_ANSWERS:
            return Done(Outcome.UNFINISHED, "the task is completed and names no clip", KEPT_HELP)
        return self._later(job)

    async def _failed(self, job: Job, task: Task) -> Next:
        job.failures_heard += 1
        if job.failures_heard < 2:
            # Services have been seen to take a failure back: it is believed when it is said twice.
            return self._later(job)
        code = "" if task.error is None else str(task.error.code or task.error.type)
        message = task.status if task.error is None else task.error.message
        await self.context.record(job, Failed(code, message, task.cost))
        text, help_text = explain.failure(code, message, task.cost, job.clip)
        return Done(Outcome.FAILED, text, help_text)

    async def _troubled(self, job: Job, meaning: Meaning, reply: Reply) -> Next:
        context = self.context
        match meaning:
            case Meaning.BUSY:
                context.gate.busy(context.asked_wait(reply))
                return Then(Step.POLL)
            case Meaning.BAD_KEY:
                context.abort(explain.bad_key(reply))
            case Meaning.WRONG_PLACE:
                context.abort(explain.wrong_place(reply))
            case Meaning.GONE | Meaning.REFUSED | Meaning.NO_MONEY:
                return await self._unknown(job, reply)
            case _:
                context.gate.trouble(explain.said(reply))
                job.poll_troubles += 1
                return Then(Step.POLL, context.backoff.wait(job.poll_troubles, context.chance))
        return Done(Outcome.UNFINISHED, context.aborted, KEPT_HELP)

    async def _unknown(self, job: Job, reply: Reply) -> Next:
        context = self.context
        job.odd_answers += 1
        if job.odd_answers < _UNKNOWN_TRIES or self._elapsed(job) < _UNKNOWN_SECONDS:
            return Then(Step.POLL, context.backoff.wait(job.odd_answers, context.chance))
        lost = await context.record(job, Lost(f"the service knows no task {self._task_id(job)}: {explain.said(reply)}"))
        if lost.state is State.DOUBT:  # the task was named by a person, and wrongly
            return Done(Outcome.IN_DOUBT, lost.reason, IN_DOUBT_HELP)
        return Done(Outcome.LOST, lost.reason, explain.lost(lost.owed, job.key))

    def _later(self, job: Job) -> Next:
        polling, chance = self.context.polling, self.context.chance
        return Then(Step.POLL, polling.wait(job.polls, self._elapsed(job), job.estimated, chance))

    def _elapsed(self, job: Job) -> float:
        accepted = None if job.known is None else job.known.accepted_at
        return 0.0 if accepted is None else max(0.0, self.context.now() - accepted)


def expiry_of(task: Task) -> float | None:
    """When the first of the result's addresses expires."""
    moments = [float(video.expires_at) for video in (task.result.videos if task.result else ()) if video.expires_at]
    return min(moments, default=None)
