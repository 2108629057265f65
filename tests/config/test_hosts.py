"""`[host]`: what it can say, what must not stand in it, and which files it can serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyflow.config import BucketHost, ConfigError, StaticHost, load_config, unserved


def read(root: Path, text: str) -> BucketHost | StaticHost | None:
    (root / "skyflow.toml").write_text(text, encoding="utf-8")
    return load_config(root).host


def test_a_bucket(tmp_path: Path) -> None:
    assert read(tmp_path, '[host]\nkind = "s3"\nbucket = "film-assets"\n') == BucketHost("film-assets")
    text = """\
[host]
kind = "s3"
bucket = "film-assets"
endpoint = "https://s3.example.com/"
region = "eu-1"
prefix = "/films//neon"
link-hours = 72
addressing = "virtual"
"""
    wanted = BucketHost("film-assets", "https://s3.example.com", "eu-1", "films/neon/", 72, "virtual")
    assert read(tmp_path, text) == wanted
    assert read(tmp_path, '[host]\nkind = "s3"\nbucket = "abc"\nprefix = ""\n') == BucketHost("abc", prefix="")


def test_a_web_address(tmp_path: Path) -> None:
    text = '[host]\nkind = "static"\nurl = "https://cdn.example.com/film"\nfolder = "assets/"\n'
    assert read(tmp_path, text) == StaticHost("https://cdn.example.com/film/", "assets")


def test_without_the_section_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, "") is None


@pytest.mark.parametrize(
    ("body", "message", "help_text"),
    [
        ("", "[host] does not say what it is", 'kind = "s3" or kind = "static"'),
        ('kind = "ftp"', "`kind` cannot be read", "static"),
        ("kind = ['s3']", "`kind` cannot be read", "static"),
        ('kind = "s3"', "[host] lacks `bucket`", "needs bucket"),
        ('kind = "static"\nurl = "https://a.example/"', "[host] lacks `folder`", "url and folder"),
        ('kind = "s3"\nbucket = "abc"\nurl = "https://a.example"', "`url` is no key of a host of kind", "bucket, end"),
        ('kind = "s3"\nbucket = "https://a/b"', "`bucket` cannot be read", "`endpoint`"),
        ('kind = "s3"\nbucket = 3', "`bucket` cannot be read", "name of a bucket"),
        ('kind = "s3"\nbucket = "abc"\nendpoint = "http://s3.example.com"', "`endpoint` cannot be read", "https://"),
        ('kind = "s3"\nbucket = "abc"\nendpoint = "s3.example.com"', "`endpoint` cannot be read", "an https address"),
        ('kind = "s3"\nbucket = "abc"\nendpoint = "https://[x"', "`endpoint` cannot be read", "an address"),
        ('kind = "s3"\nbucket = "abc"\nendpoint = "https://k:s@a.example"', "`endpoint` cannot be read", "more than"),
        ('kind = "s3"\nbucket = "abc"\nendpoint = "https://a.example/;$(id)"', "`endpoint` cannot be read", "an https"),
        ('kind = "s3"\nbucket = "abc"\nendpoint = 1', "`endpoint` cannot be read", "an https address"),
        ('kind = "s3"\nbucket = "abc"\nregion = "eu 1"', "`region` cannot be read", "eu-central-1"),
        ('kind = "s3"\nbucket = "abc"\nprefix = "../x"', "`prefix` cannot be read", "a folder in the bucket"),
        ('kind = "s3"\nbucket = "abc"\nlink-hours = 169', "`link-hours` cannot be read", "from 1 to 168"),
        ('kind = "s3"\nbucket = "abc"\nlink-hours = true', "`link-hours` cannot be read", "from 1 to 168"),
        ('kind = "s3"\nbucket = "abc"\naddressing = "dns"', "`addressing` cannot be read", "virtual"),
        ('kind = "static"\nurl = 1\nfolder = "a"', "`url` cannot be read", "an https address"),
        ('kind = "static"\nurl = "https://a.example"\nfolder = "../a"', "`folder` cannot be read", "project folder"),
        ('kind = "s3"\nbuckt = "abc"', "`buckt` is no key of [host]", "did you mean `bucket`?"),
        ('kind = "s3"\naccess_key = "AKIA"', "`access_key` must not stand in skyflow.toml", "AWS_ACCESS_KEY_ID"),
        ('kind = "s3"\nsecret = "x"', "`secret` must not stand in skyflow.toml", "replace the key"),
        ('kind = "s3"\nAWS_SESSION_TOKEN = "x"', "`AWS_SESSION_TOKEN` must not stand in skyflow.toml", "environment"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, body: str, message: str, help_text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[host]\n{body}\n")
    [found] = caught.value.diagnostics
    assert found.message.startswith(message)
    assert help_text in found.help
    assert found.span is not None


def test_a_loopback_endpoint_needs_no_https(tmp_path: Path) -> None:
    host = read(tmp_path, '[host]\nkind = "s3"\nbucket = "abc"\nendpoint = "http://127.0.0.1:9000"\n')
    assert host == BucketHost("abc", "http://127.0.0.1:9000")


def test_which_files_a_host_serves() -> None:
    static = StaticHost("https://cdn.example.com/film/", "assets")
    assert (
        static.address("assets/mika & 小雨.mp3") == "https://cdn.example.com/film/mika%20%26%20%E5%B0%8F%E9%9B%A8.mp3"
    )
    assert unserved(static, "assets/voices/mika.mp3") is None
    assert unserved(StaticHost("https://a.example/", "."), "voices/mika.mp3") is None
    reason, help_text = unserved(static, "assets-old/mika.mp3") or ("", "")
    assert "outside of `assets`" in reason
    assert "https://cdn.example.com/film/" in help_text
    assert unserved(BucketHost("abc"), "voices/mika.mp3") is None
    reason, help_text = unserved(None, "voices/mika.mp3") or ("", "")
    assert reason == "the API has no upload for it"
    assert "[host]" in help_text
    assert "skyflow explain upload-impossible" in help_text
