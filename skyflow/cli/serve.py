"""`skyflow serve`: the sandbox as a server that any client of the API can talk to."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyflow.cli.outcome import Exit, Stop
from skyflow.cli.parser import Parser, one_of, read_seconds, whole_number
from skyflow.config import STATE_FOLDER
from skyflow.config.money import read_sum

if TYPE_CHECKING:
    from skyflow.sandbox import Fault, SandboxSettings

DEFAULT_PORT = 8765  # ours; a fixed one, so that an address can be written down


def make_parser() -> Parser:
    parser = Parser(
        "serve",
        "[options]",
        "Run the sandbox: a server on this machine that answers like the API, judges\n"
        "requests by the same rules and renders an animatic for each. Free; nothing\n"
        "leaves this machine. Its key is SKYFLOW_API_KEY, or is made and printed; send it\n"
        "as `Authorization: Bearer KEY`. POST /v1/videos/generations orders a clip,\n"
        "GET /v1/tasks/ID asks for it, POST /v1/uploads/images (field `file`) takes a\n"
        "picture, GET /_sandbox/journal tells what was received and billed.",
        "  skyflow serve\n"
        "  skyflow serve --port 9000 --latency 20\n"
        "  skyflow serve --fault rate-limit=0.2 --fault lost-answer=@3 --seed 7",
    )
    _add_place(parser)
    _add_behaviour(parser)
    return parser


def _add_place(parser: Parser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="the address to listen on, by default this machine only")
    add("--port", type=whole_number(0, 65535), default=DEFAULT_PORT, metavar="N",
        help=f"the port, by default {DEFAULT_PORT}; 0 for any that is free")  # fmt: skip
    add("--dir", type=Path, default=Path(STATE_FOLDER) / "serve", metavar="DIR",
        help=f"where tasks, uploads and clips are kept, by default {STATE_FOLDER}/serve")  # fmt: skip


def _add_behaviour(parser: Parser) -> None:
    from skyflow.sandbox import ALLOWABLE, FAULTS

    add = parser.add_argument
    add("--render", type=one_of("draft", "full", "none"), default="draft", metavar="SIZE",
        help="draft (small and fast), full (the size asked for) or none (one clip for all, for load tests)")  # fmt: skip
    add("--latency", type=read_seconds, default=0.0, metavar="SECONDS", help="let each task take at least so long")
    add("--balance", type=_read_money, metavar="USD", help="the money in the account, by default without end")
    add("--fetch", action="store_true", help="fetch pictures from the web, which it does not do by itself")
    add("--fault", type=_read_fault, action="append", default=[], dest="faults", metavar="NAME=RATE",
        help=f"misbehave on purpose, at a rate from 0 to 1, or NAME=@N the Nth time: {', '.join(FAULTS)}")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="another seed makes faults happen at other times")
    add("--slow-seconds", type=read_seconds, default=5.0, metavar="SECONDS", help="how slow the fault `slow` is")
    add("--result-seconds", type=read_seconds, default=24 * 3600.0, metavar="SECONDS",
        help="how long the address of a clip works, by default a day")  # fmt: skip
    add("--allow", type=one_of(*ALLOWABLE), action="append", default=[], metavar="RULE",
        help=f"take requests that break this rule, whose count is an estimate: {', '.join(ALLOWABLE)}")  # fmt: skip
    add("--idempotent", action="store_true", help="recognise a request by its Idempotency-Key")


def _read_fault(written: str) -> Fault:
    from skyflow.sandbox import FaultUnknown, parse_fault

    try:
        return parse_fault(written)
    except FaultUnknown as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _read_money(written: str) -> Decimal:
    try:
        return read_sum(written, f"`{written}` is no sum of money, such as 12.50")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(arguments: Namespace) -> int:
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise Stop(
            "the sandbox is not installed", 'in the folder that skyflow was installed from: pip install ".[sandbox]"'
        )
    from skyflow.sandbox import SandboxRefused, SandboxSettings, serve

    options: dict[str, Any] = {name: value for name, value in vars(arguments).items() if name != "color"}
    options |= {"faults": tuple(arguments.faults), "allow": tuple(arguments.allow), "dir": arguments.dir.absolute()}
    key = _read_key()
    settings = SandboxSettings(**options, key=key)
    try:
        serve(settings, announce=lambda url, started: _announce(url, started, had_key=bool(key)))
    except SandboxRefused as refused:
        raise Stop(str(refused)) from None
    return Exit.FINE


def _read_key() -> str:
    from skyflow.config import CredentialsError, read_api_key
    from skyflow.config.credentials import KEY_FILE_VARIABLE, KEY_VARIABLE

    if not os.environ.get(KEY_VARIABLE) and not os.environ.get(KEY_FILE_VARIABLE):
        return ""
    try:
        return read_api_key(os.environ).reveal()
    except CredentialsError as error:
        raise Stop(str(error)) from None


def _announce(url: str, settings: SandboxSettings, *, had_key: bool) -> None:
    """Where it answers, and how to point a client at it. A key that somebody chose is not repeated."""
    print(f"The sandbox answers at {url} (Ctrl-C ends it). It keeps its files in {settings.dir}.")
    key = "" if had_key else f" SKYFLOW_API_KEY={settings.key}"
    print(f"  export SKYFLOW_BASE_URL={url}{key}", flush=True)
