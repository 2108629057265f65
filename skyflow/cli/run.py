"""`skyflow run`: the clips of a storyboard, as free previews from the sandbox or, with --live, from the real API."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.garbage import search_as_usual
from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser, read_rate, whole_number
from skyflow.cli.planning import (
    add_plan_options,
    choice_of,
    make_basis,
    plan_storyboard,
    read_money,
    read_prices,
    read_target,
)
from skyflow.cli.run_words import command_about
from skyflow.cli.screen import screen_width, wants_color
from skyflow.cli.storyboard_input import Input, open_input, read_settings
from skyflow.cli.strays import mind_strays
from skyflow.cli.telling import open_checked
from skyflow.diagnostics.cells import shown

if TYPE_CHECKING:
    from skyflow.config import Budget, Config
    from skyflow.contract import PriceTable
    from skyflow.ledger import Ledger, Target
    from skyflow.planner import Plan
    from skyflow.planner.saved import Choice, SavedPlan
    from skyflow.runner import RunResult, Service

MOST_AT_ONCE = 100_000  # ours; the API publishes no limit


def make_parser() -> Parser:
    parser = Parser(
        "run",
        "FILE [options]",
        "Make the clips of a storyboard. Without --live they are free previews: a sandbox\n"
        "on this machine renders an animatic of each shot, with its pictures, its voice and\n"
        "its prompt. With --live they are sent to the API and paid; how many and what they\n"
        "cost is shown first. Clips that are there already are not made again.",
        "  skyflow run film.sky\n  skyflow run film.sky --shot opening -o previews\n  skyflow run film.sky --live --budget 20",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="the storyboard")
    parser.add_argument("-o", dest="out", metavar="DIR", help="the folder to show the clips in, by default `out`")
    add_plan_options(parser)
    parser.add_argument(
        "--plan", metavar="FILE", help="make what a saved plan says, if nothing that it was made from has changed"
    )
    parser.add_argument("--live", action="store_true", help="send to the API and pay (needs SKYFLOW_API_KEY)")
    parser.add_argument("--yes", action="store_true", help="do not ask before paying")
    parser.add_argument(
        "--budget", type=read_money, metavar="USD", help="start nothing that would cost more than this, in US dollars"
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="make clips anew that failed or were lost, though they may have been billed",
    )
    parser.add_argument(
        "--concurrency",
        type=whole_number(1, MOST_AT_ONCE),
        metavar="N",
        help="clips that are made at the same time, by default 8",
    )
    parser.add_argument(
        "--rate", type=read_rate, metavar="N", help="send at most N clips a second, or as in 30/min a minute"
    )
    parser.add_argument(
        "--events", metavar="FILE", help="write what happens to FILE as it happens, a JSON object a line"
    )
    return parser


def run(arguments: Namespace) -> int:
    saved, opened, choice = _wanted(arguments)
    settings = read_settings(opened)
    prices = read_prices(arguments.prices, opened, settings)
    target = read_target(live=arguments.live)
    if saved is not None:
        _refuse_changed(arguments, saved, opened, target, prices)
    storyboard = open_checked(
        opened,
        color=arguments.color,
        variables=choice.variables,
        shots=choice.shots,
        variants=choice.variants,
        live=arguments.live,
    )
    if storyboard is None:
        return Exit.MISTAKES
    from skyflow.ledger import LedgerError, open_ledger
    from skyflow.runner import RunRefused

    service = _live_service(settings) if arguments.live else None
    try:
        with open_ledger(opened.root) as ledger:
            only = None if saved is None else saved.keys
            out = Path(arguments.out) if arguments.out else opened.root / settings.out
            mind_strays(ledger, target, opened.root, out, storyboard.title, opened.path, take=True)
            plan = plan_storyboard(opened, storyboard, ledger, target, prices, choice, only=only, keep_requests=True)
            if saved is not None:
                _refuse_changed(arguments, saved, opened, target, prices, plan)
            folders = storyboard.variant_folders()
            del storyboard  # with all that was compiled on the way: a run may be long
            search_as_usual()
            result = _agree_and_run(arguments, opened, settings, ledger, plan, folders, service, out)
    except (RunRefused, LedgerError) as refusal:
        raise Stop(refusal.message, refusal.remedy) from refusal
    _tell(result, is_preview=service is None)
    if result.complete and result.clips and not (choice.shots or choice.sample or choice.limit):
        named = ("-o", arguments.out) if arguments.out else ()
        print(f"join them into the film: {command_about('film', opened.written, arguments, *named)}")
    return result.exit_code


def _wanted(arguments: Namespace) -> tuple[SavedPlan | None, Input, Choice]:
    """The plan that was saved, if there is one, the storyboard, and what of it is asked for."""
    if arguments.plan is not None:
        from skyflow.cli.saved_plan import load_saved_plan

        saved, opened = load_saved_plan(arguments)
        return saved, opened, saved.basis.choice
    if arguments.file is None:
        raise UsageError("the storyboard is missing", "write it behind the command: skyflow run film.sky")
    return None, open_input(arguments.file), choice_of(arguments)


def _refuse_changed(
    arguments: Namespace,
    saved: SavedPlan,
    opened: Input,
    target: Target,
    prices: PriceTable,
    plan: Plan | None = None,
) -> None:
    """Raises Stop where a saved plan does not hold: before anything is compiled, and again by what compiling has read."""
    from skyflow.cli.saved_plan import read_again, refuse_changed, refuse_more

    read_again(saved, opened)
    refuse_changed(saved, make_basis(opened, target, saved.basis.choice, prices), arguments.plan)
    if plan is not None:
        refuse_more(saved, plan, arguments.plan)


def _agree_and_run(
    arguments: Namespace,
    opened: Input,
    settings: Config,
    ledger: Ledger,
    plan: Plan,
    variant_folder: Callable[[str], str],
    service: Service | None,
    out: Path,
) -> RunResult:
    from skyflow.cli.event_file import open_events
    from skyflow.cli.run_display import open_display
    from skyflow.runner import RunOptions, refuse_impossible, run_plan
    from skyflow.runner.options import DEFAULT_CONCURRENCY

    budget = _budget(settings.budget, arguments.budget)
    if service is not None:
        refuse_impossible(plan, service.host)
        _agree(arguments, plan, budget, ledger, service)
    with open_display(with_cost=service is not None) as hear, open_events(arguments.events, opened, hear) as hear_all:
        return run_plan(
            plan,
            root=opened.root,
            out=out,
            ledger=ledger,
            variant_folder=variant_folder,
            service=service,
            options=RunOptions(arguments.concurrency or DEFAULT_CONCURRENCY, arguments.rate, budget),
            on_event=hear_all,
        )


def _budget(budget: Budget, for_this_run: Decimal | None) -> Budget:
    """The limits of the project; for the run the lower one of its own and what was asked for."""
    limits = [limit for limit in (budget.run, for_this_run) if limit is not None]
    return replace(budget, run=min(limits, default=None))


def _live_service(settings: Config) -> Service:
    from skyflow.config import CredentialsError, read_credentials
    from skyflow.ledger import live_target
    from skyflow.runner import Service

    try:
        credentials = read_credentials(os.environ)
    except CredentialsError as error:
        raise Stop(str(error)) from None
    return Service(credentials.base_url, credentials.api_key, live_target(credentials.base_url), settings.host)


def _agree(arguments: Namespace, plan: Plan, budget: Budget, ledger: Ledger, service: Service) -> None:
    """Show what will be paid and get a yes for it. Raises Stop where there is none, or where a limit does not hold it."""
    from skyflow.cli.plan_words import Page, overrun_message, overrun_remedy
    from skyflow.cli.run_words import count, money
    from skyflow.planner.budget import find_overruns, read_spent

    if not plan.total.clips:
        return
    page = Page(screen_width(sys.stderr), color=wants_color(arguments.color, sys.stderr))
    print("\n".join(page.whole_plan(plan)), file=sys.stderr)
    overruns = find_overruns(plan, budget, read_spent(ledger, plan.target, plan.storyboard, time.time()))
    if overruns:
        lines = [f"  {overrun_message(overrun)}\n    {overrun_remedy(overrun)}" for overrun in overruns]
        raise Stop("over budget, so nothing was started:", "\n".join(lines))
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise Stop("--live asks before it pays, and nobody is there to answer", "add --yes to agree beforehand")
    sums = f"{count(plan.total.clips, 'clip')} for {money(plan.cost, exact=plan.exact)}"
    print(f"Send {sums} to {service.base_url}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stop("nothing was started")


def _tell(result: RunResult, *, is_preview: bool) -> None:
    from skyflow.cli.run_words import result_lines

    print("\n".join(map(shown, result_lines(result, is_preview=is_preview))))  # a service may send anything
