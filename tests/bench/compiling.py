"""How fast variants are compiled, beside a naive loop, peers and the limit; and that memory stays flat."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.bench import advert
from tests.bench.measure import Cost, compare, run_once, table

HERE = Path(__file__).parent
ROWS = 5_000  # with two languages and four shots 40,000 requests
PEER_ROWS = 1_000  # the slowest peer takes a minute for all; its cost for each request is the same
ROUNDS = 5
SKYFLOW = [sys.executable, "-m", "skyflow"]


def compile_section(folder: Path) -> str:
    full, small = folder / "full", folder / "small"
    advert.write(full, ROWS)
    advert.write(small, PEER_ROWS)
    ours = [*SKYFLOW, "compile", "advert.sky", "--format", "bodies"]
    naive = [sys.executable, str(HERE / "naive.py"), "."]
    both = {
        "skyflow": ours,
        "naive loop": naive,
        "skyflow, with keys": ours[:-2],
        "naive loop, with keys": [*naive, "--keys"],
    }
    costs = compare(both, full, ROUNDS, outputs=True)
    _assert_equal(full, "skyflow", ["naive loop"])
    _assert_equal(full, "skyflow, with keys", ["naive loop, with keys"])
    found, missing = _peers()
    peers = compare({"skyflow": ours, **found}, small, 3, outputs=True)
    _assert_equal(small, "skyflow", list(found))
    one = folder / "one"
    advert.write(one, 1)
    starts = compare({**both, **found}, one, ROUNDS)
    count = ROWS * len(advert.LANGUAGES) * 4
    peer_count = PEER_ROWS * len(advert.LANGUAGES) * 4
    bases = {name: _each(costs[name], starts[name], count) for name in costs}
    base = bases["naive loop"]
    rows = [
        _row(name, cost, starts[name], count, bases[name.replace("skyflow", "naive loop")])
        for name, cost in costs.items()
    ]
    rows += [_row(name, cost, starts[name], peer_count, base) for name, cost in peers.items() if name != "skyflow"]
    limit = _limit(full)
    if limit is not None:
        rows.append(["limit (orjson.dumps alone)", f"{limit:.1f}", f"{base / limit:.1f} ×", "–", "–"])
    header = [
        "40,000 requests, every constraint checked",
        "µs for each further request",
        "naive ÷ this",
        "start, CPU ms",
        "peak MB",
    ]
    return table(header, rows) + "".join(f"\n\n{name} is not installed and was left out." for name in missing)


def _each(cost: Cost, start: Cost, count: int) -> float:
    """Microseconds for each further request: what a whole process costs beyond one that compiles a single row."""
    return (cost.cpu - start.cpu) / count * 1e6


def _row(name: str, cost: Cost, start: Cost, count: int, base: float) -> list[str]:
    each = _each(cost, start, count)
    return [name, f"{each:.1f}", f"{base / each:.1f} ×", f"{start.cpu * 1000:.0f}", f"{cost.memory:.0f}"]


def _peers() -> tuple[dict[str, list[str]], list[str]]:
    found: dict[str, list[str]] = {}
    missing: list[str] = []
    pkl = os.environ.get("PKL") or shutil.which("pkl")
    candidates = {
        "rjsonnet": [sys.executable, str(HERE / "peers" / "jsonnet.py"), "."] if _importable("rjsonnet") else None,
        "Pkl": [pkl, "eval", "-p", "folder=.", str(HERE / "peers" / "advert.pkl")] if pkl else None,
        "Jinja2 + PyYAML + jsonschema": (
            [sys.executable, str(HERE / "peers" / "templates.py"), "."]
            if _importable("yaml") and _importable("jsonschema")
            else None
        ),
    }
    for name, command in candidates.items():
        if command is None:
            missing.append(name)
        else:
            found[name] = command
    return found, missing


def _importable(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _assert_equal(folder: Path, ours: str, names: list[str]) -> None:
    """A figure of something else would be no comparison."""
    for name in names:
        command = [sys.executable, str(HERE / "equal.py"), f"{ours}.out", f"{name}.out"]
        if subprocess.run(command, cwd=folder, check=False).returncode != 0:
            raise SystemExit(f"{name} makes other requests than skyflow")


def _limit(folder: Path) -> float | None:
    if not _importable("orjson"):
        return None
    command = [sys.executable, str(HERE / "limit.py"), "skyflow.out"]
    figures = [
        float(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.split()[0])
        for _ in range(ROUNDS)
    ]
    return sorted(figures)[len(figures) // 2]


def memory_section(folder: Path) -> str:
    """The same table with 2 and with 50 languages: 25 times the requests."""
    rows = []
    base = 0.0
    for languages in (advert.LANGUAGES, tuple(f"language {number}" for number in range(50))):
        place = folder / f"memory-{len(languages)}"
        advert.write(place, ROWS, languages)
        (place / "skyflow.toml").write_text("[project]\nvariants-limit = 1000000\n", encoding="utf-8")
        cost = run_once([*SKYFLOW, "compile", "advert.sky", "--format", "bodies"], place, None)
        base = base or cost.memory
        count = ROWS * len(languages) * 4
        rows.append(
            [f"{count:,} requests", f"{cost.cpu:.1f}", f"{cost.memory:.0f}", f"{(cost.memory / base - 1) * 100:+.0f} %"]
        )
    return table(["memory", "CPU s", "peak MB", "more"], rows)
