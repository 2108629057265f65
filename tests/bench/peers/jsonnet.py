"""A peer: advert.jsonnet, evaluated by rjsonnet."""

from __future__ import annotations

import sys
from pathlib import Path

import rjsonnet


def main(folder: Path) -> None:
    source = Path(__file__).with_name("advert.jsonnet").read_text(encoding="utf-8")
    (folder / "advert.jsonnet").write_text(source, encoding="utf-8")
    sys.stdout.write(rjsonnet.evaluate_file(str(folder / "advert.jsonnet")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
