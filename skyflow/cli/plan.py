"""`skyflow plan`: what a run would make and what it would cost. It sends nothing and pays nothing."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Exit, Stop
from skyflow.cli.output_file import open_output
from skyflow.cli.parser import Parser, one_of
from skyflow.cli.planning import add_plan_options, choice_of, make_basis, plan_storyboard, read_prices, read_target
from skyflow.cli.screen import screen_width, wants_color
from skyflow.cli.storyboard_input import Input, open_input, read_settings
from skyflow.cli.strays import mind_strays
from skyflow.cli.telling import open_checked
from skyflow.contract.limits import MODE_WORDS

if TYPE_CHECKING:
    from skyflow.planner import Plan
    from skyflow.planner.budget import Overrun
    from skyflow.planner.saved import Basis

FORMATS = ("terminal", "json", "csv")
SOMETHING_TO_DO = 10


def make_parser() -> Parser:
    modes = "\n".join(f"  {mode:<5} {words}" for mode, words in MODE_WORDS.items())
    parser = Parser(
        "plan",
        "FILE [options]",
        "Show what a run would make and what it would cost. Nothing is sent and nothing is\n"
        "paid. Clips that are there already are known and cost nothing again; what changed\n"
        "since the last run is told with the reason. A long plan is shown in sums.\n\n"
        "MODE is how the model makes a shot, which follows from what the shot names:\n"
        f"{modes}",
        "  skyflow plan advert.sky --live\n"
        "  skyflow plan advert.sky --live -o advert.plan && skyflow run --plan advert.plan --live\n"
        "  skyflow plan advert.sky --format csv > clips.csv",
    )
    parser.add_argument("file", metavar="FILE", help="the storyboard")
    parser.add_argument("--live", action="store_true", help="plan for the API, by what is paid already")
    add_plan_options(parser)
    parser.add_argument("--again", action="store_true", help="make clips anew that failed or were lost")
    parser.add_argument(
        "--format", type=one_of(*FORMATS), default="terminal", metavar="FORM",
        help="terminal, json or csv (these two have every clip, however many)",
    )  # fmt: skip
    parser.add_argument("-o", dest="output", metavar="FILE", help="save the plan, for `skyflow run --plan FILE`")
    parser.add_argument(
        "--exit-code", action="store_true", help="end with 10 where there is something to do, with 0 where there is not"
    )
    return parser


def run(arguments: Namespace) -> int:
    opened, choice = open_input(arguments.file), choice_of(arguments)
    settings = read_settings(opened)
    prices = read_prices(arguments.prices, opened, settings)
    target = read_target(live=arguments.live)
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
    from skyflow.ledger import LedgerError, read_ledger
    from skyflow.planner.budget import find_overruns, read_spent

    try:
        with read_ledger(opened.root) as ledger:
            out = opened.root / settings.out
            mind_strays(ledger, target, opened.root, out, storyboard.title, opened.path, take=False)
            plan = plan_storyboard(opened, storyboard, ledger, target, prices, choice, keep_requests=False)
            overruns = find_overruns(plan, settings.budget, read_spent(ledger, target, opened.path, time.time()))
        basis = make_basis(opened, target, choice, prices)
        if arguments.output is not None:
            _save(plan, basis, arguments.output, opened)
        _show(plan, overruns, arguments)
    except LedgerError as error:
        raise Stop(error.message, error.remedy) from error
    return SOMETHING_TO_DO if arguments.exit_code and not plan.nothing_to_do else Exit.FINE


def _save(plan: Plan, basis: Basis, written: str, opened: Input) -> None:
    from skyflow.planner.saved import write_saved_plan

    made = datetime.now(UTC).isoformat(timespec="seconds")
    with open_output(written, [opened.root / path for path in basis.files]) as stream:
        stream.writelines(write_saved_plan(plan, basis, made))


def _show(plan: Plan, overruns: tuple[Overrun, ...], arguments: Namespace) -> None:
    if arguments.output == "-":
        return  # the plan itself stands there
    if arguments.format == "json":
        from skyflow.cli.plan_formats import write_json

        write_json(plan, overruns, sys.stdout)
    elif arguments.format == "csv":
        from skyflow.cli.plan_formats import write_csv

        write_csv(plan, sys.stdout)
    else:
        from skyflow.cli.plan_words import Page

        page = Page(screen_width(sys.stdout), color=wants_color(arguments.color, sys.stdout))
        print("\n".join(page.whole_plan(plan, overruns)))
