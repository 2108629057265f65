"""`skyflow log`: everything that was ever written down about a clip."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from skyflow.cli.ledger_input import KnownClip, add_folder, as_stop, find_clip, project_of
from skyflow.cli.outcome import Exit
from skyflow.cli.parser import Parser, one_of
from skyflow.ledger import Event, LedgerError, read_ledger
from skyflow.ledger.facts import encode_fact


def make_parser() -> Parser:
    parser = Parser(
        "log",
        "KEY [options]",
        "Show what happened to a clip, step by step: when it was ordered, what the\n"
        "service answered, what it charged, when the clip was stored.",
        "  skyflow log 3fa9c1\n  skyflow log 3fa9c1 --format json",
    )
    parser.add_argument("key", metavar="KEY", help="the clip's key, or the beginning of it")
    parser.add_argument(
        "--format", type=one_of("terminal", "json"), default="terminal", metavar="FORM", help="terminal or json"
    )
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    try:
        with read_ledger(project_of(arguments.project)) as ledger:
            clip = find_clip(ledger, arguments.key)
            events = ledger.events(clip.target, clip.key)
    except LedgerError as error:
        raise as_stop(error) from None
    if arguments.format == "json":
        print(json.dumps([_as_dict(event) for event in events], ensure_ascii=False, indent=2))
    else:
        _print_lines(clip, events)
    return Exit.FINE


def _print_lines(clip: KnownClip, events: tuple[Event, ...]) -> None:
    print(f"{clip.name}, {clip.target.name}\nkey {clip.key}\n")
    for event in events:
        at = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        told = ", ".join(f"{name} {value}" for name, value in _facts(event).items())
        print(f"{at}  try {event.attempt}  {event.fact.kind:<11} {told}".rstrip())


def _facts(event: Event) -> Mapping[str, Any]:
    """The facts in a line's length: the request is in `--format json`."""
    facts = json.loads(encode_fact(event.fact))
    return {
        name.replace("_", " "): value
        for name, value in facts.items()
        if name not in ("request", "label") and value not in (None, "")
    }


def _as_dict(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "at": event.at,
        "attempt": event.attempt,
        "run": event.run,
        "kind": event.fact.kind,
        **json.loads(encode_fact(event.fact)),
    }
