"""`GET /_sandbox/journal`: what was received and billed, so that a client's books can be held against it."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from skyflow.sandbox.exchange import Refused
from skyflow.sandbox.parts import parts_of
from skyflow.sandbox.store import JournalEntry

MAX_ENTRIES = 100_000


async def tell(request: Request) -> Response:
    """Entries in order, and the totals. `?after=N&limit=M` gives a part. Money is text, so that it stays decimal."""
    parts = parts_of(request)
    parts.tasks.settle_due()
    after, limit = _number(request, "after", 0), _number(request, "limit", MAX_ENTRIES)
    entries = [_told(number, entry) for number, entry in parts.store.journal(after, min(limit, MAX_ENTRIES))]
    balance = parts.tasks.balance
    told = {
        "entries": entries,
        "tasks": len(parts.tasks),
        "billed": str(parts.store.billed),
        "balance": None if balance is None else str(balance),
        "currency": "USD",
    }
    # In ASCII: requests may hold lone surrogates, which JSON can write and UTF-8 cannot.
    return Response(json.dumps(told), media_type="application/json")


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused(422, f"`{name}` is a whole number, not {text[:40]!r}")
    return int(text)


def _told(number: int, entry: JournalEntry) -> dict[str, object]:
    """`answered` is false where the connection was cut: the client cannot know what `status` would have been."""
    return {
        "number": number,
        "at": entry.at,
        "call": entry.call,
        "status": entry.status,
        "answered": entry.status is not None or entry.call == "refund",
        "fault": entry.fault or None,
        "idempotency_key": entry.idempotency_key or None,
        "task_id": entry.task_id or None,
        "billed": str(entry.billed),
        "request": entry.request,
    }
