"""The storyboard and the table that all contestants compile: made anew each time, the same each time."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

WORDS = [
    "soft",
    "light",
    "falls",
    "on",
    "the",
    "wooden",
    "table",
    "while",
    "steam",
    "rises",
    "from",
    "a",
    "fresh",
    "cup",
    "and",
    "the",
    "camera",
    "slowly",
    "drifts",
    "closer",
    "to",
    "show",
    "every",
    "detail",
    "of",
    "the",
    "glaze",
]
LOOK = "Shot on 35mm film, shallow depth of field, {{ p.colour }} accents, calm and premium, no text on screen."
LANGUAGES = ("English", "日本語")
COLUMNS = ("name", "picture", "line", "colour", "material")
MIKA = ("https://example.com/mika-front.jpg", "https://example.com/mika-side.jpg")


def _words(source: random.Random, count: int) -> str:
    return " ".join(source.choice(WORDS) for _ in range(count))


def prompts() -> list[tuple[str, str, list[str]]]:
    """The four shots: name, prompt as a template, and the tags it mentions in order."""
    source = random.Random(1)

    def words(count: int) -> str:
        return _words(source, count)

    return [
        ("open", f"{words(36)}. @Mika places @product on a table made of {{{{ p.material }}}}, {words(34)}. A voice in {{{{ lang }}}} says: {{{{ p.line }}}}.", ["@Mika", "@product"]),
        ("turn", f"{words(38)}. @product turns slowly, {words(36)}; the words of the narrator in {{{{ lang }}}}: {{{{ p.line }}}}.", ["@product"]),
        ("hold", f"@Mika holds @product towards the camera, {words(38)}. {words(36)} {{{{ lang }}}} {{{{ p.name }}}}", ["@Mika", "@product"]),
        ("end", f"@product stands alone, {words(36)}. {{{{ p.line }}}} - {{{{ p.name }}}} in {{{{ p.colour }}}} {{{{ p.material }}}}, spoken in {{{{ lang }}}}. {words(34)}", ["@product"]),
    ]  # fmt: skip


def rows(count: int) -> list[dict[str, str]]:
    source = random.Random(2)
    return [
        {
            "name": f"product{index}",
            "picture": f"https://example.com/p/{index}.jpg",
            "line": _words(source, 6),
            "colour": source.choice(("red", "blue", "green", "amber")),
            "material": source.choice(("glass", "steel", "clay")),
        }
        for index in range(count)
    ]


def storyboard(languages: tuple[str, ...] = LANGUAGES) -> str:
    shots = "".join(f'\nshot {name} {{\n  prompt = "{prompt}"\n}}\n' for name, prompt, _ in prompts())
    alternatives = " | ".join(f'"{language}"' for language in languages)
    return (
        'storyboard "Advert"\n\ndefaults {\n  model = fast\n  resolution = 720p\n  aspect_ratio = 9:16\n  duration = 5s\n'
        f'  look = "{LOOK}"\n}}\n\nvar p from "products.csv"\nvar lang = {alternatives}\n\n'
        'image @product = "{{ p.picture }}"\n'
        f'image @Mika = "{MIKA[0]}", "{MIKA[1]}"\n{shots}'
    )


def write(folder: Path, count: int, languages: tuple[str, ...] = LANGUAGES) -> None:
    """Writes advert.sky and products.csv, and the same for the peers: products.json and prompts.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "advert.sky").write_text(storyboard(languages), encoding="utf-8")
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows(count))
    (folder / "products.json").write_text(json.dumps(rows(count)), encoding="utf-8")
    shots = [{"name": name, "prompt": f"{prompt} {LOOK}", "tags": tags} for name, prompt, tags in prompts()]
    (folder / "prompts.json").write_text(json.dumps(shots, ensure_ascii=False), encoding="utf-8")
    (folder / "languages.json").write_text(json.dumps(languages, ensure_ascii=False), encoding="utf-8")


def pictures(tag: str, picture: str) -> list[str]:
    return list(MIKA) if tag == "@Mika" else [picture]
