"""An S3-compatible bucket, through boto3: an object for each content, and presigned URLs that let their holder read that object for some hours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skyflow.config import BucketHost
from skyflow.runner.hosts.bucket_words import code_of, in_words, words_of_code
from skyflow.runner.hosts.host import Asset, HostTrouble, Link
from skyflow.runner.replies import Visited
from skyflow.version import __version__

MEDIA_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
}
ANY_TYPE = "application/octet-stream"
# A request may wait in the service's queue before its files are fetched; of a short link, half its life is left for that.
SPARE_LIFE = 2 * 3600.0
# What a bucket answers for an object that is not there; without the right to list, that it lets nobody in.
_NOT_SEEN = ("NoSuchKey", "404", "AccessDenied", "403")
_EMPTY_OBJECT = ("InvalidRange", "416")


class Bucket:
    """The objects of one bucket below a prefix. `client` is boto3's; it signs, retries and finds the keys of the environment by itself."""

    def __init__(self, settings: BucketHost, client: Any, *, temporary_keys: bool = False) -> None:
        self._settings = settings
        self._client = client
        self._temporary_keys = temporary_keys

    @property
    def name(self) -> str:
        return f"{place_of(self._settings)}/{self._settings.prefix}"

    @property
    def notice(self) -> str:
        if not self._temporary_keys:
            return ""
        hours = self._settings.link_hours
        return (
            f"The keys of the bucket are temporary ones: links die with them, though they are made for {hours} hours."
        )

    def bring(self, asset: Asset) -> None:
        with self._in_words():
            if self._size_there(asset) == asset.size:
                return
            with asset.path.open("rb") as file:
                kind = MEDIA_TYPES.get(asset.extension, ANY_TYPE)
                self._client.put_object(**self._object(asset), Body=file, ContentType=kind)

    def link(self, asset: Asset, now: float) -> Link:
        life = self._settings.link_hours * 3600
        with self._in_words():
            url: str = self._client.generate_presigned_url("get_object", Params=self._object(asset), ExpiresIn=life)
        return Link(url, now + life, now + life - min(SPARE_LIFE, life / 2))

    def judge(self, asset: Asset, link: Link, found: Visited) -> HostTrouble | None:
        size = asset.size
        if found.size == size:
            return None
        if found.size is not None:
            return HostTrouble(
                f"{link.plain} holds {found.size:,} bytes and {asset.name} has {size:,}",
                "Something else writes into the bucket: give skyflow a `prefix` of its own in [host].",
            )
        code = code_of(found.text) or ("PermanentRedirect" if found.location or found.status == 301 else "")
        return words_of_code(code or str(found.status), self._settings, place_of(self._settings))

    def _size_there(self, asset: Asset) -> int | None:
        """The bytes that the bucket has of an asset; None where it seems to have none. A GET of one byte: its mistakes have names, those of a HEAD have none."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(**self._object(asset), Range="bytes=0-0")
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _EMPTY_OBJECT:
                return 0
            if code in _NOT_SEEN:
                return None
            raise
        answer["Body"].close()
        whole = re.search(r"/(\d+)$", answer.get("ContentRange", ""))
        return int(whole[1]) if whole else int(answer["ContentLength"])

    def _object(self, asset: Asset) -> dict[str, str]:
        ending = f".{asset.extension}" if asset.extension else ""
        return {"Bucket": self._settings.bucket, "Key": f"{self._settings.prefix}{asset.sha256}{ending}"}

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        with in_words(self._settings, place_of(self._settings)):
            yield


def place_of(settings: BucketHost) -> str:
    """The bucket by address and name: what SKYFLOW_BUCKET says to allow it."""
    return f"{settings.endpoint or 's3:/'}/{settings.bucket}"


def open_bucket(settings: BucketHost) -> Bucket:
    """The bucket with the keys that boto3 finds in the environment. Raises HostTrouble."""
    import boto3
    from botocore.config import Config

    place = place_of(settings)
    with in_words(settings, place):
        session = boto3.session.Session()
        keys = session.get_credentials()
        if keys is None:
            raise words_of_code("NoCredentials", settings, place)
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": settings.addressing or ("path" if settings.endpoint else "auto")},
            # Checksums beyond the signature's own are unknown to many S3-compatible stores.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=15,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 4},
            user_agent_extra=f"skyflow/{__version__}",
        )
        region = settings.region or session.region_name or ("us-east-1" if settings.endpoint else None)
        client = session.client("s3", endpoint_url=settings.endpoint, region_name=region, config=config)
        return Bucket(settings, client, temporary_keys=bool(keys.get_frozen_credentials().token))
