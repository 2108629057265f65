"""The storyboards to start from: clean, compiled as their comments say, small, and between them using the whole language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args

import pytest

import skyflow
from skyflow.source import SourceFile, Span
from skyflow.storyboard import settings
from skyflow.syntax import parse, tree

EXAMPLES = Path(__file__).parents[2] / "examples"
FILMS = ("long-light/long-light", "trail-tea/trail-tea", "rainy-teahouse/teahouse", "paper-boat/paper-boat")
RESULTS = ("preview.jpg", "contact-sheet.jpg")


@pytest.mark.parametrize("film", FILMS)
def test_has_no_diagnostics(film: str, examples: Path) -> None:
    assert [f"{found.span}: {found.message}" for found in skyflow.check(examples / f"{film}.sky")] == []


def test_long_light_holds_its_shots_together(examples: Path) -> None:
    clips = {(clip.shot, clip.take): clip for clip in skyflow.compile(examples / "long-light" / "long-light.sky")}
    assert len({shot for shot, _ in clips}) == 9
    assert {shot.split(".")[0] for shot, _ in clips if "." in shot} == {"shore", "tower"}
    assert [clips["tower.stairs", take].picked for take in (1, 2, 3)] == [False, True, False]
    assert clips["shore.alarm", 1].needs == (clips["shore.fog", 1].key,)
    assert clips["tower.memory", 1].request["first_frame_image"].endswith(f"{clips['tower.beam', 1].key}/frame@3.0")
    assert "time_stamp" not in clips["tower.spark", 1].request["mid_frame_images"][0]
    assert (
        clips["shore.fog", 1]
        .request["prompt"]
        .endswith("late autumn, blue dusk with a last band of rose on the horizon.")
    )


def test_trail_tea_makes_ten_films(examples: Path) -> None:
    clips = list(skyflow.compile(examples / "trail-tea" / "trail-tea.sky"))
    variants = list(dict.fromkeys(clip.variant for clip in clips))
    assert len(variants) == 10
    assert variants[0] == "product=mug,market=Lisbon,shape=16:9"
    assert not any("kettle" in variant and "Tokyo" in variant for variant in variants)
    assert {clip.variant.split("shape=")[1] for clip in clips if clip.shot == "tall"} == {"9:16"}
    prompts = [
        clip.request["prompt"] for clip in clips if clip.shot == "packshot" and "mug,market=Tokyo" in clip.variant
    ]
    assert all('"手のひらに、ぬくもりを。" Below it, small: "No. 007, 1500 yen"' in prompt for prompt in prompts)
    assert all("@trailtea (also on @trailtea_shop)" in prompt for prompt in prompts)


def test_trail_tea_takes_values_from_outside(examples: Path) -> None:
    given = {"shape": "1:1", "tier": "std"}
    clips = list(skyflow.compile(examples / "trail-tea" / "trail-tea.sky", variables=given))
    assert {clip.variant.split("shape=")[1] for clip in clips} == {"1:1"}
    assert {clip.request["model"] for clip in clips} == {"skyreels-v4-std"}


def test_teahouse_binds_actors_and_voices(examples: Path) -> None:
    clips = {clip.shot: clip for clip in skyflow.compile(examples / "rainy-teahouse" / "teahouse.sky")}
    entrance = clips["门口.进门"].request
    assert entrance["prompt"].startswith(
        "雨夜，@小雨推开@茶馆的门，收起红伞，雨水滴在地上。 <sfx>雨声，门轴轻响</sfx>\n<dialogue>"
    )
    assert [(image["tag"], "audio_url" in image) for image in entrance["ref_images"]] == [
        ("@小雨", True),
        ("@茶馆", False),
        ("@老陈", False),
    ]
    assert entrance["ref_images"][0]["audio_url"] != clips["桌边.问"].request["ref_images"][1]["audio_url"]
    assert clips["桌边.问"].request["prompt"].endswith("<bgm>古琴渐弱，雨声渐远</bgm>")


def test_paper_boat_goes_on_from_clips_that_do_not_exist_yet(examples: Path) -> None:
    clips = {clip.shot: clip for clip in skyflow.compile(examples / "paper-boat" / "paper-boat.sky")}
    assert clips["fold"].request["ref_images"][0]["type"] == "grid"
    assert clips["launch"].request["ref_videos"][0]["type"] == "extend"
    assert clips["poster.3"].request["ref_videos"][0]["type"] == "reference"
    assert clips["poster.3"].needs == (clips["launch"].key,)
    assert clips["season.2.leave"].needs == (clips["season.2.float"].key,)
    assert [clips[f"sky.{number}"].needs for number in (1, 2)] == [(clips["home"].key,), (clips["sky.1"].key,)]


def test_media_are_small(examples: Path) -> None:
    limits = {".jpg": 150_000, ".png": 150_000, ".mp3": 60_000}
    sizes = {path: path.stat().st_size for path in examples.rglob("*") if path.is_file()}
    assert [path for path, size in sizes.items() if size > limits.get(path.suffix, 20_000)] == []
    assert sum(sizes.values()) < 3_000_000


def test_every_picture_and_sound_is_used(examples: Path) -> None:
    written = "".join(
        path.read_text(encoding="utf-8") for path in examples.rglob("*") if path.suffix in (".sky", ".csv", ".jsonl")
    )
    # What comes out, shown by the README.
    media = [p for p in examples.rglob("*") if p.suffix in (".jpg", ".png", ".mp3") and p.name not in RESULTS]
    assert [path for path in media if path.name not in written] == []


def test_says_how_to_run_it(examples: Path) -> None:
    for film in FILMS:
        opening = (examples / f"{film}.sky").read_text(encoding="utf-8").split("\n\nstoryboard", 1)[0]
        assert re.search(rf"skyflow \w+ examples/{film}\.sky", opening)


# --- the whole language ---------------------------------------------------------------------------------------------


def nodes_of(part: object) -> Iterator[object]:
    """A node of a tree and everything in it."""
    if isinstance(part, tuple):
        for element in part:
            yield from nodes_of(element)
    elif is_dataclass(part) and not isinstance(part, Span):
        yield part
        for field in fields(part):
            yield from nodes_of(getattr(part, field.name))


@pytest.fixture(scope="module")
def used() -> list[object]:
    """Every node of every example's tree."""
    nodes: list[object] = []
    for path in EXAMPLES.rglob("*.sky"):
        file, diagnostics = parse(SourceFile(path.name, path.read_text(encoding="utf-8")))
        assert diagnostics == []
        nodes.extend(nodes_of(file.statements))
    return nodes


