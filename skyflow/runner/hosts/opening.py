"""From `[host]` in skyflow.toml to a host that can be used: who may name it, and what it needs on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from skyflow.config import BucketHost, HostSettings
from skyflow.config.addresses import is_this_machine
from skyflow.runner.hosts.bucket import open_bucket, place_of
from skyflow.runner.hosts.host import AssetHost, HostTrouble
from skyflow.runner.hosts.static import StaticSite

BUCKET_VARIABLE = "SKYFLOW_BUCKET"


def refuse_unready(settings: HostSettings, service_url: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raise HostTrouble where the host cannot be used, as far as that shows without a network.

    skyflow.toml comes with the project, and a project may come from anybody; the keys are those of whoever runs it. So keys are used on a bucket only
    where the environment names it too: else a stranger's project could have files put into a stranger's bucket, or fetch links to objects of yours.
    """
    address = settings.endpoint if isinstance(settings, BucketHost) else settings.url
    if address and _is_local(address) and not _is_local(service_url):
        raise HostTrouble(
            f"the host of skyflow.toml, {address}, is on this machine, where {service_url} cannot fetch anything",
            "Name one that can be reached from everywhere.",
        )
    if not isinstance(settings, BucketHost):
        return
    place = place_of(settings)
    if place not in environ.get(BUCKET_VARIABLE, "").split():
        raise HostTrouble(
            f"skyflow.toml names the bucket {place}, and nothing outside of it says that your keys may be used there",
            f"If that bucket is yours: export {BUCKET_VARIABLE}={place}",
        )
    if find_spec("boto3") is None:
        raise HostTrouble(
            "a bucket needs the Python package boto3, which is not installed", "pip install 'skyflow[s3]'"
        )


def open_host(settings: HostSettings, service_url: str) -> AssetHost:
    """The host that skyflow.toml names. Raises HostTrouble."""
    refuse_unready(settings, service_url)
    return open_bucket(settings) if isinstance(settings, BucketHost) else StaticSite(settings)


def _is_local(url: str) -> bool:
    return is_this_machine(urlsplit(url).hostname or "")
