"""The token count, and the prompts around its limit."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.contract import check_prompt, count_tokens
from skyflow.contract.tokens import MAX_BYTES_IN_TOKEN, TOKENIZER_NAME, utf8_length


def spaced(words):
    """A prompt of so many tokens: each word with its blank is one."""
    return "rain" + " rain" * (words - 1)


def severities(prompt):
    return [(found.rule.id, found.severity) for found in check_prompt(prompt)]


def test_counts():
    assert count_tokens("").count == 0
    assert count_tokens(spaced(100)).count == 100
    assert count_tokens("夜晚的街道").exact
    assert count_tokens("x").tokenizer_name == TOKENIZER_NAME


def test_control_words_are_text():
    assert count_tokens("<|im_start|>").count > 1


def test_a_lone_surrogate_is_counted():
    assert count_tokens("a\ud800b").count == count_tokens("a?b").count


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (1152, []),
        (1153, [("prompt-too-long", "hint")]),
        (1280, [("prompt-too-long", "hint")]),
        (1281, [("prompt-too-long", "error")]),
    ],
)
def test_around_the_limit(tokens, expected):
    assert severities(spaced(tokens)) == expected


def test_up_to_1280_bytes_nothing_is_counted(monkeypatch):
    def refuse(text):
        raise AssertionError("counted")

    monkeypatch.setattr("skyflow.contract.prompt.count_tokens", refuse)
    assert severities("é" * 640) == []
    assert severities("x" * 1280) == []
    with pytest.raises(AssertionError, match="counted"):
        check_prompt("é" * 640 + "x")


def test_a_huge_text_is_settled_by_its_bytes():
    counted = count_tokens(" " * 3_000_000)
    assert (counted.count, counted.exact) == (3_000_000 // MAX_BYTES_IN_TOKEN, False)
    (found,) = check_prompt("x" * 3_000_000)
    assert (
        found.message
        == "the prompt has at least 23,437 tokens (no token has more than 128 bytes), but the model reads at most 1,280"
    )


def test_the_message_names_the_vocabulary_and_what_to_do():
    (found,) = check_prompt(spaced(1600))
    assert (
        found.message
        == "the prompt has 1,600 tokens (counted with the Qwen 3 vocabulary), but the model reads at most 1,280"
    )
    assert found.help == "shorten it by at least 20 %"
    assert found.facts == {"tokens": 1600, "limit": 1280, "tokenizer": "Qwen 3", "exact": True}


def test_no_token_is_longer_than_said():
    from splintr import Tokenizer, base_vocab_size

    tokenizer = Tokenizer.from_pretrained("qwen3")
    longest = 0
    for token in range(base_vocab_size("qwen3")):
        try:
            longest = max(longest, len(tokenizer.decode_token_bytes(token)))
        except ValueError:  # a gap in the numbering
            continue
    assert longest == MAX_BYTES_IN_TOKEN


@given(st.text(max_size=300))
def test_never_more_tokens_than_bytes(text):
    assert count_tokens(text).count <= utf8_length(text)


def test_checking_imports_neither_pydantic_nor_the_tokenizer():
    code = (
        "import sys, skyflow.contract as contract\n"
        "contract.check_request({'model': 'skyreels-v4-fast', 'prompt': 'Rain.', 'duration': 5})\n"
        "print(sorted({'pydantic', 'splintr', 'tomllib', 'decimal'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
