"""Damaged storyboards: the repository's own, cut, doubled, mixed and sprinkled with signs that people and machines get wrong."""

from __future__ import annotations

import random
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_LENGTH = 3_000  # characters; what goes wrong in long texts goes wrong in short ones, and sooner

PIECES = (
    "shot ", "scene ", "defaults ", "image ", "voice ", "grid ", "video ", "keyframe ", "extend ", "var ", "use ", "storyboard ", " for ",
    " in ", " from ", " at ", "when = ", "prompt = ", "look = ", "takes = ", "pick = ", "first_frame = ", "duration = ", "model = ", "note = ",
    "a", "@Mika", "@", "@@", "@小梅", "夜市", "3", "-1", "2.5", "5s", "4k", "5 sec", "16:9", "16/9", "1e9", "99999999999999999999", '"', '"""', "'",
    "“", "”", "„", "«", "「", "{{", "}}", "{{ x }}", "{{ a | title }}", "{{ a[", "{%", "{#", "{", "}", "[", "]", "(", ")", "=", "==", ":=", "|",
    ",", ":", ";", "#", "# remark", "# allow: name-unused", "//", "--", "/*", "*/", "$x", "${x}", "＝", "＠a", "｛", "\\", "\\n", "\\u{41}",
    "\\u{110000}", "\n", "\n\n", "\r\n", "\r", " ", "\t", "\u3000", "\0", "\u200b", "\ufeff", "\u2028", "\u0085", "é", "e\u0301", "🎬", "👩‍👩‍👧",
    "\ud800", "true", "yes", "none", "previous", "last_frame(", "clip(street)", "frame(a, 2s)", "a.1.b", "<dialogue>", "</dialogue>", "x" * 300,
    "(" * 80, "[" * 80, "{{" * 40, "|" * 80, "{\n" * 40,
)  # fmt: skip


def load_seeds() -> tuple[str, ...]:
    """All storyboards of the repository, and the code blocks of the language's reference."""
    places = sorted(place for folder in ("examples", "tests", "skyflow") for place in (ROOT / folder).rglob("*.sky"))
    texts = [place.read_bytes().decode(errors="replace") for place in places]
    reference = (ROOT / "grammar" / "README.md").read_text(encoding="utf-8")
    texts += [part.split("```", 1)[0] for part in reference.split("```sky\n")[1:]]
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def damage(chance: random.Random, seeds: tuple[str, ...]) -> str:
    """One of the seeds with some damage."""
    text = chance.choice(seeds)
    if len(text) > MAX_LENGTH:
        start = chance.randrange(len(text) - MAX_LENGTH)
        text = text[start : start + MAX_LENGTH]
    for _ in range(chance.choice((1, 1, 2, 3, 5, 10))):
        text = _damage_once(chance, text, seeds)[: 2 * MAX_LENGTH]
    return text.replace("\ud800", "") if chance.random() < 0.9 else text


def _damage_once(chance: random.Random, text: str, seeds: tuple[str, ...]) -> str:
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice((1, 1, 1, 2, 5, 20, 100)))
    lines = text.splitlines(keepends=True) or [""]
    number = chance.randrange(len(lines))
    kind = chance.randrange(9)
    if kind == 0:
        return text[:start] + text[end:]
    if kind in (1, 2):
        return text[:start] + chance.choice(PIECES) + text[start:]
    if kind == 3:
        return text[:start] + chance.choice(PIECES) + text[end:]
    if kind == 4:
        return text[:start] + text[start:end] * 2 + text[end:]
    if kind == 5:
        del lines[number]
        return "".join(lines)
    if kind == 6:
        lines.insert(chance.randrange(len(lines) + 1), lines[number])
        return "".join(lines)
    if kind == 7:
        other = chance.choice(seeds)
        cut = chance.randrange(len(other) + 1)
        return text[:start] + other[cut : cut + chance.choice((10, 100, 500))] + text[start:]
    return (
        text[:start]
        + chr(chance.choice((chance.randrange(128), chance.randrange(0x3000), chance.randrange(0xE000, 0x110000))))
        + text[end:]
    )
