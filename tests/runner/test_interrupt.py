"""Ctrl-C at the worst moments: nothing further is sent, what is known is kept, answers on their way are heard, the next run goes on."""

from __future__ import annotations

import gc
import signal

import pytest

from skyflow.ledger import State
from skyflow.runner import Outcome, RunOptions, Submitted

POST = "/v1/videos/generations"


def at(method, start, action):
    """A script that does something when the first such request comes, and lets it be answered."""
    left = [action]

    def script(_service, request):
        if left and request.method == method and request.url.path.startswith(start):
            left.pop()()

    return script


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("method", "start"), [("POST", POST), ("GET", "/v1/tasks"), ("GET", "/results"), ("POST", "/v1/uploads")]
)
def test_ctrl_c_during_any_call_keeps_what_is_known(studio, make_clip, picture, method, start) -> None:
    first = make_clip("first", **picture("hero.png"))
    clips = [first, make_clip("second", needs=(first,)), make_clip("third")]
    studio.service.scripts.append(at(method, start, interrupt))
    result = studio.run(clips)
    assert result.interrupted
    assert result.exit_code == 130
    assert Outcome.IN_DOUBT not in result.counts
    result = studio.run(clips)
    assert result.complete
    assert len(studio.service.journal) == 3


def test_an_answer_on_its_way_is_heard(studio, make_clip) -> None:
    clip = make_clip("a")
    studio.service.scripts.append(at("POST", POST, interrupt))
    result = studio.run([clip])
    assert result.clips[0].outcome is Outcome.UNFINISHED
    assert result.clips[0].task_id == "task_1"


def test_nothing_is_sent_after_ctrl_c(studio, make_clip) -> None:
    def stop(event) -> None:
        if isinstance(event, Submitted):
            interrupt()

    result = studio.run(
        [make_clip(name) for name in "abcdef"], options=RunOptions(concurrency=2, senders=1), on_event=stop
    )
    assert result.counts == {Outcome.UNFINISHED: 1, Outcome.NOT_STARTED: 5}
    assert len(studio.service.journal) == 1


def test_a_second_ctrl_c_does_not_wait_for_the_answer_and_leaves_doubt(studio, make_clip) -> None:
    clip = make_clip("a")

    def twice() -> None:
        interrupt()
        interrupt()

    studio.service.scripts.append(at("POST", POST, twice))
    with pytest.raises(KeyboardInterrupt):
        studio.run([clip])
    # The task that was cut off holds the interrupt, and says so when it is collected: that is to happen in this test.
    gc.collect()
    with studio.ledger() as ledger:
        assert ledger.latest(studio.target, [clip.key])[clip.key].state is State.DOUBT
        assert ledger.runs.owner_of(studio.target, clip.key) is None
    assert studio.run([clip]).clips[0].outcome is Outcome.IN_DOUBT
