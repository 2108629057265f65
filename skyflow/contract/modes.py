"""The mode of a request, which its fields decide, what excludes what, and which settings a mode ignores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skyflow.contract.limits import FRAME_FIELDS, MAX_REFERENCE_SECONDS, PAGE, REFERENCE_FIELDS, Mode
from skyflow.contract.ref_images import elements_of_type
from skyflow.contract.settings import check_aspect_ratio, check_duration
from skyflow.contract.violation import Path, Violation, is_object, one_of
from skyflow.diagnostics.rule import Rule

MODES_EXCLUSIVE = Rule(
    id="modes-exclusive",
    severity="error",
    summary="frames and references in one shot",
    what="A shot starts from frames (`first_frame`, `last_frame`, `keyframe`), or it is made of references (actors, collages, clips mentioned by `@tag`). Never both.",
    why="The model works in one mode or the other, and the API refuses a mixture. It is the commonest mistake of all: "
    "an actor mentioned by tag in a shot that has a first frame. The frame already shows who is meant; write the name without `@`.",
    wrong="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"

shot door {
  first_frame = "https://example.com/door.jpg"
  prompt = "@Mika opens the door and smiles."
}
""",
    right="""\
defaults { model = fast }

shot door {
  first_frame = "https://example.com/door.jpg"
  prompt = "Mika opens the door and smiles."
}
""",
    source=f'{PAGE}, "Strict mutual exclusion": "I2V fields … and Omni fields … cannot be used together, otherwise returns 422"',
)
ASPECT_RATIO_IGNORED = Rule(
    id="aspect-ratio-ignored",
    severity="warning",
    summary="a picture shape that the model will not look at",
    what="A shot with frames has the shape of its frames, a shot with a reference clip the shape of that clip. `aspect_ratio` means nothing there.",
    why="The API accepts it and ignores it: the clip will not have the shape that you wrote.",
    wrong="""\
defaults { model = fast }

shot door {
  aspect_ratio = 9:16
  first_frame = "https://example.com/door.jpg"
  prompt = "Mika opens the door and smiles."
}
""",
    right="""\
defaults { model = fast }

shot door {
  first_frame = "https://example.com/door.jpg"
  prompt = "Mika opens the door and smiles."
}
""",
    source=f'{PAGE}, "aspect_ratio": "ignored in I2V mode …; also ignored when Omni is combined with ref_videos"',
)
DURATION_OVERRIDDEN = Rule(
    id="duration-overridden",
    severity="warning",
    summary="a length that a reference clip replaces",
    what=f"A shot that copies a clip lasts as long as that clip, at most {MAX_REFERENCE_SECONDS} s. `duration` means nothing there.",
    why="The API accepts it and ignores it: the clip, and its price, follow the reference clip.",
    wrong="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"

shot copy {
  duration = 5s
  prompt = "A girl copies the moves of @dance."
}
""",
    right="""\
defaults { model = fast }
video @dance = "https://example.com/dance.mp4"

shot copy {
  prompt = "A girl copies the moves of @dance."
}
""",
    source=f'{PAGE}, "duration": "overridden by the reference video length (max 10 seconds)"',
)


def is_given(value: object) -> bool:
    """Whether a field that decides the mode counts as given: null and an empty list do not."""
    return value is not None and value != [] and value != ()


def mode_of(request: object) -> Mode:
    """The mode that the fields of a request decide. Where frames and references are mixed up it is I2V."""
    if is_object(request):
        if _given(request, FRAME_FIELDS):
            return "I2V"
        if _given(request, REFERENCE_FIELDS):
            return "Omni"
    return "T2V"


def check_modes(request: Mapping[str, object]) -> Iterator[Violation]:
    frames, references = _given(request, FRAME_FIELDS), _given(request, REFERENCE_FIELDS)
    if frames and references:
        message = f"{one_of(frames, 'and')} cannot stand beside {one_of(references, 'and')}: a shot has frames or references, never both"
        help_text = "drop one side; an actor whom a frame already shows is written without `@`"
        related: tuple[tuple[Path, str], ...] = tuple(((name,), "a frame") for name in frames)
        yield Violation(
            MODES_EXCLUSIVE, (references[0],), message, help_text, {"frames": frames, "references": references}, related
        )
    else:
        yield from _check_aspect_ratio_used(request, frames, references)
    copied = elements_of_type(request, "ref_videos", "reference")
    duration = request.get("duration")
    # A wrong length is told once, as the mistake that it is.
    if copied and duration is not None and not check_duration(duration, ()):
        message = (
            f"the clip will last as long as its reference clip (at most {MAX_REFERENCE_SECONDS} s), not {duration} s"
        )
        related = ((("ref_videos", copied[0][0]), "the reference clip"),)
        yield Violation(
            DURATION_OVERRIDDEN, ("duration",), message, "leave `duration` out", {"found": duration}, related
        )


def _check_aspect_ratio_used(
    request: Mapping[str, object], frames: tuple[str, ...], references: tuple[str, ...]
) -> Iterator[Violation]:
    ratio = request.get("aspect_ratio")
    rulers = frames or tuple(name for name in references if name == "ref_videos")
    if ratio is None or not rulers or check_aspect_ratio(ratio, ()):
        return
    who = "its frames" if frames else "its reference clip"
    message = f"the clip will have the shape of {who}, not {ratio}"
    related: tuple[tuple[Path, str], ...] = tuple(((name,), "this decides the shape") for name in rulers)
    yield Violation(
        ASPECT_RATIO_IGNORED, ("aspect_ratio",), message, "leave `aspect_ratio` out", {"found": ratio}, related
    )


def _given(request: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if is_given(request.get(name)))
