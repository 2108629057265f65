"""Keyframes inside a clip: how many, and at which second each stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from skyflow.contract.limits import DEFAULT_DURATION, MAKER, MAX_DURATION, MAX_MID_FRAMES, PAGE, PLACE_IT_YOURSELF
from skyflow.contract.violation import Path, Violation, is_integer, is_list, is_object, show
from skyflow.diagnostics.rule import Rule

MID_FRAMES_COUNT = Rule(
    id="mid-frames-count",
    severity="error",
    summary="more keyframes than the model takes",
    what=f"A clip has at most {MAX_MID_FRAMES} keyframes (`mid_frame_images`); its first and last frame do not count.",
    why="The API refuses more. Cut the clip into two shots and join them with `first_frame = last_frame(previous)`.",
    wrong="""\
defaults { model = fast }

shot dragon {
  keyframe @f1 = "https://example.com/1.png"
  keyframe @f2 = "https://example.com/2.png"
  keyframe @f3 = "https://example.com/3.png"
  keyframe @f4 = "https://example.com/4.png"
  keyframe @f5 = "https://example.com/5.png"
  keyframe @f6 = "https://example.com/6.png"
  keyframe @f7 = "https://example.com/7.png"
  prompt = "The dragon wakes @f1 stretches @f2 looks up @f3 rises @f4 leaps @f5 soars @f6 and is gone @f7."
}
""",
    right="""\
defaults { model = fast }

shot dragon {
  keyframe @f1 = "https://example.com/1.png"
  keyframe @f2 = "https://example.com/2.png"
  keyframe @f3 = "https://example.com/3.png"
  keyframe @f4 = "https://example.com/4.png"
  keyframe @f5 = "https://example.com/5.png"
  keyframe @f6 = "https://example.com/6.png"
  prompt = "The dragon wakes @f1 stretches @f2 looks up @f3 rises @f4 leaps @f5 and soars @f6."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "mid_frame_images Up to 6"',
)
TIME_STAMP_TYPE = Rule(
    id="time-stamp-type",
    severity="error",
    summary="a keyframe at a time that is not a whole second",
    what='The time of a keyframe (`at`, `time_stamp`) is a whole number of seconds, written as an integer: 2, not 2.5 or "2".',
    why="The API places keyframes at whole seconds only and refuses everything else.",
    wrong="""\
defaults { model = fast }

shot dragon {
  keyframe @landing = "https://example.com/landing.png" at 2.5s
  prompt = "The King summons a dragon. @landing The beast lowers."
}
""",
    right="""\
defaults { model = fast }

shot dragon {
  keyframe @landing = "https://example.com/landing.png" at 2s
  prompt = "The King summons a dragon. @landing The beast lowers."
}
""",
    source=f'{MAKER}, "time_stamp": integer',
)
TIME_STAMP_RANGE = Rule(
    id="time-stamp-range",
    severity="error",
    summary="a keyframe outside its clip",
    what=f"A keyframe stands after second 0 and before the end of the clip (a clip lasts {DEFAULT_DURATION} s where nothing is said). "
    f"In a request {PLACE_IT_YOURSELF}, or no time at all, lets the model place it. The very first and last pictures are `first_frame` and `last_frame`.",
    why="The API refuses a keyframe at the edges or outside of the clip.",
    wrong="""\
defaults { model = fast }

shot dragon {
  keyframe @landing = "https://example.com/landing.png" at 9s
  prompt = "The King summons a dragon. @landing The beast lowers."
}
""",
    right="""\
defaults { model = fast }

shot dragon {
  duration = 12s
  keyframe @landing = "https://example.com/landing.png" at 9s
  prompt = "The King summons a dragon. @landing The beast lowers."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "time_stamp must be -1 or within (0, duration)"',
)
_FIELD = "mid_frame_images"


def check_mid_frames_count(request: Mapping[str, object]) -> Iterator[Violation]:
    frames = request.get(_FIELD)
    if is_list(frames) and len(frames) > MAX_MID_FRAMES:
        message = f"there are {len(frames)} keyframes, but a clip takes at most {MAX_MID_FRAMES}"
        help_text = "leave some out, or make two shots of it"
        yield Violation(
            MID_FRAMES_COUNT, (_FIELD,), message, help_text, {"found": len(frames), "limit": MAX_MID_FRAMES}
        )


def check_time_stamp(value: object, path: Path) -> Sequence[Violation]:
    if is_integer(value):
        return ()
    message = f"the time of this keyframe is {show(value)}, which is not a whole number of seconds"
    help_text = "write a whole second, or leave it out and the model places the picture itself"
    return (Violation(TIME_STAMP_TYPE, path, message, help_text, {"found": value}),)


def check_time_stamps_inside(request: Mapping[str, object]) -> Iterator[Violation]:
    frames = request.get(_FIELD)
    if not is_list(frames):
        return
    end = _end_of_clip(request.get("duration"))
    for index, frame in enumerate(frames):
        time_stamp = frame.get("time_stamp") if is_object(frame) else None
        if is_integer(time_stamp) and time_stamp != PLACE_IT_YOURSELF and not 0 < time_stamp < end:
            yield _outside(time_stamp, end, (_FIELD, index, "time_stamp"), given=request.get("duration") is not None)


def _end_of_clip(duration: object) -> int:
    if duration is None:
        return DEFAULT_DURATION
    # A length of the wrong type is a mistake of its own: only a time that no length allows is one more.
    return duration if is_integer(duration) else MAX_DURATION


def _outside(time_stamp: int, end: int, path: Path, *, given: bool) -> Violation:
    help_text = f"write a second from 1 to {show(end - 1)}" if end > 1 else "mend the length of the clip first"
    if time_stamp == 0:
        message = "second 0 is the first frame of the clip, not a keyframe"
        help_text += ", or make it the first frame (`first_frame`, `first_frame_image`)"
    elif time_stamp < 0:
        message = f"a keyframe at second {show(time_stamp)} lies before the clip"
        help_text += f", or leave it out ({PLACE_IT_YOURSELF} in a request) and the model places the picture itself"
    else:
        length = f"{show(end)} s" if given else f"{end} s as nothing else is said"
        message = f"a keyframe at second {show(time_stamp)} is not inside the clip, which lasts {length}"
    related = ((("duration",), "the length of the clip"),) if given else ()
    return Violation(TIME_STAMP_RANGE, path, message, help_text, {"found": time_stamp, "end": end}, related)
