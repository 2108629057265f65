"""`skyflow run`: the clips of a storyboard, as free previews from the sandbox or, with --live, from the real API."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser, whole_number
from skyflow.cli.selection import add_selection
from skyflow.cli.storyboard_input import Input, add_variables, collect_variables, open_input, read_settings
from skyflow.cli.telling import open_checked

if TYPE_CHECKING:
    from skyflow.config import Config
    from skyflow.contract import PriceTable
    from skyflow.ledger import Ledger, Target
    from skyflow.pipeline import Storyboarding
    from skyflow.planner import Plan
    from skyflow.runner import RunResult, Service

MOST_AT_ONCE = 1000  # ours; the API publishes no limit


def make_parser() -> Parser:
    parser = Parser(
        "run",
        "FILE [options]",
        "Make the clips of a storyboard. Without --live they are free previews: a sandbox\n"
        "on this machine renders an animatic of each shot, with its pictures, its voice and\n"
        "its prompt. With --live they are sent to the API and paid; how many and what they\n"
        "cost is shown first. Clips that are there already are not made again.",
        "  skyflow run film.sky\n  skyflow run film.sky --shot opening -o previews\n  skyflow run film.sky --live",
    )
    parser.add_argument("file", metavar="FILE", help="the storyboard")
    parser.add_argument("-o", dest="out", metavar="DIR", help="the folder to show the clips in, by default `out`")
    add_variables(parser)
    add_selection(parser)
    parser.add_argument("--live", action="store_true", help="send to the API and pay (needs SKYFLOW_API_KEY)")
    parser.add_argument("--yes", action="store_true", help="do not ask before paying")
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
    return parser


def run(arguments: Namespace) -> int:
    opened = open_input(arguments.file)
    storyboard = open_checked(
        opened,
        color=arguments.color,
        variables=collect_variables(arguments.variables),
        shots=arguments.shots,
        variants=arguments.variants,
        live=arguments.live,
    )
    if storyboard is None:
        return Exit.MISTAKES
    from skyflow.ledger import LedgerError
    from skyflow.runner import RunRefused

    try:
        result = _plan_and_run(arguments, opened, storyboard, read_settings(opened))
    except (RunRefused, LedgerError) as refusal:
        raise Stop(refusal.message, refusal.remedy) from refusal
    return _tell(result, is_preview=not arguments.live)


def _plan_and_run(arguments: Namespace, opened: Input, storyboard: Storyboarding, settings: Config) -> RunResult:
    from skyflow.cli.run_display import open_display
    from skyflow.ledger import SANDBOX, open_ledger
    from skyflow.runner import RunOptions, refuse_impossible, run_plan
    from skyflow.runner.options import DEFAULT_CONCURRENCY

    service = _live_service() if arguments.live else None
    with open_ledger(opened.root) as ledger:
        target = service.target if service is not None else SANDBOX
        plan = _make_plan(arguments, opened, storyboard, ledger, target, _read_prices(opened, settings))
        if service is not None:
            refuse_impossible(plan)
            _agree(plan, settings, service, yes=arguments.yes)
        with open_display(with_cost=service is not None) as hear:
            return run_plan(
                plan,
                root=opened.root,
                out=Path(arguments.out) if arguments.out else opened.root / settings.out,
                ledger=ledger,
                variant_folder=storyboard.variant_folder,
                service=service,
                options=RunOptions(concurrency=arguments.concurrency or DEFAULT_CONCURRENCY, budget=settings.budget),
                on_event=hear,
            )


def _live_service() -> Service:
    from skyflow.config import CredentialsError, read_credentials
    from skyflow.ledger import live_target
    from skyflow.runner import Service

    try:
        credentials = read_credentials(os.environ)
    except CredentialsError as error:
        raise Stop(str(error)) from None
    return Service(credentials.base_url, credentials.api_key, live_target(credentials.base_url))


def _read_prices(opened: Input, settings: Config) -> PriceTable:
    from skyflow.contract import DEFAULT_PRICES, PriceTable
    from skyflow.contract.prices import PriceTableError
    from skyflow.source import FilesError

    if settings.prices is None:
        return DEFAULT_PRICES
    try:
        return PriceTable.parse(opened.files.read(settings.prices).text)
    except FilesError as error:
        raise UsageError(f"the price table that skyflow.toml names: {error}") from None
    except PriceTableError as error:
        raise UsageError(f"the price table `{settings.prices}` cannot be used: {error}") from None


def _make_plan(
    arguments: Namespace, opened: Input, storyboard: Storyboarding, ledger: Ledger, target: Target, prices: PriceTable
) -> Plan:
    from skyflow.ledger import ClipStore
    from skyflow.planner import LedgerHistory, make_plan

    return make_plan(
        storyboard.clips(),
        history=LedgerHistory(ledger, ClipStore(opened.root, target), target, opened.path),
        prices=prices,
        target=target,
        storyboard=opened.path,
        title=storyboard.title,
        partial=bool(arguments.shots or arguments.variants),
        again=arguments.again,
    )


def _agree(plan: Plan, settings: Config, service: Service, *, yes: bool) -> None:
    """Show what will be paid and get a yes for it. Raises Stop where there is none, or where the budget does not hold it."""
    from skyflow.cli.run_words import count, money, plan_lines

    if not plan.to_make:
        return
    print("\n".join(plan_lines(plan)), file=sys.stderr)
    limit = settings.budget.run
    if limit is not None and plan.cost > limit:
        raise Stop(
            f"the budget of a run is {money(limit)}, and this one costs {money(plan.cost, exact=plan.exact)}",
            "choose a part with --shot or --variant, or raise it in skyflow.toml; nothing was started",
        )
    if yes:
        return
    if not sys.stdin.isatty():
        raise Stop("--live asks before it pays, and nobody is there to answer", "add --yes to agree beforehand")
    sums = f"{count(len(plan.to_make), 'clip')} for {money(plan.cost, exact=plan.exact)}"
    print(f"Send {sums} to {service.base_url}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stop("nothing was started")


def _tell(result: RunResult, *, is_preview: bool) -> int:
    from skyflow.cli.run_words import result_lines

    print("\n".join(result_lines(result, is_preview=is_preview)))
    return result.exit_code
