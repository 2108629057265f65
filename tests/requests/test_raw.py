"""Raw requests in .json and .jsonl files: the contract's own code, each mistake at its place in the text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skyflow.requests import raw
from skyflow.requests.raw import check_raw_request
from skyflow.source import SourceFile

GOOD = {"model": "skyreels-v4-fast", "prompt": "Rain."}
MIKA = {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.png"]}


def said(text: str, name: str = "request.json") -> list[str]:
    """`id at line:column: the text that is pointed at: its pointer`."""
    found = []
    for diagnostic in check_raw_request(SourceFile(name, text)):
        assert diagnostic.span is not None
        at = diagnostic.span.start_position
        found.append(f"{diagnostic.rule.id} at {at.line}:{at.column}: {diagnostic.span.text}: {diagnostic.pointer}")
    return found


def test_a_request_that_is_fine() -> None:
    assert said(json.dumps(GOOD)) == []
    assert said("\n  " + json.dumps(GOOD, indent=2) + "\n\n") == []


def test_one_request_a_line() -> None:
    lines = [json.dumps(GOOD), "", json.dumps({**GOOD, "duration": 99}), "   ", json.dumps({"prompt": "a"})]
    assert said("\n".join(lines), "requests.jsonl") == [
        "duration-range at 3:62: 99: /duration",
        'model-required at 5:1: {"prompt": "a"}: /model',
    ]
    assert said("\r\n".join(lines), "requests.jsonl") == said("\n".join(lines), "requests.jsonl")


def test_compiled_lines_can_be_checked(project: Any) -> None:
    text = 'shot a { prompt = "Rain." }\nshot b { first_frame = last_frame(a)\n prompt = "雨。" }'
    lines = [clip.as_json() for clip in project.clips(text)]
    assert said("\n".join(lines), "compiled.jsonl") == []
    broken = lines[0].replace('"prompt": "Rain."', '"prompt": ""').replace('"prompt":"Rain."', '"prompt":""')
    assert [one.split(":")[0].split(" ")[0] for one in said(broken, "compiled.jsonl")] == ["prompt-required"]
    assert said(broken, "compiled.jsonl")[0].endswith('"": /request/prompt')


def test_a_list_of_requests_in_one_file() -> None:
    text = json.dumps([GOOD, {**GOOD, "resolution": "4k"}])
    assert said(text) == ['resolution-unknown at 1:115: "4k": /1/resolution']
    assert said("[]") == ["syntax at 1:1: : "]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "1:1"),
        ("   \n", "1:1"),
        ("{", "1:1"),
        ('{"model": }', "1:11"),
        ('{"model": NaN}', "1:1"),
        ("{'model': 1}", "1:2"),
        ("\x00", "1:1"),
        ("[" * 100_000, "1:1"),
        ('{"duration": ' + "9" * 5000 + "}", "1:1"),
        ("model: fast", "1:1"),
    ],
)
def test_what_is_no_json(text: str, place: str) -> None:
    (found,) = check_raw_request(SourceFile("request.json", text))
    assert found.span is not None
    at = found.span.start_position
    assert (found.rule.id, f"{at.line}:{at.column}") == ("syntax", place)
    assert found.help
    assert "\n" not in found.message


def test_each_object_is_looked_through_once_however_many_mistakes_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    members = raw._members
    monkeypatch.setattr(raw, "_members", lambda text, at: looked.append(at) or members(text, at))
    request = {**GOOD, "mid_frame_images": [{"tag": "@a"} for _ in range(50)], "seed": 1, "fps": 24}
    assert len(said(json.dumps(request))) > 100
    assert len(looked) == len(set(looked)) == 52


def test_a_number_too_long_to_be_read() -> None:
    (found,) = check_raw_request(SourceFile("request.json", '{"duration": ' + "9" * 5000 + "}"))
    assert found.message == "this is no JSON: a number in it is too long"


@pytest.mark.parametrize("document", ["5", '"text"', "null", "true", "[5]", '[[{"model": 1}]]'])
def test_what_is_no_request(document: str) -> None:
    assert [one.split(" ")[0] for one in said(document)] == ["field-type"]


def test_places_inside_a_prompt_with_escapes() -> None:
    prompt = '雨 \\u96e8 \\ud83d\\ude00 \\n \\"x\\" \\/ @nobody @Mika'
    text = f'{{"model": "skyreels-v4-fast", "prompt": "{prompt}", "ref_images": [{json.dumps(MIKA)}]}}'
    (found,) = said(text)
    assert found.endswith(": @nobody: /prompt")


def test_places_of_fields_however_deep_and_of_missing_ones() -> None:
    request = {
        **GOOD,
        "prompt": "@Mika",
        "ref_images": [{**MIKA, "image_urls": ["https://e.com/a.png", "no url"]}, {"tag": "@Mika"}],
    }
    text = json.dumps(request)
    found = [
        f"{d.rule.id} {d.pointer} {d.span.text}" for d in check_raw_request(SourceFile("request.json", text)) if d.span
    ]
    assert sorted(found) == [
        'field-missing /ref_images/1/image_urls {"tag": "@Mika"}',
        'field-missing /ref_images/1/type {"tag": "@Mika"}',
        'tag-duplicate /ref_images/1/tag "@Mika"',
        'url-invalid /ref_images/0/image_urls/1 "no url"',
    ]


def test_a_field_with_slashes_in_its_name() -> None:
    assert said(json.dumps({**GOOD, "a/b~c": 1})) == ["field-unknown at 1:59: 1: /a~1b~0c"]


def test_a_field_that_stands_twice_is_told_and_the_last_one_is_checked() -> None:
    text = '{"model": "skyreels-v4-fast", "prompt": "a", "duration": 5, "duration": 99}'
    assert said(text) == ['syntax at 1:61: "duration": /duration', "duration-range at 1:73: 99: /duration"]
    twice = check_raw_request(SourceFile("request.json", text))[0]
    assert twice.message == "`duration` stands twice in one object"
    assert [(one.span.text, one.span.start) for one in twice.related] == [('"duration"', 45)]


def test_names_that_stand_twice_are_found_everywhere_and_however_they_are_spelt() -> None:
    mika = '{"tag": "@Mika", "type": "image", "image_urls": ["https://e.com/a.png"], "t\\u0061g": "@Mika"}'
    request = f'{{"model": "skyreels-v4-fast", "prompt": "@Mika", "ref_images": [{mika}]}}'
    assert said(request) == ['syntax at 1:138: "t\\u0061g": /ref_images/0/tag']
    good = json.dumps(GOOD)
    assert said(f"[{good}, {request}]") == [f'syntax at 1:{141 + len(good)}: "t\\u0061g": /1/ref_images/0/tag']
    assert said(f"{good}\n{request}\n{good}", "many.jsonl") == ['syntax at 2:138: "t\\u0061g": /ref_images/0/tag']


def test_names_that_stand_twice_out_of_sight_take_no_time() -> None:
    """Nothing of a request lies so deep; looking for names there would read the text once for each level."""
    deep = '{"a": ' * 800 + '{"b": 1, "b": 2}' + "}" * 800
    assert said(f'{{"model": "skyreels-v4-fast", "prompt": "a", "x": {deep}}}') == ["field-unknown at 1:51: {: /x"]


def test_half_a_character_is_no_text() -> None:
    text = '{"model": "skyreels-v4-fast", "prompt": "a \\ud83d\\ude00 \\ud800b"}'
    assert said(text) == ["field-type at 1:57: \\ud800: /prompt"]
    url = json.dumps({**GOOD, "first_frame_image": "https://example.com/\ud800.png"})
    assert [one.split(" ")[0] for one in said(url)] == ["url-invalid"]


def test_placeholders_of_compiled_requests_stand_for_addresses() -> None:
    frame = {**GOOD, "first_frame_image": "skyflow:shot/" + "0" * 64 + "/last_frame"}
    assert said(json.dumps(frame)) == []
    clip = {**GOOD, "first_frame_image": "skyflow:shot/" + "0" * 64 + "/clip"}
    assert [one.split(" ")[0] for one in said(json.dumps(clip))] == ["image-format"]


def test_it_never_raises_for_what_json_can_hold() -> None:
    values: list[Any] = [None, True, 5, 5.5, 1e300, "", "\ud800", [], {}, [[]], {"a": {}}, "x" * 10_000]
    fields = ["model", "prompt", "duration", "resolution", "mid_frame_images", "ref_images", "ref_videos", "\ud800"]
    for field in fields:
        for value in values:
            check_raw_request(SourceFile("request.json", json.dumps({**GOOD, field: value})))
            check_raw_request(SourceFile("request.json", json.dumps({**GOOD, "ref_images": [{field: value}]})))
