"""Who owns claimed work: which process that is, and whether it still lives."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

# A run says that it lives every BEAT_SECONDS. Where its process cannot be looked at (another machine, Windows), it counts as gone
# after LEASE_SECONDS of silence. A wrong guess never pays twice: what it was sending becomes doubt, not a second request.
BEAT_SECONDS = 10.0
LEASE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: `start` tells it from a later one that got the same pid; empty where the system does not say."""

    pid: int
    start: str
    host: str


def this_process() -> Owner:
    pid = os.getpid()
    return Owner(pid, _start_of(pid) or "", socket.gethostname())


def is_alive(owner: Owner, silent_seconds: float) -> bool:
    """Whether the process runs, by looking at it where that is possible, else by how long it said nothing."""
    if owner.host != socket.gethostname() or os.name == "nt":
        return silent_seconds < LEASE_SECONDS
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there and belongs to somebody else
    start = _start_of(owner.pid)
    return start is None or not owner.start or start == owner.start


def _start_of(pid: int) -> str | None:
    """When the process started, as Linux counts it, with the boot it started in; None elsewhere, "" where it is gone or a zombie."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    try:
        # The name in brackets may hold spaces; behind it stand the state and, 20th from there, the start time (proc_pid_stat(5)).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot}:{fields[19]}"
