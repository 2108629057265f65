"""The options that choose which clips of a storyboard are meant."""

from __future__ import annotations

from skyflow.cli.parser import Parser


def add_selection(parser: Parser) -> None:
    parser.add_argument(
        "--shot", action="append", default=[], metavar="NAME", dest="shots",
        help="only this shot and the shots that it needs; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME", dest="variants",
        help='only this variant, such as "city=Tokyo"; may be given several times',
    )  # fmt: skip
