"""The prompt: that there is one, that it is not too long, and (with `tags`) that it and the references fit together."""

from __future__ import annotations

from collections.abc import Mapping

from skyflow.contract.fields import FIELD_TYPE
from skyflow.contract.json_text import find_half_a_character
from skyflow.contract.limits import MAX_PROMPT_TOKENS, PAGE
from skyflow.contract.tags import check_tags_meet_prompt
from skyflow.contract.tokens import MAX_BYTES_IN_TOKEN, count_tokens, utf8_length
from skyflow.contract.violation import Path, Violation, show
from skyflow.diagnostics.rule import Rule

PROMPT_REQUIRED = Rule(
    id="prompt-required",
    severity="error",
    summary="a shot without a prompt",
    what="Every request has a prompt with something but white space in it.",
    why="The prompt tells the model what to show. The API refuses a request without one.",
    wrong="""\
defaults { model = fast }

shot street {
  prompt = "  "
}
""",
    right="""\
defaults { model = fast }

shot street {
  prompt = "Rain falls on a quiet street."
}
""",
    source=f'{PAGE}, "General Fields": "prompt string required"',
)
PROMPT_TOO_LONG = Rule(
    id="prompt-too-long",
    severity="error",
    summary="a prompt longer than the model reads",
    what=f"A prompt has at most {MAX_PROMPT_TOKENS} tokens, the pieces of words that a model reads; an English word is one or two, a Chinese "
    "character about one. Nobody publishes how this model cuts words, so we count with the public vocabulary that the message names; from 90 % on there is a hint.",
    why="The API refuses a longer prompt.",
    wrong='''\
defaults { model = fast }

shot storm {
  prompt = """
    {{ "Rain beats on the old harbour and the wind howls. " * 150 }}
  """
}
''',
    right='''\
defaults { model = fast }

shot storm {
  prompt = """
    Rain beats on the old harbour and the wind howls.
  """
}
''',
    source=f'{PAGE}, "Parameter Constraints": "Max 1280 tokens"',
)
_PATH: Path = ("prompt",)
_HINT_ABOVE = MAX_PROMPT_TOKENS * 9 // 10
_SURELY_SHORT = MAX_PROMPT_TOKENS // 4  # characters; UTF-8 makes at most four bytes of one
_NO_TAGS: Mapping[str, Path] = {}


def check_prompt(prompt: object, tags: Mapping[str, Path] = _NO_TAGS, *, all_declared: bool = True) -> list[Violation]:
    """Everything that can be wrong with a prompt, given the tags that its request declares (see `declared_tags`).

    Where `tags` are not `all_declared` ones, nothing is said about other names. A prompt that is missing or blank is one mistake:
    nothing is said about tags then.
    """
    if not isinstance(prompt, str) or not prompt or prompt.isspace():
        return [_no_prompt(prompt)]
    found = check_tags_meet_prompt(prompt, tags, all_declared=all_declared)
    if len(prompt) > _SURELY_SHORT and utf8_length(prompt) > MAX_PROMPT_TOKENS:
        found.extend(_check_length(prompt))
    half = find_half_a_character(prompt)
    return found if half is None else [_half_a_character(prompt, half), *found]


def _no_prompt(prompt: object) -> Violation:
    if prompt is None:
        message = "there is no prompt"
    elif isinstance(prompt, str):
        message = "the prompt is empty" if not prompt else "the prompt is nothing but white space"
    else:
        message = f"the prompt is {show(prompt)}, not a text"
    return Violation(PROMPT_REQUIRED, _PATH, message, "describe what should be seen", {"found": prompt})


def _half_a_character(prompt: str, at: int) -> Violation:
    message = f"the prompt holds half a character ({show(prompt[at])[1:-1]}), which no text can hold"
    help_text = "write the whole character; an emoji is often cut in two where a text is shortened"
    return Violation(FIELD_TYPE, _PATH, message, help_text, {"range": (at, at + 1)})


def _check_length(prompt: str) -> list[Violation]:
    counted = count_tokens(prompt)
    if counted.count <= _HINT_ABOVE:
        return []
    facts = {
        "tokens": counted.count,
        "limit": MAX_PROMPT_TOKENS,
        "tokenizer": counted.tokenizer_name,
        "exact": counted.exact,
    }
    many = f"{counted.count:,} tokens (counted with the {counted.tokenizer_name} vocabulary)"
    if not counted.exact:
        many = f"at least {counted.count:,} tokens (no token has more than {MAX_BYTES_IN_TOKEN} bytes)"
    if counted.count > MAX_PROMPT_TOKENS:
        message = f"the prompt has {many}, but the model reads at most {MAX_PROMPT_TOKENS:,}"
        share = (counted.count - MAX_PROMPT_TOKENS) / counted.count
        return [
            Violation(PROMPT_TOO_LONG, _PATH, message, f"shorten it by at least {max(1, round(share * 100))} %", facts)
        ]
    message = f"the prompt has {many}, close to the {MAX_PROMPT_TOKENS:,} that the model reads"
    help_text = "the model may count a little differently; shorten it if the API refuses it"
    return [Violation(PROMPT_TOO_LONG, _PATH, message, help_text, facts, severity_override="hint")]
