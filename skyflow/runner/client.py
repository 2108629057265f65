"""HTTP to one service: the calls of the contract, each answered by a value. The only file that knows httpx; it decides nothing.

The key goes to the base URL's host only: calls that carry it follow no redirect, and fetching a result carries none.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from skyflow.runner.refusal import RunRefused
from skyflow.runner.replies import Answered, Reply, Unanswered, Unreachable, Visited
from skyflow.runner.service import Service
from skyflow.runner.signed import hide, starred
from skyflow.version import __version__

# A gateway may take its time to accept a task; cutting it off would make doubt out of patience.
_SUBMIT_TIMEOUT = httpx.Timeout(120.0, connect=15.0)
_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
# httpx's pool looks through all its waiters at each change, so polls are spread over several clients with few waiters each.
_POLL_CLIENTS = 8
_TEXT_LIMIT = 2000
_MOST_ANSWER_BYTES = 1_000_000  # ours; the longest answer of the contract has a few kilobytes
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
    """The calls of contract.md, "Endpoints", to one service. `transport` replaces the network in tests. Raises RunRefused where the environment
    names a proxy that cannot be used.

    `secrets` are parts of links of ours; like the key they are taken out of whatever the service says.
    """

    def __init__(self, service: Service, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.service = service
        self.secrets: set[str] = set()
        logging.getLogger("httpx").addFilter(_star)
        self._stack = AsyncExitStack()
        secure = transport is None and service.base_url.startswith("https:")
        shared: dict[str, Any] = {
            # Made once: each of httpx's own would read all certificates anew. Without https there is nothing to verify.
            "verify": ssl.create_default_context() if secure else False,
            "trust_env": not service.is_local,
            "headers": {"User-Agent": f"skyflow/{__version__}", "Accept-Encoding": "identity"},
            "transport": transport,
        }
        self._turn = 0
        self._shared = shared
        with _proxy_refused():
            # A connection that the service has just closed would make doubt out of nothing, so paid requests never reuse one.
            self._submitter = httpx.AsyncClient(
                timeout=_SUBMIT_TIMEOUT, limits=httpx.Limits(max_keepalive_connections=0), **shared
            )
            self._pollers = [httpx.AsyncClient(timeout=_TIMEOUT, **shared) for _ in range(_POLL_CLIENTS)]
            self._fetcher = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=True, max_redirects=5, **shared)
        self._visitor: httpx.AsyncClient | None = None

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
                    raise DownloadBroken(await self._read(response))
                yield Download(_content_length(response), response.aiter_bytes())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DownloadBroken(Unanswered(self._hide(_reason(error)))) from None

    async def visit(self, url: str, expected: int) -> Visited | Unanswered | Unreachable:
        """See what somebody without our key is given at an address, as the service will be: redirects are told, not followed. Bytes are read only where
        the answer does not say how many there are, and no more than one above `expected`."""
        try:
            visitor = await self._visiting()
            async with visitor.stream("GET", url, headers={"Range": "bytes=0-0"}) as response:
                if response.is_success:
                    size = _whole_length(response)
                    return Visited(response.status_code, await _count(response, expected) if size is None else size)
                return await self._turned_away(response)
        except _NEVER_SENT as error:
            return Unreachable(self._hide(_reason(error)))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return Unanswered(self._hide(_reason(error)))

    async def _turned_away(self, response: httpx.Response) -> Visited:
        text = ""
        async for part in response.aiter_text():
            text += part
            if len(text) >= _TEXT_LIMIT:
                break
        size = 0 if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE else None  # an empty file
        location = "".join(filter(str.isprintable, response.headers.get("Location", "").partition("?")[0]))
        return Visited(response.status_code, size, self._hide(text[:_TEXT_LIMIT]), location)

    async def _visiting(self) -> httpx.AsyncClient:
        """The client for addresses of others, made on first use: few runs need it, and its certificates take a while to read."""
        if self._visitor is None:
            shared = {**self._shared, "verify": ssl.create_default_context()}
            self._visitor = httpx.AsyncClient(timeout=_TIMEOUT, **shared)
            await self._stack.enter_async_context(self._visitor)
        return self._visitor

    def _poller(self) -> httpx.AsyncClient:
        self._turn = (self._turn + 1) % len(self._pollers)
        return self._pollers[self._turn]

    async def _call(self, client: httpx.AsyncClient, method: str, path: str, **what: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self.service.api_key.reveal()}", **what.pop("headers", {})}
        try:
            async with client.stream(method, self.service.base_url + path, headers=headers, **what) as response:
                return await self._read(response)
        except _NEVER_SENT as error:
            return Unreachable(self._hide(_reason(error)))
        except httpx.HTTPError as error:
            return Unanswered(self._hide(_reason(error)))

    async def _read(self, response: httpx.Response) -> Answered | Unanswered:
        """An answer of the API: no more of it is taken into memory than one of its kind can have."""
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > _MOST_ANSWER_BYTES:
                return Unanswered(f"an answer of more than {_MOST_ANSWER_BYTES:,} bytes, which is none of the API's")
        return self._answered(response, bytes(content))

    def _answered(self, response: httpx.Response, content: bytes) -> Answered:
        text = self._hide(content.decode("utf-8", "replace"))
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        headers = response.headers
        wait, location = headers.get("Retry-After"), headers.get("Location", "")
        return Answered(response.status_code, body, text[:_TEXT_LIMIT], wait, location)

    def _hide(self, text: str) -> str:
        """The text without our key and without what is secret in our links: services repeat them in their messages."""
        if self.secrets:
            text = hide(text, self.secrets)
        key = self.service.api_key.reveal()
        # A few letters are no secret, and stand in the words of every answer.
        return text if len(key) < _SHORTEST_SECRET else text.replace(key, "***")


@contextmanager
def _proxy_refused() -> Iterator[None]:
    """Clients read the proxies of the environment when they are made. What these hold is not repeated: it may be a password."""
    try:
        yield
    except ImportError:
        raise RunRefused(
            "The environment names a SOCKS proxy, and what speaks to one is not installed.",
            'pip install "httpx[socks]", or unset ALL_PROXY, HTTPS_PROXY and HTTP_PROXY.',
        ) from None
    except (ValueError, httpx.InvalidURL):
        raise RunRefused(
            "The environment names a proxy that cannot be used.",
            "See ALL_PROXY, HTTPS_PROXY and HTTP_PROXY: each is an address such as http://proxy.example.com:3128.",
        ) from None


def _content_length(response: httpx.Response) -> int | None:
    header = response.headers.get("Content-Length", "")
    return int(header) if header.isascii() and header.isdigit() else None


def _star(record: logging.LogRecord) -> bool:
    """httpx logs the address of every request, for whoever listens; signatures are not for logs."""
    if isinstance(record.args, tuple):
        record.args = tuple(starred(str(one)) if isinstance(one, httpx.URL) else one for one in record.args)
    return True


def _whole_length(response: httpx.Response) -> int | None:
    """The bytes of the whole, where an answer to a question for the first one says so (RFC 9110, 14.4)."""
    whole = re.fullmatch(r"bytes \d+-\d+/(\d+)", response.headers.get("Content-Range", "").strip())
    if whole is not None:
        return int(whole[1])
    return _content_length(response) if response.status_code == httpx.codes.OK else None


async def _count(response: httpx.Response, expected: int) -> int:
    count = 0
    async for chunk in response.aiter_bytes():
        count += len(chunk)
        if count > expected:
            break
    return count


def _reason(error: Exception) -> str:
    """What happened, in words: httpx leaves some of its errors empty."""
    if isinstance(error, httpx.ConnectError):
        address = error.request.url
        return f"no connection to {address.scheme}://{address.netloc.decode()} ({error})"
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
