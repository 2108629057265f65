"""Runs commands in turn, several rounds, and gives the medians of what the operating system counted for each whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the rounds: processor seconds (user and system), and the peak memory in MB of the largest round.

    The operating system counts to a process what its parent held when it started it, so this process must stay small:
    outputs are compared in processes of their own.
    """

    cpu: float
    memory: float


def run_once(command: Sequence[str], folder: Path, output: Path | None) -> Cost:
    """Runs a command to its end. Raises RuntimeError where it fails."""
    stream = output.open("wb") if output is not None else subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, cwd=folder, stdout=stream, stderr=subprocess.PIPE, env=_environment())
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
    finally:
        if output is not None:
            stream.close()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said.decode(errors='replace')[-600:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _environment() -> dict[str, str]:
    """As a user has it: with bytecode on disk, and an output that is buffered."""
    unlike = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in os.environ.items() if name not in unlike}


def compare(commands: Mapping[str, Sequence[str]], folder: Path, rounds: int, outputs: bool = False) -> dict[str, Cost]:
    """Each command once a round, in turn, its output thrown away: how fast a disk takes it is no property of the command.

    A first round does not count: it leaves bytecode and warm files behind and, with `outputs`, what each command prints, as `NAME.out`
    in the folder.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for name, command in commands.items():
        run_once(command, folder, folder / f"{name}.out" if outputs else None)
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(run_once(command, folder, None))
    return {
        name: Cost(statistics.median(cost.cpu for cost in found), max(cost.memory for cost in found))
        for name, found in costs.items()
    }


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first are figures."""
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
