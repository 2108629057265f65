"""The parser of a command's words: argparse, with messages that say what to write instead."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from skyflow.cli.outcome import UsageError
from skyflow.cli.slips import explain_option, unquoted_file
from skyflow.diagnostics import did_you_mean


class Parser(argparse.ArgumentParser):
    """One command's parser. It never exits by itself on a mistake: it raises UsageError."""

    def __init__(self, command: str, usage: str, description: str, examples: str) -> None:
        super().__init__(
            prog=f"skyflow {command}",
            usage=f"skyflow {command} {usage}",
            description=description,
            epilog=f"examples:\n{examples}",
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=30),
            allow_abbrev=False,
            add_help=False,
        )
        self._positionals.title = "arguments"
        self._command = command

    def parse_words(self, words: Sequence[str]) -> argparse.Namespace:
        """The command's options. Raises UsageError; `--help` prints and exits."""
        self.add_argument(
            "--color",
            type=one_of("auto", "always", "never"),
            default="auto",
            metavar="WHEN",
            help="auto (where a terminal shows it), always or never",
        )
        self.add_argument("-h", "--help", action="help", help="show this and end")
        torn = unquoted_file(words)
        if torn is not None:
            raise UsageError(f"`{torn}` is one file, so it stands in quotes", f'skyflow {self._command} "{torn}"')
        arguments, rest = self.parse_known_intermixed_args(list(words))
        if rest:
            self._refuse(rest[0], rest[1] if len(rest) > 1 else None)
        return arguments

    def _refuse(self, word: str, following: str | None) -> NoReturn:
        if not word.startswith("-"):
            raise UsageError(f"`{word}` is one word too many", self._look_up())
        name, equals, value = word.partition("=")
        better = explain_option(name, value if equals else following, self._option_string_actions)
        raise UsageError(f"`skyflow {self._command}` has no option `{name}`", better or self._look_up())

    def _look_up(self) -> str:
        return f"`skyflow {self._command} --help` shows how to write it"

    def error(self, message: str) -> NoReturn:
        raise UsageError(message.removeprefix("argument "), self._look_up())


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of these words; another one is refused with the nearest as a suggestion."""

    def read(written: str) -> str:
        if written in words:
            return written
        raise argparse.ArgumentTypeError(
            f"`{written}` is none of {', '.join(words)}; {did_you_mean(written, words)}".rstrip("; ")
        )

    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between two, both allowed."""

    def read(written: str) -> int:
        if written.isascii() and written.isdigit() and len(written) < 10 and least <= int(written) <= most:
            return int(written)
        raise argparse.ArgumentTypeError(f"`{written}` is no whole number from {least} to {most}")

    return read


def _read_float(written: str) -> float:
    """A number as people write it; Python would also take `1_0` and the digits of every script. Raises ValueError."""
    if not written.isascii() or "_" in written:
        raise ValueError
    return float(written)


def read_seconds(written: str) -> float:
    """Reads a length of time in seconds."""
    try:
        seconds = _read_float(written)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"`{written}` is no number of seconds, such as 2.5")
    return seconds


def read_rate(written: str) -> float:
    """Reads how often a second something may happen: `2`, `0.5`, `30/min`."""
    number, slash, unit = written.partition("/")
    seconds = {"": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "m": 60.0, "minute": 60.0}.get(unit.strip())
    try:
        rate = _read_float(number) / seconds if seconds and bool(slash) == bool(unit.strip()) else 0.0
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError(f"`{written}` is no rate, such as 2 (a second) or 30/min")
    return rate
