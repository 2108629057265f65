"""The page at `/`: what this is, and the latest tasks with their clips, for a person at this machine."""

from __future__ import annotations

import ipaddress
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from skyflow.contract import mode_of
from skyflow.contract.dollars import show_dollars
from skyflow.sandbox.calls import result_url
from skyflow.sandbox.exchange import base_url
from skyflow.sandbox.parts import Parts, parts_of
from skyflow.sandbox.tasks import Task

_SHOWN = 48
_POLICY = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"
_LONGEST_PROMPT = 400
_STYLE = """
:root { color-scheme: dark } * { box-sizing: border-box }
body { margin: 0; padding: 2.5rem 4vw; background: #101218; color: #e9ebf0; font: 16px/1.5 system-ui, sans-serif }
h1 { margin: 0 0 .25rem; font-size: 1.5rem } p { margin: .3rem 0; color: #a9b0bd; max-width: 46rem }
code { color: #ffc83d } ul { display: grid; gap: 1.25rem; padding: 0; margin: 2rem 0; list-style: none;
grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)) }
li { background: #191c25; border-radius: .75rem; overflow: hidden; display: flex; flex-direction: column }
video, .none { width: 100%; aspect-ratio: 16/9; background: #000; object-fit: contain; display: block }
.none { display: grid; place-items: center; color: #7d8594 } div.text { padding: .8rem 1rem 1rem }
b { background: #e9ebf0; color: #101218; border-radius: .3rem; padding: 0 .4rem; font-size: .8rem; margin-right: .5rem }
small { color: #7d8594 } .prompt { color: #e9ebf0; overflow-wrap: anywhere }
"""


async def show(request: Request) -> Response:
    """The page. Prompts are shown to this machine only: the page asks for no key."""
    parts = parts_of(request)
    listed = (
        _list(parts, base_url(request))
        if _is_here(request)
        else "<p>Open this page on the sandbox's own machine to see its clips.</p>"
    )
    body = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>skyflow sandbox</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>
<h1>skyflow sandbox</h1>
<p>It keeps the contract of the SkyReels V4 API and renders an animatic for each task. Nothing here is billed to anybody.</p>
<p>Point a client at <code>{escape(base_url(request))}</code>, with the key of this sandbox as its API key.</p>
{listed}</html>"""
    return HTMLResponse(body, headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"})


def _is_here(request: Request) -> bool:
    """Whether the browser is on this machine, and was not led here under a foreign name."""
    client = request.client.host if request.client else ""
    return _is_loopback(client) and (request.url.hostname == "localhost" or _is_loopback(request.url.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _list(parts: Parts, base: str) -> str:
    parts.tasks.settle_due()
    tasks = parts.tasks.newest(_SHOWN)
    if not tasks:
        return "<p>No task yet.</p>"
    return f"<ul>{''.join(_item(parts, task, base) for task in tasks)}</ul>"


def _item(parts: Parts, task: Task, base: str) -> str:
    stored = task.stored
    request = parts.store.request_of(stored.id)
    status, progress = parts.tasks.status(task)
    expires = int((stored.completed or 0) + parts.settings.result_seconds)
    clip = f'<div class="none">{escape(status)} {progress} %</div>'
    if status == "completed":
        source = escape(result_url(parts, task, base, expires))
        clip = f'<video controls loop muted preload="metadata" src="{source}"></video>'
    prompt = request["prompt"].encode("utf-8", "replace").decode()
    shown = prompt if len(prompt) <= _LONGEST_PROMPT else prompt[:_LONGEST_PROMPT] + "…"
    notes = "".join(f"<p>{escape(note)}</p>" for note in stored.notes)
    facts = f"{stored.seconds:g} s · {request['model']} · {show_dollars(stored.cost)}"
    return (
        f'<li>{clip}<div class="text"><p class="prompt"><b>{mode_of(request)}</b>{escape(shown)}</p>'
        f"<small>{escape(facts)}<br>{escape(stored.id)}</small>{notes}</div></li>"
    )
