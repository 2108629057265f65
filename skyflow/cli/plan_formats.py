"""A plan for programs: every clip of it as JSON or CSV, streamed. Money is text, so that no reader makes binary fractions of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from skyflow.planner import Change, Plan, PlannedShot, Sum
    from skyflow.planner.budget import Overrun

COLUMNS = (
    "variant",
    "shot",
    "take",
    "mode",
    "state",
    "waits_for",
    "seconds",
    "price",
    "cost",
    "exact",
    "change",
    "why",
    "key",
)


def write_json(plan: Plan, overruns: Sequence[Overrun], stream: TextIO) -> None:
    """One object: what is planned, the sums, what is gone, the limits it would go over, and `clips` with every clip that is asked for."""
    head = {
        "title": plan.title,
        "storyboard": plan.storyboard,
        "target": plan.target.name,
        "partial": plan.partial,
        "prices_of": plan.prices_of,
        "totals": {
            "clips": plan.rows.wanted,
            "requests": sum(plan.counts.values()),
            "states": {state.value: count for state, count in plan.counts.items()},
            "to_make": _sum(plan.total),
            "later": _sum(plan.later),
            "longest_chain": [{"variant": variant, "shot": shot, "take": take} for variant, shot, take in plan.chain],
        },
        "changes": {
            change.value: {"clips": count, "to_make": _sum(paid)}
            for change, (count, paid) in plan.rows.changes().items()
        },
        "gone": [{"variant": variant, "shot": shot, "take": take} for variant, shot, take in plan.rows.gone()],
        "over_budget": [{name: _plain(value) for name, value in asdict(overrun).items()} for overrun in overruns],
    }
    stream.write(_dumps(head).removesuffix("}") + ', "clips": [')
    separator = "\n"
    for shot in plan.each_shot():
        stream.write(separator + _dumps(_clip(shot)))
        separator = ",\n"
    stream.write("\n]}\n")


def write_csv(plan: Plan, stream: TextIO) -> None:
    """One line for each clip that is asked for. The column `cost` adds up to what the run pays; `why` has the changes in words."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for shot in plan.each_shot():
        writer.writerow(
            (
                shot.variant, shot.shot, shot.take, shot.mode, shot.state.value, " ".join(shot.waits_for), _plain(shot.seconds), shot.price,
                shot.cost, "yes" if shot.exact else "no", shot.change.value, "; ".join(map(in_words, shot.changes)), shot.key,
            )
        )  # fmt: skip


def in_words(change: Change) -> str:
    """`prompt: at night → at dawn`; what was not there, or is not any more, is said so."""
    if change.kind == "shot":
        return f"builds on {change.what}, which is another clip: {change.old} → {change.new}"
    return f"{change.what}: {change.old or '(nothing)'} → {change.new or '(nothing)'}"


def _clip(shot: PlannedShot) -> dict[str, Any]:
    return {
        "variant": shot.variant,
        "shot": shot.shot,
        "take": shot.take,
        "picked": shot.picked,
        "mode": shot.mode,
        "state": shot.state.value,
        "waits_for": shot.waits_for,
        "seconds": _plain(shot.seconds),
        "price": str(shot.price),
        "cost": str(shot.cost),
        "exact": shot.exact,
        "change": shot.change.value,
        "why": [{"kind": one.kind, "what": one.what, "old": one.old, "new": one.new} for one in shot.changes],
        "key": shot.key,
        "old_key": shot.old_key,
    }


def _sum(found: Sum) -> dict[str, Any]:
    return {"clips": found.clips, "seconds": _plain(found.seconds), "cost": str(found.cost), "exact": found.exact}


def _plain(value: object) -> object:
    """A value as JSON has it; decimals as text, without needless zeros."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
