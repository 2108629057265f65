"""Text blocks: their lines are moved as a whole to where they belong. Words, line breaks and blank lines within stay as written."""

from __future__ import annotations

import re

from skyflow.syntax.tables import load_tables

INDENT = "  "
_QUOTES = '"""'


def indent_text_block(written: str, indent: str) -> str:
    """A text block whose statement's line is indented by `indent`; one that was written on one line stays on it.

    The quotes stand on lines of their own, what is between them one step further in. Lines keep their indentation among each other.
    """
    if "\n" not in written:
        return written
    lines = _split_lines(written[3:-3])
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return _QUOTES * 2
    return "\n".join([_QUOTES, *_indent_lines(lines, indent + INDENT), indent + _QUOTES])


def _split_lines(text: str) -> list[str]:
    """The lines of a text block; line breaks within `{{ }}` separate nothing, since what stands there is the expression's."""
    lines = [""]
    position = 0
    for found in _BREAK_OR_BRACES.finditer(text):
        if found.start() < position:
            continue
        lines[-1] += text[position : found.start()]
        position = found.end()
        if found.group() == "{{":
            template = load_tables().template.match(text, found.start())
            position = template.end() if template else found.end()
            lines[-1] += text[found.start() : position]
        elif found.group()[0] == "\\":
            lines[-1] += found.group()
        else:
            lines.append("")
    lines[-1] += text[position:]
    return lines


_BREAK_OR_BRACES = re.compile(r"\r?\n|\\.|\{\{", re.DOTALL)


def _indent_lines(lines: list[str], indent: str) -> list[str]:
    """The lines with their common indentation replaced; the first one may have stood behind the quotes, without any."""
    widths = [_width(line) for line in lines]
    shared = min((width for width, line in zip(widths, lines, strict=True) if line.strip() and width), default=0)
    return [
        (indent + " " * max(width - shared, 0) + line.lstrip(" \t").rstrip()) if line.strip() else ""
        for width, line in zip(widths, lines, strict=True)
    ]


def _width(line: str) -> int:
    """The columns that a line is indented by."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(len(INDENT)))
