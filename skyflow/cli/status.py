"""`skyflow status`: what is queued, running, here, failed or in doubt, and the money, by target. Reads only."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from typing import Any

from skyflow.cli.ledger_input import KnownClip, add_folder, as_stop, project_of
from skyflow.cli.outcome import Exit
from skyflow.cli.parser import Parser, one_of
from skyflow.cli.run_words import SHORT_KEY, commands_for, count, money
from skyflow.cli.table import align
from skyflow.ledger import Books, Ledger, LedgerError, State, Target, read_ledger

# What people read; `sent` is an order on its way, `queued` clips are not in the ledger before they are sent.
WORDS = {
    State.POSTING: "being sent",
    State.DOUBT: "in doubt",
    State.REFUSED: "refused, not billed",
    State.RUNNING: "running",
    State.MADE: "made, to fetch",
    State.HAVE: "done",
    State.FAILED: "failed",
    State.LOST: "lost",
    State.ABANDONED: "given up",
}
# Done clips are counted, not listed: a project has thousands of them.
LISTED = (
    State.DOUBT,
    State.POSTING,
    State.RUNNING,
    State.MADE,
    State.FAILED,
    State.LOST,
    State.ABANDONED,
    State.REFUSED,
)
MOST_ROWS = 40


def make_parser() -> Parser:
    parser = Parser(
        "status",
        "[options]",
        "Show how the clips of a project stand: running and for how long, done, failed and\n"
        "why, in doubt and how to settle it, and the money. Changes nothing.",
        "  skyflow status\n  skyflow status --project films/neon --format json",
    )
    parser.add_argument(
        "--format", type=one_of("terminal", "json"), default="terminal", metavar="FORM", help="terminal or json"
    )
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    now = time.time()
    try:
        with read_ledger(project_of(arguments.project)) as ledger:
            told = [(target, _last_attempts(ledger, target), ledger.books(target)) for target in ledger.targets()]
    except LedgerError as error:
        raise as_stop(error) from None
    if arguments.format == "json":
        print(json.dumps([_as_dict(*one, now) for one in told], ensure_ascii=False, indent=2))
    elif not told:
        print("nothing was ever sent from this project")
    else:
        print("\n\n".join("\n".join(_lines(*one, now)) for one in told))
    return Exit.FINE


def _last_attempts(ledger: Ledger, target: Target) -> list[KnownClip]:
    """The last attempt of each clip, oldest first."""
    last = {key: KnownClip(target, key, attempt) for key, attempt in ledger.attempts(target)}
    return [clip for clip in last.values() if clip.attempt.state is not State.REPLACED]


def _lines(target: Target, clips: list[KnownClip], books: Books, now: float) -> Iterator[str]:
    counts = Counter(clip.attempt.state for clip in clips)
    title = "previews (sandbox)" if target.is_sandbox else target.name
    yield f"{title}: " + ", ".join(f"{counts[state]:,} {word}" for state, word in WORDS.items() if counts[state])
    listed = [clip for state in LISTED for clip in clips if clip.attempt.state is state]
    if listed:
        rows = [("KEY", "CLIP", "STATE", "COST", ""), *(_row(clip, now) for clip in listed[:MOST_ROWS])]
        yield ""
        yield from align(rows, right=(3,))
    if len(listed) > MOST_ROWS:
        yield f"… and {count(len(listed) - MOST_ROWS, 'more clip')}; --format json lists all"
    doubtful = [clip for clip in listed if clip.attempt.state is State.DOUBT]
    if doubtful:
        yield ""
        yield "in doubt: sent, no answer, maybe billed. Look these up at the service, then say what became of them:"
        for clip in doubtful[:MOST_ROWS]:
            yield f"  {clip.name}"
            yield from (f"    {command}" for command in commands_for(clip.key))
    if not target.is_sandbox:
        yield ""
        yield f"spent {money(books.spent)}, reserved {money(books.reserved)}, uncertain {money(books.uncertain)}"


def _row(clip: KnownClip, now: float) -> tuple[str, str, str, str, str]:
    attempt = clip.attempt
    cost = "" if clip.target.is_sandbox else money(attempt.owed, exact=attempt.charged is not None or attempt.exact)
    detail = attempt.reason
    if attempt.state is State.RUNNING:
        since = attempt.accepted_at or attempt.posted_at
        detail = f"for {max(0.0, now - since):.0f} s, task {attempt.task_id}"
    elif attempt.state in (State.FAILED, State.LOST, State.ABANDONED):
        billed = {True: "billed", False: "not billed", None: "maybe billed"}[attempt.billed]
        detail = f"{attempt.reason} ({billed})" if attempt.reason else billed
    return (clip.key[:SHORT_KEY], clip.name, WORDS.get(attempt.state, attempt.state.value), cost, detail)


def _as_dict(target: Target, clips: list[KnownClip], books: Books, now: float) -> dict[str, Any]:
    return {
        "target": target.name,
        "spent": str(books.spent),
        "reserved": str(books.reserved),
        "uncertain": str(books.uncertain),
        "clips": [_clip_as_dict(clip, now) for clip in clips],
    }


def _clip_as_dict(clip: KnownClip, now: float) -> dict[str, Any]:
    attempt = clip.attempt
    label = attempt.label
    return {
        "key": clip.key,
        "storyboard": label.storyboard,
        "variant": label.variant,
        "shot": label.shot,
        "take": label.take,
        "state": attempt.state.value,
        "task_id": attempt.task_id,
        "reason": attempt.reason,
        "estimate": str(attempt.estimate),
        "charged": None if attempt.charged is None else str(attempt.charged),
        "billed": attempt.billed,
        "seconds_since_sent": round(now - attempt.posted_at, 3),
        "resolve": list(commands_for(clip.key)) if attempt.state is State.DOUBT else [],
    }
