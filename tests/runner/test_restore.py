"""A project that was copied without its books: what was paid is taken back and not paid again."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal

import pytest

from skyflow.ledger import SANDBOX, STATE_FOLDER, ClipStore, State
from skyflow.runner import find_strays, take_back


def strays_of(studio):
    with studio.ledger() as ledger:
        return find_strays(ledger, studio.store, studio.root / "out", "Film", "film.sky")


@pytest.fixture
def left_behind(studio, make_clip):
    """Two paid clips in the output folder, and no `.skyflow`."""
    clips = [make_clip("a"), make_clip("b", variant="city=Tokyo", take=2)]
    result = studio.run(clips)
    assert result.complete
    shutil.rmtree(studio.root / STATE_FOLDER)
    return clips, result.manifest


def test_paid_clips_are_taken_back_with_what_they_cost(studio, left_behind) -> None:
    clips, _ = left_behind
    found = strays_of(studio)
    assert {stray.key for stray in found} == {clip.key for clip in clips}
    with studio.ledger() as ledger:
        take_back(ledger, studio.store, found, "film.sky")
        attempts = dict(ledger.attempts(studio.target))
        assert {attempt.state for attempt in attempts.values()} == {State.HAVE}
        assert ledger.books(studio.target).spent == Decimal("1.0")
        assert attempts[clips[1].key].label.variant == "city=Tokyo"
        assert {event.run for event in ledger.events(studio.target, clips[0].key)} == {"restored"}
        assert attempts[clips[0].key].posted_at <= studio.clock.now()
    again = studio.run(clips)
    assert again.complete
    assert len(studio.service.journal) == 2  # nothing was sent again
    assert strays_of(studio) == []


def test_what_is_in_the_books_is_no_stray(studio, make_clip) -> None:
    studio.run([make_clip("a")])
    assert strays_of(studio) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda clip: clip.update(sha256="0" * 64),
        lambda clip: clip.update(file="../../../secret.mp4"),
        lambda clip: clip.update(file=None),
        lambda clip: clip.update(key="no key"),
        lambda clip: clip.update(task_id=None),
        lambda clip: clip.clear(),
    ],
)
def test_a_clip_that_is_not_what_the_manifest_says_is_left_alone(studio, left_behind, change) -> None:
    _, path = left_behind
    manifest = json.loads(path.read_bytes())
    change(manifest["clips"][0])
    path.write_text(json.dumps(manifest))
    (studio.root.parent / "secret.mp4").write_bytes(b"x")
    assert len(strays_of(studio)) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"clips": 3, "target": "https://api.example.com"}', '{"clips": []}', "[" * 100_000]
)
def test_a_manifest_that_cannot_be_read_says_nothing(studio, left_behind, text) -> None:
    left_behind[1].write_text(text)
    assert strays_of(studio) == []


def test_clips_of_another_service_and_previews_are_left_alone(studio, left_behind) -> None:
    _, path = left_behind
    with studio.ledger() as ledger:
        assert find_strays(ledger, ClipStore(studio.root, SANDBOX), studio.root / "out", "Film", "film.sky") == []
    path.write_text(path.read_text().replace(studio.target.name, "https://other.example.com"))
    assert strays_of(studio) == []


def test_odd_facts_of_a_manifest_do_no_harm(studio, left_behind) -> None:
    _, path = left_behind
    manifest = json.loads(path.read_bytes())
    manifest["clips"][0].update(
        cost={"usd": "NaN", "reported": True}, posted="yesterday", take="x", seconds="y", sent=3
    )
    manifest["clips"][1].update(cost=None, idempotency_key=None)
    path.write_text(json.dumps(manifest))
    with studio.ledger() as ledger:
        take_back(ledger, studio.store, strays_of(studio), "film.sky")
        assert ledger.overview.counts(studio.target) == {State.HAVE: 2}
        assert ledger.books(studio.target).spent == 0
