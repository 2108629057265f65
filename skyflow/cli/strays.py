"""Paid clips that lie in the output folder while the books that know them are gone: told by `plan`, taken back by `run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from skyflow.cli.outcome import Stop
from skyflow.cli.run_words import count, shown_path

if TYPE_CHECKING:
    from skyflow.ledger import Ledger, Target


def mind_strays(
    ledger: Ledger, target: Target, root: Path, out: Path, title: str, storyboard: str, *, take: bool
) -> None:
    """Look for them and say so on standard error; with `take` they are in the books afterwards. Previews cost nothing and are left alone.

    Raises LedgerError, and Stop where a clip cannot be copied.
    """
    from skyflow.ledger import ClipStore
    from skyflow.runner import find_strays, take_back

    store = ClipStore(root, target)
    strays = find_strays(ledger, store, out, title, storyboard)
    if not strays:
        return
    found = f"{count(len(strays), 'paid clip')} in {shown_path(out)} {'is' if len(strays) == 1 else 'are'} not in the books of this project"
    if not take:
        print(f"{found} (was `.skyflow` left behind?); `skyflow run` takes them back before it pays", file=sys.stderr)
        return
    try:
        take_back(ledger, store, strays, storyboard)
    except OSError as error:
        raise Stop(
            f"{found}, and cannot be taken back: {error.strerror}", "nothing was started, so that nothing is paid twice"
        ) from None
    print(f"{found} (was `.skyflow` left behind?); they are taken back and not paid again", file=sys.stderr)
