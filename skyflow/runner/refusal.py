"""Why a run ends before it begins, or sends nothing further."""

from __future__ import annotations


class RunRefused(Exception):
    """Nothing was started and nothing was paid. `message` says what was found, `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy
