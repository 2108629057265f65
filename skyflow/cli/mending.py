"""What `skyflow check --fix` and `--diff` do with one storyboard: certain fixes are applied until none is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from skyflow.cli.output_file import replace_file, show_difference
from skyflow.cli.storyboard_input import Input, open_input
from skyflow.diagnostics import Diagnostic
from skyflow.diagnostics.fixes import apply_edits, certain_edits
from skyflow.source import FilesError

# Mending one mistake can lay bare another; fixes that undo each other must not go on for ever.
MOST_ROUNDS = 8


def mend(opened: Input, check: Callable[[Input], Iterable[Diagnostic]], *, write: bool) -> bool:
    """Applies the certain fixes of a storyboard, or shows the first round of them; whether there were any."""
    mended = False
    for _ in range(MOST_ROUNDS):
        diagnostics = list(check(opened))
        try:
            source = opened.files.read(opened.path)
        except FilesError:
            return mended  # that is among the diagnostics
        edits = certain_edits(diagnostics, source)
        if not edits:
            return mended
        after = apply_edits(source.text, edits)
        if not write:
            show_difference(source.text, after, opened.written, "mended")
            return True
        replace_file(opened.disk_path, after)
        mended = True
        opened = open_input(opened.written)
    return mended
