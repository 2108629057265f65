"""The texts that are open, the projects that they belong to, and which address stands for which file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path, PurePath

from lsprotocol import types
from pygls.uris import to_fs_path

from skyflow.config import locate_in_project
from skyflow.lsp.buffers import Buffer
from skyflow.lsp.media_desk import MediaDesk
from skyflow.lsp.names.project import ProjectNames
from skyflow.lsp.open_files import DiskTexts, OpenFiles

NOWHERE = Path(
    "/skyflow-untitled"
)  # the project of a text that was never saved, where no folder is open: there is nothing in it


class Project:
    """One project folder with what is known of its files."""

    def __init__(self, root: Path, workers: Executor, changed: Callable[[Path, str], None]) -> None:
        self.root = root
        self.shown_root = root
        """The folder as the editor calls it: links on the way to it are not followed."""
        self.texts = DiskTexts(root)
        self.media = MediaDesk(root, workers, lambda path: changed(root, path))
        self.names = ProjectNames(root)


class Workspace:
    """`changed` is called from another thread with the project and path of a media file of which something new is known."""

    def __init__(self, workers: Executor, changed: Callable[[Path, str], None]) -> None:
        self._workers = workers
        self._changed = changed
        self._projects: dict[Path, Project] = {}
        self.buffers: dict[str, Buffer] = {}
        self.encoding = "utf-16"
        self.folder: Path | None = None

    # --- buffers

    def open(self, item: types.TextDocumentItem) -> Buffer:
        root, path = self._locate(item.uri, item.language_id)
        buffer = Buffer(item.uri, root, path, item.version, item.text, item.language_id)
        self.buffers[item.uri] = buffer
        return buffer

    def change(self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> Buffer | None:
        """The buffer after a change; None where it was never opened."""
        buffer = self.buffers.get(uri)
        if buffer is None:
            return None
        self.buffers[uri] = changed = buffer.changed(version, changes, self.encoding)
        return changed

    def close(self, uri: str) -> Buffer | None:
        return self.buffers.pop(uri, None)

    def of_project(self, root: Path) -> Iterator[Buffer]:
        return (buffer for buffer in list(self.buffers.values()) if buffer.root == root)

    # --- projects

    def project(self, root: Path) -> Project:
        if root not in self._projects:
            self._projects[root] = Project(root, self._workers, self._changed)
        return self._projects[root]

    def files(self, root: Path) -> tuple[OpenFiles, dict[str, int]]:
        """The files of a project as they are open at this moment, and the versions of the open ones."""
        buffers = list(self.of_project(root))
        project = self.project(root)
        sources = {buffer.path: buffer.source for buffer in buffers}
        return OpenFiles(sources, project.texts, project.media), {buffer.path: buffer.version for buffer in buffers}

    # --- addresses

    def known_places(self, uri: str) -> Iterator[tuple[Path, str]]:
        """Project folder and project path of an address, in every project that has been opened. Asks the disk nothing."""
        place = to_fs_path(uri)
        for project in list(self._projects.values()) if place is not None else ():
            for folder in {project.root, project.shown_root}:
                try:
                    yield project.root, PurePath(place or "").relative_to(folder).as_posix()
                except ValueError:
                    continue  # it lies in no folder of this project

    def uri(self, root: Path, path: str) -> str:
        """The address of a file of a project, as the editor calls it."""
        opened = next((buffer for buffer in self.of_project(root) if buffer.path == path), None)
        if opened is not None:
            return opened.uri
        try:
            return (self.project(root).shown_root / path).as_uri()
        except ValueError:  # the project of what was never saved has no place on every system
            return f"untitled:{path}"

    def _locate(self, uri: str, language: str) -> tuple[Path, str]:
        place = to_fs_path(uri)
        if place is not None:
            try:
                root, path = locate_in_project(Path(place))
            except (OSError, RuntimeError, ValueError):
                pass  # no place on this machine; it is read as a text that was never saved
            else:
                if place.endswith(f"/{path}"):
                    self.project(root).shown_root = Path(place.removesuffix(f"/{path}") or "/")
                return root, path
        name = hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return self.folder or NOWHERE, f"untitled-{name}{'.sky' if language else ''}"
