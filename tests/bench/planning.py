"""What `skyflow plan` costs beside compiling the same clips, when the ledger has half of them already."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from tests.bench import advert
from tests.bench.measure import table

ROWS = 5_000
ROUNDS = 5


def plan_section(folder: Path) -> str:
    from skyflow.assets import DiskFiles
    from skyflow.contract import DEFAULT_PRICES
    from skyflow.ledger import SANDBOX, ClipStore, read_ledger
    from skyflow.pipeline import Storyboarding, open_storyboard
    from skyflow.planner import LedgerHistory, make_plan

    place = folder / "plan"
    advert.write(place, ROWS)
    (place / "skyflow.toml").write_text("", encoding="utf-8")

    def opened() -> Storyboarding:
        storyboard = open_storyboard("advert.sky", DiskFiles(place))
        assert not storyboard.check()
        return storyboard

    count = _remember_half(place)

    def compile_all() -> None:
        assert sum(lines.count(b"\n") for lines in opened().clip_lines()) == count

    def plan_all() -> None:
        storyboard = opened()
        with read_ledger(place) as ledger:
            plan = make_plan(
                storyboard.clips(),
                history=LedgerHistory(ledger, ClipStore(place, SANDBOX), SANDBOX, "advert.sky"),
                prices=DEFAULT_PRICES,
                target=SANDBOX,
                storyboard="advert.sky",
                title="Advert",
                keep_requests=False,
            )
        assert plan.total.clips == count - count // 2

    compiling, planning = [], []
    for _ in range(ROUNDS):
        compiling.append(_cost(compile_all))
        planning.append(_cost(plan_all))
    base = statistics.median(compiling)
    rows = [
        ["compile, with keys", f"{base * 1000:.0f}", "1.0 ×"],
        ["plan", f"{statistics.median(planning) * 1000:.0f}", f"{statistics.median(planning) / base:.1f} ×"],
    ]
    return table([f"{count:,} clips, half of them in the ledger", "CPU ms", "÷ compile"], rows)


def _cost(action: Callable[[], None]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def _remember_half(place: Path) -> int:
    """Writes every second clip into the ledger as made and stored; how many clips there are in all."""
    from skyflow.assets import DiskFiles
    from skyflow.ledger import SANDBOX, Accepted, ClipStore, Completed, Label, Order, Stored, open_ledger
    from skyflow.pipeline import open_storyboard

    clips = list(open_storyboard("advert.sky", DiskFiles(place)).clips())
    store = ClipStore(place, SANDBOX)
    store.folder.mkdir(parents=True, exist_ok=True)
    with open_ledger(place) as ledger:
        run = ledger.runs.start(SANDBOX, "advert.sky")
        half = iter(clips[::2])
        while batch := list(itertools.islice(half, 1000)):
            with ledger.batch():
                for clip in batch:
                    label = Label("advert.sky", clip.variant, clip.shot, clip.take)
                    ledger.claim(SANDBOX, clip.key, run)
                    order = Order(label, {}, Decimal("0.55"), True)
                    ledger.post(SANDBOX, clip.key, order, run=run, concurrency=10**9)
                    ledger.record(SANDBOX, clip.key, Accepted(f"task_{clip.key[:8]}"), run=run)
                    ledger.record(SANDBOX, clip.key, Completed(("http://127.0.0.1/c.mp4",)), run=run)
                    ledger.record(SANDBOX, clip.key, Stored("0" * 64, 4), run=run)
                    (store.folder / f"{clip.key}.mp4").write_bytes(b"clip")
        ledger.end_run(run)
    return len(clips)
