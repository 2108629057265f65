"""Reference clips: to copy (`reference`) or to go on from (`extend`), and what may stand beside each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from skyflow.contract.limits import MAKER, MAX_REF_VIDEOS, PAGE, REF_VIDEO_TYPES
from skyflow.contract.ref_images import FIELD as REF_IMAGES
from skyflow.contract.ref_images import elements_of_type
from skyflow.contract.violation import NEARLY_THE_SAME, Path, Violation, is_list, nearest_word, one_of, show
from skyflow.diagnostics.rule import Rule

REF_VIDEOS_COUNT = Rule(
    id="ref-videos-count",
    severity="error",
    summary="more than one reference clip in a shot",
    what=f"A shot takes at most {MAX_REF_VIDEOS} clip, to copy or to go on from.",
    why="The API refuses more. Leave the `@` off one of the names, or split the shot.",
    wrong="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"
video @fight = "https://example.com/fight.mp4"

shot stage {
  prompt = "A girl copies @dance, then @fight."
}
""",
    right="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"

shot stage {
  prompt = "A girl copies @dance."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_videos Up to 1"',
)
REF_VIDEO_TYPE_UNKNOWN = Rule(
    id="ref-video-type-unknown",
    severity="error",
    summary="a reference clip of a type that the API does not have",
    what="`type` of a reference clip is `reference` (copy its motion, subject or style) or `extend` (go on from it), in small letters.",
    why="The API refuses other types.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "A girl copies the moves of @dance.",
  "ref_videos": [
    {"tag": "@dance", "type": "motion", "video_url": "https://example.com/dance.mp4"}
  ]
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "A girl copies the moves of @dance.",
  "ref_videos": [
    {"tag": "@dance", "type": "reference", "video_url": "https://example.com/dance.mp4"}
  ]
}
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_videos.type=reference", "ref_videos.type=extend"',
    example_kind="request",
)
EXTEND_WITH_REF_IMAGES = Rule(
    id="extend-with-ref-images",
    severity="error",
    summary="an extended clip with reference pictures beside it",
    what="A shot that goes on from a clip (`extend`) has no reference pictures.",
    why="The people and places come from the extended clip; the API refuses pictures beside it.",
    wrong="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"

shot sofa {
  extend @before = "https://example.com/living-room.mp4"
  prompt = "@before goes on: @Mika comes in and sits down."
}
""",
    right="""\
defaults { model = fast }

shot sofa {
  extend @before = "https://example.com/living-room.mp4"
  prompt = "@before goes on: a woman comes in and sits down."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_videos.type=extend … cannot combine with ref_images"',
)
REFERENCE_WITH_GRID = Rule(
    id="reference-with-grid",
    severity="error",
    summary="a reference clip with a collage beside it",
    what="A shot that copies a clip may show subjects (`image`) too, but follow no collage (`grid`).",
    why="Clip and collage would both say what happens. The API takes a reference clip with subjects only.",
    wrong="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"
grid @steps = "https://example.com/steps.png"

shot lesson {
  prompt = "A girl copies @dance, following @steps."
}
""",
    right="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"
image @Mika = "https://example.com/mika.jpg"

shot lesson {
  prompt = "@Mika copies @dance."
}
""",
    source=f'{MAKER}: a reference video combines with ref_images of type image only; {PAGE}: "can combine with ref_images.type=image"',
)
FIELD = "ref_videos"


def check_ref_video_type(value: object, path: Path) -> Sequence[Violation]:
    if isinstance(value, str) and value in REF_VIDEO_TYPES:
        return ()
    message = f"{show(value)} is no type of reference clip{nearest_word(value, REF_VIDEO_TYPES, NEARLY_THE_SAME)}"
    help_text = f"the type is {one_of(REF_VIDEO_TYPES)}"
    return (Violation(REF_VIDEO_TYPE_UNKNOWN, path, message, help_text, {"found": value, "allowed": REF_VIDEO_TYPES}),)


def check_ref_videos_together(request: Mapping[str, object]) -> Iterator[Violation]:
    """What holds for the reference clips of a request together, and beside its reference pictures."""
    videos = request.get(FIELD)
    if is_list(videos) and len(videos) > MAX_REF_VIDEOS:
        message = f"there are {len(videos)} reference clips, but a shot takes only one"
        help_text = "write the less important name without `@`, or make two shots of it"
        yield Violation(REF_VIDEOS_COUNT, (FIELD,), message, help_text, {"found": len(videos), "limit": MAX_REF_VIDEOS})
    extended = elements_of_type(request, FIELD, "extend")
    pictures = request.get(REF_IMAGES)
    if extended and is_list(pictures) and pictures:
        message = "a shot that goes on from a clip cannot have reference pictures"
        help_text = "write the names without `@`: the clip itself shows who is meant"
        yield Violation(EXTEND_WITH_REF_IMAGES, (REF_IMAGES,), message, help_text, related=_the_clip(extended[0][0]))
    copied = elements_of_type(request, FIELD, "reference")
    if copied:
        for index, _grid in elements_of_type(request, REF_IMAGES, "grid"):
            message = "a collage cannot stand beside a reference clip"
            help_text = "make two shots of it, or use subjects (`image`) instead of the collage"
            path: Path = (REF_IMAGES, index, "type")
            yield Violation(REFERENCE_WITH_GRID, path, message, help_text, related=_the_clip(copied[0][0]))


def _the_clip(index: int) -> tuple[tuple[Path, str], ...]:
    return (((FIELD, index), "the clip"),)
