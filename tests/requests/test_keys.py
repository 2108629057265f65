"""Keys: what a clip is made from and nothing else, so that nothing is ever paid twice and every change is noticed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

BASE = """
image @Mika = "cast/mika.png"
shot street { prompt = "@Mika walks." }
shot door {
  first_frame = last_frame(street)
  prompt = "A door."
}
"""


def keys(project: Any, text: str, files: Any = None, **options: Any) -> dict[str, str]:
    return {f"{c.variant}/{c.shot}/{c.take}": c.key for c in project.clips(text, files, **options)}


def test_a_key_is_a_digest_of_version_take_and_canonical_request(project: Any) -> None:
    clip = project.clips('shot a { takes = 2\n prompt = "雨 \\"x\\"" }')[1]
    canonical = json.dumps(clip.request, ensure_ascii=False, separators=(",", ":"))
    assert clip.key == hashlib.sha256(f"skyflow-1\n2\n{canonical}".encode()).hexdigest()
    assert clip.body == canonical


def test_names_and_places_of_files_are_not_in_it(project: Any, png: bytes) -> None:
    first = keys(project, BASE, {"cast/mika.png": png})
    moved = BASE.replace("cast/mika.png", "pictures/other.name.png")
    assert keys(project, moved, {"pictures/other.name.png": png}) == first


def test_the_content_of_a_file_is(project: Any, png: bytes, make_picture: Any) -> None:
    first = keys(project, BASE, {"cast/mika.png": png})
    other = keys(project, BASE, {"cast/mika.png": make_picture("PNG", 160, 90, "red")})
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)  # the follower changes with what it follows


def test_names_of_shots_scenes_and_titles_and_their_order_are_not_in_it(project: Any, png: bytes) -> None:
    files = {"cast/mika.png": png}
    first = keys(project, BASE, files)
    renamed = """
      storyboard "Another title"
      scene b { shot y {
        note = "renamed"
        first_frame = last_frame(a.x)
        prompt = "A door."
      } }
      scene a { shot x { prompt = "@Mika walks." } }
      image @Mika = "cast/mika.png"
    """
    found = keys(project, renamed, files)
    assert (found["/a.x/1"], found["/b.y/1"]) == (first["/street/1"], first["/door/1"])


def test_names_of_variants_are_not_in_it(project: Any) -> None:
    first = keys(project, 'var x = "1"\nshot a { prompt = "{{ x }}" }')
    second = keys(project, 'var y = "1" | "2"\nshot b { prompt = "{{ y }}" }')
    assert first["/a/1"] == second["y=1/b/1"]


def test_how_a_value_is_written_is_not_in_it(project: Any) -> None:
    one = keys(project, 'shot a { duration = 5s\n resolution = 720p\n prompt = "Rain on a window." }')
    two = keys(
        project,
        'defaults {\n model = skyreels-v4-fast\n resolution = "720p"\n}\nvar n = 5\nshot a { duration = {{ n }}\n prompt = """\n  Rain on\n  a window.\n """ }',
    )
    assert one == two


def test_every_field_of_the_request_is_in_it(project: Any) -> None:
    texts = [
        'shot a { prompt = "Rain." }',
        'shot a { prompt = "Rain" }',
        'shot a { model = std\n prompt = "Rain." }',
        'shot a { duration = 5s\n prompt = "Rain." }',
        'shot a { resolution = 1080p\n prompt = "Rain." }',
        'shot a { aspect_ratio = 16:9\n prompt = "Rain." }',
        'shot a { prompt_optimizer = true\n prompt = "Rain." }',
        'shot a { first_frame = "https://example.com/a.png"\n prompt = "Rain." }',
        'shot a { last_frame = "https://example.com/a.png"\n prompt = "Rain." }',
    ]
    found = [next(iter(keys(project, text).values())) for text in texts]
    assert len(set(found)) == len(texts)


def test_takes_have_keys_of_their_own_and_more_takes_change_none(project: Any) -> None:
    two = keys(project, 'shot a { takes = 2\n prompt = "a" }')
    three = keys(project, 'shot a { takes = 3\n pick = 3\n prompt = "a" }')
    assert len(set(three.values())) == 3
    assert {name: three[name] for name in two} == two


def test_a_follower_is_made_of_the_picked_take(project: Any) -> None:
    text = 'shot a { takes = 2\n pick = PICK\n prompt = "a" }\nshot b { first_frame = last_frame(a)\n prompt = "b" }'
    one, two = (keys(project, text.replace("PICK", pick)) for pick in ("1", "2"))
    assert (one["/a/1"], one["/a/2"]) == (two["/a/1"], two["/a/2"])
    assert one["/b/1"] != two["/b/1"]


def test_a_change_far_up_a_chain_reaches_its_end(project: Any) -> None:
    text = "".join(
        f'shot s{n} {{ {f"first_frame = last_frame(s{n - 1})" if n else ""}\n prompt = "{n}" }}\n' for n in range(20)
    )
    first, second = keys(project, text), keys(project, text.replace('prompt = "0"', 'prompt = "zero"'))
    assert all(first[name] != second[name] for name in first)


@pytest.mark.parametrize("result", ["first_frame(a)", "last_frame(a)", "frame(a, 1s)", "frame(a, 1.5s)"])
def test_which_picture_of_a_clip_is_used_is_in_it(project: Any, result: str) -> None:
    text = 'shot a { prompt = "a" }\nshot b { first_frame = RESULT\n prompt = "b" }'
    others = {"first_frame(a)", "last_frame(a)", "frame(a, 1s)", "frame(a, 1.5s)"} - {result}
    key = keys(project, text.replace("RESULT", result))["/b/1"]
    assert all(keys(project, text.replace("RESULT", other))["/b/1"] != key for other in others)


def test_a_time_is_the_same_however_it_is_written(project: Any) -> None:
    text = 'shot a { prompt = "a" }\nshot b { first_frame = frame(a, TIME)\n prompt = "b" }'
    found = {keys(project, text.replace("TIME", time))["/b/1"] for time in ("2s", "2", '"2s"', "2.0", "{{ 4 / 2 }}")}
    assert len(found) == 1


def test_two_equal_shots_of_one_variant_share_a_clip_and_that_is_said(project: Any) -> None:
    text = 'shot a { prompt = "x" }\nshot b { prompt = "x" }\nshot c { first_frame = last_frame(b)\n prompt = "c" }'
    found = project.only(text)
    assert (found.rule.id, found.severity, found.span.text) == ("shot-repeated", "warning", "b")
    a, b, c = project.clips(text)
    assert a.key == b.key
    assert c.needs == (a.key,)


def test_shots_without_a_prompt_are_not_called_repeated(project: Any) -> None:
    found = project.check("shot a { }\nshot b { }\nshot c { prompt = none }\n")
    assert [(diagnostic.rule.id, diagnostic.span.text) for diagnostic in found] == [
        ("prompt-required", "a"),
        ("prompt-required", "b"),
        ("prompt-required", "c"),
    ]


def test_a_shot_that_was_pasted_twice_is_told_once(project: Any) -> None:
    found = project.only('shot a { prompt = "x" }\nshot a { prompt = "x" }')
    assert (found.rule.id, found.span.start_position.line) == ("name-duplicate", 2)


def test_equal_shots_of_two_variants_are_no_mistake(project: Any) -> None:
    text = 'var x = 1 | 2\nshot a { prompt = "always" }\nshot b { prompt = "{{ x }}" }'
    assert project.ids(text) == []
    found = keys(project, text)
    assert found["x=1/a/1"] == found["x=2/a/1"]


def test_a_request_is_exactly_what_is_sent_but_for_placeholders(project: Any, png: bytes) -> None:
    first, second = project.clips(BASE, {"cast/mika.png": png})
    upload = f"skyflow:upload/{hashlib.sha256(png).hexdigest()}.png"
    assert first.request == {
        "model": "skyreels-v4-fast",
        "prompt": "@Mika walks.",
        "ref_images": [{"tag": "@Mika", "type": "image", "image_urls": [upload]}],
    }
    assert second.request == {
        "model": "skyreels-v4-fast",
        "prompt": "A door.",
        "first_frame_image": f"skyflow:shot/{first.key}/last_frame",
    }
    assert json.loads(second.as_json()) == second.as_dict()
    assert list(second.as_dict()) == ["variant", "shot", "take", "mode", "key", "needs", "request"]
