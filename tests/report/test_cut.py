"""What a cut says of its shots, and what a request is made from."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from skyflow.planner import PlanState, ResultNeeded
from skyflow.report import Cut, CutShot, CutTake, unmade_shots
from skyflow.report.addresses import address
from skyflow.report.references import Reference, references_of

KEY = "ab" * 32


def take(number: int, *, picked: bool = False, clip: Path | None = None) -> CutTake:
    state = PlanState.NEW if clip is None else PlanState.HAVE
    return CutTake(number, picked, KEY, state, clip, None, Decimal("0.40"), exact=True)


def shot(name: str, *takes: CutTake) -> CutShot:
    return CutShot(name, "T2V", Decimal(5), takes or (take(1, picked=True),))


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        ("street", ""),
        ("street.2", ""),
        ("street.2.1", ""),
        ("den.street", "den"),
        ("den.street.3", "den"),
        ("item.2.spin", "item.2"),
        ("house.den.street", "house.den"),
        ("门.口", "门"),
    ],
)
def test_a_shot_is_in_the_scene_that_its_name_says(name: str, scene: str) -> None:
    assert shot(name).scene == scene


def test_a_shot_is_made_when_its_picked_take_is() -> None:
    other = shot("a", take(1, clip=Path("a.mp4")), take(2, picked=True))
    made = shot("b", take(1), take(2, picked=True, clip=Path("b.mp4")))
    assert (other.picked.number, made.picked.number) == (2, 2)
    assert unmade_shots(Cut("", (other, made))) == (other,)


def test_every_field_of_a_request_is_told_as_people_call_it() -> None:
    file = f"skyflow:upload/{'0' * 64}.png"
    frames = {
        "first_frame_image": file,
        "mid_frame_images": [
            {"tag": "@k", "image_url": "https://example.com/k.png", "time_stamp": 3},
            {"tag": "@l", "image_url": "https://example.com/l.png"},
        ],
        "end_frame_image": f"skyflow:shot/{KEY}/frame@2.5",
    }
    assert list(references_of(frames, {file: "pictures/a.png"})) == [
        Reference("first frame", "", "image", path="pictures/a.png"),
        Reference("last frame", "", "image", result=ResultNeeded(f"skyflow:shot/{KEY}/frame@2.5", KEY, 2.5)),
        Reference("keyframe at 3 s", "@k", "image", url="https://example.com/k.png"),
        Reference("keyframe", "@l", "image", url="https://example.com/l.png"),
    ]
    others = {
        "ref_images": [
            {
                "tag": "@a",
                "type": "image",
                "image_urls": ["https://e.com/1", "https://e.com/2"],
                "audio_url": "https://e.com/v",
            },
            {"tag": "@g", "type": "grid", "image_urls": ["https://e.com/g"]},
        ],
        "ref_videos": [{"tag": "@v", "type": "extend", "video_url": f"skyflow:shot/{KEY}/clip"}],
    }
    assert [(one.role, one.tag, one.kind) for one in references_of(others, {})] == [
        ("reference", "@a", "image"),
        ("reference", "@a", "image"),
        ("voice", "@a", "audio"),
        ("steps", "@g", "image"),
        ("goes on from", "@v", "video"),
    ]


def test_addresses_are_urls(tmp_path: Path) -> None:
    clip = tmp_path / "a b" / "50%#1.mp4"
    assert address(clip) == clip.as_uri()
    assert address(clip, tmp_path / "pages") == "../a%20b/50%25%231.mp4"
