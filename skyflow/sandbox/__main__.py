"""`python -m skyflow.sandbox`: the sandbox as a process of its own, for programs. People use `skyflow serve`.

Its key comes from SKYFLOW_API_KEY. When it takes calls it prints one JSON line, `{"url": …, "pid": …}`, with the `key` besides where
it had to make one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from skyflow.sandbox.faults import FAULTS, Fault, FaultUnknown, parse_fault
from skyflow.sandbox.server import serve
from skyflow.sandbox.settings import ALLOWABLE, SandboxRefused, SandboxSettings

EXIT_REFUSED = 4  # issue 2, section 4: "refused before anything started"


def main(arguments: list[str] | None = None) -> int:
    """Run it; the exit code: 0 after an orderly end, 4 where it could not start. Wrong usage exits with 2."""
    options = _parser().parse_args(arguments)
    die_with_parent = options.die_with_parent
    del options.die_with_parent
    settings = SandboxSettings(
        **vars(options) | {"faults": tuple(options.faults), "allow": tuple(options.allow)},
        key=os.environ.get("SKYFLOW_API_KEY", ""),
    )
    had_key = bool(settings.key)

    def announce(url: str, started: SandboxSettings) -> None:
        facts: dict[str, object] = {"url": url, "pid": os.getpid()}
        print(json.dumps(facts if had_key else facts | {"key": started.key}), flush=True)

    try:
        serve(settings, announce=announce, die_with_parent=die_with_parent)
    except SandboxRefused as refused:
        print(f"skyflow sandbox: {refused}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skyflow.sandbox", description="A server that keeps the API's contract."
    )
    add = parser.add_argument
    add("--dir", type=Path, required=True, help="folder that keeps tasks, uploads, results and journal")
    add("--host", default="127.0.0.1")
    add("--port", type=_port, default=0, help="0 is any free one")
    add("--latency", type=_seconds, default=0.0, help="least seconds that a task takes")
    add("--render", choices=("draft", "full", "none"), default="draft")
    add("--seed", type=int, default=0, help="makes faults repeatable")
    add(
        "--balance",
        type=_money,
        default=None,
        help="what the account holds, in US dollars; without end where not given",
    )
    fault_help = "misbehave on purpose; NAME is " + ", ".join(FAULTS)
    add(
        "--fault", dest="faults", type=_fault, action="append", default=[], metavar="NAME=RATE|NAME=@N", help=fault_help
    )
    add("--slow-seconds", type=_seconds, default=5.0, help="how long the fault `slow` holds an answer back")
    add("--result-seconds", type=_seconds, default=24 * 3600.0, help="how long a result's URL works")
    add("--idempotent", action="store_true", help="honour Idempotency-Key")
    add("--fetch", action="store_true", help="fetch references from the web")
    add("--allow", choices=ALLOWABLE, action="append", default=[], help="take requests that break this rule")
    add("--die-with-parent", action="store_true", help="end when standard input ends")
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"`{text}` is no port: a whole number from 0 to 65535")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < float("inf"):
        return seconds
    raise argparse.ArgumentTypeError(f"`{text}` is no length of time: a number of seconds")


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if amount.is_finite() and amount >= 0:
        return amount
    raise argparse.ArgumentTypeError(f"`{text}` is no sum of money: a number such as 12.50")


def _fault(text: str) -> Fault:
    try:
        return parse_fault(text)
    except FaultUnknown as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
