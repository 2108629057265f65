"""Runs film.sky of the current folder live, with polls that hardly wait: what asking for tasks can do at most. Events go to events.jsonl."""

from __future__ import annotations

import sys

from skyflow.cli.main import main
from skyflow.runner import run
from skyflow.runner.retry import Polling

if __name__ == "__main__":
    run.LIVE_POLLING = Polling(0.01, 0.01)
    sys.exit(main(["run", "film.sky", "--live", "--yes", "--concurrency", "1000", "--events", "events.jsonl"]))
