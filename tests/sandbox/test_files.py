"""Uploads, local files, results: by content, within bounds, in ranges, with an expiry."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp"])
def test_a_picture_is_taken_by_its_content_and_served_again(sandbox, picture, name: str) -> None:
    content = picture(name).read_bytes()
    answer = sandbox.http.post("/v1/uploads/images", files={"file": ("../../evil\u200b.txt", content)}).json()

    assert set(answer) == {"url", "filename", "content_type", "bytes", "created_at"}
    assert (answer["filename"], answer["bytes"], answer["created_at"]) == ("evil.txt", len(content), 1_800_000_000)
    assert (
        answer["content_type"]
        == {"a.png": "image/png", "a.jpg": "image/jpeg", "a.gif": "image/gif", "a.webp": "image/webp"}[name]
    )
    served = httpx.get(answer["url"])
    assert (served.content, served.headers["content-type"]) == (content, answer["content_type"])
    assert answer["url"].endswith(name[1:])


def test_an_upload_lives_for_72_hours(sandbox, picture) -> None:
    url = sandbox.upload(picture())
    sandbox.clock.now += 72 * 3600
    assert httpx.get(url).status_code == 200
    sandbox.clock.now += 1
    assert httpx.get(url).status_code == 404


@pytest.mark.parametrize("content", [b"", b"I am a picture", b"BM" + bytes(60), b"\x89PNG\r\n\x1a\n rubbish"])
def test_what_is_no_picture_is_422_and_leaves_nothing(sandbox, content: bytes) -> None:
    answer = sandbox.http.post("/v1/uploads/images", files={"file": ("a.png", content)})

    assert answer.status_code == 422
    assert "JPEG, PNG, WebP and GIF" in answer.json()["error"]["message"]
    assert list((sandbox.settings.dir / "uploads").iterdir()) == []


def test_a_bitmap_or_a_clip_is_none_of_the_apis_pictures(sandbox, picture, clip) -> None:
    for path in (picture("a.bmp"), clip()):
        answer = sandbox.http.post("/v1/uploads/images", files={"file": path.read_bytes()})
        assert answer.status_code == 422
    assert list((sandbox.settings.dir / "uploads").iterdir()) == []


@pytest.mark.parametrize("size", [20 * 1024 * 1024 + 1, 21 * 1024 * 1024])
def test_an_upload_over_20_mb_is_413(sandbox, picture, size: int) -> None:
    content = picture().read_bytes().ljust(size, b"\0")
    answer = sandbox.http.post("/v1/uploads/images", files={"file": content})

    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "request_too_large"


def test_exactly_20_mb_are_taken(sandbox, picture) -> None:
    content = picture().read_bytes().ljust(20 * 1024 * 1024, b"\0")

    assert sandbox.http.post("/v1/uploads/images", files={"file": content}).status_code == 200


def test_a_body_that_is_no_form_with_a_file_is_422(sandbox) -> None:
    boundary = {"content-type": "multipart/form-data; boundary=x"}
    for options in (
        {"content": b"abc"},
        {"data": {"file": "text"}},
        {"files": {"other": b"x"}},
        {"content": b"rubbish", "headers": boundary},
        {"content": b"rubbish", "headers": {"content-type": "multipart/form-data"}},
    ):
        answer = sandbox.http.post("/v1/uploads/images", **options)
        assert answer.status_code == 422, options
        assert "file" in answer.json()["error"]["message"] or "multipart" in answer.json()["error"]["message"]


def test_local_clips_and_sounds_are_taken_with_their_length(sandbox, clip, voice) -> None:
    for path, kind, seconds in ((clip("a.mov"), "video/quicktime", 2.0), (voice(), "audio/wav", 1.0)):
        answer = sandbox.http.post("/_sandbox/files", files={"file": (path.name, path.read_bytes())}).json()
        assert (answer["content_type"], answer["bytes"]) == (kind, path.stat().st_size)
        assert answer["seconds"] == pytest.approx(seconds, abs=0.05)
        assert httpx.get(answer["url"]).content == path.read_bytes()


@pytest.mark.parametrize("name", ["nothing", "a.png", "..%2f..%2fsandbox.db", "%2e%2e/sandbox.db", "0" * 32 + ".png"])
def test_nothing_but_uploads_is_served(sandbox, name: str) -> None:
    assert httpx.get(f"{sandbox.url}/uploads/{name}").status_code == 404


def test_a_result_is_served_in_ranges(sandbox) -> None:
    url = sandbox.finished(sandbox.submit())["result"]["videos"][0]["url"][0]
    whole = httpx.get(url)
    part = httpx.get(url, headers={"Range": "bytes=10-19"})

    assert (whole.status_code, whole.headers["content-type"], whole.headers["accept-ranges"]) == (
        200,
        "video/mp4",
        "bytes",
    )
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert httpx.head(url).headers["content-length"] == str(len(whole.content))
    assert httpx.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416


def test_a_result_expires_and_its_url_cannot_be_lengthened(sandbox) -> None:
    video = sandbox.finished(sandbox.submit())["result"]["videos"][0]
    url, expires = video["url"][0], video["expires_at"]
    sandbox.clock.now = expires
    assert httpx.get(url).status_code == 200
    sandbox.clock.now = expires + 1
    expired = httpx.get(url)
    assert (expired.status_code, expired.json()["error"]["type"]) == (403, "permission_error")
    for forged in (
        url.replace(str(expires), str(expires + 999)),
        url.split("?")[0],
        url.replace("signature=", "signature=é"),
    ):
        assert httpx.get(forged).status_code == 403


def test_uploads_are_streamed_to_disk(sandbox, picture, monkeypatch) -> None:
    """A file larger than what is spooled in memory arrives whole."""
    content = picture().read_bytes() + bytes(5_000_000)
    url = sandbox.upload(_written(picture().with_name("large.png"), content))

    assert httpx.get(url).content == content


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
