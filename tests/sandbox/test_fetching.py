"""References from the web: never without `--fetch`, and with it within bounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from skyflow.media import probe_media
from skyflow.sandbox import fetching
from skyflow.sandbox.fetching import fetch_file

FOREST = {"model": "skyreels-v4-fast", "prompt": "A serene forest.", "duration": 3}


class Web(ThreadingHTTPServer):
    """A small web that counts what is asked of it."""

    def __init__(self, picture: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.picture, self.asked = picture, list[str]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        leads = {"/moved": "/a.png", "/loop": "/loop", "/file": "file:///etc/passwd"}
        if self.path in leads:
            self.send_response(302)
            self.send_header("Location", leads[self.path])
            self.end_headers()
            return
        self.send_response(200 if self.path.endswith(".png") else 404)
        self.end_headers()
        self.wfile.write(self.server.picture)

    def log_message(self, *arguments: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def web(picture) -> Iterator[Web]:
    with Web(picture("square.png", (100, 100)).read_bytes()) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_nothing_is_fetched_unless_told(start, web: Web, tmp_path: Path) -> None:
    sandbox = start(render="draft")
    path = sandbox.clip(sandbox.submit(FOREST | {"first_frame_image": f"{web.url}/a.png"}), tmp_path / "a.mp4")

    assert web.asked == []
    assert probe_media(path).width == 640


def test_with_fetch_a_reference_is_got_once(start, web: Web, tmp_path: Path) -> None:
    sandbox = start(render="draft", fetch=True)
    for _ in range(2):
        path = sandbox.clip(sandbox.submit(FOREST | {"first_frame_image": f"{web.url}/a.png"}), tmp_path / "a.mp4")
        assert (probe_media(path).width, probe_media(path).height) == (360, 360)

    assert web.asked == ["/a.png"]


def test_a_redirect_is_followed_to_the_web_only(web: Web, tmp_path: Path) -> None:
    assert fetch_file(f"{web.url}/moved", tmp_path / "a") is None
    assert (tmp_path / "a").read_bytes() == web.picture

    for path in ("file", "loop", "missing"):
        note = fetch_file(f"{web.url}/{path}", tmp_path / path)
        assert note is not None
        assert note.endswith("a placeholder stands for it")
        assert "/etc" not in note
    assert [path.name for path in tmp_path.glob("[!s]*")] == ["a"]


def test_what_is_too_large_or_too_slow_is_left(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "MAX_FETCHED_BYTES", 10)
        assert "is larger than" in str(fetch_file(f"{web.url}/a.png", tmp_path / "a"))
    monkeypatch.setattr(fetching, "MAX_FETCH_SECONDS", -1.0)
    assert "took longer than" in str(fetch_file(f"{web.url}/a.png", tmp_path / "a"))
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.png", "http://[::1", "ftp://127.0.0.1/a", "http://\ud800/"])
def test_an_address_that_gives_nothing_is_a_note(url: str, tmp_path: Path) -> None:
    assert "a placeholder stands for it" in str(fetch_file(url, tmp_path / "a"))
