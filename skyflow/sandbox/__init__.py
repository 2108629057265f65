"""A server that keeps the API's contract, renders animatics, and misbehaves on request. The only room with a web server.

The server itself is imported on first use: naming its settings and faults needs no ASGI stack.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skyflow.sandbox.faults import FAULTS, Fault, FaultUnknown, parse_fault
from skyflow.sandbox.settings import ALLOWABLE, Render, SandboxRefused, SandboxSettings

if TYPE_CHECKING:
    from skyflow.sandbox.app import create_app
    from skyflow.sandbox.server import sandbox_in_thread, serve

__all__ = [
    "ALLOWABLE",
    "FAULTS",
    "Fault",
    "FaultUnknown",
    "Render",
    "SandboxRefused",
    "SandboxSettings",
    "create_app",
    "parse_fault",
    "sandbox_in_thread",
    "serve",
]

_LATE = {"create_app": "app", "sandbox_in_thread": "server", "serve": "server"}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _LATE:
            return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
