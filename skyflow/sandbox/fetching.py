"""Getting a reference from the web, only where `--fetch` allows it: http(s), bounded in size, time and redirects."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

MAX_FETCHED_BYTES = 64 * 1024 * 1024
MAX_FETCH_SECONDS = 20.0
_MAX_REDIRECTS = 5


def fetch_file(url: str, target: Path) -> str | None:
    """Write what a URL gives to `target`, whole or not at all; None, or a note that says why it could not be had.

    A `target` that is there already is kept. httpx follows redirects to http and https only.
    """
    import httpx

    if target.exists():
        return None
    part = target.with_name(target.name + ".part")
    try:
        with (
            httpx.Client(follow_redirects=True, max_redirects=_MAX_REDIRECTS, timeout=10.0) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return f"{url} answered {answer.status_code}; a placeholder stands for it"
            problem = _write(answer, part)
        if problem is None:
            part.replace(target)
        return problem and f"{url} {problem}; a placeholder stands for it"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"{url} could not be fetched ({type(error).__name__}); a placeholder stands for it"
    finally:
        part.unlink(missing_ok=True)


def _write(answer: object, part: Path) -> str | None:
    import httpx

    assert isinstance(answer, httpx.Response)
    deadline, size = monotonic() + MAX_FETCH_SECONDS, 0
    with part.open("wb") as file:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > MAX_FETCHED_BYTES:
                return f"is larger than {MAX_FETCHED_BYTES // 1024 // 1024} MB"
            if monotonic() > deadline:
                return f"took longer than {MAX_FETCH_SECONDS:.0f} s"
            file.write(chunk)
    return None
