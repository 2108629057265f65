"""The step that may cost money: take a clip, make its request whole, write it down, send it, understand the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skyflow.contract.answers import AnswerUnreadable, SubmitAnswer, read_answer
from skyflow.ledger import (
    Accepted,
    Attempt,
    Doubted,
    Held,
    LedgerError,
    Missing,
    Order,
    Refused,
    Resubmitted,
    State,
)
from skyflow.planner import PlannedClip
from skyflow.runner import explain
from skyflow.runner.context import Context
from skyflow.runner.events import Notice, Submitted
from skyflow.runner.explain import IN_DOUBT_HELP, IN_DOUBT_MESSAGE
from skyflow.runner.job import Done, Elsewhere, Job, Next, NoPlace, Step, Then
from skyflow.runner.replies import Answered, Reply
from skyflow.runner.result import Outcome
from skyflow.runner.retry import Meaning, judge_submission
from skyflow.runner.uploads import NotUploaded, Uploader

# On the run's own sandbox doubt is sent again by itself; a server that loses every answer must still come to an end.
_MOST_DOUBTS = 10
_TRIES_TO_WRITE = 6
_PAUSE_TO_WRITE = 2.0
STOP_ASKED = "Somebody asked this run to stop (skyflow cancel)."
NOT_BILLED_HELP = "Nothing was billed."


async def take(context: Context, job: Job) -> Next | None:
    """Claim the clip and see how it stands; None where it is to be sent now."""
    target = context.service.target

    def claim() -> tuple[bool, Attempt | None]:
        if not context.ledger.claim(target, job.key, context.run):
            return False, None
        known = context.ledger.latest(target, (job.key,)).get(job.key)
        if known is not None and known.state is State.DOUBT and target.is_sandbox:
            known = context.ledger.record(target, job.key, Resubmitted("run"), run=context.run)
        return True, known

    ours, job.known = await context.write(claim)
    return await _stands(context, job) if ours else Elsewhere()


async def _stands(context: Context, job: Job) -> Next | None:
    known = job.known
    if known is None:
        return None
    again = job.clip is not None and job.clip.again and not job.sent_now
    match known.state:
        case State.REFUSED | State.REPLACED | State.WANTED:
            return None
        case State.FAILED | State.LOST | State.ABANDONED if again:
            return None
        case State.HAVE:
            if context.store.is_whole(job.key, known.size):
                return Done(Outcome.HAD)
            context.store.set_aside(job.key)
            await context.record(job, Missing("the file is gone or damaged"))
            return Then(Step.POLL)
        case State.RUNNING:
            context.emit(Submitted(job.key, job.label, known.task_id or "", resumed=True))
            return Then(Step.POLL)
        case State.MADE:
            return Then(Step.POLL)  # the address may have changed or expired since
        case State.DOUBT | State.POSTING:
            return Done(Outcome.IN_DOUBT, IN_DOUBT_MESSAGE, IN_DOUBT_HELP)
        case State.LOST:
            return Done(Outcome.LOST, known.reason, explain.lost(known.owed, job.key))
        case State.ABANDONED:
            return Done(Outcome.FAILED, "it was given up", explain.made_anew(job.key))
        case State.FAILED:
            message, help_text = explain.failure("", known.reason, known.charged, job.clip)
            return Done(Outcome.FAILED, message, help_text)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends clips of one run."""

    context: Context
    uploader: Uploader

    async def send(self, job: Job) -> Next:
        """From a clip that should be made to a task, or to the reason why there is none."""
        if self.context.stopped():
            return Done(Outcome.NOT_STARTED, self.context.halted)
        standing = await take(self.context, job)
        if standing is not None:
            return standing
        if job.clip is None:
            return Done(Outcome.NOT_STARTED, "the run that wanted it is over")
        try:
            body = await self.uploader.body_of(job.clip)
        except NotUploaded as error:
            return Done(Outcome.FAILED, error.message, error.help)
        await self.context.gate.turn()
        if self.context.stopped():
            return Done(Outcome.NOT_STARTED, self.context.halted)
        # While a key stands there, its worker is not cancelled: an answer that nobody waits for is doubt.
        self.context.in_air.add(job.key)
        try:
            return await self._post(job, job.clip, body)
        finally:
            self.context.in_air.discard(job.key)

    async def _post(self, job: Job, clip: PlannedClip, body: Mapping[str, Any]) -> Next:
        context = self.context
        order = Order(clip.label, self.uploader.as_written(body), clip.cost, clip.exact)
        posted = await context.write(
            lambda: context.ledger.post(
                context.service.target,
                job.key,
                order,
                run=context.run,
                concurrency=context.options.concurrency,
                limits=context.limits(job),
                again=clip.again and not job.sent_now,
            )
        )
        if isinstance(posted, Held):
            return _held(context, posted)
        job.sent_now, job.known = True, posted.attempt
        reply = await context.client.submit(body, posted.attempt.idempotency_key)
        return await self._hear(job, reply)

    async def _hear(self, job: Job, reply: Reply) -> Next:
        context = self.context
        meaning = judge_submission(reply)
        if meaning is Meaning.GOOD and isinstance(reply, Answered):
            context.gate.fine()
            try:
                task_ids = read_answer(SubmitAnswer, reply.body).task_ids
            except AnswerUnreadable as error:
                return await self._doubt(job, str(error))
            if len(task_ids) > 1:
                return await self._doubt(job, f"the answer names {len(task_ids)} tasks: {', '.join(task_ids[:5])}")
            owner = context.ledger.overview.clip_of_task(context.service.target, task_ids[0])
            if owner not in (None, job.key):
                return await self._doubt(job, f"the answer names task {task_ids[0]}, which is that of another clip")
            return await self._accepted(job, task_ids[0])
        if meaning is Meaning.DOUBT:
            context.gate.trouble(explain.said(reply))
            return await self._doubt(job, explain.said(reply))
        status = reply.status if isinstance(reply, Answered) else None
        await context.record(job, Refused(status, explain.said(reply)))
        return _after_refusal(context, meaning, reply)

    async def _accepted(self, job: Job, task_id: str) -> Next:
        context = self.context
        for _ in range(_TRIES_TO_WRITE):
            try:
                await context.record(job, Accepted(task_id))
                break
            except LedgerError:
                # The one fact that exists nowhere else: worth waiting for room on the disk.
                await asyncio.sleep(_PAUSE_TO_WRITE)
        else:
            context.emit(
                Notice(f"The ledger cannot be written. Note down: {job.label.shot} is task {task_id}", job.key)
            )
            await context.record(job, Accepted(task_id))
        context.emit(Submitted(job.key, job.label, task_id))
        return Then(Step.POLL, context.polling.wait(0, 0.0, None, context.chance))

    async def _doubt(self, job: Job, reason: str) -> Next:
        context = self.context
        await context.record(job, Doubted(reason))
        job.doubts += 1
        if context.service.target.is_sandbox and job.doubts < _MOST_DOUBTS:
            return Then(Step.SEND, context.backoff.wait(job.doubts, context.chance))
        return Done(Outcome.IN_DOUBT, f"{IN_DOUBT_MESSAGE} ({reason})", IN_DOUBT_HELP)


