"""The limit: `orjson.dumps` of dictionaries that are ready, and nothing else. Prints its own processor seconds for the encoding alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import orjson


def main(requests: Path) -> None:
    ready = [json.loads(line) for line in requests.read_text(encoding="utf-8").splitlines()]
    start = time.process_time()
    size = sum(len(orjson.dumps(request)) for request in ready)
    print(f"{(time.process_time() - start) / len(ready) * 1e6:.3f} {size}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
