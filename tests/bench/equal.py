"""Whether two files hold the same requests, as JSON values in the same order. Ends with 1 where they do not."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def requests(path: Path) -> list[object]:
    """The requests of a file: a list, or one a line."""
    text = path.read_text(encoding="utf-8")
    loaded: list[object] = (
        json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
    )
    return loaded


if __name__ == "__main__":
    sys.exit(requests(Path(sys.argv[1])) != requests(Path(sys.argv[2])))
