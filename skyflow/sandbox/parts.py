"""What the endpoints of one sandbox share, in one place. Holds, does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from skyflow.sandbox.exchange import Connections
from skyflow.sandbox.faults import FaultPlan
from skyflow.sandbox.links import Links
from skyflow.sandbox.references import FileIndex
from skyflow.sandbox.rendering import Renderer
from skyflow.sandbox.settings import SandboxSettings
from skyflow.sandbox.store import Store
from skyflow.sandbox.tasks import TaskBook


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running sandbox. `clock` gives seconds since 1970."""

    settings: SandboxSettings
    clock: Callable[[], float]
    store: Store
    tasks: TaskBook
    renderer: Renderer
    index: FileIndex
    links: Links
    faults: FaultPlan
    connections: Connections


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts
