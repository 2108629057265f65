"""Result URLs that expire: signed, so that nobody can make one last longer."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from urllib.parse import parse_qs


class Links:
    """Makes and judges the query of result URLs. `clock` gives seconds since 1970."""

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        self._secret, self._clock = secret, clock

    def query(self, task_id: str, expires: int) -> str:
        return f"expires={expires}&signature={self._signature(task_id, expires)}"

    def is_good(self, task_id: str, query: str) -> bool:
        """Whether the query was made here for this task and has not expired."""
        fields = parse_qs(query)
        try:
            expires, signature = int(fields["expires"][0]), fields["signature"][0]
        except (KeyError, ValueError):
            return False
        good = hmac.compare_digest(signature.encode(), self._signature(task_id, expires).encode())
        return good and self._clock() <= expires

    def _signature(self, task_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{task_id}/{expires}".encode(), "sha256").hexdigest()[:32]
