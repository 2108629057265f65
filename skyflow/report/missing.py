"""How takes stand that are not there, in words for people who make films, and what to write where other takes are."""

from __future__ import annotations

from skyflow.planner import PlanState
from skyflow.report.cut import CutShot, CutTake

_WORDS = {
    PlanState.NEW: "not made yet",
    PlanState.STALE: "changed, not made anew yet",
    PlanState.RUNNING: "being made",
    PlanState.FETCH: "made, not fetched yet",
    PlanState.HAVE: "made",
    PlanState.DOUBT: "in doubt",
    PlanState.FAILED: "failed",
    PlanState.LOST: "lost",
    PlanState.ABANDONED: "given up",
}


def how_it_stands(take: CutTake) -> str:
    """`failed`, `waits for den.talk`."""
    if take.state in (PlanState.NEEDS, PlanState.BLOCKED):
        return f"waits for {', '.join(take.waits_for)}" if take.waits_for else "waits for another shot"
    return _WORDS[take.state]


def other_takes(shot: CutShot) -> str:
    """Where the picked take is not there and others are: which, and what to write to use one; else ""."""
    there = [take.number for take in shot.takes if take.clip is not None]
    if shot.picked.clip is not None or not there:
        return ""
    *first, last = map(str, there)
    listed = f"takes {', '.join(first)} and {last} are" if first else f"take {last} is"
    return f"take {shot.picked.number} is picked and is not there; {listed}: write `pick = {there[0]}`"


def how_it_is_missing(shot: CutShot) -> str:
    """How a shot stands whose picked take is not there."""
    others = other_takes(shot)
    return how_it_stands(shot.picked) + (f"; {others}" if others else "")