def _held(context: Context, held: Held) -> Next:
    match held.why:
        case "cancelled":
            return Done(Outcome.NOT_STARTED, "it was taken back before it was sent", NOT_BILLED_HELP)
        case "stopped":
            context.halt(STOP_ASKED)
            return Done(Outcome.NOT_STARTED, STOP_ASKED)
        case "claim":
            return Elsewhere()
        case "slots":
            return NoPlace()
        case "state":
            return Then(Step.SEND)  # somebody moved it meanwhile: look again
        case "budget":
            return Done(Outcome.NOT_STARTED, f"it would go over {held.detail}", "Raise the budget or make less.")


def _after_refusal(context: Context, meaning: Meaning, reply: Reply) -> Next:
    """What follows from an answer after which surely nothing was billed."""
    match meaning:
        case Meaning.BUSY:
            context.gate.busy(context.asked_wait(reply))
            return Then(Step.SEND)
        case Meaning.AGAIN:
            context.gate.trouble(explain.said(reply))
            return Then(Step.SEND, context.backoff.wait(1, context.chance))
        case Meaning.BAD_KEY:
            context.abort(explain.bad_key(reply))
        case Meaning.NO_MONEY:
            context.halt(explain.no_money(reply))
        case Meaning.WRONG_PLACE:
            context.abort(explain.wrong_place(reply))
        case _:
            return Done(Outcome.FAILED, f"the service did not take it: {explain.said(reply)}", NOT_BILLED_HELP)
    return Done(Outcome.NOT_STARTED, context.halted)
