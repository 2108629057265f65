"""`[host]` in skyflow.toml: where local clips and sounds get an address that the API can fetch. What the project wishes; never a key, and no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import quote

from skyflow.config.addresses import read_host_address

MAX_LINK_HOURS = (
    168  # a presigned URL lives seven days at most (AWS, "Authenticating Requests: Using Query Parameters")
)
PREVIEWS_HELP = "previews without --live take local files"
SETUP_HELP = "see `skyflow explain upload-impossible`"


@dataclass(frozen=True, slots=True)
class BucketHost:
    """An S3-compatible bucket. `endpoint` None is Amazon's own, or what the environment says; `prefix` is "" or ends with a slash."""

    bucket: str
    endpoint: str | None = None
    region: str | None = None
    prefix: str = "skyflow/"
    link_hours: int = 24
    addressing: Literal["path", "virtual"] | None = None


@dataclass(frozen=True, slots=True)
class StaticHost:
    """Files below `folder` are published by the user below `url`, which ends with a slash."""

    url: str
    folder: str

    def address(self, path: str) -> str | None:
        """Where a file of the project can be fetched; None where it lies outside of the folder."""
        try:
            below = PurePosixPath(path).relative_to(self.folder)
        except ValueError:
            return None
        return self.url + quote(below.as_posix())


HostSettings = BucketHost | StaticHost


class HostWrong(ValueError):
    """`[host]` cannot be what it says: `key` is where, "" for the whole section."""

    def __init__(self, key: str, message: str, help: str) -> None:
        super().__init__(message)
        self.key = key
        self.message = message
        self.help = help


def unserved(host: HostSettings | None, path: str) -> tuple[str, str] | None:
    """What keeps a local clip or sound of the project from having an address, and what to do; None where the host serves it."""
    if host is None:
        help = f"give its public address, or name an asset host: [host] in skyflow.toml, {SETUP_HELP}; {PREVIEWS_HELP}"
        return "the API has no upload for it", help
    if isinstance(host, StaticHost) and host.address(path) is None:
        help = f"move it there and publish it below {host.url}, or give its public address; {PREVIEWS_HELP}"
        return f"it lies outside of `{host.folder}`, the folder that the host of skyflow.toml publishes", help
    return None


# --- reading ----------------------------------------------------------------------------------------------------------

KINDS = {"s3": ("bucket", "endpoint", "region", "prefix", "link-hours", "addressing"), "static": ("url", "folder")}
_SECRET = re.compile(r"key|secret|token|passw|credential", re.IGNORECASE)
KEYS_HELP = (
    "the keys of a bucket stand in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; never "
    "here. If others have this file, replace the key"
)


def is_secret(key: str) -> bool:
    """Whether a key of `[host]` is named like something that must not stand there."""
    return _SECRET.search(key) is not None


def read_kind(value: Any) -> str:
    if not isinstance(value, str) or value not in KINDS:
        raise ValueError('expected "s3" (a bucket) or "static" (a web address below which you publish a folder)')
    return str(value)


def read_bucket(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]", value):
        raise ValueError('expected the name of a bucket, such as "film-assets"; its address is `endpoint`')
    return value


def read_endpoint(value: Any) -> str:
    example = "https://s3.eu-central-003.backblazeb2.com"
    # It is shown as part of a command to copy (SKYFLOW_BUCKET), and it may be a stranger's.
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9.:/_%\[\]@?#-]+", value):
        raise ValueError(f"expected an https address, such as {example}")
    return read_host_address(value, example)


def read_region(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,64}", value):
        raise ValueError('expected a region, such as "eu-central-1"')
    return value


def read_prefix(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._/-]{0,200}", value) or ".." in value.split("/"):
        raise ValueError('expected a folder in the bucket, such as "films/neon/"; letters, digits and . _ - /')
    parts = [part for part in value.split("/") if part not in ("", ".")]
    return "/".join([*parts, ""])


def read_link_hours(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_LINK_HOURS:
        raise ValueError(f"expected whole hours from 1 to {MAX_LINK_HOURS}")
    return value


def read_addressing(value: Any) -> str:
    if value not in ("path", "virtual"):
        raise ValueError('expected "path" (https://endpoint/bucket/…) or "virtual" (https://bucket.endpoint/…)')
    return str(value)


def read_url(value: Any) -> str:
    example = "https://cdn.example.com/film/"
    if not isinstance(value, str):
        raise ValueError(f"expected an https address, such as {example}")
    return read_host_address(value, example) + "/"


def make_host(values: Mapping[str, Any]) -> HostSettings:
    """The host that the keys of `[host]`, read one by one, come to. Raises HostWrong."""
    kind = values.get("kind")
    if kind is None:
        raise HostWrong("", "[host] does not say what it is", 'write kind = "s3" or kind = "static"')
    for key in values:
        if key != "kind" and key not in KINDS[kind]:
            known = ", ".join(KINDS[kind])
            raise HostWrong(key, f'`{key}` is no key of a host of kind "{kind}"', f"it has: {known}")
    needed = ("bucket",) if kind == "s3" else ("url", "folder")
    for key in needed:
        if key not in values:
            raise HostWrong("", f"[host] lacks `{key}`", f'a host of kind "{kind}" needs {" and ".join(needed)}')
    fields = {key.replace("-", "_"): value for key, value in values.items() if key != "kind"}
    return BucketHost(**fields) if kind == "s3" else StaticHost(**fields)
