"""The key of the live API and the address that it may be sent to, from the environment only."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from skyflow.config.addresses import is_this_machine

DEFAULT_BASE_URL = "https://api.apimart.ai"  # generation page, the example request
KEY_VARIABLE = "SKYFLOW_API_KEY"
KEY_FILE_VARIABLE = "SKYFLOW_API_KEY_FILE"
BASE_URL_VARIABLE = "SKYFLOW_BASE_URL"
_MAX_KEY_BYTES = 4096  # ours: what fits into one header


class CredentialsError(Exception):
    """Key or address cannot be had; the message says which variable to set and never shows what was in it."""


class ApiKey:
    """A key that shows itself nowhere: not printed, not formatted, not compared in the open, not pickled. `reveal` is for the one header."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not written down")


@dataclass(frozen=True, slots=True)
class Credentials:
    """`base_url` is the address without `/v1` and without a slash at its end; `api_key` goes to that host alone."""

    api_key: ApiKey
    base_url: str


def read_credentials(environ: Mapping[str, str]) -> Credentials:
    """Key and address as the environment gives them. Raises CredentialsError."""
    return Credentials(read_api_key(environ), read_base_url(environ))


def read_base_url(environ: Mapping[str, str]) -> str:
    """The address of the live API: SKYFLOW_BASE_URL, else the published one. Raises CredentialsError."""
    written = environ.get(BASE_URL_VARIABLE, DEFAULT_BASE_URL).strip()
    if not written:
        # A variable that a script forgot to fill must not send its requests to where they are paid.
        raise CredentialsError(f"{BASE_URL_VARIABLE} is empty; unset it for {DEFAULT_BASE_URL}, or name an address")
    try:
        parts = urlsplit(written)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise CredentialsError(f"{BASE_URL_VARIABLE} is no address; write one such as {DEFAULT_BASE_URL}") from None
    if parts.scheme not in ("http", "https") or not host or not written.isprintable() or " " in written:
        raise CredentialsError(f"{BASE_URL_VARIABLE} is no http or https address; write one such as {DEFAULT_BASE_URL}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise CredentialsError(f"{BASE_URL_VARIABLE} holds more than an address; put the key into {KEY_VARIABLE}")
    if parts.scheme == "http" and not is_this_machine(host):
        raise CredentialsError(
            f"{BASE_URL_VARIABLE} must begin with https://, or everybody on the way could read the key"
        )
    return written.rstrip("/").removesuffix("/v1").rstrip("/")


def read_api_key(environ: Mapping[str, str]) -> ApiKey:
    """The key: SKYFLOW_API_KEY, else the content of the file that SKYFLOW_API_KEY_FILE names. Raises CredentialsError."""
    origin, value = KEY_VARIABLE, environ.get(KEY_VARIABLE, "").strip()
    file_name = environ.get(KEY_FILE_VARIABLE, "").strip()
    if not value and file_name:
        origin, value = f"the file that {KEY_FILE_VARIABLE} names", _read_key_file(file_name)
    if not value:
        raise CredentialsError(f"there is no key: set {KEY_VARIABLE}, or {KEY_FILE_VARIABLE} to a file that holds it")
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > _MAX_KEY_BYTES:
        raise CredentialsError(
            f"{origin} holds something that is no key: a key is one word of plain letters and digits"
        )
    return ApiKey(value)


def _read_key_file(name: str) -> str:
    path = Path(name).expanduser()
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not stat.S_ISFIFO(path.stat().st_mode):
            raise CredentialsError(f"{KEY_FILE_VARIABLE} names {name}, which is no file")
        with path.open("rb") as file:
            content = file.read(_MAX_KEY_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "it is no path"
        raise CredentialsError(f"{KEY_FILE_VARIABLE} names {name}, which cannot be read: {reason}") from None
    return content.decode("utf-8", "replace").strip()
