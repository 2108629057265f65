"""Turns the bytes of a text file into text, or says exactly where they stop being UTF-8."""

from __future__ import annotations

import codecs

from skyflow.source import FileProblem, FilesError

_OTHER_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))

_LOOKED_AT = 200


def decode_text(path: str, content: bytes) -> str:
    """The text without its byte-order mark. Raises FilesError(NOT_TEXT) with the line and offset of the first bad byte."""
    for mark, name in _OTHER_MARKS:
        if content.startswith(mark):
            raise FilesError(FileProblem.NOT_TEXT, path, f"it is {name}")
    zero = content.find(b"\0")
    if zero >= 0:
        if content[:_LOOKED_AT].count(0) * 3 > len(content[:_LOOKED_AT]):  # every second byte of English
            raise FilesError(FileProblem.NOT_TEXT, path, "it looks like UTF-16")
        raise FilesError(FileProblem.NOT_TEXT, path, f"the {_place(content, zero)} is zero, as in binary files")
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
        byte = content[offset]
        letter = bytes([byte]).decode("cp1252", "replace")
        guess = f", {letter} in Latin-1" if letter.isalpha() else ""
        raise FilesError(FileProblem.NOT_TEXT, path, f"the {_place(content, offset)} is 0x{byte:02x}{guess}") from None


def _place(content: bytes, offset: int) -> str:
    line = content.count(b"\n", 0, offset) + 1
    return f"byte at offset {offset:,} in line {line:,}"
