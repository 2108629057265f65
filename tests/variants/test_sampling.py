"""Samples of variants: spread, stable, nested. And folders of variants: each its own, whatever was chosen."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyflow.assets import DiskFiles
from skyflow.pipeline import open_storyboard
from skyflow.variants import sample_variants


def film(*axes: int) -> list[tuple[str, tuple[int, ...]]]:
    """All variants of axes with so many alternatives."""
    return [(str(choices), choices) for choices in product(*(range(size) for size in axes))]


def spread(variants, names: frozenset[str], axis: int) -> Counter[int]:
    return Counter(choices[axis] for name, choices in variants if name in names)


def test_every_axis_gives_evenly() -> None:
    variants = film(500, 2, 3)
    names = sample_variants(variants, 12)
    assert len(names) == 12
    assert set(spread(variants, names, 0).values()) == {1}
    assert spread(variants, names, 1) == {0: 6, 1: 6}
    assert spread(variants, names, 2) == {0: 4, 1: 4, 2: 4}


def test_more_than_there_are_is_all() -> None:
    assert sample_variants(film(2, 2), 9) == {name for name, _ in film(2, 2)}
    assert sample_variants(film(), 3) == {"()"}
    assert sample_variants([], 3) == frozenset()


def test_one_row_more_changes_little() -> None:
    variants = film(300, 2)
    before = sample_variants(variants[:-2], 40)
    assert len(before - sample_variants(variants, 40)) <= 4


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), unique=True, max_size=18),
    st.integers(1, 12),
    st.randoms(),
)
def test_whatever_variants_there_are(choices, number, random) -> None:
    """Some combinations may be missing (`when`): a sample is as large as it can be, holds every smaller one, and no order changes it."""
    variants = [(f"a={one},b={two}", (one, two)) for one, two in choices]
    sample = sample_variants(variants, number)
    assert len(sample) == min(number, len(variants))
    assert sample_variants(variants, number - 1) <= sample
    shuffled = list(variants)
    random.shuffle(shuffled)
    assert sample_variants(shuffled, number) == sample


FILM = """
var city = "Tokyo" | "tokyo" | "TOKYO" | "Osaka" | "a/b" | "a:b"
var mood = "calm" | "wild"
shot street {
  model = fast
  prompt = "{{ city }}, {{ mood }}."
}
"""


@pytest.fixture
def storyboard(tmp_path):
    (tmp_path / "film.sky").write_text(FILM)
    return lambda **chosen: open_storyboard("film.sky", DiskFiles(tmp_path), **chosen)


def test_a_storyboard_keeps_a_sample_of_what_was_chosen(storyboard) -> None:
    opened = storyboard(variants=["mood=calm"])
    assert opened.check() == ()
    opened.keep_sample(3)
    names = [clip.variant for clip in opened.clips()]
    assert len(names) == 3
    assert all(name.endswith("mood=calm") for name in names)
    assert len(list(opened.body_lines())) == len(list(opened.clip_lines())) == 3


def test_folders_differ_on_every_file_system_whatever_was_chosen(storyboard) -> None:
    opened = storyboard()
    names = [clip.variant for clip in opened.clips()]
    folders = {name: opened.variant_folder(name) for name in names}
    assert len({folder.casefold() for folder in folders.values()}) == 12
    assert folders["city=Tokyo,mood=calm"] == "city=Tokyo,mood=calm"
    assert folders["city=tokyo,mood=calm"].startswith("city=tokyo,mood=calm-")
    part = storyboard(variants=["city=TOKYO*"])
    assert [part.variant_folder(clip.variant) for clip in part.clips()] == [
        folders["city=TOKYO,mood=calm"],
        folders["city=TOKYO,mood=wild"],
    ]