def test_examples_use_every_statement_and_value(used: list[object]) -> None:
    kinds = {type(node) for node in used}
    assert {*get_args(tree.Statement), *get_args(tree.Value)} - kinds == {tree.Damaged}
    assert {node.keyword for node in used if isinstance(node, tree.Asset)} == {"image", "grid", "video", "voice"}
    assert {node.keyword for node in used if isinstance(node, tree.Block) and node.loop is not None} == {
        "scene",
        "shot",
    }


def test_examples_use_every_setting_and_result(used: list[object]) -> None:
    assert {node.name.text for node in used if isinstance(node, tree.Setting)} == set(settings.IN_SHOT)
    results = {node.name.text for node in used if isinstance(node, tree.Call)}
    assert results == {"clip", "frame", "last_frame", "first_frame"}


def test_examples_use_every_kind_of_variable_and_keyframe(used: list[object]) -> None:
    variables = [node for node in used if isinstance(node, tree.Var)]
    assert any(len(variable.values) > 1 for variable in variables)
    assert any(variable.table is not None for variable in variables)
    keyframes = [node for node in used if isinstance(node, tree.Keyframe)]
    assert {(keyframe.source is not None, keyframe.at is not None) for keyframe in keyframes} >= {
        (True, True),
        (False, False),
    }
    tables = {Path(node.plain or "").suffix for node in used if isinstance(node, tree.Text)}
    assert tables >= {".csv", ".json", ".jsonl"}
