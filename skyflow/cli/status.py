"""`skyflow status`: what is queued, running, here, failed or in doubt, and the money, by target. Reads only."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from skyflow.cli.ledger_input import add_folder, as_stop, project_of
from skyflow.cli.log_words import local_time
from skyflow.cli.outcome import Exit, Stop
from skyflow.cli.parser import Parser, one_of
from skyflow.cli.run_words import SHORT_KEY, commands_for, count, label_name, money
from skyflow.cli.standing import (
    DONE,
    FAILED,
    GIVEN_UP,
    HANGING,
    IN_DOUBT,
    LOST,
    TO_FETCH,
    ClipStanding,
    TargetStanding,
    see_project,
)
from skyflow.cli.table import align
from skyflow.config import ConfigError, load_config
from skyflow.ledger import LedgerError, State, read_ledger

MOST_ROWS = 40
WATCH_SECONDS = 2.0
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"  # home, the screen, what was scrolled away (ECMA-48, xterm)


def make_parser() -> Parser:
    parser = Parser(
        "status",
        "[FILE] [options]",
        "Show how the clips of a project stand: queued, running and for how long, done,\n"
        "failed and why, in doubt and how to settle it, and the money. Changes nothing.",
        "  skyflow status\n  skyflow status film.sky --watch\n  skyflow status films/neon --all\n  skyflow status --format json",
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a storyboard or folder of the project (else: this folder)"
    )
    parser.add_argument("--all", action="store_true", help="list the clips that are done too, with their keys")
    parser.add_argument("--watch", action="store_true", help="show it again every two seconds, until Ctrl-C")
    parser.add_argument(
        "--format", type=one_of("terminal", "json"), default="terminal", metavar="FORM", help="terminal or json"
    )
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    root = project_of(arguments.project if arguments.file is None else arguments.file)
    if not arguments.watch:
        print(_picture(root, arguments, line=False)[0])
        return Exit.FINE
    try:
        _watch(root, arguments)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return Exit.FINE


def _watch(root: Path, arguments: Namespace) -> None:
    """On a terminal the picture is drawn anew; elsewhere it is written again where anything but time has changed."""
    is_screen, last = sys.stdout.isatty() and arguments.format == "terminal", ""
    while True:
        picture, essence = _picture(root, arguments, line=True)
        if is_screen:
            print(f"{_CLEAR}{picture}", flush=True)
        elif essence != last:
            print(picture, flush=True)
        last = essence
        time.sleep(WATCH_SECONDS)


def _picture(root: Path, arguments: Namespace, *, line: bool) -> tuple[str, str]:
    """What is shown now, and what of it is more than the passing of time. JSON is one line where more of it follows."""
    now, is_json = time.time(), arguments.format == "json"
    try:
        budget = load_config(root).budget
        with read_ledger(root) as ledger:
            seen = see_project(ledger, budget, now, everything=is_json or arguments.all)
    except LedgerError as error:
        raise as_stop(error) from None
    except ConfigError as error:
        raise Stop(str(error), "skyflow check shows where") from None
    essence = repr([(one.target, one.counts, one.books, one.at_work) for one in seen])
    if is_json:
        told = [_as_dict(one, now) for one in seen]
        return json.dumps(told, ensure_ascii=False, indent=None if line else 2), essence
    if not seen:
        return "nothing was ever sent from this project", essence
    return "\n\n".join("\n".join(_lines(one, everything=arguments.all)) for one in seen), essence


def _lines(seen: TargetStanding, *, everything: bool) -> Iterator[str]:
    is_live = not seen.target.is_sandbox
    title = seen.target.name if is_live else "previews (sandbox)"
    yield f"{title}: " + (", ".join(f"{number:,} {word}" for word, number in seen.counts.items()) or "nothing yet")
    if seen.at_work:
        yield f"being made now: {', '.join(seen.at_work)}"
    listed = [clip for clip in seen.clips if everything or clip.word != DONE]
    most = len(listed) if everything else MOST_ROWS
    if listed:
        rows = [("KEY", "CLIP", "STATE", "ESTIMATE", "CHARGED", ""), *(_row(clip, is_live) for clip in listed)]
        yield ""
        yield from align(rows[: most + 1], right=(3, 4))
    if len(listed) > most:
        yield f"… and {count(len(listed) - most, 'more clip')}; --all lists all"
    yield from _advice([clip for clip in listed if clip.word == IN_DOUBT])
    if is_live:
        yield ""
        yield from _money(seen)


def _advice(doubtful: list[ClipStanding]) -> Iterator[str]:
    if doubtful:
        yield ""
        yield "in doubt: sent, no answer, maybe billed. Look these up at the service, then say what became of them:"
        for clip in doubtful[:MOST_ROWS]:
            yield f"  {label_name(clip.label)}"
            yield from (f"    {command}" for command in commands_for(clip.key))


def _money(seen: TargetStanding) -> Iterator[str]:
    books = seen.books
    said = "" if books.spent == books.estimated else f" (estimated {money(books.estimated)})"
    yield f"spent {money(books.spent)}{said}, reserved {money(books.reserved)}, uncertain {money(books.uncertain)}"
    if seen.allowances:
        left = (f"{one.what}: {money(one.left)} of {money(one.limit)}" for one in seen.allowances)
        yield f"left {'; '.join(left)}"


def _row(clip: ClipStanding, is_live: bool) -> tuple[str, str, str, str, str, str]:
    estimate = charged = ""
    attempt = clip.attempt
    if is_live:
        estimate = money(clip.estimate, exact=attempt is None or attempt.exact)
        charged = money(attempt.charged) if attempt is not None and attempt.charged is not None else ""
    return (clip.key[:SHORT_KEY], label_name(clip.label), clip.word, estimate, charged, _detail(clip))


def _detail(clip: ClipStanding) -> str:
    attempt = clip.attempt
    if attempt is None:
        return ""
    if attempt.state is State.RUNNING:
        return _task_detail(clip)
    if clip.word in (FAILED, LOST, GIVEN_UP):
        billed = {True: "billed", False: "not billed", None: "maybe billed"}[attempt.billed]
        return f"{attempt.reason} ({billed})" if attempt.reason else billed
    if clip.word == TO_FETCH:
        return "skyflow run fetches it"
    if clip.word == DONE:
        return "" if attempt.stored_at is None else f"here since {local_time(attempt.stored_at)}"
    return attempt.reason


def _task_detail(clip: ClipStanding) -> str:
    task = clip.attempt.task_id if clip.attempt is not None else ""
    parts = [f"{clip.elapsed or 0:.0f} s" + (f", usually about {clip.typical:.0f} s" if clip.typical else "")]
    if clip.news is not None and clip.news.progress is not None:
        parts.append(f"{clip.news.progress} %")
    parts.append(f"task {task}")
    if not clip.attended:
        parts.append("no run is looking after it: skyflow run goes on with it")
    elif clip.word == HANGING:
        parts.append("it is still asked for")
    return ", ".join(parts)


def _as_dict(seen: TargetStanding, now: float) -> dict[str, Any]:
    books = seen.books
    return {
        "target": seen.target.name,
        "counts": seen.counts,
        "at_work": list(seen.at_work),
        "spent": str(books.spent),
        "estimated": str(books.estimated),
        "reserved": str(books.reserved),
        "uncertain": str(books.uncertain),
        "left": [{"of": one.what, "limit": str(one.limit), "left": str(one.left)} for one in seen.allowances],
        "clips": [_clip_as_dict(clip, now) for clip in seen.clips],
    }


def _clip_as_dict(clip: ClipStanding, now: float) -> dict[str, Any]:
    attempt, label, news = clip.attempt, clip.label, clip.news
    return {
        "key": clip.key,
        "storyboard": label.storyboard,
        "variant": label.variant,
        "shot": label.shot,
        "take": label.take,
        "word": clip.word,
        "state": None if attempt is None else attempt.state.value,
        "task_id": None if attempt is None else attempt.task_id,
        "reason": "" if attempt is None else attempt.reason,
        "estimate": str(clip.estimate),
        "charged": None if attempt is None or attempt.charged is None else str(attempt.charged),
        "billed": False if attempt is None else attempt.billed,
        "attended": clip.attended,
        "seconds_since_sent": None if attempt is None else round(now - attempt.posted_at, 3),
        "seconds_running": None if clip.elapsed is None else round(clip.elapsed, 3),
        "typical_seconds": clip.typical if clip.elapsed is not None else None,
        "progress": None if news is None or clip.elapsed is None else news.progress,
        "said": None if news is None or clip.elapsed is None else news.status,
        "resolve": list(commands_for(clip.key)) if clip.word == IN_DOUBT else [],
        "retry": f"skyflow retry {clip.key[:SHORT_KEY]}" if clip.word in (FAILED, LOST, GIVEN_UP) else None,
    }
