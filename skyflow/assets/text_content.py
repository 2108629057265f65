"""Turns the bytes of a text file into text, or says exactly where they stop being UTF-8."""

from __future__ import annotations

import codecs

from skyflow.source import FileProblem, FilesError

_OTHER_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))


def decode_text(path: str, content: bytes) -> str:
    """The text without its byte-order mark. Raises FilesError(NOT_TEXT) with the line and offset of the first bad byte."""
    for mark, name in _OTHER_MARKS:
        if content.startswith(mark):
            raise FilesError(FileProblem.NOT_TEXT, path, f"it begins like {name}; save it as UTF-8")
    zero = content.find(b"\0")
    if zero >= 0:
        raise FilesError(FileProblem.NOT_TEXT, path, f"the {_place(content, zero)} is zero, as in binary files")
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
        raise FilesError(
            FileProblem.NOT_TEXT,
            path,
            f"the {_place(content, offset)} is 0x{content[offset]:02x}; save the file as UTF-8",
        ) from None


def _place(content: bytes, offset: int) -> str:
    line = content.count(b"\n", 0, offset) + 1
    return f"byte at offset {offset:,} in line {line:,}"
