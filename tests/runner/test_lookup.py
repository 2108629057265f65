"""Whether a service knows a task, asked by a person who settles a doubt."""

from __future__ import annotations

from skyflow.config import ApiKey
from skyflow.ledger import Adopted, State, live_target
from skyflow.runner import Outcome, Service, look_up


def test_a_real_server_is_asked(start_sandbox, live, make_clip) -> None:
    studio = live()
    studio.root.mkdir()
    studio.run([make_clip("a")])
    [task] = studio.ledger_tasks()
    service = studio.sandbox.service
    assert look_up(service, task).is_known is True
    unknown = look_up(service, "nonsense")
    assert unknown.is_known is False
    assert "404" in unknown.said
    wrong_key = look_up(Service(service.base_url, ApiKey("wrong-key-1"), service.target), task)
    assert wrong_key.is_known is None


def test_a_server_that_is_not_there_is_no_answer() -> None:
    url = "http://127.0.0.1:9"
    found = look_up(Service(url, ApiKey("a-key-of-mine"), live_target(url)), "task_1")
    assert found.is_known is None
    assert "no connection to http://127.0.0.1:9" in found.said


def test_a_task_that_was_adopted_wrongly_leaves_the_clip_in_doubt(studio, make_clip) -> None:
    import httpx

    studio.service.scripts.append(
        lambda service, request: (
            (service.answer(request), httpx.ReadError("cut"))[1] if request.method == "POST" else None
        )
    )
    clip = make_clip("a")
    assert studio.run([clip]).clips[0].outcome is Outcome.IN_DOUBT
    studio.service.scripts.clear()
    with studio.ledger() as ledger:
        assert ledger.record(studio.target, clip.key, Adopted("nonsense")).state is State.RUNNING
    ended = studio.run([clip]).clips[0]
    assert ended.outcome is Outcome.IN_DOUBT
    assert "knows no task nonsense" in ended.message
    with studio.ledger() as ledger:
        assert ledger.latest(studio.target, [clip.key])[clip.key].state is State.DOUBT
        ledger.record(studio.target, clip.key, Adopted("task_1"))
    assert studio.run([clip]).complete
    assert len(studio.service.journal) == 1
