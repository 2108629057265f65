"""Looking at an address as a service would: what it is told by, how little is read, and where it does not go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from skyflow.config import ApiKey
from skyflow.ledger import live_target
from skyflow.runner import Service
from skyflow.runner.client import Client
from skyflow.runner.replies import Unanswered, Unreachable, Visited

BASE = "https://api.example.com"
KEY = "sk-a-very-secret-key"


def visit(answer: Any, url: str = "https://cdn.example.com/mika.mp3") -> tuple[Any, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look() -> Any:
        service = Service(BASE, ApiKey(KEY), live_target(BASE))
        async with Client(service, httpx.MockTransport(handle)) as client:
            return await client.visit(url, 100)

    return asyncio.run(look()), asked


def test_logs_have_no_signature(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        visit(httpx.Response(200, content=b"x"), "https://b.example/1.mp3?X-Amz-Date=1&X-Amz-Signature=feed")
    assert "https://b.example/1.mp3?X-Amz-Date=1&X-Amz-Signature=***" in caplog.text
    assert "feed" not in caplog.text


class Endless(httpx.AsyncByteStream):
    """A body without a length that never ends."""

    def __init__(self) -> None:
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.given += 40
            yield b"x" * 40


def ranged(value: str, status: int = 206) -> httpx.Response:
    return httpx.Response(status, headers={"Content-Range": value}, content=b"x")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (ranged("bytes 0-0/1234"), Visited(206, 1234)),
        (ranged("bytes 0-0/1234", 200), Visited(200, 1234)),  # rclone's way
        (httpx.Response(200, content=b"x" * 100), Visited(200, 100)),  # a server that knows no ranges
        (httpx.Response(416), Visited(416, 0)),
        (httpx.Response(404, text="no such place"), Visited(404, None, "no such place")),
        (httpx.Response(302, headers={"Location": "https://b.example/x?token=1"}), Visited(302, None, "", "https://b.example/x")),
        (httpx.ConnectError("refused"), Unreachable("no connection to https://cdn.example.com (refused)")),
        (httpx.ReadTimeout(""), Unanswered("no answer within the time allowed")),
    ],
)  # fmt: skip
def test_what_is_found(answer: Any, found: object) -> None:
    said, [request] = visit(answer)
    assert said == found
    assert request.headers["Range"] == "bytes=0-0"
    assert "Authorization" not in request.headers


def test_without_a_length_it_is_counted_and_no_further_than_needed() -> None:
    body = Endless()
    found, _ = visit(httpx.Response(200, stream=body))
    assert found == Visited(200, 120)
    assert body.given <= 160


def test_a_long_refusal_is_not_read_to_its_end() -> None:
    body = Endless()
    found, _ = visit(httpx.Response(500, stream=body))
    assert (found.status, len(found.text)) == (500, 2000)
    assert body.given < 100_000


def test_what_is_no_address_is_told() -> None:
    found, asked = visit(httpx.Response(200), "https://cdn.example.com/\x00")
    assert isinstance(found, Unanswered)
    assert asked == []
