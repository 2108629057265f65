"""A screenplay → the skeleton of a storyboard: its scenes, action as prompts, characters as tags to fill in, dialogue as sound cues.

A skeleton says as much as the screenplay does. What it cannot know, the pictures of the cast and the style of the film, stands in it once,
to be filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from skyflow.contract import DEFAULT_DURATION, MAX_DURATION, MAX_REF_IMAGES, MIN_DURATION
from skyflow.formatter import format_text
from skyflow.importers.cast import Cast, Member
from skyflow.importers.fountain import Element, Fountain, parse_fountain
from skyflow.importers.imported import Imported, MissingPicture, Refusal
from skyflow.importers.naming import Names, join_words, name_shot, name_words
from skyflow.importers.timing import split_action, split_speech, spoken_seconds, told_seconds
from skyflow.importers.writing import (
    HALF_A_CHARACTER,
    double_ats,
    holds_half_a_character,
    write_string,
    write_text,
    write_title,
)
from skyflow.source import SourceFile

CAST_FOLDER = "cast"
STYLE = "Cinematic, natural light."  # something to start from; it stands in the storyboard once, to be changed


def import_fountain(source: SourceFile, title: str = "") -> Imported:
    """The skeleton of a screenplay in Fountain. `title` is used where the title page has none. Never raises for what the file holds."""
    if holds_half_a_character(source.text):
        return Imported("", (Refusal(source.path, HALF_A_CHARACTER),))
    screenplay = parse_fountain(source.text)
    cast = Cast(screenplay.elements)
    scenes = list(_read_scenes(screenplay.elements, cast))
    if not any(scene.shots for scene in scenes):
        return Imported("", (Refusal(source.path, "there is no scene, action or dialogue in it"),))
    text = format_text(SourceFile("imported.sky", _Skeleton(screenplay, scenes, cast, title).write()))
    return Imported(
        text, missing=tuple(MissingPicture(found.tag, _picture_of(found), found.name) for found in cast.used)
    )


def _picture_of(member: Member) -> str:
    return f"{CAST_FOLDER}/{member.tag[1:].lower()}.jpg"


# --- scenes and shots -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Shot:
    """What one shot shows and says; `pieces` are parts of its prompt, `seconds` an estimate. `remarks` stand before it as comments."""

    seconds: float = 0.0
    pieces: list[str] = field(default_factory=list)
    subjects: list[Member] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    name: str = ""


@dataclass(slots=True)
class Scene:
    """The shots below one heading; what stands before the first one has no heading. `remarks` stand before it, `closing` at its end."""

    heading: str = ""
    shots: list[Shot] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)


def _read_scenes(elements: Sequence[Element], cast: Cast) -> Iterator[Scene]:
    scene = Scene()
    reader = _ShotReader(cast)
    for element in elements:
        if element.kind in ("heading", "section"):
            _close(scene, reader)
            if scene.heading or scene.shots:
                yield scene
                scene = Scene()
            scene.remarks, scene.closing = [*scene.remarks, *scene.closing], []
            if element.kind == "heading":
                scene.heading = element.text
            else:
                scene.remarks.append(element.text)
            reader = _ShotReader(cast)
        else:
            reader.read(element)
    _close(scene, reader)
    yield scene


def _close(scene: Scene, reader: _ShotReader) -> None:
    scene.shots, scene.closing = reader.shots, reader.remarks
    if scene.heading and not scene.shots:
        scene.shots = [Shot(DEFAULT_DURATION, [double_ats(scene.heading, (), ())], name="place")]


class _ShotReader:
    """Elements of one scene → its shots. A paragraph of action begins a shot; what is said stays with it as long as there is time."""

    def __init__(self, cast: Cast) -> None:
        self.shots: list[Shot] = []
        self.remarks: list[str] = []
        self._cast = cast
        self._speaker: Element | None = None
        self._manner = ""

    def read(self, element: Element) -> None:
        match element.kind:
            case "action":
                for part in split_action(element.text):
                    shot = self._begin(told_seconds(part), name_shot(part))
                    shot.pieces.append(self._with_mentions(shot, part))
            case "centered":
                shot = self._begin(MIN_DURATION, "words")
                shot.pieces.append(f"On the screen stand the words: {self._with_mentions(shot, element.text)}")
            case "character":
                self._speaker, self._manner = element, ""
            case "parenthetical":
                self._manner = element.text
            case "dialogue" | "lyric" | "song":
                self._say(element)
            case "note" if self.shots:
                self.shots[-1].remarks.append(element.text)
            case "transition" | "synopsis" | "note":
                if element.text:
                    self.remarks.append(element.text)
            case _:
                raise AssertionError(element.kind)

    def _begin(self, seconds: float, name: str) -> Shot:
        shot = Shot(seconds, remarks=self.remarks, name=name)
        self.remarks = []
        self.shots.append(shot)
        return shot

    def _say(self, element: Element) -> None:
        if element.kind == "song":
            self._speaker = None
        sung = "singing" if element.kind == "lyric" else ""
        manner = ", ".join(part for part in (self._manner, sung) if part)
        for part in split_speech(element.text):
            seconds = spoken_seconds(part)
            shot = self.shots[-1] if self.shots else None
            if shot is None or self.remarks or shot.seconds + seconds > MAX_DURATION:
                shot = self._begin(0, "")
            shot.seconds += seconds
            shot.pieces.append(f"{self._name_speaker(shot, manner)}<dialogue>{double_ats(part, (), ())}</dialogue>")
        self._manner = ""

    def _name_speaker(self, shot: Shot, manner: str) -> str:
        if self._speaker is None:
            return "Singing: "  # of all that is said, only a song may have nobody who says it
        asides = ", ".join(part for part in (self._speaker.extension, manner) if part)
        written = self._mention(shot, self._cast.of_cue(self._speaker))
        shot.name = shot.name or join_words([self._speaker.text, "speaks"])
        return f"{written}{f' ({double_ats(asides, (), ())})' if asides else ''}: "

    def _with_mentions(self, shot: Shot, text: str) -> str:
        """Action with its characters as tags."""
        return "".join(
            double_ats(part, (), ()) if isinstance(part, str) else self._mention(shot, part, written)
            for part, written in self._cast.find_in(text)
        )

    def _mention(self, shot: Shot, member: Member, written: str = "") -> str:
        """The tag of a character where there is one; a shot has room for a few pictures only, so later ones are named in words."""
        plain = double_ats(written or member.name, (), ())
        if not member.tag:
            return plain
        if member not in shot.subjects:
            if len(shot.subjects) == MAX_REF_IMAGES:
                return plain
            shot.subjects.append(member)
        self._cast.use(member)
        return member.tag


# --- the storyboard -------------------------------------------------------------------------------------------------


class _Skeleton:
    """The storyboard of some scenes, line by line."""

    def __init__(self, screenplay: Fountain, scenes: Sequence[Scene], cast: Cast, title: str) -> None:
        self.page = screenplay.title_page
        self.scenes = scenes
        self.cast = cast
        self.title = self.page.get("title") or title
        self.names = Names()

    def write(self) -> str:
        blocks = [list(self._head()), list(self._cast()), list(self._style())]
        for scene in self.scenes:
            blocks.extend(self._scene(scene))
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _head(self) -> Iterator[str]:
        yield from (
            _comment(f"{key}: {value}") for key, value in self.page.items() if key not in ("title", "credit") and value
        )
        if self.title:
            yield f"storyboard {write_title(self.title)}"

    def _cast(self) -> Iterator[str]:
        if not self.cast.used:
            return
        first = self.cast.used[0].tag
        yield "# TO FILL IN: the cast. Put one to five pictures of each at these paths, or write other paths or addresses here."
        yield f'# A voice may stand below a picture: voice {first} = "{CAST_FOLDER}/{first[1:].lower()}.mp3" (at most 15 seconds of sound).'
        yield from (f"image {found.tag} = {write_string(_picture_of(found))}" for found in self.cast.used)

    def _style(self) -> Iterator[str]:
        yield "# TO FILL IN: how the whole film looks. It stands behind every prompt, after the place of the scene."
        yield f"var style = {write_string(STYLE)}"
        yield ""
        yield "defaults {"
        yield "  model = fast"
        yield '  look = "{{ style }}"'
        yield "}"

    def _scene(self, scene: Scene) -> Iterator[list[str]]:
        remarks = [_comment(remark) for remark in scene.remarks]
        if not scene.heading:
            yield remarks
            for shot in scene.shots:
                yield list(_write_shot(shot, self.names, 0))
            yield [_comment(remark) for remark in scene.closing]
            return
        name = self.names.give(_name_scene(scene.heading) or "scene-1")
        place = double_ats(re.sub(r"[.\s]+$", "", scene.heading), (), ())
        lines = [
            *remarks,
            f"scene {name} {{",
            f'  defaults {{ look = {write_string(place + ". ")[:-1]}{{{{ style }}}}" }}',
        ]
        names = Names()
        for shot in scene.shots:
            lines += ["", *_write_shot(shot, names, 2)]
        closing = [f"  {_comment(remark)}" for remark in scene.closing]
        yield [*lines, *(["", *closing] if closing else []), "}"]


def _write_shot(shot: Shot, names: Names, indent: int) -> Iterator[str]:
    margin = " " * indent
    yield from (margin + _comment(remark) for remark in shot.remarks)
    yield f"{margin}shot {names.give(shot.name or 'shot-1')} {{"
    seconds = min(MAX_DURATION, max(MIN_DURATION, ceil(shot.seconds)))
    if seconds != DEFAULT_DURATION:
        yield f"{margin}  duration = {seconds}s"
    yield f"{margin}  prompt = {write_text(' '.join(shot.pieces), indent + 2)}"
    yield f"{margin}}}"


def _name_scene(heading: str) -> str:
    """The place and the time of day; INT. and EXT. say little."""
    words = re.sub(r"^(?:INT\.?/EXT|EXT\.?/INT|I/E|INT|EXT|EST)\b\.?", "", heading, flags=re.IGNORECASE)
    return name_words(words)


def _comment(text: str) -> str:
    return "# " + " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
