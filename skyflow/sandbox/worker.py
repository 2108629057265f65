"""A process that renders animatics: jobs come in as JSON lines, progress and results go out as JSON lines. It holds no key.

Hostile media can crash or hang a decoder; here that costs one process, which its owner ends and starts again.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from skyflow.media import MediaExtraMissing
from skyflow.media.animatic.rendering import render_animatic
from skyflow.sandbox.animatics import References, animatic_spec
from skyflow.sandbox.fetching import fetch_file

_PROGRESS_STEP = 0.1


def work(jobs: Iterator[str], answers: TextIO) -> None:
    """Render one job after another until there are no more.

    A job is `{"request", "task_id", "draft", "target", "files": {url: path}, "fetch": {url: path}, "longest": seconds}`. The answers
    to it are any number of `{"progress": share}`, then `{"done": {"notes": […]}}` or `{"failed": message}`.
    """
    for line in jobs:
        job = json.loads(line)
        try:
            with _ending_after(job["longest"]):
                notes = _render(job, answers)
        except (OSError, MediaExtraMissing) as error:
            _say(answers, {"failed": str(error)})
        else:
            _say(answers, {"done": {"notes": notes}})


@contextmanager
def _ending_after(seconds: float) -> Iterator[None]:
    """The owner ends a process that hangs; where the owner was killed itself, an alarm does, a little later."""
    if sys.platform == "win32":
        yield
        return
    signal.alarm(math.ceil(seconds) + 5)
    try:
        yield
    finally:
        signal.alarm(0)


def _render(job: Mapping[str, Any], answers: TextIO) -> list[str]:
    told = 0.0

    def tell(share: float) -> None:
        nonlocal told
        if share - told >= _PROGRESS_STEP:
            told = share
            _say(answers, {"progress": share})

    files = {url: Path(path) for url, path in job["files"].items()}
    notes = []
    for url, path in job["fetch"].items():
        if (problem := fetch_file(url, Path(path))) is None:
            files[url] = Path(path)
        else:
            notes.append(problem)
    spec = animatic_spec(job["request"], job["task_id"], References(files), draft=job["draft"])
    rendering = render_animatic(spec, Path(job["target"]), progress=tell)
    return [*notes, *rendering.notes]


def _say(answers: TextIO, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def main() -> None:
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        work(iter(sys.stdin.readline, ""), answers)
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(0)  # the owner is gone, or Ctrl-C ended both


if __name__ == "__main__":
    main()
