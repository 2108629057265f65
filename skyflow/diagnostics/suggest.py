"""The nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a misspelling of it would most likely look like, or None where nothing is near.

    A shared beginning counts too: text in Chinese or Japanese runs on behind a name without a space (`小梅走进` → `小美`).
    """
    from difflib import SequenceMatcher  # late: it costs several milliseconds, and most files have nothing misspelt

    best: tuple[float, str] | None = None
    lowered = word.lower()
    for candidate in _few(lowered, sorted(set(candidates))):
        other = candidate.lower()
        if other == lowered:
            return candidate
        score = SequenceMatcher(None, lowered, other).ratio()
        if len(lowered) > len(other) and not lowered.isascii():
            score = max(score, SequenceMatcher(None, lowered[: len(other)], other).ratio())
        threshold = 0.5 if min(len(lowered), len(other)) <= 3 else 0.66
        if score >= threshold and (best is None or score > best[0]):
            best = (score, candidate)
    return best[1] if best else None


# Comparing is slow; of more candidates than this only those are compared that begin alike and are about as long.
MAX_COMPARED = 100


def _few(word: str, candidates: list[str]) -> list[str]:
    if len(candidates) <= MAX_COMPARED:
        return candidates
    start = word.lstrip("@")[:1]
    alike = [candidate for candidate in candidates if candidate.lower().lstrip("@").startswith(start)]
    return sorted(alike, key=lambda candidate: abs(len(candidate) - len(word)))[:MAX_COMPARED]


def one_letter_off(word: str, other: str) -> bool:
    """Whether two words differ by one letter that is wrong, missing or too many, or by two that changed places."""
    word, other = word.lower(), other.lower()
    if len(word) > len(other):
        word, other = other, word
    at = next((index for index, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), len(word))
    if len(word) < len(other):
        return word[at:] == other[at + 1 :]
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    return word[at + 1 :] == other[at + 1 :] or swapped == other


def is_slip(word: str, candidates: Iterable[str]) -> bool:
    """Whether a word is one of the candidates for certain but for a slip of the hand: one letter off, and off from no other."""
    near = [other for other in set(candidates) if other.lower() == word.lower() or one_letter_off(word, other)]
    if len(near) != 1 or len(word) < _SHORTEST_SLIP:
        return False
    return _digits(word) == _digits(near[0])  # `lamp3` is no slip of `lamp2`


_SHORTEST_SLIP = 4  # of shorter words too many are one letter off


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def did_you_mean(word: str, candidates: Iterable[str], *, quote: str = "`") -> str:
    """`did you mean `x`?` or an empty string."""
    found = nearest(word, candidates)
    return f"did you mean {quote}{found}{quote}?" if found else ""
