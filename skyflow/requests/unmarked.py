"""Names of assets that a prompt says without `@`: the model reads them as words, and no picture of theirs is sent.

Only what is written out is looked at, never what a `{{ }}` brings: so every variant of a shot says the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from skyflow.contract import MAX_REF_IMAGES
from skyflow.diagnostics import Diagnostic, Edit, Fix
from skyflow.requests.draft_settings import Draft
from skyflow.requests.prompts import PromptText
from skyflow.requests.rules import TAG_UNMARKED
from skyflow.source import Span
from skyflow.storyboard import Asset
from skyflow.syntax import tree
from skyflow.variants import GAP, Rendered

_FRAMES = ("first_frame_image", "end_frame_image", "mid_frame_images")
# Who is spoken of need not be seen.
_SPEECH = re.compile(
    r"<dialogue>.*?(?:</dialogue>|$)|\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|「[^」]*」|『[^』]*』", re.DOTALL
)
# Scripts that put no space between words: there a name of one character is a part of too many of them.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
# Screenplays say behind a name that somebody is heard and not seen.
_HEARD = r"(?!\s?\((?:[vV]\.?\s?[oO]|[oO]\.?\s?[sScC]|[oO]ff)\b)"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def find_unmarked(
    draft: Draft, prompt: PromptText, assets: Iterable[Asset], mentioned: Collection[str]
) -> Iterator[tuple[Asset, Diagnostic]]:
    """The assets whose bare name a prompt says and which it mentions nowhere, each at the first place."""
    if any(name in draft.request or name in draft.failed for name in _FRAMES):
        return  # with frames the word without the @ is what must stand there
    texts = [(rendered, _written_out(rendered)) for _, rendered in prompt.parts]
    for asset in assets:
        pattern = _name_pattern(asset.tag[1:])
        if pattern is None or asset.tag in mentioned or not _could_be_sent(asset, draft):
            continue
        found = ((rendered, pattern.search(text)) for rendered, text in texts)
        place = next((_place(rendered, *match.span()) for rendered, match in found if match is not None), None)
        if place is not None:
            yield asset, _unmarked(asset, place, draft.name)


def _written_out(rendered: Rendered) -> str:
    """The text of a setting with one gap for each `{{ }}`, however long its value, and gaps where somebody speaks."""
    pieces = [piece.part.text if isinstance(piece.part, tree.Literal) else GAP for piece in rendered.pieces]
    return _SPEECH.sub(lambda speech: GAP * len(speech[0]), "".join(pieces))


def _place(rendered: Rendered, start: int, end: int) -> Span:
    """Where characters of `_written_out` stand in the source; they lie in one literal."""
    for piece in rendered.pieces:
        length = len(piece.part.text) if isinstance(piece.part, tree.Literal) else 1
        if isinstance(piece.part, tree.Literal) and start < length:
            part = piece.part
            return Span(rendered.span.source, part.source_offset(start), part.source_offset(end - 1) + 1)
        start, end = start - length, end - length
    return rendered.span


def _could_be_sent(asset: Asset, draft: Draft) -> bool:
    """Whether a mention would fit to the references that the shot has."""
    videos, images = draft.request.get("ref_videos", ()), draft.request.get("ref_images", ())
    if asset.keyword == "video":
        return not videos and not any(image["type"] == "grid" for image in images)
    if any(video["type"] == "extend" for video in videos):
        return False
    most = 1 if asset.keyword == "grid" else MAX_REF_IMAGES
    return len(images) < most and all(image["type"] == asset.keyword for image in images)


@lru_cache(maxsize=1024)
def _name_pattern(name: str) -> re.Pattern[str] | None:
    """What finds a name as a whole word; None for names that are words of English: `@street` does not warn at every street."""
    if name.isascii() and name.isalpha() and not name[0].isupper():
        return None
    first, last = _IS_UNSPACED.match(name[0]), _IS_UNSPACED.match(name[-1])
    if len(name) == 1 and first:
        return None
    before = "(?<![@＠])" if first else f"(?<![\\w@＠{GAP}-])"
    after = "" if last else f"(?![\\w\\u0300-\\u036f{GAP}]|-\\w)"
    return re.compile(before + re.escape(name) + after + _HEARD)


def _unmarked(asset: Asset, place: Span, shot: str) -> Diagnostic:
    name = asset.tag[1:]
    several = asset.keyword == "image" and len(asset.declaration.sources) > 1
    lost = {"video": "its clip is", "grid": "its picture is"}.get(
        asset.keyword, f"its picture{'s are' if several else ' is'}"
    )
    fix = Fix(f"write `{asset.tag}`", (Edit(place, asset.tag),), certain=False) if place.text == name else None
    return Diagnostic(
        TAG_UNMARKED,
        f"the prompt says `{name}` without @, so {lost} not sent",
        place,
        help=f"write `{asset.tag}`; where the word alone is meant, `# allow: {TAG_UNMARKED.id}`",
        fix=fix,
        subject=asset.tag,
        shot=shot,
    )
