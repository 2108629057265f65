"""From `skyflow:` URLs to real ones: local files, finished clips and frames of them, each uploaded once and remembered while its URL lives.

Pictures go to the service itself; clips and sounds to the project's asset host, or to the sandbox.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skyflow.contract.answers import (
    MAX_UPLOAD_BYTES,
    UPLOAD_LIVES_SECONDS,
    AnswerUnreadable,
    TaskAnswer,
    UploadAnswer,
    read_answer,
)
from skyflow.ledger import STATE_FOLDER, Attempt
from skyflow.media import MediaExtraMissing, MediaUnreadable, save_as_png, save_frame
from skyflow.planner import FileNeeded, Needed, PlannedClip, ResultNeeded, fill, placeholders
from skyflow.runner import explain
from skyflow.runner.context import Context
from skyflow.runner.events import Notice, Uploaded
from skyflow.runner.fetch import expiry
from skyflow.runner.hosts import Asset, HostTrouble
from skyflow.runner.poll import expiry_of
from skyflow.runner.replies import Answered, Reply, Unreachable
from skyflow.runner.retry import Meaning, judge_harmless

IMAGE_UPLOAD = "/v1/uploads/images"
SANDBOX_UPLOAD = "/_sandbox/files"
# A request may wait in the service's queue before its pictures are fetched.
SPARE_LIFE = 2 * 3600.0
# What both the upload takes and the request may name: bmp is not uploaded, webp is not named (contract.md, `image-format`).
_AS_THEY_ARE = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
_OTHER_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "mp3": "audio/mpeg", "wav": "audio/wav"}
_MOST_TRIES = 6
_PUBLISHED_AT_ONCE = 4


class NotUploaded(Exception):
    """Something that a request needs cannot be given a URL. Nothing was sent and nothing billed."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(slots=True)
