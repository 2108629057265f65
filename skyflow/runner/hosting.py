"""Before anything is sent: whether the service can be given everything that a plan needs, and the asset host made ready for it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from skyflow.config import HostSettings, unserved
from skyflow.planner import FileNeeded, Plan, placeholders
from skyflow.runner.context import Context
from skyflow.runner.events import Notice
from skyflow.runner.hosts import AssetHost, HostTrouble, Publisher, refuse_unready
from skyflow.runner.refusal import RunRefused
from skyflow.runner.uploads import NotUploaded, Uploader

OpenHost = Callable[[HostSettings, str], AssetHost]


def refuse_impossible(plan: Plan, host: HostSettings | None = None) -> None:
    """Raise RunRefused where the plan needs something that its target has no way for. Asks nobody."""
    if plan.target.is_sandbox:
        return
    for clip in plan.to_make:
        for need in placeholders(clip.body()):
            if not isinstance(need, FileNeeded) or need.kind == "image":
                continue
            uses = f"{clip.label.shot} uses the local {need.kind} file {clip.files[need.url]}"
            why = unserved(host, clip.files[need.url])
            if why is not None:
                raise RunRefused(f"{uses}, and {why[0]} (upload-impossible).", f"{why[1][0].upper()}{why[1][1:]}.")
            assert host is not None
            try:
                refuse_unready(host, plan.target.name)
            except HostTrouble as trouble:
                raise RunRefused(f"{uses}, and {trouble.message}.", trouble.help) from trouble


async def ready_host(context: Context, plan: Plan, resumed: Collection[str], open_host: OpenHost) -> None:
    """Give the context its publisher, and every local clip and sound of the plan its address.

    Where the host has trouble nothing is sent: RunRefused, or, where paid clips of earlier runs wait to be brought home, a halt.
    """
    host, url = context.service.host, context.service.base_url
    if host is None:
        return
    context.publisher = Publisher(
        opening=lambda: open_host(host, url),
        client=context.client,
        ledger=context.ledger,
        write=context.write,
        now=context.now,
        chance=context.chance,
        backoff=context.backoff,
        tell=lambda message: context.emit(Notice(message)),
    )
    try:
        await Uploader(context).publish(plan.to_make)
    except NotUploaded as trouble:
        if not resumed:
            raise RunRefused(f"{trouble.message}.", trouble.help) from trouble
        context.halt(f"{trouble.message}. {trouble.help}")
