"""The pictures of a page, as data URLs: each read once, and none where there is none to read."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from skyflow.media import MediaUnreadable, clip_thumbnail, picture_thumbnail
from skyflow.media.thumbnails import Moment

POSTER = (400, 400)
"""Pixels of the picture of a shot; a page of a hundred shots stays below 3 MB."""
POSTER_OF_SEVERAL = (320, 320)
"""Pixels of the picture of a take beside others, which are shown smaller."""
_SMALL = (160, 120)


class Pictures:
    """Thumbnails of the files of one project. A file that cannot be read has none, which is no reason to show nothing else."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[tuple[object, ...], str] = {}

    def poster(self, clip: Path, *, of_several: bool) -> str:
        """The middle of a clip."""
        size = POSTER_OF_SEVERAL if of_several else POSTER
        return self._get((clip, size), lambda: clip_thumbnail(clip, "middle", size))

    def of_file(self, path: str, kind: str) -> str:
        """A picture or clip of the project."""
        place = self._root / path
        if kind == "video":
            return self._get((path,), lambda: clip_thumbnail(place, "middle", _SMALL))
        return self._get((path,), lambda: picture_thumbnail(place, _SMALL))

    def of_clip(self, clip: Path, at: Moment) -> str:
        """What another shot takes from a clip."""
        return self._get((clip, at), lambda: clip_thumbnail(clip, at, _SMALL, clean=True))

    def _get(self, name: tuple[object, ...], make: Callable[[], bytes]) -> str:
        if name not in self._known:
            try:
                self._known[name] = f"data:image/jpeg;base64,{b64encode(make()).decode()}"
            except (MediaUnreadable, OSError):
                self._known[name] = ""
        return self._known[name]