class Uploader:
    """Gives URLs to what the requests of one run need. What several want at once is sent once."""

    context: Context
    _under_way: dict[str, asyncio.Task[str]] = field(default_factory=dict)

    async def body_of(self, clip: PlannedClip) -> dict[str, Any]:
        """The request of a clip as it can be sent. Raises NotUploaded."""
        request = clip.body()
        with _file_trouble():
            urls = {need.url: await self._url(need, clip) for need in placeholders(request)}
        return fill(request, urls)

    async def publish(self, clips: Iterable[PlannedClip]) -> None:
        """Give every local clip and sound that these need its address, so that what is wrong with the host shows before anything is sent.

        Raises NotUploaded.
        """
        wanted: dict[str, tuple[FileNeeded, PlannedClip]] = {}
        for clip in clips:
            for need in placeholders(clip.body()):
                if isinstance(need, FileNeeded) and need.kind != "image":
                    wanted.setdefault(need.url, (need, clip))
        waiting = iter(wanted.values())

        async def work() -> None:
            for need, clip in waiting:
                await self._hosted_file(need, clip)

        tasks = [asyncio.create_task(work()) for _ in range(min(_PUBLISHED_AT_ONCE, len(wanted)))]
        try:
            with _file_trouble():
                await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def as_written(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A request as it may stand in the ledger: without what lets its holder into the asset host."""
        publisher = self.context.publisher
        written: Mapping[str, Any] = body if publisher is None else publisher.as_written(body)
        return written

    async def _url(self, need: Needed, clip: PlannedClip) -> str:
        """Only one upload of a thing is under way; a waiter that is cancelled does not take it from the others."""
        task = self._under_way.get(need.url)
        if task is None:
            work = self._file_url(need, clip) if isinstance(need, FileNeeded) else self._result_url(need, clip)
            task = self._under_way[need.url] = asyncio.create_task(work)
            task.add_done_callback(lambda _: self._under_way.pop(need.url, None))
        return await asyncio.shield(task)

    async def _file_url(self, need: FileNeeded, clip: PlannedClip) -> str:
        if need.kind != "image" and not self.context.service.target.is_sandbox:
            return await self._hosted_file(need, clip)
        known = self._remembered(need.sha256)
        if known is not None:
            return known
        path, name = await self._checked(need, clip)
        if need.kind == "image":
            path, kind = await self._ready_image(path, name, need)
            url = await self._send(path, kind, IMAGE_UPLOAD, name)
        else:
            url = await self._send(
                path, _OTHER_TYPES.get(need.extension, "application/octet-stream"), SANDBOX_UPLOAD, name
            )
        return await self._keep(need.sha256, url, clip, name)

    async def _checked(self, need: FileNeeded, clip: PlannedClip) -> tuple[Path, str]:
        """A local file on disk and its project path. Raises NotUploaded where it is another one by now."""
        name = clip.files[need.url]
        path = self.context.root / name
        if await asyncio.to_thread(_hash, path) != need.sha256:
            raise NotUploaded(
                f"{name} changed after it was checked", "Run again, so that the request names what is there now."
            )
        return path, name

    async def _hosted_file(self, need: FileNeeded, clip: PlannedClip) -> str:
        path, name = await self._checked(need, clip)
        return await self._hosted(Asset(path, name, name, need.sha256, need.extension), clip)

    async def _hosted(self, asset: Asset, clip: PlannedClip) -> str:
        """The address of a clip or sound on the project's asset host. Raises NotUploaded."""
        publisher = self.context.publisher
        if publisher is None:
            raise NotUploaded(
                f"{asset.name} has no public URL, and skyflow.toml names no asset host",
                "See [host]: `skyflow explain upload-impossible`. Nothing was billed.",
            )
        try:
            url, new = await publisher.address(asset)
        except HostTrouble as trouble:
            reason = f"{asset.name} cannot be given an address: {trouble.message}"
            raise NotUploaded(reason, f"{trouble.help} Nothing was billed.") from trouble
        if new:
            self.context.emit(Uploaded(clip.key, clip.label, asset.name))
        return url

    async def _ready_image(self, path: Path, name: str, need: FileNeeded) -> tuple[Path, str]:
        """The picture as a file that may be uploaded and named, with its media type."""
        size = path.stat().st_size
        kind = _AS_THEY_ARE.get(need.extension)
        if kind is not None and size <= MAX_UPLOAD_BYTES:
            return path, kind
        if size > MAX_UPLOAD_BYTES:
            self.context.emit(
                Notice(f"{name} is larger than 20 MB and is uploaded scaled down; the file stays as it is.")
            )
        target = self._work_folder() / f"{need.sha256}.png"
        await _make(target, lambda part: save_as_png(path, part, MAX_UPLOAD_BYTES))
        return target, "image/png"

    async def _result_url(self, need: ResultNeeded, clip: PlannedClip) -> str:
        stored = self.context.store.path(need.key)
        if need.at == "clip":
            return await self._clip_url(need, stored, clip)
        frame = self._work_folder() / f"{need.key}-{need.at}.png"
        at = need.at
        if not frame.exists():
            await _make(frame, lambda part: save_frame(stored, at, part))
        sha256 = await asyncio.to_thread(_hash, frame)
        known = self._remembered(sha256)
        if known is not None:
            return known
        name = f"frame {need.at} of {need.key[:8]}"
        return await self._keep(sha256, await self._send(frame, "image/png", IMAGE_UPLOAD, name), clip, name)

    async def _clip_url(self, need: ResultNeeded, stored: Path, clip: PlannedClip) -> str:
        """The service's own URL of a result while it lives; then what the clip on disk is given, by the sandbox or the asset host."""
        context = self.context
        made = context.ledger.latest(context.service.target, (need.key,)).get(need.key)
        if made is not None and self._lives(made):
            return made.urls[0]
        if context.service.target.is_sandbox:
            return await self._uploaded_clip(need, stored, clip)
        made = None if made is None else await self._ask_anew(made)
        if made is not None and self._lives(made):
            return made.urls[0]
        if context.publisher is None:
            raise NotUploaded(
                "the service no longer serves the clip that this one builds on, and a local clip has no public URL",
                "Name an asset host ([host]) in skyflow.toml: `skyflow explain upload-impossible` shows how. Nothing was billed.",
            )
        place = stored.relative_to(context.root).as_posix()
        sha256 = await asyncio.to_thread(_hash, stored)
        return await self._hosted(Asset(stored, place, f"clip {need.key[:8]}", sha256, "mp4"), clip)

    def _lives(self, made: Attempt) -> bool:
        """Whether the address of a result can still be given to the service."""
        service = self.context.service
        if not made.urls or expiry(made) < self.context.now() + SPARE_LIFE:
            return False
        # An earlier run's own sandbox answered on another port.
        return not service.target.is_sandbox or made.urls[0].startswith(f"{service.base_url}/")

    async def _ask_anew(self, made: Attempt) -> Attempt:
        """The attempt with the address that its task names now."""
        context = self.context
        reply = await context.client.task(made.task_id or "")
        if judge_harmless(reply) is not Meaning.GOOD or not isinstance(reply, Answered):
            return made
        try:
            task = read_answer(TaskAnswer, reply.body).data
        except AnswerUnreadable:
            return made
        return replace(made, urls=task.video_urls, expires_at=expiry_of(task))

    async def _uploaded_clip(self, need: ResultNeeded, stored: Path, clip: PlannedClip) -> str:
        sha256 = await asyncio.to_thread(_hash, stored)
        known = self._remembered(sha256)
        name = f"clip {need.key[:8]}"
        return known or await self._keep(
            sha256, await self._send(stored, "video/mp4", SANDBOX_UPLOAD, name), clip, name
        )

    async def _send(self, path: Path, kind: str, endpoint: str, name: str) -> str:
        """Upload a file, with patience. Raises NotUploaded."""
        context, reply = self.context, None
        for tries in range(1, _MOST_TRIES + 1):
            await context.gate.passing()
            reply = await context.client.upload(path, kind, path=endpoint)
            meaning = judge_harmless(reply)
            if meaning is Meaning.GOOD and isinstance(reply, Answered):
                context.gate.fine()
                try:
                    return read_answer(UploadAnswer, reply.body).url
                except AnswerUnreadable:
                    meaning = Meaning.AGAIN
            if not self._try_again(meaning, reply):
                break
            await asyncio.sleep(context.backoff.wait(tries, context.chance))
        raise NotUploaded(
            f"{name} could not be uploaded: {explain.said(reply or Unreachable('no try'))}", "Nothing was billed."
        )

    def _try_again(self, meaning: Meaning, reply: Reply) -> bool:
        context = self.context
        match meaning:
            case Meaning.BUSY:
                context.gate.busy(context.asked_wait(reply))
            case Meaning.AGAIN:
                context.gate.trouble(explain.said(reply))
            case Meaning.BAD_KEY:
                context.abort(explain.bad_key(reply))
            case Meaning.WRONG_PLACE:
                context.abort(explain.wrong_place(reply))
            case Meaning.NO_MONEY:
                context.halt(explain.no_money(reply))
        return meaning in (Meaning.BUSY, Meaning.AGAIN)

    def _remembered(self, sha256: str) -> str | None:
        return self.context.ledger.uploads.find(self.context.service.base_url, sha256, SPARE_LIFE)

    async def _keep(self, sha256: str, url: str, clip: PlannedClip, name: str) -> str:
        context = self.context
        expires = context.now() + UPLOAD_LIVES_SECONDS
        await context.write(lambda: context.ledger.uploads.remember(context.service.base_url, sha256, url, expires))
        context.emit(Uploaded(clip.key, clip.label, name))
        return url

    def _work_folder(self) -> Path:
        folder: Path = self.context.root / STATE_FOLDER / "frames" / self.context.service.target.folder
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@contextmanager
def _file_trouble() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"{error.filename or 'a file'} cannot be read or written: {error.strerror}"
        raise NotUploaded(reason, "Nothing was billed.") from error


async def _make(target: Path, draw: Callable[[Path], None]) -> None:
    """Let the media room make a picture, beside the loop; it appears whole, also where two processes make the same one."""
    part = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        await asyncio.to_thread(draw, part)
        part.replace(target)
    except (MediaExtraMissing, MediaUnreadable) as error:
        raise NotUploaded(str(error), "Nothing was billed.") from error
    finally:
        part.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
