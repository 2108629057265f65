"""HTTP to one service: the calls of the contract, each answered by a value. The only file that knows httpx; it decides nothing.

The key goes to the base URL's host only: calls that carry it follow no redirect, and fetching a result carries none.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from skyflow.runner.replies import Answered, Reply, Unanswered, Unreachable
from skyflow.runner.service import Service
from skyflow.version import __version__

# A gateway may take its time to accept a task; cutting it off would make doubt out of patience.
_SUBMIT_TIMEOUT = httpx.Timeout(120.0, connect=15.0)
_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
# httpx's pool looks through all its waiters at each change, so polls are spread over several clients with few waiters each.
_POLL_CLIENTS = 8
_TEXT_LIMIT = 2000
_SHORTEST_SECRET = 8
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


class DownloadBroken(Exception):
    """A result could not be read to its end. `reply` says what came instead where something did."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text if isinstance(reply, Answered) else reply.reason)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Download:
    """A result being read: `length` is what the server promised in bytes, None where it promised nothing."""

    length: int | None
    chunks: AsyncIterator[bytes]


class Client:
    """The calls of contract.md, "Endpoints", to one service. `transport` replaces the network in tests."""

    def __init__(self, service: Service, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.service = service
        self._stack = AsyncExitStack()
        secure = transport is None and service.base_url.startswith("https:")
        shared: dict[str, Any] = {
            # Made once: each of httpx's own would read all certificates anew. Without https there is nothing to verify.
            "verify": ssl.create_default_context() if secure else False,
            "trust_env": not service.is_local,
            "headers": {"User-Agent": f"skyflow/{__version__}", "Accept-Encoding": "identity"},
            "transport": transport,
        }
        # A connection that the service has just closed would make doubt out of nothing, so paid requests never reuse one.
        self._submitter = httpx.AsyncClient(
            timeout=_SUBMIT_TIMEOUT, limits=httpx.Limits(max_keepalive_connections=0), **shared
        )
        self._pollers = [httpx.AsyncClient(timeout=_TIMEOUT, **shared) for _ in range(_POLL_CLIENTS)]
        self._fetcher = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=True, max_redirects=5, **shared)
        self._turn = 0

    async def __aenter__(self) -> Client:
        for client in (self._submitter, *self._pollers, self._fetcher):
            await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def submit(self, body: Mapping[str, Any], idempotency_key: str) -> Reply:
        """The paid POST."""
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        return await self._call(self._submitter, "POST", "/v1/videos/generations", headers=headers, content=content)

    async def task(self, task_id: str) -> Reply:
        """How a task stands. May be asked as often as wished."""
        path = f"/v1/tasks/{quote(task_id, safe='')}"
        return await self._call(self._poller(), "GET", path, params={"language": "en"})

    async def upload(self, file: Path, content_type: str, *, path: str) -> Reply:
        """Send a file as the multipart field `file`. Costs nothing."""
        with file.open("rb") as stream:
            return await self._call(self._poller(), "POST", path, files={"file": (file.name, stream, content_type)})

    @asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[Download]:
        """Read a result. Raises DownloadBroken where it is not answered, or not to its end."""
        try:
            async with self._fetcher.stream("GET", url) as response:
                if not response.is_success:
                    await response.aread()
                    raise DownloadBroken(self._answered(response))
                yield Download(_content_length(response), response.aiter_bytes())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DownloadBroken(Unanswered(self._hide(_reason(error)))) from None

    def _poller(self) -> httpx.AsyncClient:
        self._turn = (self._turn + 1) % len(self._pollers)
        return self._pollers[self._turn]

    async def _call(self, client: httpx.AsyncClient, method: str, path: str, **what: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self.service.api_key.reveal()}", **what.pop("headers", {})}
        try:
            response = await client.request(method, self.service.base_url + path, headers=headers, **what)
        except _NEVER_SENT as error:
            return Unreachable(self._hide(_reason(error)))
        except httpx.HTTPError as error:
            return Unanswered(self._hide(_reason(error)))
        return self._answered(response)

    def _answered(self, response: httpx.Response) -> Answered:
        text = self._hide(response.content.decode("utf-8", "replace"))
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        headers = response.headers
        wait, location = headers.get("Retry-After"), headers.get("Location", "")
        return Answered(response.status_code, body, text[:_TEXT_LIMIT], wait, location)

    def _hide(self, text: str) -> str:
        """The text without our key: services repeat it in their messages."""
        key = self.service.api_key.reveal()
        # A few letters are no secret, and stand in the words of every answer.
        return text if len(key) < _SHORTEST_SECRET else text.replace(key, "***")


def _content_length(response: httpx.Response) -> int | None:
    header = response.headers.get("Content-Length", "")
    return int(header) if header.isascii() and header.isdigit() else None


def _reason(error: Exception) -> str:
    """What happened, in words: httpx leaves some of its errors empty."""
    words = {
        httpx.ConnectTimeout: "no connection within the time allowed",
        httpx.ReadTimeout: "no answer within the time allowed",
        httpx.WriteTimeout: "the request could not be sent within the time allowed",
        httpx.ReadError: "the connection broke before the answer came",
        httpx.WriteError: "the connection broke while the request was sent",
        httpx.RemoteProtocolError: "the connection was closed before the whole answer came",
    }
    known = next((text for kind, text in words.items() if isinstance(error, kind)), None)
    return known or str(error) or type(error).__name__
