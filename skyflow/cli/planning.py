"""What the commands plan and run share: the options of a plan, its prices, its target, and the one way to make it."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.assets import DiskFiles
from skyflow.cli.outcome import Stop, UsageError
from skyflow.cli.parser import Parser, whole_number
from skyflow.cli.selection import MOST, add_selection
from skyflow.cli.storyboard_input import Input, add_variables, collect_variables
from skyflow.config.money import read_sum

if TYPE_CHECKING:
    from collections.abc import Container

    from skyflow.config import Config
    from skyflow.contract import PriceTable
    from skyflow.ledger import Ledger, Target
    from skyflow.pipeline import Storyboarding
    from skyflow.planner import Plan
    from skyflow.planner.saved import Basis, Choice

MAX_PRICES_BYTES = 1_000_000  # ours; the packaged table has one thousand
LEDGER_CURRENCY = "USD"  # budgets, the ledger and the service's own figures are in it


def add_plan_options(parser: Parser) -> None:
    """What decides which clips a plan holds and what they cost."""
    add_variables(parser)
    add_selection(parser)
    parser.add_argument(
        "--limit", type=whole_number(1, MOST), metavar="N",
        help="make at most N clips, the first that are missing; the others are left for another run",
    )  # fmt: skip
    parser.add_argument("--prices", metavar="FILE", help="a price table of your own, instead of the list prices")


def read_money(written: str) -> Decimal:
    """Reads a sum in dollars."""
    try:
        return read_sum(written.removeprefix("$"), f"`{written}` is no sum of money, such as 20 or 12.50 (US dollars)")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def choice_of(arguments: Namespace) -> Choice:
    """What the options ask for."""
    from skyflow.planner.saved import Choice

    variables = {name: tuple(values) for name, values in collect_variables(arguments.variables).items()}
    return Choice(
        variables,
        tuple(arguments.shots),
        tuple(arguments.variants),
        arguments.sample,
        arguments.limit,
        arguments.again,
    )


def read_target(*, live: bool) -> Target:
    """The sandbox, or the service that the environment names; no key is needed to plan for it."""
    from skyflow.ledger import SANDBOX, live_target

    if not live:
        return SANDBOX
    from skyflow.config import CredentialsError, read_base_url

    try:
        return live_target(read_base_url(os.environ))
    except CredentialsError as error:
        raise Stop(f"--live needs an address: {error}") from None


def read_prices(written: str | None, opened: Input, settings: Config) -> PriceTable:
    """The table that `--prices` names, else the one of `skyflow.toml`, else the list prices. Raises UsageError."""
    from skyflow.contract import DEFAULT_PRICES, PriceTable
    from skyflow.contract.prices import PriceTableError
    from skyflow.source import FilesError

    if written is None and settings.prices is None:
        return DEFAULT_PRICES
    shown = f"`{written}`" if written is not None else f"`{settings.prices}`, which skyflow.toml names,"
    try:
        text = _read_text(written) if written is not None else DiskFiles(opened.root).read(str(settings.prices)).text
        table = PriceTable.parse(text)
    except FilesError as error:
        raise UsageError(f"the price table that skyflow.toml names: {error}") from None
    except PriceTableError as error:
        raise UsageError(f"the price table {shown} cannot be used: {error}") from None
    if table.currency != LEDGER_CURRENCY:
        raise UsageError(
            f"the price table {shown} counts in {table.currency}",
            f"budgets and the ledger count in {LEDGER_CURRENCY}: convert its figures",
        )
    return table


def _read_text(written: str) -> str:
    try:
        with Path(written).open("rb") as file:
            content = file.read(MAX_PRICES_BYTES + 1)
        if len(content) > MAX_PRICES_BYTES:
            raise UsageError(f"the price table `{written}` is larger than 1 MB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"the price table `{written}` cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"the price table `{written}` is no UTF-8 text") from None


def make_basis(opened: Input, target: Target, choice: Choice, prices: PriceTable) -> Basis:
    """What a plan stands on, once the storyboard was checked: every file of it was read then."""
    from skyflow.planner.saved import Basis, PriceStamp

    return Basis(opened.path, target.name, choice, PriceStamp.of(prices), opened.files.digests())


def plan_storyboard(
    opened: Input,
    storyboard: Storyboarding,
    ledger: Ledger,
    target: Target,
    prices: PriceTable,
    choice: Choice,
    *,
    only: Container[str] | None = None,
    keep_requests: bool,
) -> Plan:
    """The plan of a checked storyboard: what `plan` shows and `run` executes. `only` are the keys that a saved plan holds."""
    from skyflow.ledger import ClipStore
    from skyflow.planner import LedgerHistory, PlanRefused, make_plan

    if choice.sample is not None:
        storyboard.keep_sample(choice.sample)
    try:
        return make_plan(
            storyboard.clips(),
            history=LedgerHistory(ledger, ClipStore(opened.root, target), target, opened.path),
            prices=prices,
            target=target,
            storyboard=opened.path,
            title=storyboard.title,
            partial=choice.is_part,
            again=choice.again,
            limit=None if only is not None else choice.limit,
            only=only,
            keep_requests=keep_requests,
        )
    except PlanRefused as refusal:
        raise Stop(refusal.message, refusal.remedy) from None
    except ValueError as error:
        if only is None:
            raise  # the compiler left something out: a mistake of ours
        raise Stop(
            "the saved plan has a clip without one that it needs", "make a new plan; nothing was started"
        ) from error
