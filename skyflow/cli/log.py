"""`skyflow log`: everything that was ever written down about a clip."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from skyflow.cli.ledger_input import CLIP_HELP, KnownClip, add_folder, as_stop, find_clip, split_place
from skyflow.cli.log_words import fact_words, local_time
from skyflow.cli.outcome import Exit, UsageError
from skyflow.cli.parser import Parser, one_of
from skyflow.diagnostics.cells import shown
from skyflow.ledger import Event, LedgerError, read_ledger
from skyflow.ledger.facts import encode_fact


def make_parser() -> Parser:
    parser = Parser(
        "log",
        "[FILE] CLIP [options]",
        "Show what happened to a clip, step by step: when it was ordered, what the\n"
        "service answered, what it charged, when the clip was stored.",
        "  skyflow log street\n"
        "  skyflow log film.sky den.talk take 2\n"
        '  skyflow log "street@2 (city=Tokyo)"\n'
        "  skyflow log 3fa9c1 --format json",
    )
    parser.add_argument(
        "words", nargs="+", metavar="CLIP", help=f"{CLIP_HELP}; a storyboard or folder may stand before it"
    )
    parser.add_argument(
        "--format", type=one_of("terminal", "json"), default="terminal", metavar="FORM", help="terminal or json"
    )
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    root, names = split_place(arguments.words, arguments.project)
    if len(names) != 1:
        found = f"`{names[1]}` is one word too many" if names else "the clip is missing"
        raise UsageError(found, "one clip at a time: skyflow log street")
    try:
        with read_ledger(root) as ledger:
            clip = find_clip(ledger, names[0])
            events = ledger.events(clip.target, clip.key)
    except LedgerError as error:
        raise as_stop(error) from None
    if arguments.format == "json":
        print(json.dumps([_as_dict(event) for event in events], ensure_ascii=False, indent=2))
    else:
        _print_lines(clip, events)
    return Exit.FINE


def _print_lines(clip: KnownClip, events: tuple[Event, ...]) -> None:
    is_preview = clip.target.is_sandbox
    print(shown(f"{clip.name}, {'preview' if is_preview else clip.target.name}"))
    print(f"key {clip.key}\n")
    tries = len({event.attempt for event in events})
    for event in events:
        which = f"try {event.attempt}  " if tries > 1 else ""
        print(shown(f"{local_time(event.at)}  {which}{fact_words(event.fact, is_preview=is_preview)}"))


def _as_dict(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "at": event.at,
        "attempt": event.attempt,
        "run": event.run,
        "kind": event.fact.kind,
        **json.loads(encode_fact(event.fact)),
    }
