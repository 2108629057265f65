"""Listening: binds a socket, runs the application on it, says where, and ends when it should."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from queue import Queue
from secrets import token_urlsafe

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from skyflow.media import INSTALL_COMMAND
from skyflow.sandbox.app import create_app
from skyflow.sandbox.exchange import Connections
from skyflow.sandbox.settings import SandboxRefused, SandboxSettings

Announce = Callable[[str, SandboxSettings], None]
_GRACE_SECONDS = 3


def serve(settings: SandboxSettings, *, announce: Announce | None = None, die_with_parent: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises SandboxRefused where it cannot start.

    `announce` is called with the URL and the settings (with the key that was made, where there was none) once calls are
    taken; without it, a line for people is printed. With `die_with_parent` it ends when standard input does.
    """
    settings = _with_key(settings)
    logging.basicConfig(level=logging.WARNING, format="skyflow sandbox: %(message)s")
    with _listening(settings, time.time, announce or _print) as (server, listener):
        if die_with_parent:
            _end_with_standard_input(server)
        with suppress(KeyboardInterrupt):  # uvicorn has ended everything in order before it raises this
            server.run(sockets=[listener])


@contextmanager
def sandbox_in_thread(
    settings: SandboxSettings, *, clock: Callable[[], float] = time.time
) -> Iterator[tuple[str, SandboxSettings]]:
    """A sandbox in a thread of this process, for as long as the block lasts: its URL, and its settings with the key.

    Raises SandboxRefused where it cannot start.
    """
    settings, urls = _with_key(settings), Queue[str | None]()
    with _listening(settings, clock, lambda url, _: urls.put(url)) as (server, listener):

        def run() -> None:
            try:
                asyncio.run(server.serve(sockets=[listener]))
            finally:
                urls.put(None)

        thread = threading.Thread(target=run, name="skyflow-sandbox")
        thread.start()
        try:
            url = urls.get()
            if url is None:
                raise SandboxRefused("the sandbox ended while it was starting; its log says why")
            yield url, settings
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _listening(
    settings: SandboxSettings, clock: Callable[[], float], announce: Announce
) -> Iterator[tuple[uvicorn.Server, socket.socket]]:
    """A server that is ready to run, and its bound socket. Raises SandboxRefused."""
    _require_media()
    listener = _bind(settings.host, settings.port)
    try:
        connections = Connections()
        app = create_app(settings, clock=clock, connections=connections)
        yield _Server(_config(app, connections), lambda: announce(_url(listener, settings.host), settings)), listener
    finally:
        listener.close()


def _with_key(settings: SandboxSettings) -> SandboxSettings:
    return settings if settings.key else replace(settings, key=token_urlsafe(24))


def _config(app: object, connections: Connections) -> uvicorn.Config:
    class Protocol(H11Protocol):
        """Tells about its connections, so that faults can cut them."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                connections.opened(self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.closed(self.client)
            super().connection_lost(exc)

    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _require_media() -> None:
    for package in ("av", "PIL"):
        if find_spec(package) is None:
            raise SandboxRefused(f"the sandbox renders clips and needs the media extra: {INSTALL_COMMAND}")


def _bind(host: str, port: int) -> socket.socket:
    """A bound socket. Raises SandboxRefused."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise SandboxRefused(f"`{host}` is no address of this machine ({error}); name another with --host") from error
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # where it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Bound but not listening, a second sandbox could still bind to the port.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise SandboxRefused(_why_not_bound(host, port, error)) from error
    return listener


def _why_not_bound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port, or 0 for any that is free"
    if error.errno == errno.EACCES:
        return f"this user may not listen on port {port}; choose one above 1023 with --port"
    return f"cannot listen on {host}, port {port} ({error.strerror}); choose others with --host and --port"


def _url(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    # An address that stands for all of them is none that a client can call.
    named = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


def _print(url: str, settings: SandboxSettings) -> None:
    print(f"skyflow sandbox at {url}, its files in {settings.dir} (Ctrl-C ends it)")
    print(f"  export SKYFLOW_BASE_URL={url} SKYFLOW_API_KEY={settings.key}", flush=True)


def _end_with_standard_input(server: uvicorn.Server) -> None:
    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                continue
        server.should_exit = True
        # A parent that is gone waits for nobody.
        timer = threading.Timer(_GRACE_SECONDS + 2, os._exit, (0,))
        timer.daemon = True
        timer.start()

    threading.Thread(target=watch, daemon=True).start()
