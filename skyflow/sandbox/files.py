"""Files in and out: pictures as the API takes them, clips and sounds for the sandbox alone, results with ranges and an expiry."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from skyflow.contract.answers import MAX_UPLOAD_BYTES, UPLOAD_LIVES_SECONDS
from skyflow.media import MediaUnreadable, Probe, probe_media
from skyflow.sandbox.exchange import CutConnection, Refused, base_url, within
from skyflow.sandbox.parts import Parts, parts_of
from skyflow.sandbox.references import UPLOADS
from skyflow.sandbox.store import JournalEntry, StoredFile

MAX_LOCAL_BYTES = 256 * 1024 * 1024
_FORM_ROOM = 64 * 1024  # for the lines around a file in a multipart body
_TYPES: Mapping[str, str] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}
_PICTURES = ("jpg", "png", "webp", "gif")  # contract: POST /v1/uploads/images


async def upload_image(request: Request) -> Response:
    """`POST /v1/uploads/images`: the multipart field `file`."""
    return await _take(request, MAX_UPLOAD_BYTES, _PICTURES, "JPEG, PNG, WebP and GIF pictures", UPLOAD_LIVES_SECONDS)


async def take_local_file(request: Request) -> Response:
    """`POST /_sandbox/files`: any picture, clip or sound; the real API has no such call."""
    return await _take(request, MAX_LOCAL_BYTES, None, "pictures, clips and sounds", None)


async def _take(
    request: Request, limit: int, formats: tuple[str, ...] | None, wanted: str, lives: float | None
) -> Response:
    parts = parts_of(request)
    file = await _file_field(request, limit)
    try:
        size = file.size or 0
        if size > limit:
            raise Refused(413, f"the file has {size} bytes; at most {limit} are taken")
        stored = await asyncio.to_thread(_keep, parts, file.file, _plain_name(file.filename or ""), size, lives)
    finally:
        await file.close()
    if stored is None or (formats is not None and stored.extension not in formats):
        if stored is not None:
            parts.index.upload_path(stored).unlink(missing_ok=True)
        raise Refused(422, f"the content of the file is not one of those that are taken: {wanted}")
    parts.store.add_file(stored)
    call = f"{request.method} {request.url.path}"
    parts.store.add_entry(JournalEntry(stored.created, call, 200, request={"file": stored.name, "bytes": size}))
    return JSONResponse(_told(stored, base_url(request)))


def _told(file: StoredFile, base: str) -> dict[str, object]:
    told: dict[str, object] = {
        "url": f"{base}/uploads/{file.name}",
        "filename": file.filename,
        "content_type": _TYPES.get(file.extension, "application/octet-stream"),
        "bytes": file.bytes,
        "created_at": int(file.created),
    }
    return told if file.seconds is None else told | {"seconds": file.seconds}


async def _file_field(request: Request, limit: int) -> UploadFile:
    """The field `file` of a multipart body, which is spooled to disk as it comes in."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(422, "send the file as the field `file` of a multipart/form-data body")
    parser = MultiPartParser(request.headers, within(request, limit + _FORM_ROOM), max_files=4, max_fields=16)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:  # ValueError: what python-multipart itself raises
        raise Refused(422, f"the multipart body cannot be read: {error}") from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        await form.close()
        raise Refused(422, "the multipart body has no file in the field `file`")
    return file


def _keep(parts: Parts, source: IO[bytes], filename: str, size: int, lives: float | None) -> StoredFile | None:
    """Copy a file into the sandbox's folder under a name of its own; None where its content is nothing known."""
    identity = secrets.token_hex(16)
    part = parts.settings.dir / UPLOADS / f"{identity}.part"
    try:
        with part.open("wb") as target:
            shutil.copyfileobj(source, target)
        probe = _probe(part)
        if probe.kind is None:
            return None
        file = StoredFile(identity, probe.format, probe.kind, probe.seconds, size, filename, parts.clock(), lives)
        part.replace(parts.index.upload_path(file))
        return file
    finally:
        part.unlink(missing_ok=True)


def _probe(path: Path) -> Probe:
    try:
        return probe_media(path)
    except MediaUnreadable:
        return Probe(None, "")


def _plain_name(filename: str) -> str:
    """A client's file name without folders and control characters."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(character for character in name if character.isprintable())[:200]


async def send_upload(request: Request) -> Response:
    """An uploaded file, while its URL works; needs no key, as with the real service."""
    parts = parts_of(request)
    file = parts.index.upload(request.path_params["name"])
    if file is None or not (path := parts.index.upload_path(file)).exists():
        raise Refused(404, "there is no such file, or its URL has expired")
    return FileResponse(path, media_type=_TYPES.get(file.extension, "application/octet-stream"))


async def send_result(request: Request) -> Response:
    """A finished clip, whole or in ranges; needs no key, but a URL that has not expired."""
    parts = parts_of(request)
    task_id = request.path_params["task_id"]
    if not parts.links.is_good(task_id, request.url.query):
        raise Refused(403, "this URL has expired or is no good; ask the task for its result again")
    task = parts.tasks.get(task_id)
    if task is None or task.stored.state != "completed" or not (path := parts.renderer.result(task)).exists():
        raise Refused(404, "there is no such result")
    if request.method == "GET" and parts.faults.strikes("truncated-download"):
        whole = path.read_bytes()
        headers = {"content-type": "video/mp4", "content-length": str(len(whole))}
        return CutConnection(parts.connections, first=whole[: len(whole) // 2], headers=headers)
    return FileResponse(path, media_type="video/mp4", content_disposition_type="inline", filename=f"{task_id}.mp4")
