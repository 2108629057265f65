"""What `skyflow log` says of each fact of the ledger: a sentence, with money as money and times as people's clocks show them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from skyflow.cli.run_words import money
from skyflow.ledger import (
    Abandoned,
    Accepted,
    Adopted,
    Completed,
    Doubted,
    Fact,
    Failed,
    Lost,
    Missing,
    Posting,
    Refused,
    Resubmitted,
    Retried,
    Stored,
)


def local_time(moment: float) -> str:
    """`2026-11-28 14:03:07`, by the clock of this machine."""
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def fact_words(fact: Fact, *, is_preview: bool) -> str:
    """The fact as a sentence. Of a preview no sum is named: nothing is ever billed for one."""
    match fact:
        case Posting():
            cost = money(fact.estimate, exact=fact.exact)
            return "sent, free" if is_preview else f"sent, to cost {cost}"
        case Accepted():
            return f"accepted as {fact.task_id}"
        case Completed():
            return _completed(fact, is_preview=is_preview)
        case Stored():
            length = "" if fact.seconds is None else f", {fact.seconds:.1f} s"
            return f"the clip is here: {_size(fact.size)}{length}"
        case Failed():
            billed = "" if is_preview else f", {_billed(fact.cost)}"
            return f"failed{billed}: {fact.message}" + (f" (code {fact.code})" if fact.code else "")
        case Refused():
            status = "" if fact.status is None else f" (HTTP {fact.status})"
            return f"refused, not billed: {fact.message}{status}"
        case Doubted():
            return f"no answer: {fact.reason}" + ("" if is_preview else "; it may have been billed")
        case Missing():
            return f"the clip is not here any more: {fact.reason}"
        case Lost():
            return f"lost: {fact.reason}"
        case _:
            return _decision(fact)


def _decision(fact: Adopted | Resubmitted | Retried | Abandoned) -> str:
    """What a person said, or on the sandbox the run by itself."""
    match fact:
        case Adopted():
            return f"found by a person as {fact.task_id}"
        case Resubmitted():
            return f"to be sent once more, says {'a person' if fact.by == 'person' else 'the run'}"
        case Retried():
            return "to be made again, says a person"
        case Abandoned():
            return "given up by a person"


def _completed(fact: Completed, *, is_preview: bool) -> str:
    until = "" if fact.expires_at is None else f"; its address works until {local_time(fact.expires_at)}"
    if is_preview:
        return f"made{until}"
    told = "; what it was billed was not said" if fact.cost is None else f", billed {money(fact.cost)}"
    return f"made{told}{until}"


def _billed(cost: Decimal | None) -> str:
    if cost is None:
        return "maybe billed"
    return f"billed {money(cost)} all the same" if cost else "not billed"


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"
