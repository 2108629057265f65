"""`python -m tests.soak [CLIPS]`: a long run of chained clips against a real `skyflow serve`, with the runner's memory watched.

Ends with 1 where memory grew, a clip is missing, or the books differ from the server's. Takes minutes, so it is no part of CI.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import httpx

from skyflow.ledger import State, open_ledger
from tests.bench.service import KEY, environment, serving

CHAIN = ("one", "two", "three", "four", "five")
HEAD = """\
storyboard "Soak"

defaults {
  model = fast
  resolution = 480p
  duration = 3s
}

var chain from "rows.csv"

shot one { prompt = "The beginning of {{ chain.name }}." }
"""
LINK = """
shot {shot} {{
  first_frame = last_frame({before})
  prompt = "It goes on, {shot}."
}}
"""
# Of what it had when a quarter of the clips was made: caches and pools are filled by then.
MOST_GROWTH = 0.10


def write_project(folder: Path, clips: int) -> None:
    folder.mkdir()
    (folder / "skyflow.toml").touch()
    links = (LINK.format(shot=shot, before=before) for before, shot in pairwise(CHAIN))
    (folder / "film.sky").write_text(HEAD + "".join(links), encoding="utf-8")
    rows = "".join(f"chain {number}\n" for number in range(clips // len(CHAIN)))
    (folder / "rows.csv").write_text(f"name\n{rows}", encoding="utf-8")


def watch(process: subprocess.Popen[bytes], events: Path) -> list[tuple[int, int]]:
    """(clips done, memory in kB) while the run goes on, each second."""
    seen: list[tuple[int, int]] = []
    began = time.monotonic()
    done = offset = 0
    while process.poll() is None:
        time.sleep(1.0)
        if events.exists():
            with events.open("rb") as file:
                file.seek(offset)
                text = file.read()
            offset += len(text)
            done += text.count(b'"event": "ClipDone"')
        memory = memory_of(process.pid)
        if memory:
            seen.append((done, memory))
            print(f"\r{time.monotonic() - began:5.0f} s  {done:6,} clips  {memory / 1024:6.1f} MB", end="", flush=True)
    print()
    return seen


def memory_of(pid: int) -> int:
    """Resident kB of a process, 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def books_agree(project: Path, url: str, clips: int) -> bool:
    """Whether every clip is there, each billed once, and ledger and journal name the same sum."""
    headers = {"Authorization": f"Bearer {KEY}"}
    journal = httpx.get(f"{url}/_sandbox/journal", headers=headers, trust_env=False, timeout=60.0).json()
    billed = [entry for entry in journal["entries"] if Decimal(entry["billed"]) > 0]
    with open_ledger(project) as ledger:
        [target] = ledger.targets()
        books, counts = ledger.books(target), ledger.overview.counts(target)
    print(f"ledger: {books.spent} USD, {counts}; journal: {journal['billed']} USD for {len(billed):,} tasks")
    return counts == {State.HAVE: clips} and len(billed) == clips and books.spent == Decimal(journal["billed"])


def main(clips: int) -> int:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server", 1) as url:
        project = Path(folder) / "project"
        write_project(project, clips)
        command = [sys.executable, "-m", "skyflow", "run", "film.sky", "--live", "--yes"]
        process = subprocess.Popen(
            [*command, "--concurrency", "64", "--events", "events.jsonl"],
            cwd=project,
            env=environment(url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seen = watch(process, project / "events.jsonl")
        quarter = next(memory for done, memory in seen if done >= clips / 4)
        last = max(memory for done, memory in seen if done >= clips * 3 / 4)
        growth = last / quarter - 1
        print(
            f"memory: {quarter / 1024:.1f} MB at a quarter, {last / 1024:.1f} MB at most in the last quarter ({growth:+.1%})"
        )
        well = process.returncode == 0 and books_agree(project, url, clips) and growth <= MOST_GROWTH
    print("well" if well else "NOT WELL")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
