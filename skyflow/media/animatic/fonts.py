"""Which font draws a character: ours for Latin, Greek and Cyrillic, the system's for all else, a glyph at a time. Nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from skyflow.media.errors import media_extra

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Weight = Literal["medium", "bold"]
Language = Literal["SC", "JP", "KR"]

OWN_FONTS = Path(__file__).parent.parent / "fonts"
_OWN_FILES: dict[Weight, str] = {"medium": "NotoSans-Medium.ttf", "bold": "NotoSans-Bold.ttf"}
_MAX_FILES_WALKED = 20_000
_MAX_QUESTIONS = 24
_NEVER_A_CHARACTER = "\U0010ffff"  # Unicode: a noncharacter, so each font draws its sign for "no glyph"

# Parts of the file names of fonts with Chinese, Japanese or Korean, as systems and their users install them; better ones first.
_EASTERN_NAMES = (
    "notosanscjk",
    "sourcehansans",
    "notosanssc",
    "notosansjp",
    "notosanskr",
    "pingfang",
    "hiragino sans gb",
    "ヒラギノ角ゴシック",
    "msyh",
    "yugoth",
    "meiryo",
    "malgun",
    "wqy",
    "droidsansfallback",
    "arial unicode",
    "arialuni",
    "stheiti",
    "simhei",
    "msgothic",
    "simsun",
    "ipaexg",
    "ipag",
    "takao",
    "vl-gothic",
    "nanum",
    "notoserifcjk",
    "unifont",
)


@dataclass(frozen=True, slots=True)
class Face:
    """One face of the font file at `path`: collections hold several, told apart by `index`."""

    path: str
    index: int = 0

    def at(self, size: int) -> FreeTypeFont:
        return _load(self.path, self.index, size)

    def has(self, character: str) -> bool:
        return _has_glyph(self, character)


@lru_cache(maxsize=256)
def _load(path: str, index: int, size: int) -> FreeTypeFont:
    with media_extra():
        from PIL import ImageFont
    return ImageFont.truetype(path, size, index=index)


def _has_glyph(face: Face, character: str) -> bool:
    """Pillow tells no character map; but what a font lacks it draws as it draws a noncharacter."""
    font = face.at(24)
    drawn, missing = font.getmask(character), font.getmask(_NEVER_A_CHARACTER)
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


@dataclass
class FontSet:
    """The fonts for one text. `missing` collects the characters that no font on this machine can draw."""

    language: Language = "SC"
    search_system: bool = True
    missing: set[str] = field(default_factory=set)
    _found: dict[str, list[Face]] = field(default_factory=dict)
    _known: dict[tuple[str, str], Face] = field(default_factory=dict)
    _questions: int = 0

    def face(self, character: str, weight: Weight) -> Face:
        """The face that draws `character`: ours where it can, else the first of the system's that can, else ours again."""
        face = self._known.get((character, weight))
        if face is None:
            face = self._known[character, weight] = self._find(character, weight)
        return face

    def _find(self, character: str, weight: Weight) -> Face:
        own = own_face(weight)
        if character.isspace() or own.has(character):
            return own
        if self.search_system:
            known = _eastern_faces(self.language, weight) + tuple(self._found.get(weight, ()))
            if (face := next((face for face in known if face.has(character)), None)) is not None:
                return face
            if (asked := self._ask(character, weight)) is not None:
                return asked
        self.missing.add(character)
        return own

    def _ask(self, character: str, weight: Weight) -> Face | None:
        """Ask fontconfig, which starts a process: a text of a thousand rare signs must not start a thousand."""
        if self._questions >= _MAX_QUESTIONS:
            return None
        self._questions += 1
        found = _face_by_fontconfig(character, weight)
        if found is not None:
            self._found.setdefault(weight, []).append(found)
        return found


@cache
def own_face(weight: Weight) -> Face:
    return Face(str(OWN_FONTS / _OWN_FILES[weight]))


def language_of(text: str) -> Language:
    """Chinese and Japanese share code points that they draw differently; kana and hangul tell which is meant."""
    if any("\u3040" <= character <= "\u30ff" for character in text):
        return "JP"
    if any("\uac00" <= character <= "\ud7a3" for character in text):
        return "KR"
    return "SC"


@cache
def _eastern_faces(language: Language, weight: Weight) -> tuple[Face, ...]:
    """Every face with an eastern name, those that suit the language and weight first."""
    ranked: list[tuple[int, int, int, Face]] = []
    for path in _eastern_files():
        name = path.name.lower()
        place = next(index for index, part in enumerate(_EASTERN_NAMES) if part in name)
        is_bold = any(word in name for word in ("bold", "black", "heavy", "w6", "bd."))
        for index, family in enumerate(_families(path)):
            suits = family.endswith((f" {language}", language.lower())) or len(_families(path)) == 1
            ranked.append((not suits, place, is_bold != (weight == "bold"), Face(str(path), index)))
    return tuple(face for *_, face in sorted(ranked, key=lambda entry: entry[:3]))


@cache
def _eastern_files() -> tuple[Path, ...]:
    found = [path for path in _font_files() if any(part in path.name.lower() for part in _EASTERN_NAMES)]
    return tuple(sorted(found))


def _font_files() -> Iterator[Path]:
    walked = 0
    for folder in _font_folders():
        for root, _, names in os.walk(folder):
            for name in names:
                walked += 1
                if walked > _MAX_FILES_WALKED:
                    return
                if name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")):
                    yield Path(root) / name


def _font_folders() -> tuple[Path, ...]:
    """Where the three systems keep fonts."""
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", str(home / "AppData/Local"))
        return (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", Path(local) / "Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    return (home / ".fonts", home / ".local/share/fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))


@cache
def _families(path: Path) -> tuple[str, ...]:
    """The family name of each face of a file; empty where it is no readable font."""
    return tuple(_family_names(path))


def _family_names(path: Path) -> Iterator[str]:
    for index in range(64 if path.suffix.lower() in (".ttc", ".otc") else 1):
        try:
            yield _load(str(path), index, 24).getname()[0] or ""
        except OSError:  # behind the last face, or no font at all
            return


@cache
def _face_by_fontconfig(character: str, weight: Weight) -> Face | None:
    """Any other installed font that has the character, asked of fontconfig where that is there."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603  (the character goes in as a hexadecimal number)
            [program, f":charset={ord(character):x}", "--format", "%{file}|%{index}|%{style}\n"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    faces = [line.split("|") for line in answer.splitlines() if line.count("|") == 2]
    faces.sort(key=lambda entry: (("bold" in entry[2].lower()) != (weight == "bold"), entry[0], entry[1]))
    for path, index, _ in faces:
        face = Face(path, int(index) & 0xFFFF if index.isdigit() else 0)
        if _families(Path(path)) and face.has(character):
            return face
    return None
