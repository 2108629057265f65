"""Against a real S3-compatible server on loopback: it verifies signatures and the end of links."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.auth
import httpx
import pytest

from skyflow.config import ApiKey, BucketHost
from skyflow.ledger import live_target
from skyflow.runner import RunRefused, Service, World
from skyflow.runner.client import Client
from skyflow.runner.hosts import Asset, AssetHost, HostTrouble, open_host
from skyflow.runner.replies import Visited

SERVICE = "http://127.0.0.1:1"
NOW = 1_790_000_000.0


@pytest.fixture
def asset(tmp_path: Path) -> Asset:
    content = b"a voice that says something"
    (tmp_path / "mika.mp3").write_bytes(content)
    return Asset(tmp_path / "mika.mp3", "mika.mp3", "mika.mp3", hashlib.sha256(content).hexdigest(), "mp3")


def visit(url: str, expected: int) -> Visited:
    async def look() -> Any:
        async with Client(Service(SERVICE, ApiKey("key"), live_target(SERVICE))) as client:
            return await client.visit(url, expected)

    found = asyncio.run(look())
    assert isinstance(found, Visited), found
    return found


def trouble_of(opened: AssetHost, asset: Asset) -> HostTrouble:
    with pytest.raises(HostTrouble) as caught:
        opened.bring(asset)
    return caught.value


def test_a_file_is_put_there_once_and_a_plain_client_can_fetch_it(store, keys, asset: Asset) -> None:
    host = store.bucket(prefix="films/neon/")
    keys(host)
    opened = open_host(host, SERVICE)
    opened.bring(asset)
    name = f"films/neon/{asset.sha256}.mp3"
    assert store.objects(host) == {name: asset.path.read_bytes()}
    link = opened.link(asset, NOW)
    assert link.expires_at == NOW + 86400
    assert link.plain == f"{store.url}/{host.bucket}/{name}"
    fetched = httpx.get(link.url, trust_env=False)
    assert fetched.content == asset.path.read_bytes()
    assert fetched.headers["Content-Type"] == "audio/mpeg"
    assert httpx.get(link.plain, trust_env=False).is_error
    written = (store.folder / host.bucket / name).stat().st_mtime_ns
    opened.bring(asset)
    assert (store.folder / host.bucket / name).stat().st_mtime_ns == written


def test_what_is_there_by_halves_is_put_there_again(store, keys, asset: Asset) -> None:
    host = store.bucket()
    keys(host)
    place = store.folder / host.bucket / "skyflow" / f"{asset.sha256}.mp3"
    place.parent.mkdir()
    for half in (b"a voi", b""):
        place.write_bytes(half)
        open_host(host, SERVICE).bring(asset)
        assert place.read_bytes() == asset.path.read_bytes()


def test_a_visit_finds_the_length_and_a_wrong_one_is_told(store, keys, asset: Asset) -> None:
    host = store.bucket()
    keys(host)
    opened = open_host(host, SERVICE)
    opened.bring(asset)
    link = opened.link(asset, NOW)
    found = visit(link.url, asset.size)
    assert found.size == asset.size
    assert opened.judge(asset, link, found) is None
    asset.path.write_bytes(b"longer than it was when it was brought there")
    trouble = opened.judge(asset, link, found)
    assert trouble is not None
    assert "holds 27 bytes and mika.mp3 has 44" in trouble.message


def test_a_link_that_has_expired_opens_nothing(store, keys, asset: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    host = store.bucket(link_hours=1)
    keys(host)
    opened = open_host(host, SERVICE)
    opened.bring(asset)
    today = botocore.auth.get_current_datetime
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *args: today(*args) - timedelta(minutes=59))
    assert visit(opened.link(asset, NOW).url, asset.size).size == asset.size
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *args: today(*args) - timedelta(minutes=61))
    old = opened.link(asset, NOW)
    trouble = opened.judge(asset, old, visit(old.url, asset.size))
    assert trouble is not None
    monkeypatch.setattr(botocore.auth, "get_current_datetime", today)
    assert visit(opened.link(asset, NOW).url, asset.size).size == asset.size


def test_a_link_for_one_object_opens_no_other(store, keys, asset: Asset) -> None:
    host = store.bucket()
    keys(host)
    opened = open_host(host, SERVICE)
    opened.bring(asset)
    (store.folder / host.bucket / "private.txt").write_text("a secret")
    url = opened.link(asset, NOW).url
    assert httpx.get(url.replace(f"skyflow/{asset.sha256}.mp3", "private.txt"), trust_env=False).is_error


@pytest.mark.parametrize(
    ("access", "secret", "message", "help_text"),
    [
        ("AKFILM0815", "wrong", "the secret key that the environment gives is not that of", "AWS_SECRET_ACCESS_KEY"),
        ("AKNOBODY", "wrong", "does not know the key that the environment gives", "AWS_PROFILE"),
    ],
)
def test_wrong_keys_are_told(store, keys, asset: Asset, access: str, secret: str, message: str, help_text: str) -> None:
    host = store.bucket()
    keys(host, access, secret)
    trouble = trouble_of(open_host(host, SERVICE), asset)
    assert message in trouble.message
    assert help_text in trouble.help
    assert store.objects(host) == {}


def test_without_keys_it_is_said_at_once(store, keys) -> None:
    host = store.bucket()
    keys(host, None)
    with pytest.raises(HostTrouble, match="the environment has no keys for the bucket at http://127") as caught:
        open_host(host, SERVICE)
    assert "AWS_ACCESS_KEY_ID" in caught.value.help


def test_a_bucket_that_is_not_there(store, keys, asset: Asset) -> None:
    host = BucketHost("nowhere", store.url)
    keys(host)
    trouble = trouble_of(open_host(host, SERVICE), asset)
    assert trouble.message == f"there is no bucket `nowhere` at {store.url}/nowhere"


def test_a_host_that_is_not_there(keys, asset: Asset) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host = BucketHost("film", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        keys(host)
        trouble = trouble_of(open_host(host, SERVICE), asset)
    assert "cannot be reached (EndpointConnectionError)" in trouble.message


def test_the_clock_of_the_machine_is_suspected(store, keys, asset: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    """This server calls a wrong clock a denial; Amazon has a code of its own for it (test_bucket_words.py)."""
    host = store.bucket()
    keys(host)
    today = botocore.auth.get_current_datetime
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *args: today(*args) - timedelta(hours=3))
    trouble = trouble_of(open_host(host, SERVICE), asset)
    assert "denies access" in trouble.message
    assert "clock" in trouble.help


def test_temporary_keys_are_worth_a_notice(store, keys, monkeypatch: pytest.MonkeyPatch) -> None:
    host = store.bucket()
    keys(host)
    assert open_host(host, SERVICE).notice == ""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token-that-ends")
    assert "links die with them" in open_host(host, SERVICE).notice


def test_a_profile_is_found_and_a_wrong_one_told(store, keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = store.bucket()
    keys(host, None)
    (tmp_path / "credentials").write_text("[film]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "film")
    assert open_host(host, SERVICE).name == f"{store.url}/{host.bucket}/skyflow/"
    monkeypatch.setenv("AWS_PROFILE", "flim")
    with pytest.raises(HostTrouble, match=r"cannot be read \(ProfileNotFound\)"):
        open_host(host, SERVICE)


# --- whole runs -------------------------------------------------------------------------------------------------------


class Hosted:
    """A sandbox whose service fetches from an asset host."""

    def __init__(self, sandbox: Any, host: BucketHost) -> None:
        self._sandbox = sandbox
        self._host = host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    @property
    def service(self) -> Service:
        return replace(self._sandbox.service, host=self._host)


@pytest.fixture
def hosted(live: Callable[..., Any], store, keys) -> Any:
    """A project whose clips are made by a real sandbox, with a real bucket beside it."""
    studio, host = live(), store.bucket()
    studio.root.mkdir()
    studio.sandbox = Hosted(studio.sandbox, host)
    keys(host)
    studio.host = host
    return studio


def submitted(studio: Any) -> list[dict[str, Any]]:
    return [entry["request"] for entry in studio.sandbox.journal()["entries"] if "prompt" in (entry["request"] or ())]


def test_a_voice_is_uploaded_once_and_the_link_is_in_the_request(hosted, store, make_clip, voice_in) -> None:
    clips = [make_clip(name, duration=seconds, **voice_in(hosted.root)) for name, seconds in (("a", 4), ("b", 5))]
    assert hosted.run(clips).complete
    assert list(store.objects(hosted.host).values()) == [b"a voice"]
    urls = {request["ref_images"][0]["audio_url"] for request in submitted(hosted)}
    [url] = urls
    assert httpx.get(url, trust_env=False).content == b"a voice"


def test_a_wrong_secret_pays_nothing(hosted, keys, make_clip, voice_in) -> None:
    keys(hosted.host, secret="wrong")
    with pytest.raises(RunRefused, match="secret key"):
        hosted.run([make_clip("a", **voice_in(hosted.root))])
    assert submitted(hosted) == []


def test_a_clip_that_the_service_forgot_is_served_by_the_bucket(hosted, store, make_clip) -> None:
    street = make_clip("street")
    assert hosted.run([street]).complete
    video = {"tag": "@v", "type": "extend", "video_url": f"skyflow:shot/{street.key}/clip"}
    more = make_clip("more", prompt="@v", ref_videos=[video])
    more = type(more)("", "more", 1, more.mode, more.key, (street.key,), more.request)
    in_three_days = World(now=lambda: time.time() + 3 * 86400)
    assert hosted.run([street, more], world=in_three_days).complete
    [url] = [request["ref_videos"][0]["video_url"] for request in submitted(hosted) if "ref_videos" in request]
    assert url.startswith(f"{store.url}/{hosted.host.bucket}/skyflow/")
    assert httpx.get(url, trust_env=False).content == hosted.store.path(street.key).read_bytes()
