"""Key and address from the environment, and that the key shows itself nowhere."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import traceback
from pathlib import Path

import pytest

from skyflow.config import ApiKey, CredentialsError, read_base_url, read_credentials

KEY = "sk-Very-Secret-0815"


def test_the_key_comes_from_the_environment() -> None:
    credentials = read_credentials({"SKYFLOW_API_KEY": f" {KEY}\n"})
    assert credentials.api_key.reveal() == KEY
    assert credentials.base_url == "https://api.apimart.ai"


def test_or_from_a_file_named_there(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\r\n")
    environ = {"SKYFLOW_API_KEY_FILE": str(tmp_path / "key"), "SKYFLOW_API_KEY": ""}
    assert read_credentials(environ).api_key.reveal() == KEY
    environ["SKYFLOW_API_KEY"] = "sk-other"
    assert read_credentials(environ).api_key.reveal() == "sk-other"


@pytest.mark.parametrize("value", [f"{KEY} {KEY}", f"{KEY}\x00", f"{KEY}é", KEY * 400])
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, value: str) -> None:
    (tmp_path / "key").write_text(value)
    for environ in ({"SKYFLOW_API_KEY": value}, {"SKYFLOW_API_KEY_FILE": str(tmp_path / "key")}):
        with pytest.raises(CredentialsError, match="holds something that is no key") as caught:
            read_credentials(environ)
        assert KEY not in "".join(traceback.format_exception(caught.value))


def test_missing_ones_say_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="set SKYFLOW_API_KEY, or SKYFLOW_API_KEY_FILE"):
        read_credentials({})
    for name, reason in (("none", "No such file"), ("", "no file"), ("\0", "no path")):
        file = str(tmp_path / name) if name != "\0" else "a\0b"
        with pytest.raises(CredentialsError, match=reason):
            read_credentials({"SKYFLOW_API_KEY_FILE": file})


def test_a_key_shows_itself_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    credentials = read_credentials({"SKYFLOW_API_KEY": KEY})
    logging.getLogger("test").warning("%s %r", credentials.api_key, credentials)
    shown = [
        str(credentials),
        repr(credentials.api_key),
        f"{credentials.api_key}",
        caplog.text,
    ]
    assert not [text for text in shown if KEY in text]
    assert not hasattr(credentials.api_key, "__dict__")
    for write_down in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not written down"):
            write_down(ApiKey(KEY))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, "https://api.apimart.ai"),
        ("https://gateway.example/", "https://gateway.example"),
        ("https://gateway.example/video/v1/", "https://gateway.example/video"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://localhost:8123/v1", "http://localhost:8123"),
        ("http://[::1]:8123", "http://[::1]:8123"),
    ],
)
def test_the_address_is_brought_into_one_form(written: str | None, expected: str) -> None:
    assert read_base_url({} if written is None else {"SKYFLOW_BASE_URL": written}) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "gateway.example",
        "ftp://gateway.example",
        "https://",
        f"https://user:{KEY}@gateway.example",
        f"https://gateway.example/?key={KEY}",
        f"https://gateway.example/#{KEY}",
        "http://gateway.example",
        "http://127.gateway.example",
        "http://[::1",
        "https://gateway.example:99999",
        "https://gateway .example",
    ],
)
def test_a_wrong_address_is_refused_without_being_shown(written: str) -> None:
    with pytest.raises(CredentialsError, match="SKYFLOW_BASE_URL") as caught:
        read_base_url({"SKYFLOW_BASE_URL": written})
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_nothing_here_reads_the_environment_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SKYFLOW_API_KEY", KEY)
    with pytest.raises(CredentialsError):
        read_credentials({})
