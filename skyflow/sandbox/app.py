"""The application: its parts put together, its routes, and what every call has in common. Listens nowhere by itself."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from skyflow.sandbox import calls, files, journal, page
from skyflow.sandbox.exchange import Connections, Endpoint, Refused, error_answer, require_key
from skyflow.sandbox.faults import FaultPlan
from skyflow.sandbox.links import Links
from skyflow.sandbox.parts import Parts
from skyflow.sandbox.references import FileIndex
from skyflow.sandbox.rendering import Renderer
from skyflow.sandbox.settings import SandboxSettings
from skyflow.sandbox.store import JournalEntry, Store
from skyflow.sandbox.tasks import SUBMIT_CALL, TaskBook

log = logging.getLogger("skyflow.sandbox")


def create_app(
    settings: SandboxSettings,
    *,
    clock: Callable[[], float] = time.time,
    connections: Connections | None = None,
) -> Starlette:
    """The sandbox as an ASGI application. Its folder is opened at once (SandboxRefused), its render processes start with it.

    `settings` name the key; `clock` gives seconds since 1970. `connections` is what the server that runs it tells about its
    connections; without it the faults that cut one end in an exception instead.
    """
    if not settings.key:
        raise ValueError("a sandbox without a key would let everybody in")
    parts = _put_together(settings, clock, connections or Connections())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await parts.renderer.start()
        for task in list(parts.tasks.open_tasks()):
            parts.renderer.take(task)
        try:
            yield
        finally:
            await parts.renderer.stop()
            parts.store.close()

    app = Starlette(
        routes=_routes(),
        lifespan=lifespan,
        exception_handlers={
            Refused: _refused,
            HTTPException: _no_such_call,
            Exception: _our_mistake,
        },
    )
    app.state.parts = parts
    return app


def _put_together(settings: SandboxSettings, clock: Callable[[], float], connections: Connections) -> Parts:
    store = Store.open(settings.dir)
    links = Links(store.secret, clock)
    index = FileIndex(settings, store, links, clock)
    return Parts(
        settings=settings,
        clock=clock,
        store=store,
        tasks=TaskBook(settings, store, clock),
        renderer=Renderer(settings, store, index, clock),
        index=index,
        links=links,
        faults=FaultPlan(settings.faults, settings.seed, store.count),
        connections=connections,
    )


def _routes() -> list[Route]:
    return [
        Route("/v1/videos/generations", _api(calls.submit), methods=["POST"]),
        Route("/v1/tasks/{task_id}", _api(calls.tell), methods=["GET"]),
        Route("/v1/uploads/images", _api(files.upload_image), methods=["POST"]),
        Route("/_sandbox/files", _with_key(files.take_local_file), methods=["POST"]),
        Route("/_sandbox/journal", _with_key(journal.tell), methods=["GET"]),
        Route("/uploads/{name}", files.send_upload, methods=["GET"]),
        Route("/results/{task_id}.mp4", files.send_result, methods=["GET"]),
        Route("/", page.show, methods=["GET"]),
    ]


def _with_key(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        require_key(request, request.app.state.parts.settings.key)
        return await endpoint(request)

    return guarded


def _api(endpoint: Endpoint) -> Endpoint:
    """A call of the API: needs the key, and passes the places of the faults that any call can meet."""

    async def guarded(request: Request) -> Response:
        parts: Parts = request.app.state.parts
        require_key(request, parts.settings.key)
        if parts.faults.strikes("slow"):
            await asyncio.sleep(parts.settings.slow_seconds)
        for name, status, message in (
            ("rate-limit", 429, "too many requests"),
            ("error-500", 500, "something went wrong"),
        ):
            if parts.faults.strikes(name):
                _note_refusal(request, status, name)
                return error_answer(status, f"{message} (the sandbox does this on purpose: --fault {name})")
        return await endpoint(request)

    return _with_journal(guarded)


def _with_journal(endpoint: Endpoint) -> Endpoint:
    async def noted(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            _note_refusal(request, refused.status, "")
            raise

    return noted


def _note_refusal(request: Request, status: int, fault: str) -> None:
    """What was refused and billed nothing; polls are too many to be noted."""
    call = f"{request.method} {request.url.path}"
    if request.method != "POST":
        return
    parts: Parts = request.app.state.parts
    body = getattr(request.state, "body", None) if call == SUBMIT_CALL else None
    key = request.headers.get("idempotency-key", "")
    parts.store.add_entry(JournalEntry(parts.clock(), call, status, fault, key, request=body))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return error_answer(error.status, error.message)


async def _no_such_call(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = {404: f"there is no {request.url.path} here", 405: f"{request.url.path} does not take {request.method}"}
    answer = error_answer(error.status_code, told.get(error.status_code, error.detail))
    answer.headers.update(error.headers or {})  # `Allow` tells which methods a path takes
    return answer


async def _our_mistake(request: Request, error: Exception) -> Response:
    return error_answer(500, "the sandbox made a mistake of its own; its log says more")
