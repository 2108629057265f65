"""How the API speaks HTTP here: error answers, the key, bodies within bounds, connections cut on purpose."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from skyflow.contract import ErrorAnswer
from skyflow.contract.json_text import load_json

if TYPE_CHECKING:
    from asyncio import Transport

MAX_JSON_BYTES = 1024 * 1024  # a request with six pictures and 1280 tokens is about 10 kB
RETRY_AFTER_SECONDS = 1
_TYPES = {
    401: "authentication_error",
    402: "insufficient_balance",
    403: "permission_error",
    404: "not_found",
    405: "invalid_request_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
}

Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """Ends a call with an error answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def error_answer(status: int, message: str) -> JSONResponse:
    """The API's error body: `{"error": {"code", "message", "type"}}`."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 429 else None
    kind = _TYPES.get(status, "invalid_request_error")
    return JSONResponse(ErrorAnswer.of(status, message, kind).as_json(), status, headers)


def require_key(request: Request, key: str) -> None:
    """Raises Refused(401) unless the request brings the key as a bearer token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), key.encode()):
        raise Refused(401, "the API key is missing or wrong; send it as `Authorization: Bearer KEY`")


async def read_json(request: Request) -> Any:
    """The JSON value of a body. Raises Refused: 413 where it is too large, 422 where it is no JSON."""
    body = bytearray()
    async for chunk in within(request, MAX_JSON_BYTES):
        body += chunk
    try:
        return load_json(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Refused(422, f"the body is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise Refused(422, f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        words = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
        if "digits" in words:  # Python reads no integer of more than 4300
            words = "a number in it is too long"
        raise Refused(422, f"the body is not JSON that can be read: {words}") from None


async def within(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body in chunks as it comes in. Raises Refused(413) as soon as it is larger than `limit` bytes."""
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    if size > limit:
        raise Refused(413, f"the body has {size} bytes; at most {limit} are taken")
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise Refused(413, f"the body has more than {limit} bytes")
            yield chunk
    except ClientDisconnect:
        raise Refused(422, "the connection ended before the body did") from None


def base_url(request: Request) -> str:
    """This server as the client calls it, without a slash at the end."""
    return str(request.base_url).rstrip("/")


class Connections:
    """The open connections by the client's address, so that a fault can cut one."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], Transport] = {}

    def opened(self, client: tuple[str, int], transport: Transport) -> None:
        self._open[client] = transport

    def closed(self, client: tuple[str, int]) -> None:
        self._open.pop(client, None)

    def of(self, scope: Scope) -> Transport:
        """The connection of a request. Raises ConnectionError where the server does not tell us about its connections."""
        client = scope.get("client")
        transport = self._open.get(tuple(client)) if client else None
        if transport is None:
            raise ConnectionError("this connection was to be cut on purpose, but it is not known")
        return transport


class CutConnection(Response):
    """No answer: the connection ends at once, or behind the `first` bytes of a body that its headers announce as longer."""

    def __init__(
        self, connections: Connections, *, first: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._connections, self._first = connections, first
        self._announced = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = self._connections.of(scope)
        if self._first:
            await send({"type": "http.response.start", "status": 200, "headers": self._announced})
            await send({"type": "http.response.body", "body": self._first, "more_body": True})
            # Closing lets what was written leave; aborting would drop it.
            transport.close()
        else:
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            continue
