"""The places for requests on the service that this run may use; some may be taken from outside."""

from __future__ import annotations

import asyncio


class Places:
    """A number of places. More may be taken than there are: what an earlier run left under way holds its place, whatever the number is now."""

    def __init__(self, number: int) -> None:
        self.free = number
        self._some = asyncio.Event()
        self._show()

    def take(self) -> None:
        """Take a place, be there one or not."""
        self.free -= 1
        self._show()

    def give_back(self) -> None:
        self.free += 1
        self._show()

    async def wait_and_take(self) -> None:
        """Take a place as soon as there is one."""
        while self.free <= 0:
            await self._some.wait()
        self.take()

    def _show(self) -> None:
        if self.free > 0:
            self._some.set()
        else:
            self._some.clear()
