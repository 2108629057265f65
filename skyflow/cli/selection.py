"""The options that choose which clips of a storyboard are meant."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from skyflow.cli.parser import Parser, whole_number

if TYPE_CHECKING:
    from skyflow.pipeline import Storyboarding

MOST = 999_999_999  # ours: no number of clips or variants is larger


def add_selection(parser: Parser) -> None:
    parser.add_argument(
        "--shot", action="append", default=[], metavar="NAME", dest="shots",
        help="only this shot and the shots that it needs; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME", dest="variants",
        help='only this variant, such as "city=Tokyo"; may be given several times',
    )  # fmt: skip
    parser.add_argument(
        "--sample", type=whole_number(1, MOST), metavar="N",
        help="only N of the variants: spread over all alternatives, and the same ones every time",
    )  # fmt: skip


def keep_sample(storyboard: Storyboarding, arguments: Namespace) -> None:
    """What `--sample` leaves of the chosen variants."""
    if arguments.sample is not None:
        storyboard.keep_sample(arguments.sample)
