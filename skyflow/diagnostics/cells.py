"""How text looks on a terminal: how many cells each character takes, and a harmless form for those that would do something. Knows no colours."""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

TAB_STOP = 4
_JOINERS = "\u200c\u200d"  # they hold Persian words and emoji families together, and take no cell


def shown(text: str) -> str:
    """Text on one line of a terminal: control characters, direction marks and the like become visible signs."""
    return text if text.isascii() and text.isprintable() else "".join(map(shown_character, text))


def shown_character(character: str) -> str:
    """What stands for one character: itself, a control picture such as `␛`, or `\\u{202e}`. A tab becomes one space here."""
    if character.isprintable() or character in _JOINERS or category(character) == "Zs":
        return character
    if character == "\t":
        return " "
    code = ord(character)
    if code < 32:
        return chr(0x2400 + code)
    if code == 127:
        return "\u2421"
    return f"\\u{{{code:x}}}"


def width(text: str) -> int:
    """The cells that shown text takes."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    """0 for what joins the character before it, 2 for wide and full-width ones (Unicode Standard Annex 11), else 1."""
    if character.isascii():
        return 1
    if combining(character) or character in _JOINERS or category(character) in ("Mn", "Me"):
        return 0
    if "\u1160" <= character <= "\u11ff":  # Korean vowels and final consonants are drawn into the syllable
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def lay_out(text: str) -> tuple[str, list[int]]:
    """One line as shown, tabs expanded, and the cell at which each character of `text` begins; one more entry is the end."""
    pieces: list[str] = []
    cells = [0]
    for character in text:
        piece = " " * (TAB_STOP - cells[-1] % TAB_STOP) if character == "\t" else shown_character(character)
        pieces.append(piece)
        cells.append(cells[-1] + width(piece))
    return "".join(pieces), cells
