"""What many tasks at once cost the runner: memory and time of whole runs against a real `skyflow serve`, and how fast it asks for tasks.

Both processes share the machine, so the server's own work is in every rate shown here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.measure import Cost, table
from tests.bench.service import environment, serving

FEW, MANY = 10, 10_000
# A task must take longer than it takes to send all of them, or they are never under way together.
LATENCY_OF_MANY = 120
EAGER = Path(__file__).with_name("eager.py")
POLLED, LATENCY_OF_POLLED = 1_000, 25
STORYBOARD = """\
storyboard "Many"

defaults {
  model = fast
  resolution = 480p
  duration = 3s
}

var p from "rows.csv"

shot still { prompt = "A picture of {{ p.what }} on a table." }
"""


def _project(folder: Path, clips: int) -> Path:
    folder.mkdir()
    (folder / "skyflow.toml").touch()
    (folder / "film.sky").write_text(STORYBOARD, encoding="utf-8")
    rows = "".join(f"p{number},thing number {number}\n" for number in range(clips))
    (folder / "rows.csv").write_text(f"name,what\n{rows}", encoding="utf-8")
    return folder


def _run(folder: Path, url: str, command: list[str]) -> Cost:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        raise RuntimeError(f"the run ended with {process.returncode}: {said.decode(errors='replace')[-600:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _events(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def most_under_way(events: list[dict[str, object]]) -> int:
    """How many tasks were under way at once at most: sent, and not fetched yet."""
    now = most = 0
    for event in events:
        now += (event["event"] == "Submitted") - (event["event"] == "ClipDone")
        most = max(most, now)
    return most


def best_rate(events: list[dict[str, object]], name: str, seconds: float) -> float:
    """How many events of this name came a second, in the best stretch of so many seconds."""
    moments = [float(str(event["at"])) for event in events if event["event"] == name]
    start = most = 0
    for end, moment in enumerate(moments):
        while moment - moments[start] > seconds:
            start += 1
        most = max(most, end - start + 1)
    return most / seconds


def section(folder: Path) -> str:
    rows = []
    run = [sys.executable, "-m", "skyflow", "run", "film.sky", "--live", "--yes"]
    run += ["--concurrency", str(MANY), "--events", "events.jsonl"]
    for clips, latency in ((FEW, 1), (MANY, LATENCY_OF_MANY)):
        with serving(folder / f"server-{clips}", latency) as url:
            project = _project(folder / f"run-{clips}", clips)
            cost = _run(project, url, run)
        events = _events(project)
        each = f"{cost.cpu / clips * 1000:.1f}" if clips == MANY else "–"
        rows.append((f"{clips:,} clips", f"{most_under_way(events):,}", f"{cost.memory:.0f}", f"{cost.cpu:.1f}", each))
    with serving(folder / "server-polled", LATENCY_OF_POLLED) as url:
        project = _project(folder / "run-polled", POLLED)
        _run(project, url, [sys.executable, str(EAGER)])
    rate = best_rate(_events(project), "Progressed", 5.0)
    header = (
        "`skyflow run --live` against `skyflow serve --render none`",
        "under way at once",
        "peak MB",
        "CPU s",
        "CPU ms a clip",
    )
    return f"{table(header, rows)}\n\nasking for {POLLED:,} tasks: {rate:,.0f} answers a second (httpx over 8 clients, 16 workers, one process)"
