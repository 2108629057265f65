"""Which file stands for a URL: an upload, a local file that was sent here, or a result of this sandbox. Fetches nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from skyflow.sandbox.animatics import urls_of
from skyflow.sandbox.links import Links
from skyflow.sandbox.settings import SandboxSettings
from skyflow.sandbox.store import Store, StoredFile

UPLOADS = "uploads"
_OWN_UPLOAD = re.compile(r"/uploads/([0-9a-f]{32}\.[a-z0-9]+)")
_OWN_RESULT = re.compile(r"/results/(task_[0-9A-Z]{26})\.mp4")


class FileIndex:
    """Finds files by URL. The host does not matter: names are unguessable, and a restart may have changed the port."""

    def __init__(self, settings: SandboxSettings, store: Store, links: Links, clock: Callable[[], float]) -> None:
        self._settings, self._store, self._links, self._clock = settings, store, links, clock

    def upload(self, name: str) -> StoredFile | None:
        """An uploaded file by the name in its URL, while that URL works."""
        file = self._store.file(name)
        if file is None or (file.lives is not None and self._clock() > file.created + file.lives):
            return None
        return file

    def upload_path(self, file: StoredFile) -> Path:
        return self._settings.dir / UPLOADS / file.name

    def path(self, url: str) -> Path | None:
        """The file behind a URL, where it is ours and is there."""
        parts = urlsplit(url)
        if match := _OWN_UPLOAD.fullmatch(parts.path):
            file = self.upload(match[1])
            found = None if file is None else self.upload_path(file)
        elif (match := _OWN_RESULT.fullmatch(parts.path)) and self._links.is_good(match[1], parts.query):
            name = "prepared.mp4" if self._settings.render == "none" else f"{match[1]}.mp4"
            found = self._settings.dir / "results" / name
        else:
            return None
        return found if found is not None and found.exists() else None

    def known_seconds(self, url: str) -> float | None:
        """How long the clip or sound behind a URL lasts, where it was looked at when it came in."""
        match = _OWN_UPLOAD.fullmatch(urlsplit(url).path)
        file = self.upload(match[1]) if match else None
        return None if file is None else file.seconds

    def files_of(self, request: Mapping[str, Any]) -> dict[str, Path]:
        """The files behind a request's URLs, as far as they are ours."""
        found = {url: self.path(url) for url in urls_of(request)}
        return {url: path for url, path in found.items() if path is not None}

    def to_fetch(self, request: Mapping[str, Any], known: Mapping[str, Path]) -> dict[str, Path]:
        """Where files from the web are to be kept, by their URLs."""
        folder = self._settings.dir / UPLOADS
        names = {
            url: "fetched-" + hashlib.sha256(url.encode("utf-8", "replace")).hexdigest() for url in urls_of(request)
        }
        return {url: folder / name for url, name in names.items() if url not in known}
