"""kill -9 of the runner at every commit, every call and every rename of a run against a real `skyflow serve`.

The points are taken from a recorded run, all of them, and each is shown to be hit. Afterwards a person types the same command again, and settles
what is in doubt by the service's own journal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from skyflow.runner import Outcome
from skyflow.runner.result import GOOD
from tests.runner.proof.conftest import (
    POST,
    STEADY,
    Points,
    assert_books_are_equal,
    billed_entries,
    kill_at,
    points_in_place,
    run_in_child,
    settle_doubts,
    was_killed,
)

PARTS = 4  # so that several cores can share the work
MOST_TRIES = 3


@pytest.fixture
def film(make_clip, picture_in) -> Callable[..., list]:
    """A shot with a picture, and one that builds on it. Their prompts tell projects apart, because they share a service."""

    def make(root: Path) -> list:
        first = make_clip(f"first of {root.name}", **picture_in(root, "hero.png"))
        return [first, make_clip(f"second of {root.name}", needs=(first,))]

    return make


@pytest.fixture
def projects(live, tmp_path) -> Callable[[str], object]:
    """Further projects on one service."""
    one = live()

    def make(name: str):
        root = tmp_path / name
        root.mkdir()
        return type(one)(root, one.sandbox)

    return make


def posting_is_durable(root: Path) -> Callable[[str], None]:
    """The trace's own proof, since kill -9 alone cannot show it: somebody else who opens the ledger now sees the intent."""

    def check(idempotency_key: str) -> None:
        reader = sqlite3.connect(f"file:{root}/.skyflow/ledger.db?mode=ro", uri=True)
        rows = reader.execute("SELECT state, task_id FROM attempt WHERE idempotency_key = ?", (idempotency_key,))
        assert rows.fetchall() == [("posting", None)]
        reader.close()

    return check


def run_with_points(studio, clips, passed: Callable[[str], None] = lambda _: None) -> tuple[int, list[str]]:
    points = Points(studio.root / "trace", passed)

    def action() -> int:
        with points_in_place(points, posting_is_durable(studio.root)):
            return studio.run(clips, options=STEADY).exit_code

    return run_in_child(action), points.recorded()


def test_a_recorded_run_passes_every_kind_of_point(projects, film) -> None:
    studio = projects("recorded")
    status, points = run_with_points(studio, film(studio.root))
    assert status == 0
    kinds = {name.rpartition(" ")[0] for name in points}
    calls = (POST, "POST images", "GET task", "GET result")
    assert kinds == {"commit", "rename", *(f"{way} {call}" for way in ("send", "answer") for call in calls)}


@pytest.mark.parametrize("part", range(PARTS))
def test_the_plug_is_pulled_at_every_point(projects, film, part: int) -> None:
    points = record(projects, film)
    assert len(points) > 30
    doubtful = sum(pull_the_plug(projects, film, point) for point in points[part::PARTS])
    assert doubtful < len(points) / 2
    print(f"{len(points[part::PARTS])} of {len(points)} points, in doubt after {doubtful}")


def record(projects, film) -> list[str]:
    """The points that a run passes. A machine that is busy makes a run wait, ask once more and say once more that it lives; what only one of two
    recordings passed is of that kind."""
    passed = []
    for name in ("recorded", "recorded again"):
        studio = projects(name)
        status, points = run_with_points(studio, film(studio.root))
        assert status == 0
        passed.append(points)
    return [point for point in passed[0] if point in passed[1]]


def killed_at(projects, film, point: str):
    """A project whose run was killed at the point, and its film."""
    for number in range(MOST_TRIES):
        studio = projects(f"{point} {number}".replace(" ", "-"))
        clips = film(studio.root)
        status, passed = run_with_points(studio, clips, kill_at(point))
        if was_killed(status):
            assert passed[-1] == point
            return studio, clips
        assert status == 0
    raise AssertionError(f"{point} was not hit")


def pull_the_plug(projects, film, point: str) -> bool:
    """Kill a run at the point and go on as a person would; whether something was in doubt."""
    studio, clips = killed_at(projects, film, point)
    again = studio.run(clips)
    entries = billed_entries(studio)
    assert len({entry["idempotency_key"] for entry in entries}) == len(entries), f"{point}: billed twice"
    doubts = settle_doubts(studio)
    for clip in again.clips:
        blocked = clip.outcome is Outcome.BLOCKED and doubts
        assert clip.outcome in GOOD or clip.outcome is Outcome.IN_DOUBT or blocked, f"{point}: {clip}"
    assert again.complete == (not doubts), point
    assert studio.run(clips).complete, point
    assert_books_are_equal(studio)
    assert len(billed_entries(studio)) == 2, point
    return bool(doubts)
