"""Sentences for film people about what a service answered. Words only: what follows from them is decided elsewhere."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlsplit

from skyflow.contract.answers import read_error
from skyflow.contract.dollars import show_dollars
from skyflow.planner import PlannedClip
from skyflow.runner.replies import Answered, Reply

IN_DOUBT_MESSAGE = "it was sent and no answer came, so it may have been accepted and billed"
IN_DOUBT_HELP = "It is never sent again by itself. Look into the service's own list of tasks whether it made one of it."
_LONGEST = 400
_KEY_SHOWN = 12  # enough to tell a million clips apart
_MODERATION = re.compile(r"moderat|safety|sensitive|policy|nsfw|prohibited|inappropriate|审核|敏感|违规", re.IGNORECASE)


def said(reply: Reply) -> str:
    """What the service said, or why it said nothing, as a phrase."""
    if not isinstance(reply, Answered):
        return reply.reason
    message = read_error(reply.body).message or reply.text.strip()
    return f"{reply.status}: {_short(message)}" if message else f"status {reply.status} without a word"


def bad_key(reply: Reply) -> str:
    return f"The service does not accept the key ({said(reply)}). See that SKYFLOW_API_KEY holds the right one for this address."


def no_money(reply: Reply) -> str:
    return f"The balance is used up ({said(reply)}). Nothing further is sent; top it up and run again."


def wrong_place(reply: Reply) -> str:
    host = urlsplit(reply.location).netloc if isinstance(reply, Answered) else ""
    return f"The address answers with a redirect{f' to {host}' if host else ''}. Put the address of the API itself into SKYFLOW_BASE_URL."


def silent(seconds: float, reason: str) -> str:
    return f"The service has not answered for {seconds:.0f} s ({reason}). Is SKYFLOW_BASE_URL right? What is under way is kept; run again later."


def failure(code: str, message: str, cost: Decimal | None, clip: PlannedClip | None) -> tuple[str, str]:
    """Message and help for a task that failed; a refusal by the service's rules names what it may be about. `cost` is what was charged all the
    same, in dollars, None where the service did not say."""
    words = f"{_short(message or code or 'no reason given')} ({_billed(cost)})"
    if clip is None or not _MODERATION.search(f"{code} {message}"):
        return (
            f"the task failed: {words}",
            "It is not made again by itself." + ("" if clip is None else f" {made_anew(clip.key)}"),
        )
    prompt = _short(str(clip.body().get("prompt", "")), 160)
    files = ", ".join(sorted(set(clip.files.values())))
    about = f'the prompt is "{prompt}"' + (f"; the references are {files}" if files else "")
    return f"the service refused what it was to make: {words}", f"Look at what it may object to: {about}."


def _billed(cost: Decimal | None) -> str:
    if cost is None:
        return "the service does not say whether it was billed"
    return f"billed {show_dollars(cost)} all the same" if cost else "not billed"


def lost(owed: Decimal, key: str) -> str:
    """What a clip that is out of reach for good has cost, and the way to another."""
    return f"It may have cost {show_dollars(owed)}. {made_anew(key)}"


def made_anew(key: str) -> str:
    return f"To have it made anew, and paid anew: skyflow retry {key[:_KEY_SHOWN]}"


def _short(text: str, longest: int = _LONGEST) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
