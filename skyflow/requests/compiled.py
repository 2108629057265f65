"""The compiled form of one clip: what `compile` prints, what `plan` counts and what `run` sends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring  # the C function behind json.dumps(…, ensure_ascii=False)
from typing import Any, Literal

from skyflow.requests.keys import canonical_json

Mode = Literal["T2V", "I2V", "Omni"]

_NO_FILES: Mapping[str, str] = {}


class CompiledClip:
    """One clip to be made: one take of one shot in one variant. Compared by its values; nothing changes it.

    `request` is exactly the body of the POST, but for `skyflow:` URLs in it, which the runner replaces before it sends; `body` is the same as
    JSON text in its canonical spelling. `key` is 64 hex digits. `needs` are the keys of the clips that must be finished first, in order of
    first mention. `picked` tells whether this take is the one that other shots and the film use. `files` maps each `skyflow:upload/…` URL of
    the request to the project path of its file. `video_seconds` is the length of the reference video where it is known. Clips of one `kin`
    differ in nothing but words, addresses and keys of other clips; where it is None nothing is known of others.
    """

    __slots__ = (
        "_body",
        "_request",
        "files",
        "key",
        "kin",
        "mode",
        "needs",
        "picked",
        "shot",
        "take",
        "variant",
        "video_seconds",
    )

    def __init__(
        self,
        variant: str,
        shot: str,
        take: int,
        mode: Mode,
        key: str,
        needs: tuple[str, ...],
        request: Mapping[str, Any] | None = None,
        picked: bool = True,
        files: Mapping[str, str] = _NO_FILES,
        video_seconds: float | None = None,
        body: bytes | None = None,
        kin: object = None,
    ) -> None:
        self.variant = variant
        self.shot = shot
        self.take = take
        self.mode: Mode = mode
        self.key = key
        self.needs = needs
        self._request = request
        self._body: str | bytes = body if body is not None else canonical_json(request or {})
        self.picked = picked
        self.files = files
        self.video_seconds = video_seconds
        self.kin = kin

    @property
    def body(self) -> str:
        if isinstance(self._body, bytes):
            self._body = self._body.decode()
        return self._body

    @property
    def request(self) -> Mapping[str, Any]:
        """The body as a JSON-ready dictionary, read from `body` when first asked for: whoever only counts clips needs none."""
        if self._request is None:
            self._request = json.loads(self.body)
        return self._request

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that `skyflow compile` prints."""
        return {
            "variant": self.variant,
            "shot": self.shot,
            "take": self.take,
            "mode": self.mode,
            "key": self.key,
            "needs": list(self.needs),
            "request": self.request,
        }

    def as_json(self) -> str:
        """`as_dict` as one line of JSON."""
        needs = ", ".join(f'"{key}"' for key in self.needs)
        return (
            f'{{"variant": {encode_basestring(self.variant)}, "shot": {encode_basestring(self.shot)}, "take": {self.take}, '
            f'"mode": "{self.mode}", "key": "{self.key}", "needs": [{needs}], "request": {self.body}}}'
        )

    def _values(self) -> tuple[Any, ...]:
        return (self.variant, self.shot, self.take, self.key, self.needs, self.body, self.picked, dict(self.files))

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, CompiledClip) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.variant, self.shot, self.take, self.key))

    def __repr__(self) -> str:
        return f"CompiledClip(variant={self.variant!r}, shot={self.shot!r}, take={self.take}, mode={self.mode!r}, key={self.key[:12]!r}…)"


def on_lines(texts: Iterable[str]) -> bytes:
    """JSON texts as UTF-8, each on a line. Half a character, which UTF-8 cannot write, becomes the escape that JSON has for it."""
    return "".join([f"{text}\n" for text in texts]).encode("utf-8", "backslashreplace")
