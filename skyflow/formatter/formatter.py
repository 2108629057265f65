"""The phases of formatting: read, print, and make sure that the print says what was written."""

from __future__ import annotations

from skyflow.formatter.meaning import same_meaning
from skyflow.formatter.printer import print_file
from skyflow.source import SourceFile
from skyflow.syntax import parse


def format_text(source: SourceFile) -> str:
    """The text of a storyboard in the one style. Never raises.

    Statements that cannot be read stay byte for byte. Where the result would not say the same as the source, for what reason
    ever, the source is returned as it is. The file's own kind of line ends is kept.
    """
    file, diagnostics = parse(source)
    # A mistake between two characters, such as a value that is missing, belongs to what stands before it.
    mistakes = [
        place.start if place.start < place.end else max(place.start - 1, 0)
        for found in diagnostics
        for place in (
            found.span,
            *(related.span for related in found.related),
            *(edit.span for edit in (found.fix.edits if found.fix else ())),
        )
        if place is not None
    ]
    text = print_file(file, mistakes)
    printed, _diagnostics = parse(SourceFile(source.path, text))
    return text if same_meaning(file, printed) else source.text
