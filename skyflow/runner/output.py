"""The output folder: a view of the clips that the project has, by the names that people gave them. Never the only place of anything."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from skyflow.ledger import Target
from skyflow.planner import Plan, PlannedShot
from skyflow.runner.refusal import RunRefused

MANIFEST = "manifest.json"
_MAX_NAME_BYTES = 80  # leaves room for ` (2)` and the like within the 143 bytes that encrypted file systems allow
# Names that Windows keeps for devices, with any ending (Naming Files, Paths, and Namespaces).
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?\Z", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


class OutputView:
    """The folder of one storyboard below the output folder: `OUT/preview/TITLE/VARIANT/SHOT.mp4`, live ones below `OUT/live/`."""

    def __init__(self, out: Path, plan: Plan, variant_folder: Callable[[str], str]) -> None:
        self.folder = storyboard_folder(out / target_folder(plan.target), plan.title, plan.storyboard)
        self._variant_folder = variant_folder
        self._names = file_names({(shot.shot, shot.take) for shot in plan.shots})

    @property
    def manifest(self) -> Path:
        return self.folder / MANIFEST

    def refuse_unwritable(self) -> None:
        """Raise RunRefused where nothing can be written below the output folder: better now than when a clip has been paid for."""
        probe = self.folder / f".{os.getpid()}.probe"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise RunRefused(
                f"The output folder {self.folder} cannot be written: {error.strerror or error}.",
                "Nothing was started. Name another one with -o.",
            ) from None

    def path(self, shot: PlannedShot) -> Path:
        """Where this clip is seen."""
        return self.path_of(shot.variant, shot.shot, shot.take)

    def path_of(self, variant: str, shot: str, take: int) -> Path:
        """Where a take of a shot of the plan is seen."""
        return self._folder_of(variant) / self._names[(shot, take)]

    def beside(self, variant: str, name: str) -> Path:
        """Where something made of a variant's clips stands: beside them, under a name that none of them has. No shot's name has a space."""
        taken = name.casefold() in {known.casefold() for known in self._names.values()}
        return self._folder_of(variant) / (f"the {name}" if taken else name)

    def _folder_of(self, variant: str) -> Path:
        return self.folder / self._variant_folder(variant) if variant else self.folder

    def show(self, shot: PlannedShot, clip: Path) -> Path:
        """Make the stored clip visible under its name, in place of what stood there. Raises OSError."""
        path = self.path(shot)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.samefile(clip):
            return path
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        part.unlink(missing_ok=True)
        try:
            os.link(clip, part)
        except OSError:  # another file system, or one without hard links
            shutil.copyfile(clip, part)
        part.replace(path)
        return path


def target_folder(target: Target) -> str:
    return "preview" if target.is_sandbox else "live"


def storyboard_folder(parent: Path, title: str, storyboard: str) -> Path:
    """The folder of a storyboard: its title; with a digest of its path where another storyboard of that title has the folder."""
    folder = parent / safe_name(title)
    try:
        owner = json.loads((folder / MANIFEST).read_bytes()).get("storyboard")
    except (OSError, ValueError, AttributeError, RecursionError):
        return folder
    return folder if owner == storyboard else parent / f"{safe_name(title)}-{_digest(storyboard)}"


def file_names(clips: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    """The file name of each (shot, take). Two that a file system could take for one get a digest."""
    wanted = {clip: safe_name(clip[0] if clip[1] == 1 else f"{clip[0]}-take{clip[1]}") for clip in sorted(clips)}
    count = Counter(name.casefold() for name in wanted.values())
    return {
        clip: f"{name}.mp4" if count[name.casefold()] == 1 else f"{name}-{_digest(f'{clip[0]} {clip[1]}')}.mp4"
        for clip, name in wanted.items()
    }


def safe_name(name: str) -> str:
    """The name as one that every file system takes, as like it as possible; at most 80 bytes."""
    text = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "_"
    if _DEVICES.match(text):
        text = f"_{text}"
    if len(text.encode()) <= _MAX_NAME_BYTES:
        return text
    cut = text.encode()[: _MAX_NAME_BYTES - 7].decode("utf-8", "ignore").rstrip(" .")
    return f"{cut}-{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]
