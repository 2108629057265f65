"""The contact sheet: one HTML page that needs nothing but itself. All that comes from storyboards and tables is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any

from skyflow.contract.dollars import show_dollars
from skyflow.contract.limits import MODE_WORDS
from skyflow.contract.tags import declared_tags, scan_tags
from skyflow.planner import TO_MAKE, UNDER_WAY, PlanState, ResultNeeded
from skyflow.report.cut import Cut, CutShot, CutTake
from skyflow.report.missing import how_it_stands, other_takes
from skyflow.report.pictures import Pictures
from skyflow.report.references import Reference, references_of

Link = Callable[[str, CutShot, CutTake], str]
"""Variant, shot and take → the address of the clip from the page, "" where it is not there."""

# Clips lie beside the page; of a page opened from a disk not every browser calls them its own.
_POLICY = "default-src 'none'; img-src data:; media-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MOST_CHARACTERS = 4_000  # of a note or a prompt that are shown
_HUES = 5  # colours that tags are told apart by
_RESULTS = {"first": "first frame of", "last": "last frame of", "clip": "clip of"}


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What stands above the shots. `variants` counts all that were asked for, of which the page may show a sample."""

    title: str
    storyboard: str
    target: str
    is_preview: bool
    made: str
    variants: int


def write_sheet(facts: SheetFacts, cuts: Sequence[Cut], pictures: Pictures, link: Link) -> Iterator[str]:
    """The page, in pieces: a section for each variant, a row for each shot. Raises MediaExtraMissing."""
    style = files("skyflow.report").joinpath("sheet.css").read_text(encoding="utf-8")
    yield (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_text(facts.title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n"
    )
    yield from _head(facts, cuts)
    for number, cut in enumerate(cuts, 1):
        yield f'<section id="v{number}">\n'
        if cut.variant:
            yield f"<h2>{_text(cut.variant)}</h2>\n"
        yield from _Rows(cut, number, pictures, link).rows()
        yield "</section>\n"
    yield "</body>\n</html>\n"


def _head(facts: SheetFacts, cuts: Sequence[Cut]) -> Iterator[str]:
    shots = [shot for cut in cuts for shot in cut.shots]
    there = sum(shot.picked.clip is not None for shot in shots)
    seconds = sum((shot.seconds for shot in shots), Decimal(0))
    count = f"{len(shots):,} shot{'' if len(shots) == 1 else 's'}"
    told = [count, f"{there:,} made", f"{seconds.normalize():f} s"]
    if len(cuts) > 1:
        told.insert(0, f"{len(cuts):,} variants")
    where = "previews; costs are what the clips would cost live" if facts.is_preview else f"clips from {facts.target}"
    yield f"<header>\n<h1>{_text(facts.title)}</h1>\n<p>{' · '.join(told)}</p>\n"
    yield f'<p class="quiet">{_text(facts.storyboard)}, {_text(where)}, {_text(facts.made)}</p>\n'
    there_are = {shot.mode for shot in shots}
    modes = " · ".join(f"<b>{mode}</b> {_text(words)}" for mode, words in MODE_WORDS.items() if mode in there_are)
    yield f'<p class="quiet">{modes}</p>\n'
    if len(cuts) < facts.variants:
        yield (
            f'<p class="sample">Shown are {len(cuts):,} of {facts.variants:,} variants, spread over all alternatives. '
            "Others: <code>--variant</code> or <code>--sample</code>.</p>\n"
        )
    if len(cuts) > 1:
        links = "".join(f'<li><a href="#v{n}">{_text(cut.variant)}</a></li>' for n, cut in enumerate(cuts, 1))
        yield f"<nav><ul>{links}</ul></nav>\n"
    yield "</header>\n"


class _Rows:
    """The rows of one variant."""

    def __init__(self, cut: Cut, number: int, pictures: Pictures, link: Link) -> None:
        self._cut = cut
        self._number = number
        self._pictures = pictures
        self._link = link
        self._makers = {take.key: (index, shot, take) for index, shot in enumerate(cut.shots, 1) for take in shot.takes}

    def rows(self) -> Iterator[str]:
        scene = ""
        for index, shot in enumerate(self._cut.shots, 1):
            if shot.scene != scene:
                scene = shot.scene
                yield f"<h3>{_text(scene)}</h3>\n" if scene else "<hr>\n"
            yield self._row(index, shot)

    def _row(self, index: int, shot: CutShot) -> str:
        name = shot.name.removeprefix(f"{shot.scene}.")
        note = f'<p class="note">{_text(shot.note[:_MOST_CHARACTERS])}</p>\n' if shot.note else ""
        found = groupby(references_of(shot.request, shot.files), key=lambda one: (one.role, one.tag))
        references = "".join(self._reference(role, tag, list(group)) for (role, tag), group in found)
        takes = "".join(self._take(shot, take) for take in shot.takes)
        several = ' class="several"' if len(shot.takes) > 1 else ""
        others = f'<p class="others">{_code(other_takes(shot))}</p>\n' if other_takes(shot) else ""
        return (
            f'<article id="{self._anchor(index)}"{several}>\n<div class="takes">\n{takes}</div>\n<div>\n'
            f"<h4><small>{index}</small> {_text(name)}</h4>\n"
            f'<p class="facts">{_mode(shot.mode)} <span>{shot.seconds.normalize():f} s</span> {_facts_of(shot.request)}</p>\n{others}'
            f'<p class="prompt">{_prompt(shot.request)}</p>\n{note}'
            + (f'<ul class="references">{references}</ul>\n' if references else "")
            + "</div>\n</article>\n"
        )

    def _anchor(self, index: int) -> str:
        return f"v{self._number}s{index}"

    def _take(self, shot: CutShot, take: CutTake) -> str:
        """One take: its clip to be played, or in its place how it stands, and below it what is to be said of it."""
        several = len(shot.takes) > 1
        address = self._link(self._cut.variant, shot, take)
        name = f"take {take.number}"
        named = f'<a href="{escape(address)}">{name}</a>' if address else name
        picked = take.picked and several
        star = '<span class="pick">picked</span> ' if picked else ""
        frame = ' class="picked"' if picked else ""
        clip = self._clip(take, address, f"{shot.name}, {name}", of_several=several)
        cost = f"{'' if take.exact else 'about '}{show_dollars(take.cost)}"
        told = f'{star}{named} {_state(take)} <span class="cost">{cost}</span>'
        return f"<figure{frame}>\n{clip}\n<figcaption>{told}</figcaption>\n</figure>\n"

    def _clip(self, take: CutTake, address: str, name: str, *, of_several: bool) -> str:
        if take.clip is None:
            return '<div class="poster none">no clip</div>'
        poster = self._pictures.poster(take.clip, of_several=of_several)
        if not poster or not address:
            return '<div class="poster none">cannot be shown</div>'
        return (
            f'<video class="poster" controls preload="none" playsinline poster="{poster}" src="{escape(address)}" '
            f'aria-label="{_text(name)}"></video>'
        )

    def _reference(self, role: str, tag: str, group: Sequence[Reference]) -> str:
        """What one tag stands for: the pictures of a subject together."""
        shown = [self._shown(reference) for reference in group]
        blank = f'<span class="blank">{group[0].kind}</span>'
        images = "".join(f'<img alt="" src="{picture}">' for picture, _ in shown if picture) or blank
        named = f"<b>{_text(tag)}</b> " if tag else ""
        names = ", ".join(name for _, name in shown)
        return f"<li>{images}<span>{named}{_text(role)}<br><i>{names}</i></span></li>"

    def _shown(self, reference: Reference) -> tuple[str, str]:
        """The thumbnail, where there is one, and the name of what it is, as HTML."""
        if reference.path:
            sound = reference.kind == "audio"
            picture = "" if sound else self._pictures.of_file(reference.path, reference.kind)
            return picture, _text(reference.path.rsplit("/", 1)[-1])
        if reference.result is not None:
            return self._shown_result(reference.result)
        if reference.url.startswith(("https://", "http://")):
            return "", f'<a href="{escape(reference.url)}" rel="noreferrer">{_text(reference.url.split("/")[2])}</a>'
        return "", _text(reference.url[:80])

    def _shown_result(self, need: ResultNeeded) -> tuple[str, str]:
        word = _RESULTS[need.at] if isinstance(need.at, str) else f"frame at {need.at:g} s of"
        known = self._makers.get(need.key)
        if known is None:
            return "", _text(word.removesuffix(" of"))
        index, shot, take = known
        moment = "middle" if need.at == "clip" else need.at
        picture = self._pictures.of_clip(take.clip, moment) if take.clip is not None else ""
        return picture, f'{word} <a href="#{self._anchor(index)}">{_text(shot.name)}</a>'


def _facts_of(request: Any) -> str:
    model = str(request.get("model", "")).removeprefix("skyreels-v4-")
    told = (model, request.get("resolution", ""), request.get("aspect_ratio", ""))
    return "".join(f"<span>{_text(str(fact))}</span> " for fact in told if fact)


def _prompt(request: Any) -> str:
    """The prompt with its tags marked, each in a colour of its own."""
    prompt = str(request.get("prompt", ""))[:_MOST_CHARACTERS]
    tags = list(declared_tags(request))
    parts, at = [], 0
    for tag, start, end in scan_tags(prompt, tags).mentions:
        hue = tags.index(tag) % _HUES
        parts.append(f'{_text(prompt[at:start])}<mark class="t{hue}">{_text(prompt[start:end])}</mark>')
        at = end
    return "".join(parts) + _text(prompt[at:])


def _state(take: CutTake) -> str:
    kind = "bad"
    if take.state is PlanState.HAVE:
        kind = "good"
    elif take.state in UNDER_WAY:
        kind = "busy"
    elif take.state in TO_MAKE:
        kind = "open"
    return f'<span class="state {kind}">{_text(how_it_stands(take))}</span>'


def _mode(mode: str) -> str:
    words = next((words for known, words in MODE_WORDS.items() if known == mode), "")
    return f'<b title="{_text(words)}">{_text(mode)}</b>'


def _code(text: str) -> str:
    """Text in which what stands between back quotes is to be typed."""
    return "".join(
        f"<code>{_text(part)}</code>" if odd % 2 else _text(part) for odd, part in enumerate(text.split("`"))
    )


def _text(text: str) -> str:
    """Text as HTML: nothing in it is markup, and nothing in it breaks the page's UTF-8."""
    return escape(text.encode("utf-8", "replace").decode()).replace("\0", "\ufffd")
