"""The colours of an animatic: of its tags, and of its backdrop, by the mood of the prompt or else by its hash."""

from __future__ import annotations

import colorsys
import hashlib
import re
from dataclasses import dataclass

from skyflow.media.animatic.typesetting import Colour

WHITE: Colour = (255, 255, 255)
INK: Colour = (14, 16, 22)
CUE_GREY: Colour = (170, 178, 190)

# Ten tags at most stand in one request: six mid frames, or three subjects and a clip. Each reads well on black and under ink.
_TAG_COLOURS: tuple[Colour, ...] = (
    (255, 200, 61),
    (95, 212, 255),
    (255, 143, 177),
    (142, 227, 136),
    (195, 166, 255),
    (255, 159, 90),
    (120, 235, 214),
    (240, 232, 120),
    (255, 130, 130),
    (160, 190, 255),
)

# Hue in degrees and lightness of the light in a scene, by words that name it; the first line that fits decides. Latin words stand
# whole, so that no street has a tree in it; Chinese and Japanese ones are long or rare enough to mean what they say.
_MOODS: tuple[tuple[str, str, float, float], ...] = (
    ("neon|cyberpunk", "霓虹|ネオン|赛博", 305, 0.50),
    ("sunset|dusk|golden|sunrise|dawn", "日落|夕阳|黄昏|夕暮れ|夕日|朝日|日出", 24, 0.56),
    ("night|midnight|moon|moonlight|stars?", "夜|月亮|月光|星空", 228, 0.42),
    ("forests?|jungle|garden|meadow|trees?", "森|树林|竹林|庭院|庭園|草原", 135, 0.44),
    ("ocean|sea|beach|underwater|river|lake|stream", "海|河|湖|川", 192, 0.50),
    ("desert|sand|savanna", "沙漠|砂漠|沙丘", 38, 0.58),
    ("snow|ice|winter|arctic", "雪|冰|冬", 205, 0.66),
    ("fire|lava|dragon|war|battle", "火焰|龙|竜|战场", 12, 0.48),
    ("kitchen|noodles?|recipe|bread|coffee|tea", "厨房|面条|茶|料理", 30, 0.52),
    ("rain|storm|fog|mist", "雨|雾|霧", 214, 0.46),
)
_FINDERS = tuple(
    (re.compile(rf"\b(?:{latin})\b|{eastern}", re.IGNORECASE), hue, light) for latin, eastern, hue, light in _MOODS
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Neighbouring hues, from the darkest corner to the light that falls into it; `warm` and `cool` lie on its two sides."""

    dark: Colour
    middle: Colour
    light: Colour
    warm: Colour
    cool: Colour


def tag_colours(tags: tuple[str, ...]) -> dict[str, Colour]:
    """One colour for each tag, the same in the caption and beside its picture."""
    return {tag: _TAG_COLOURS[index % len(_TAG_COLOURS)] for index, tag in enumerate(tags)}


def palette_for(prompt: str, seed: int) -> Palette:
    """The colours that suit a prompt; the seed shifts them a little, so that takes differ and still belong together."""
    named = ((hue, light) for finder, hue, light in _FINDERS if finder.search(prompt))
    hue, lightness = next(named, None) or _hashed_mood(prompt)
    shifted = (hue + (seed % 7 - 3) * 5) % 360 / 360
    return Palette(
        dark=_colour(shifted + 0.05, 0.055, 0.55),
        middle=_colour(shifted + 0.03, lightness * 0.40, 0.48),
        light=_colour(shifted, min(0.70, lightness * 1.15), 0.66),
        warm=_colour(shifted - 0.06, lightness * 0.92, 0.58),
        cool=_colour(shifted + 0.07, lightness * 0.66, 0.52),
    )


def _hashed_mood(prompt: str) -> tuple[float, float]:
    digest = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    return digest[0] / 256 * 360, 0.46 + digest[1] / 256 * 0.12


def _colour(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 is the one, 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
