"""How long clips and sounds may last. Judged only where somebody has opened the file and knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skyflow.contract.limits import MAX_AUDIO_SECONDS, MAX_REFERENCE_SECONDS, MAX_VIDEO_SECONDS, PAGE
from skyflow.contract.ref_images import FIELD as REF_IMAGES
from skyflow.contract.ref_videos import FIELD as REF_VIDEOS
from skyflow.contract.violation import Path, Violation, is_list, is_object
from skyflow.diagnostics.rule import Rule

AUDIO_TOO_LONG = Rule(
    id="audio-too-long",
    severity="error",
    summary="a voice longer than the model takes",
    what=f"A voice lasts at most {MAX_AUDIO_SECONDS} s. The length is known for files that were opened.",
    why="The API refuses a longer voice. Cut it, one piece for each shot.",
    wrong="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"
voice @Mika = "mika-20s.mp3"

shot speech {
  prompt = "@Mika speaks calmly into the camera."
}
""",
    right="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"
voice @Mika = "mika-15s.mp3"

shot speech {
  prompt = "@Mika speaks calmly into the camera."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "audio ≤ 15 seconds"',
)
VIDEO_TOO_LONG = Rule(
    id="video-too-long",
    severity="error",
    summary="a reference clip longer than the model takes",
    what=f"A clip to copy or to go on from lasts at most {MAX_VIDEO_SECONDS} s. The length is known for files that were opened.",
    why="The API refuses a longer clip. Cut it to the part that matters.",
    wrong="""\
defaults { model = fast }

shot sofa {
  extend @before = "living-room-18s.mp4"
  prompt = "@before goes on: a woman comes in and sits down."
}
""",
    right="""\
defaults { model = fast }

shot sofa {
  extend @before = "living-room-15s.mp4"
  prompt = "@before goes on: a woman comes in and sits down."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "video_url MP4 / MOV, ≤ 15 seconds"',
)
REFERENCE_TRUNCATED = Rule(
    id="reference-truncated",
    severity="warning",
    summary="a reference clip of which the end is not used",
    what=f"Of a clip to copy only the first {MAX_REFERENCE_SECONDS} s are used. The length is known for files that were opened.",
    why="The API accepts it and leaves out the rest, which may be the move that you meant.",
    wrong="""\
defaults { model = fast }
video @dance = "dance-12s.mp4"

shot copy {
  prompt = "A girl copies the moves of @dance."
}
""",
    right="""\
defaults { model = fast }
video @dance = "dance-10s.mp4"

shot copy {
  prompt = "A girl copies the moves of @dance."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "Overrides requested duration (max 10s)"',
)


def check_lengths(request: Mapping[str, object], lengths: Mapping[str, float]) -> Iterator[Violation]:
    """`lengths` are seconds by URL, as far as known."""
    for path, seconds, _element in _known(request, REF_IMAGES, "audio_url", lengths):
        if seconds > MAX_AUDIO_SECONDS:
            message = f"the voice lasts {_said(seconds, MAX_AUDIO_SECONDS)}, but the model takes at most {MAX_AUDIO_SECONDS} s"
            yield Violation(AUDIO_TOO_LONG, path, message, "cut it, one piece for each shot", {"seconds": seconds})
    for path, seconds, element in _known(request, REF_VIDEOS, "video_url", lengths):
        if seconds > MAX_VIDEO_SECONDS:
            message = (
                f"the clip lasts {_said(seconds, MAX_VIDEO_SECONDS)}, but the model takes at most {MAX_VIDEO_SECONDS} s"
            )
            yield Violation(VIDEO_TOO_LONG, path, message, "cut it to the part that matters", {"seconds": seconds})
        elif seconds > MAX_REFERENCE_SECONDS and element.get("type") == "reference":
            said = _said(seconds, MAX_REFERENCE_SECONDS)
            message = f"the clip lasts {said}, but only its first {MAX_REFERENCE_SECONDS} s are copied"
            yield Violation(REFERENCE_TRUNCATED, path, message, "cut it to the part that matters", {"seconds": seconds})


def _known(
    request: Mapping[str, object], name: str, url_field: str, lengths: Mapping[str, float]
) -> Iterator[tuple[Path, float, Mapping[str, object]]]:
    elements = request.get(name)
    for index, element in enumerate(elements if is_list(elements) else ()):
        url = element.get(url_field) if is_object(element) else None
        seconds = lengths.get(url) if isinstance(url, str) else None
        if seconds is not None:
            yield (name, index, url_field), seconds, element


def _said(seconds: float, limit: int) -> str:
    """A length in as few digits as show that it is over the limit."""
    for digits in range(1, 4):
        if round(seconds, digits) > limit:
            return f"{round(seconds, digits):g} s"
    return f"a little over {limit} s"
