"""The step that brings a paid clip home: to a temporary file, checked, renamed into place, written down. It never overwrites a clip."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

from skyflow.ledger import Attempt, Lost, Stored
from skyflow.media import MediaExtraMissing, MediaUnreadable, check_playable
from skyflow.runner import explain
from skyflow.runner.client import DownloadBroken
from skyflow.runner.context import Context
from skyflow.runner.events import Downloading
from skyflow.runner.job import Done, Job, Next, Step, Then
from skyflow.runner.replies import Answered, Reply
from skyflow.runner.result import Outcome

USUAL_RESULT_LIFE = 24 * 3600.0  # contract.md, "Endpoints"
_MOST_TRIES = 8
_GONE = (403, 404, 410)  # what is answered for an address that has expired
_MOST_CLIP_BYTES = 2_000_000_000  # ours; 15 s of 1080p in the highest quality that cameras write have about 200 MB
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class NotWhole(Exception):
    """A file that was read to its end and is not the clip: too short, or it does not play."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Downloads the clips of one run."""

    context: Context

    async def fetch(self, job: Job) -> Next:
        """From a completed task to the clip on disk, or to another try."""
        context = self.context
        final = context.store.path(job.key)
        job.downloads += 1
        try:
            stored = await self._found(job, final)
            if stored is None:
                context.emit(Downloading(job.key, job.label, job.downloads))
                stored = await self._bring(job, final)
        except DownloadBroken as error:
            if self._is_out_of_reach(job, error.reply):
                return await self._lost(job, error.reply)
            # Its address may not be valid any more: the task may know a better one.
            return self._again(job, explain.said(error.reply), Step.POLL)
        except NotWhole as error:
            return self._again(job, str(error))
        except OSError as error:
            if error.errno in _NO_ROOM:
                context.halt("The disk is full.")
            return Done(Outcome.UNFINISHED, f"the clip could not be written: {error.strerror}", KEPT_HELP)
        await context.record(job, stored)
        return Done(Outcome.MADE)

    async def _found(self, job: Job, final: Path) -> Stored | None:
        """What an earlier run put in place and had no time to write down; a damaged file makes room."""
        if not final.exists():
            return None
        try:
            return await asyncio.to_thread(inspect, final)
        except NotWhole:
            self.context.store.set_aside(job.key)
            return None

    async def _bring(self, job: Job, final: Path) -> Stored:
        url = job.known.urls[0] if job.known is not None and job.known.urls else ""
        final.parent.mkdir(parents=True, exist_ok=True)
        part = final.with_name(f".{final.stem}.{self.context.run}.part")
        try:
            async with self.context.client.download(url) as download:
                _refuse_too_large(download.length or 0, part)
                with part.open("wb") as file:
                    async for chunk in download.chunks:
                        file.write(chunk)
                        _refuse_too_large(file.tell(), None)
                    size = file.tell()
            if download.length is not None and size != download.length:
                raise NotWhole(f"the download broke off after {size} of {download.length} bytes")
            return await asyncio.to_thread(settle, part, final)
        finally:
            part.unlink(missing_ok=True)

    def _again(self, job: Job, reason: str, step: Step = Step.FETCH) -> Next:
        if job.downloads >= _MOST_TRIES:
            return Done(Outcome.UNFINISHED, f"the clip is made and could not be fetched: {reason}", KEPT_HELP)
        return Then(step, self.context.backoff.wait(job.downloads, self.context.chance))

    def _is_out_of_reach(self, job: Job, reply: Reply) -> bool:
        """Whether the address has expired, was refused to the end, and the task, asked each time, knew no better one."""
        refused = isinstance(reply, Answered) and reply.status in _GONE
        return (
            refused
            and job.downloads >= _MOST_TRIES
            and job.known is not None
            and expiry(job.known) < self.context.now()
        )

    async def _lost(self, job: Job, reply: Reply) -> Next:
        reason = f"the address of the clip has expired and its task names no other: {explain.said(reply)}"
        lost = await self.context.record(job, Lost(reason))
        return Done(Outcome.LOST, lost.reason, explain.lost(lost.owed, job.key))


def expiry(made: Attempt) -> float:
    """When the address of a result expires; where the service does not say, the usual time after it was completed."""
    if made.expires_at is not None:
        return made.expires_at
    return (made.completed_at or 0.0) + USUAL_RESULT_LIFE


KEPT_HELP = "It is kept on the service while its address lives; run again soon."


def _refuse_too_large(size: int, place: Path | None) -> None:
    """Raises NotWhole for more bytes than any clip has, and OSError where the disk at `place` has no room for them."""
    if size > _MOST_CLIP_BYTES:
        raise NotWhole(f"what came has more than {_MOST_CLIP_BYTES:,} bytes, which no clip has")
    if place is not None and size > shutil.disk_usage(place.parent).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def settle(part: Path, final: Path) -> Stored:
    """Check a finished download and give it its place, so that it survives a power cut. Raises NotWhole, OSError."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    stored = inspect(part)
    part.chmod(0o444)  # its other names are hard links: nobody may write into one of them
    _put_in_place(part, final)
    return stored


def inspect(clip: Path) -> Stored:
    """What is to be written down of a clip on disk. Raises NotWhole where it does not play, OSError."""
    with clip.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        seconds: float | None = check_playable(clip)
    except MediaExtraMissing:
        if not has_whole_boxes(clip):
            raise NotWhole("what came is no whole MP4 file") from None
        seconds = None
    except MediaUnreadable as error:
        raise NotWhole(f"what came does not play: {error.reason}") from error
    return Stored(sha256, clip.stat().st_size, seconds)


def has_whole_boxes(clip: Path) -> bool:
    """Whether a file is an MP4 whose boxes end where the file ends (ISO/IEC 14496-12, 4.2). What can be told without a decoder."""
    end, at, names = clip.stat().st_size, 0, set()
    with clip.open("rb") as file:
        while at + 8 <= end:
            file.seek(at)
            size, name = struct.unpack(">I4s", file.read(8))
            if size == 1:
                size = struct.unpack(">Q", file.read(8).rjust(8, b"\0"))[0]
            elif size == 0:
                size = end - at
            if size < 8:
                return False
            names.add(name)
            at += size
    return at == end and {b"ftyp", b"moov"} <= names


def _put_in_place(part: Path, final: Path) -> None:
    """Give the finished file its name, unless another run was faster; the name survives a power cut."""
    try:
        os.link(part, final)
    except FileExistsError:
        return
    except OSError:  # no hard links here; we hold the claim, so nobody else writes this name
        part.rename(final)
    if os.name != "nt":
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
