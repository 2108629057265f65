"""Asset hosts: where local clips and sounds get an address that a service can fetch. One protocol, a file for each kind of host, and the publisher
that a run uses. The only place that knows boto3."""

from skyflow.runner.hosts.host import Asset, AssetHost, HostTrouble, Link
from skyflow.runner.hosts.opening import open_host, refuse_unready
from skyflow.runner.hosts.publisher import Publisher

__all__ = ["Asset", "AssetHost", "HostTrouble", "Link", "Publisher", "open_host", "refuse_unready"]
