"""The plain settings of a request: which model, how long, how large, which shape. One rule and one check of a value for each."""

from __future__ import annotations

from collections.abc import Sequence

from skyflow.contract.limits import (
    ASPECT_RATIOS,
    DEFAULT_ASPECT_RATIO,
    DEFAULT_DURATION,
    DEFAULT_RESOLUTION,
    MAX_DURATION,
    MIN_DURATION,
    MODELS,
    OURS,
    PAGE,
    RESOLUTIONS,
)
from skyflow.contract.violation import NEARLY_THE_SAME, Path, Violation, is_integer, near_word, one_of, show
from skyflow.diagnostics.rule import Rule

MODEL_REQUIRED = Rule(
    id="model-required",
    severity="error",
    summary="a request without a model",
    what="Every request names its model. The API has no model that it falls back to.",
    why="The API refuses a request without `model`, so no clip would be made.",
    wrong="""\
shot street {
  prompt = "Rain falls on a quiet street."
}
""",
    right="""\
shot street {
  model = fast
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "General Fields": "The model field must be explicitly provided — no default value."',
)
MODEL_UNKNOWN = Rule(
    id="model-unknown",
    severity="error",
    summary="a model that the API does not have",
    what="`model` is `skyreels-v4-fast` (quick and cheaper) or `skyreels-v4-std` (better and dearer). In a storyboard the words `fast` and `std` do.",
    why="The API refuses a request for any other model.",
    wrong="""\
shot street {
  model = "skyreels-v4-pro"
  prompt = "Rain falls on a quiet street."
}
""",
    right="""\
shot street {
  model = "skyreels-v4-std"
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "General Fields": "Two model tiers are available"',
)
DURATION_TYPE = Rule(
    id="duration-type",
    severity="error",
    summary="a length that is not a whole number of seconds",
    what='`duration` is a whole number of seconds. In a request it is written as an integer: 5, not 5.0, "5" or true.',
    why="The API takes whole seconds only and refuses everything else.",
    wrong="""\
defaults { model = fast }

shot street {
  duration = 4.5s
  prompt = "Rain falls on a quiet street."
}
""",
    right="""\
defaults { model = fast }

shot street {
  duration = 4s
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "General Fields": "duration integer"; that 5.0 is refused is {OURS}',
)
DURATION_RANGE = Rule(
    id="duration-range",
    severity="error",
    summary="a clip shorter or longer than the model makes",
    what=f"A clip lasts {MIN_DURATION} to {MAX_DURATION} seconds; {DEFAULT_DURATION} where nothing is said.",
    why="The API refuses other lengths. A longer scene is made of several shots: `first_frame = last_frame(previous)` joins them.",
    wrong="""\
defaults { model = fast }

shot street {
  duration = 60s
  prompt = "Rain falls on a quiet street."
}
""",
    right="""\
defaults { model = fast }

shot street {
  duration = 15s
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "duration [3, 15] seconds"',
)
RESOLUTION_UNKNOWN = Rule(
    id="resolution-unknown",
    severity="error",
    summary="a resolution that the model does not make",
    what=f"`resolution` is {one_of(RESOLUTIONS)}; {DEFAULT_RESOLUTION} where nothing is said.",
    why="The API refuses other sizes. The price depends on it: 1080p costs far more than 480p.",
    wrong="""\
defaults { model = fast }

shot street {
  resolution = 1440p
  prompt = "Rain falls on a quiet street."
}
""",
    right="""\
defaults { model = fast }

shot street {
  resolution = 1080p
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "Only 480p / 720p / 1080p"',
)
ASPECT_RATIO_UNKNOWN = Rule(
    id="aspect-ratio-unknown",
    severity="error",
    summary="a picture shape that the model does not make",
    what=f"`aspect_ratio` is {one_of(ASPECT_RATIOS)}; {DEFAULT_ASPECT_RATIO} where nothing is said.",
    why="The API refuses other shapes. For wider film formats make 16:9 and crop it afterwards.",
    wrong="""\
defaults { model = fast }

shot street {
  aspect_ratio = 21:9
  prompt = "Rain falls on a quiet street."
}
""",
    right="""\
defaults { model = fast }

shot street {
  aspect_ratio = 16:9
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "16:9 / 4:3 / 1:1 / 9:16 / 3:4"',
)
PROMPT_OPTIMIZER_TYPE = Rule(
    id="prompt-optimizer-type",
    severity="error",
    summary="`prompt_optimizer` is neither true nor false",
    what='`prompt_optimizer` says whether the service may polish the prompt: true or false, not 1, "no" or "true".',
    why='The API refuses anything but a boolean, and a text such as "no" would count as true elsewhere.',
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "Rain falls on a quiet street.",
  "prompt_optimizer": "no"
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "Rain falls on a quiet street.",
  "prompt_optimizer": false
}
""",
    source=f'{PAGE}, "General Fields": "prompt_optimizer boolean"',
    example_kind="request",
)


def missing_model(path: Path) -> Violation:
    return Violation(MODEL_REQUIRED, path, "no model is chosen", f"choose `model`: {one_of(MODELS)}")


def check_model(value: object, path: Path) -> Sequence[Violation]:
    return _one_of_few(value, path, MODELS, MODEL_UNKNOWN, "model", "the API has")


def check_resolution(value: object, path: Path) -> Sequence[Violation]:
    return _one_of_few(value, path, RESOLUTIONS, RESOLUTION_UNKNOWN, "resolution", "the model makes")


def check_aspect_ratio(value: object, path: Path) -> Sequence[Violation]:
    return _one_of_few(value, path, ASPECT_RATIOS, ASPECT_RATIO_UNKNOWN, "aspect ratio", "the model makes")


def check_duration(value: object, path: Path) -> Sequence[Violation]:
    if not is_integer(value):
        message = f"the length is {show(value)}, which is not a whole number of seconds"
        return (Violation(DURATION_TYPE, path, message, _any_length(), {"found": value}),)
    if not MIN_DURATION <= value <= MAX_DURATION:
        message = f"the length is {show(value)} s, but a clip lasts {MIN_DURATION} to {MAX_DURATION} s"
        return (Violation(DURATION_RANGE, path, message, _any_length(), {"found": value}),)
    return ()


def check_prompt_optimizer(value: object, path: Path) -> Sequence[Violation]:
    if isinstance(value, bool):
        return ()
    message = f"`prompt_optimizer` is {show(value)}, neither true nor false"
    return (Violation(PROMPT_OPTIMIZER_TYPE, path, message, "write true or false, without quotes", {"found": value}),)


def _any_length() -> str:
    return f"write a whole number from {MIN_DURATION} to {MAX_DURATION}, or leave it out for {DEFAULT_DURATION} s"


def _one_of_few(
    value: object, path: Path, allowed: tuple[str, ...], rule: Rule, noun: str, whose: str
) -> Sequence[Violation]:
    if isinstance(value, str) and value in allowed:
        return ()
    from skyflow.contract.other_words import other_word, out_of_reach  # only a mistake pays for it

    meant = other_word(value, allowed) or near_word(value, allowed, NEARLY_THE_SAME)
    message = f"{show(value)} is no {noun} that {whose}{f'; did you mean `{meant}`?' if meant else ''}"
    help_text = out_of_reach(value, allowed) or f"the {noun} is {one_of(allowed)}"
    return (Violation(rule, path, message, help_text, {"found": value, "allowed": allowed, "meant": meant}),)
