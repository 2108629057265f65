"""A folder of the project that its people publish at a web address. Nothing is uploaded: what should be there is looked at before anything is paid."""

from __future__ import annotations

from skyflow.config import StaticHost
from skyflow.runner.hosts.host import Asset, HostTrouble, Link
from skyflow.runner.replies import Visited

_NO_ENTRY = (401, 403)


class StaticSite:
    """Serves what lies below the folder, wherever `settings.url` leads."""

    notice = ""

    def __init__(self, settings: StaticHost) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.url

    def bring(self, asset: Asset) -> None:
        """People publish by themselves."""

    def link(self, asset: Asset, now: float) -> Link:
        address = self._settings.address(asset.place)
        if address is None:
            folder = self._settings.folder
            raise HostTrouble(
                f"it lies outside of `{folder}`, the folder that the host of skyflow.toml publishes",
                f"Copy it into `{folder}`, publish it below {self._settings.url} and name the copy in the storyboard.",
            )
        return Link(address)

    def judge(self, asset: Asset, link: Link, found: Visited) -> HostTrouble | None:
        size = asset.size
        if found.size == size:
            return None
        if found.size is not None:
            message = f"{link.url} holds {found.size:,} bytes and {asset.place} has {size:,}"
            return HostTrouble(message, "Publish the file again, so that both are the same.")
        help = f"Publish {asset.place} at exactly this address: [host] in skyflow.toml maps `{self._settings.folder}/` to {self._settings.url}."
        if found.location:
            return HostTrouble(
                f"{link.url} leads on to {found.location}", "Write the address where the files really lie into [host]."
            )
        if found.status in _NO_ENTRY:
            return HostTrouble(
                f"{link.url} lets nobody in (status {found.status})",
                "The service fetches it without a password: make it public.",
            )
        if found.status == 404:
            return HostTrouble(f"there is nothing at {link.url} (status 404)", help)
        return HostTrouble(f"{link.url} answers with status {found.status}", help)
