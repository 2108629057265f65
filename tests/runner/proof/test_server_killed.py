"""kill -9 of the server at every call of a run, before the call, in its middle and behind it, while the runner lives. The server comes back at
its address with what it had on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from skyflow.runner.client import Client
from skyflow.runner.result import GOOD, Outcome
from tests.runner.proof.conftest import STEADY, assert_books_are_equal, billed_entries, settle_doubts

MIDDLE_SECONDS = 0.003  # about when the server works on a call


class ServerKiller:
    """Kills the server around the `nth` call of the API (from 1), and starts it again where it was."""

    def __init__(self, studio: Any, restart: Callable[[], None], nth: int, when: str) -> None:
        self._studio, self._restart, self._nth, self._when = studio, restart, nth, when
        self.calls: list[str] = []
        self.killed = False

    def kill(self) -> None:
        process = self._studio.sandbox.process
        process.kill()
        process.wait()
        self.killed = True

    async def around(self, call: Callable[..., Any], *args: Any, **what: Any) -> Any:
        self.calls.append(f"{args[2]} {args[3]}")
        if len(self.calls) != self._nth:
            return await call(*args, **what)
        if self._when == "before":
            self.kill()
            reply = await call(*args, **what)
        elif self._when == "behind":
            reply = await call(*args, **what)
            self.kill()
        else:
            task = asyncio.ensure_future(call(*args, **what))
            await asyncio.sleep(MIDDLE_SECONDS)
            self.kill()
            reply = await task
        self._restart()
        return reply


@pytest.fixture
def film(make_clip, picture_in) -> Callable[[Any], list]:
    def make(root: Any) -> list:
        first = make_clip("first", **picture_in(root, "hero.png"))
        return [first, make_clip("second", needs=(first,))]

    return make


@pytest.fixture
def run_with_a_kill(live, film, start_sandbox, monkeypatch):
    """Runs a film while the server is killed around one call; the studio, the result, and what was called."""
    whole = Client._call

    def run(nth: int, when: str) -> tuple[Any, Any, ServerKiller]:
        studio = live()
        studio.root.mkdir(exist_ok=True)

        def restart() -> None:
            studio.sandbox.process = start_sandbox("--port", studio.sandbox.url.rpartition(":")[2]).process

        killer = ServerKiller(studio, restart, nth, when)

        async def called(*args: Any, **what: Any) -> Any:
            return await killer.around(whole, *args, **what)

        monkeypatch.setattr(Client, "_call", called)
        return studio, studio.run(film(studio.root), options=STEADY), killer

    return run


CALLS = 6  # of an undisturbed run: a picture, a post, a poll; a frame, a post, a poll


def test_an_undisturbed_run_makes_these_calls(run_with_a_kill) -> None:
    _, result, killer = run_with_a_kill(0, "never")
    assert result.complete
    assert [call.split("/")[2].rstrip("0123456789") for call in killer.calls] == ["uploads", "videos", "tasks"] * 2


@pytest.mark.parametrize("when", ["before", "middle", "behind"])
@pytest.mark.parametrize("nth", range(1, CALLS + 1))
def test_the_server_dies_around_every_call(run_with_a_kill, film, nth: int, when: str) -> None:
    studio, result, killer = run_with_a_kill(nth, when)
    assert killer.killed
    entries = billed_entries(studio)
    assert len({entry["idempotency_key"] for entry in entries}) == len(entries)
    is_doubtful = settle_doubts(studio) > 0
    assert is_doubtful == any(clip.outcome is Outcome.IN_DOUBT for clip in result.clips)
    assert is_doubtful or all(clip.outcome in GOOD for clip in result.clips)
    assert studio.run(film(studio.root)).complete
    assert len(billed_entries(studio)) == 2
    assert_books_are_equal(studio)
