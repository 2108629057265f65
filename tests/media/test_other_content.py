"""Files that people take for pictures."""

from __future__ import annotations

import pytest

from skyflow.media.other_content import name_other_content
from skyflow.media.recognition import recognise

HEADS = {
    "pdf": b"%PDF-1.7\n1 0 obj",
    "psd": b"8BPS\x00\x01" + bytes(20),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0",
    "exr": b"v/1\x01\x02\x00",
    "jxl": b"\x00\x00\x00\x0cJXL \r\n\x87\n",
    "jp2": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "zip": b"PK\x03\x04\x14\x00",
    "svg": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "html": b"\n<!DOCTYPE html><title>404</title>",
    "": b"some words, less < more",
}


@pytest.mark.parametrize("name", HEADS)
def test_what_is_no_medium_has_a_name(name: str) -> None:
    assert name_other_content(HEADS[name]) == name
    assert recognise(HEADS[name]) is None
