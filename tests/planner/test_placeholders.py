"""`skyflow:` URLs: found where they stand, replaced there, and nowhere else."""

from __future__ import annotations

import pytest

from skyflow.planner import FileNeeded, ResultNeeded, fill, placeholders

SHA, KEY = "a" * 64, "b" * 64
UPLOAD = f"skyflow:upload/{SHA}"
SHOT = f"skyflow:shot/{KEY}"


def request():
    return {
        "model": "skyreels-v4-fast",
        "prompt": f"the words {UPLOAD}.jpg are not for you",
        "first_frame_image": f"{UPLOAD}.JPG",
        "end_frame_image": "https://example.com/end.png",
        "mid_frame_images": [{"tag": "@a", "image_url": f"{SHOT}/frame@2.0"}],
        "ref_images": [
            {
                "tag": "@b",
                "type": "image",
                "image_urls": [f"{SHOT}/last_frame", f"{UPLOAD}.bmp"],
                "audio_url": f"{UPLOAD}.mp3",
            }
        ],
        "ref_videos": [{"tag": "@c", "type": "extend", "video_url": f"{SHOT}/clip"}],
    }


def test_each_is_found_with_what_it_stands_for() -> None:
    assert placeholders(request()) == (
        FileNeeded(f"{UPLOAD}.JPG", SHA, "jpg", "image"),
        ResultNeeded(f"{SHOT}/frame@2.0", KEY, 2.0),
        ResultNeeded(f"{SHOT}/last_frame", KEY, "last"),
        FileNeeded(f"{UPLOAD}.bmp", SHA, "bmp", "image"),
        FileNeeded(f"{UPLOAD}.mp3", SHA, "mp3", "audio"),
        ResultNeeded(f"{SHOT}/clip", KEY, "clip"),
    )


def test_all_are_replaced_and_nothing_else_is() -> None:
    original = request()
    urls = {need.url: f"https://cdn.example.com/{number}" for number, need in enumerate(placeholders(original))}
    filled = fill(original, urls)
    assert original == request()
    assert placeholders(filled) == ()
    assert filled["prompt"] == original["prompt"]
    assert filled["end_frame_image"] == "https://example.com/end.png"
    assert filled["ref_images"][0]["image_urls"] == ["https://cdn.example.com/2", "https://cdn.example.com/3"]
    assert filled["mid_frame_images"][0] == {"tag": "@a", "image_url": "https://cdn.example.com/1"}


@pytest.mark.parametrize(
    "url", ["skyflow:", "skyflow:upload/x.png", f"{SHOT}/middle_frame", f"{SHOT}/frame@-1", f"{UPLOAD}.png/x"]
)
def test_what_the_compiler_never_writes_is_our_mistake(url) -> None:
    with pytest.raises(ValueError, match="no skyflow URL"):
        placeholders({"first_frame_image": url})


def test_requests_without_them_are_left_as_they_are() -> None:
    plain = {"model": "m", "prompt": "p", "ref_images": [], "ref_videos": None}
    assert fill(plain, {}) == plain
