"""Writes a bash script that does with curl what a run does first: upload local pictures, submit, print the task ids.

Everything that comes from a storyboard stands in it quoted by shlex. The key is read from the environment when the script runs and is
handed to curl through a pipe, so that it stands neither in the script nor among the words of a process.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyflow.cli.outcome import Stop
from skyflow.cli.storyboard_input import Input
from skyflow.config.credentials import DEFAULT_BASE_URL
from skyflow.diagnostics.cells import shown

if TYPE_CHECKING:
    from skyflow.requests.compiled import CompiledClip

# Formats that the upload endpoint and the request both take (contract.md, "Endpoints" and "Request fields"), with the type to declare.
UPLOAD_TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
MAX_UPLOAD_BYTES = 20_000_000  # contract.md, "Endpoints": ≤ 20 MB

_CLOSING = """
echo "to follow one: GET $base/v1/tasks/TASK_ID" >&2
"""


def write_script(clips: Iterable[CompiledClip], opened: Input) -> str:
    """The script for these clips; each distinct request is submitted once. Raises Stop where curl alone cannot do it."""
    distinct: dict[str, CompiledClip] = {}
    for clip in clips:
        distinct.setdefault(clip.key, clip)
    _require_independent(distinct.values())
    uploads = {url: path for clip in distinct.values() for url, path in clip.files.items()}
    for path in uploads.values():
        _require_uploadable(path, opened)
    variables = {url: f"picture_{number}" for number, url in enumerate(uploads, 1)}
    steps = [f"\n# Clips: {len(distinct)}. Pictures: {len(uploads)}.\n"]
    steps += [_upload_step(variables[url], path, opened) for url, path in uploads.items()]
    steps += [_submit_step(clip, variables) for clip in distinct.values()]
    preamble = Path(__file__).with_name("curl_preamble.sh").read_text(encoding="utf-8")
    return preamble.replace("@BASE_URL@", DEFAULT_BASE_URL) + "".join(steps) + _CLOSING


def _require_independent(clips: Iterable[CompiledClip]) -> None:
    waiting = list(dict.fromkeys(clip.shot for clip in clips if clip.needs))
    if waiting:
        raise Stop(
            f"a script cannot make shots that need another shot's clip: {', '.join(waiting)}",
            "`skyflow run` makes them in order; --shot chooses the others for the script",
        )


def _require_uploadable(path: str, opened: Input) -> None:
    facts = opened.files.media(path)
    if facts.format not in UPLOAD_TYPES:
        what = (
            "has no upload"
            if facts.kind in ("audio", "video")
            else f"is {facts.format or 'no picture'}, which must be converted first"
        )
        raise Stop(
            f"a script cannot send `{path}`: it {what}",
            "give a picture as jpg, png or gif, and a clip or sound by its public address; `skyflow run` previews all of them",
        )
    if facts.size > MAX_UPLOAD_BYTES:
        raise Stop(
            f"a script cannot send `{path}`: it is {facts.size / 1e6:.1f} MB, and at most 20 MB are taken",
            "scale it down",
        )


def _upload_step(variable: str, path: str, opened: Input) -> str:
    facts = opened.files.media(path)
    place = shlex.quote(str(opened.files.disk_path(path)))
    return f"{variable}=$(upload {place} {UPLOAD_TYPES[facts.format]} {facts.sha256}.{facts.format})\n"


def _submit_step(clip: CompiledClip, variables: Mapping[str, str]) -> str:
    label = " ".join(part for part in (clip.variant, clip.shot, f"take {clip.take}") if part)
    body = "".join(
        f'"${{{variables[piece]}}}"' if is_upload else shlex.quote(piece)
        for piece, is_upload in _merge(_json_pieces(clip.request, variables))
    )
    return f"\nsubmit {clip.key} {shlex.quote(shown(label))} <<< {body}\n"


def _json_pieces(value: Any, variables: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """The value as JSON in pieces: (text, False), or (a URL that an upload will give, True)."""
    if isinstance(value, str) and value in variables:
        yield from (('"', False), (value, True), ('"', False))
    elif isinstance(value, Mapping):
        for number, (key, item) in enumerate(value.items()):
            yield f"{', ' if number else '{'}{json.dumps(key)}: ", False
            yield from _json_pieces(item, variables)
        yield ("}" if value else "{}"), False
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield (", " if number else "["), False
            yield from _json_pieces(item, variables)
        yield ("]" if value else "[]"), False
    else:
        yield json.dumps(value, ensure_ascii=False), False


def _merge(pieces: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Neighbouring texts as one, so that each is quoted once."""
    text = ""
    for piece, is_upload in pieces:
        if is_upload:
            yield text, False
            yield piece, True
            text = ""
        else:
            text += piece
    yield text, False
