"""What `skyflow check --fix` and `--diff` do with one storyboard: certain fixes are applied until none is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from skyflow.cli.output_file import replace_file, show_difference
from skyflow.cli.storyboard_input import Input, open_input
from skyflow.diagnostics import Diagnostic, Fix
from skyflow.diagnostics.fixes import apply_edits, certain_fixes, edits_of
from skyflow.source import FilesError

# Mending one mistake can lay bare another; fixes that undo each other must not go on for ever.
MOST_ROUNDS = 8
MOST_SHOWN = 60  # characters of what was and what is; a line of its own says both


def mend(
    opened: Input, check: Callable[[Input], Iterable[Diagnostic]], *, write: bool, tell: Callable[[str], None]
) -> bool:
    """Applies the certain fixes of a storyboard and tells each, or shows the first round of them; whether there were any."""
    mended = False
    for _ in range(MOST_ROUNDS):
        diagnostics = list(check(opened))
        try:
            source = opened.files.read(opened.path)
        except FilesError:
            return mended  # that is among the diagnostics
        fixes = certain_fixes(diagnostics, source)
        if not fixes:
            return mended
        after = apply_edits(source.text, edits_of(fixes))
        if not write:
            show_difference(source.text, after, opened.written, "mended")
            return True
        replace_file(opened.disk_path, after)
        for diagnostic, fix in fixes:
            tell(_in_words(diagnostic, fix, opened.written))
        mended = True
        opened = open_input(opened.written)
    return mended


def _in_words(diagnostic: Diagnostic, fix: Fix, written: str) -> str:
    """`film.sky:3:14: mended, `modle` is now `model``."""
    first = fix.edits[0]
    at = (diagnostic.span or first.span).start_position
    old, new = first.span.text, first.text
    is_short = len(fix.edits) == 1 and "\n" not in old + new and len(old + new) <= MOST_SHOWN
    what = f"`{old}` is now `{new}`" if is_short and old.strip() and new.strip() else fix.title
    return f"{written}:{at.line}:{at.column}: mended, {what}"
