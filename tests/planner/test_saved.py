"""Plans as files: written, read back, held against what is there now, and never believed blindly."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.contract import DEFAULT_PRICES, PriceTable
from skyflow.planner.saved import (
    Basis,
    Choice,
    PlanFileError,
    PriceStamp,
    differences,
    read_saved_plan,
    write_saved_plan,
)

BASIS = Basis(
    "film.sky",
    "https://api.example.com",
    Choice({"city": ("Tokyo", "大阪")}, ("open",), ("p=*",), 5, 10, again=True),
    PriceStamp.of(DEFAULT_PRICES),
    {"film.sky": "a" * 64, "rows.csv": "b" * 64, "cast/mika.jpg": "c" * 64},
)
MADE = "2026-11-22T10:00:00+00:00"


@pytest.fixture
def plan(plan_for, make_clip, past):
    past.ran(make_clip("there"))
    street = make_clip("street", variant="p=1")
    return plan_for(make_clip("there"), street, make_clip("sea", street, variant="p=1"))


@pytest.fixture
def text(plan) -> str:
    return "".join(write_saved_plan(plan, BASIS, MADE))


def test_a_plan_comes_back_from_its_file(plan, text) -> None:
    saved = read_saved_plan(text)
    assert saved.basis == BASIS
    assert (saved.title, saved.made, saved.cost, saved.exact) == ("Film", MADE, Decimal("0.80"), True)
    assert saved.keys == set(plan.clips)
    assert saved.to_make == {clip.key for clip in plan.to_make}
    assert len(saved.to_make) == 2
    assert differences(saved, BASIS) == []


def test_a_person_can_read_it(text) -> None:
    document = json.loads(text)
    assert [row[:3] + row[4:6] for row in document["clips"]] == [
        ["", "there", 1, "have", "0"],
        ["p=1", "street", 1, "new", "0.40"],
        ["p=1", "sea", 1, "needs", "0.40"],
    ]
    assert document["totals"] == {"clips": 3, "to_make": 2, "seconds": "10", "cost": "0.80", "exact": True}
    assert max(map(len, text.splitlines())) < 160


def test_an_empty_plan(plan_for) -> None:
    assert read_saved_plan("".join(write_saved_plan(plan_for(), BASIS, MADE))).keys == frozenset()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"storyboard": "other.sky"}, ["it is a plan of film.sky, not of other.sky"]),
        ({"target": "sandbox"}, ["it is a plan for https://api.example.com, not for sandbox"]),
        ({"choice": Choice()}, ["other clips, variables or variants are asked for"]),
        ({"files": {**BASIS.files, "film.sky": "d" * 64}}, ["the storyboard film.sky changed"]),
        ({"files": {**BASIS.files, "rows.csv": "d" * 64}}, ["the table rows.csv changed"]),
        ({"files": {**BASIS.files, "cast/mika.jpg": "d" * 64}}, ["the file cast/mika.jpg changed"]),
        ({"files": {"film.sky": "a" * 64, "rows.csv": "b" * 64}}, ["the file cast/mika.jpg is gone"]),
        ({"files": {**BASIS.files, "new.png": "d" * 64}}, ["the file new.png is read, and was not"]),
        ({"files": {"film.sky": "d" * 64}}, ["the storyboard film.sky changed"]),
        ({"prices": PriceStamp("USD", "2026-11-01", "e" * 64)},
         ["the prices changed: they were those of 2026-04-29, and are those of 2026-11-01"]),
        ({"prices": replace(BASIS.prices, sha256="e" * 64)}, ["the prices changed"]),
        ({"prices": replace(BASIS.prices, as_of="2026-12-01")}, []),
    ],
)  # fmt: skip
def test_everything_that_differs_is_named(text, change, said) -> None:
    assert differences(read_saved_plan(text), replace(BASIS, **change)) == said


def test_many_changed_files_are_counted(text) -> None:
    files = {f"pictures/{number}.png": "a" * 64 for number in range(9)}
    saved = read_saved_plan(text)
    saved = replace(saved, basis=replace(BASIS, files=files))
    found = differences(saved, replace(BASIS, files=dict.fromkeys(files, "b" * 64)))
    assert len(found) == 6
    assert found[-1] == "4 more files changed"


def test_the_stamp_of_prices_is_that_of_their_figures() -> None:
    same = {name: rate * Decimal("1.000") for name, rate in reversed(DEFAULT_PRICES.rates.items())}
    assert PriceStamp.of(PriceTable("USD", "2026-04-29", same)) == BASIS.prices
    dearer = {name: rate + Decimal("0.0001") for name, rate in DEFAULT_PRICES.rates.items()}
    assert PriceStamp.of(PriceTable("USD", "2026-04-29", dearer)).sha256 != BASIS.prices.sha256


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no plan"),
        ('{"clips": []}', "no plan"),
        ('{"skyflow_plan": 2}', "format 2"),
        ('{"skyflow_plan": 1}', "damaged"),
    ],
)
def test_what_is_no_plan_is_refused(text, said) -> None:
    with pytest.raises(PlanFileError, match=said):
        read_saved_plan(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("clips", 0, 3), "../../etc"),
        (("clips", 0, 3), 5),
        (("clips", 0, 4), "no state"),
        (("clips", 0), []),
        (("choice", "sample"), -1),
        (("choice", "limit"), True),
        (("choice", "shots"), [3]),
        (("choice", "variables"), []),
        (("totals", "cost"), 0.4),
        (("totals", "cost"), "much"),
        (("files",), ["film.sky"]),
        (("files", "film.sky"), None),
        (("prices", "sha256"), None),
        (("title",), 7),
    ],
)
def test_what_somebody_wrote_into_it_is_looked_at(text, path, value) -> None:
    document = json.loads(text)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(PlanFileError, match="damaged"):
        read_saved_plan(json.dumps(document))


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["clips", "choice", "totals", "files", "prices", "title", "target"]), json_values)
)
def test_any_json_is_answered(document) -> None:
    with pytest.raises(PlanFileError):
        read_saved_plan(json.dumps({"skyflow_plan": 1, **document}))
