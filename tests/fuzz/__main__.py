"""`python -m tests.fuzz parser|formatter|rules|server [--minutes 10] [--seed 1]`: damaged storyboards until something breaks. See README.md beside this file."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.loop import Property, fuzz, keep
from tests.fuzz.properties import check_formatter, check_parser, check_rules

FOUND = Path(__file__).parent / "found"
PROPERTIES: dict[str, Property] = {"parser": check_parser, "formatter": check_formatter, "rules": check_rules}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Tries damaged storyboards.")
    parser.add_argument("what", choices=(*PROPERTIES, "server"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    seconds = chosen.minutes * 60
    if chosen.what == "server":
        from tests.fuzz.server import fuzz_server

        with tempfile.TemporaryDirectory() as folder:
            tally = fuzz_server(Path(folder).resolve(), seconds=seconds, seed=chosen.seed)
    else:
        tally = fuzz(PROPERTIES[chosen.what], seconds=seconds, seed=chosen.seed)
    keep(tally, FOUND / chosen.what)
    print(f"{chosen.what}, {chosen.minutes:g} minutes, seed {chosen.seed}: {tally}")
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
