"""Requests become a storyboard that compiles to them: all accepted conformance requests, generated ones, and odd ones by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skyflow.contract import check_request
from skyflow.importers import import_requests
from skyflow.source import SourceFile

Request = dict[str, Any]
Compile = Callable[[str], list[Request]]
Normal = Callable[[Request], Request]


def import_text(*requests: Request, title: str = "") -> str:
    """The storyboard of some requests, which must be possible."""
    source = SourceFile("requests.json", json.dumps(requests[0] if len(requests) == 1 else requests))
    imported = import_requests(source, title)
    assert imported.refusals == ()
    return imported.text


def shot(prompt: str, **fields: Any) -> Request:
    return {"model": "skyreels-v4-fast", "prompt": prompt, **fields}


def image(tag: str, *urls: str, **fields: Any) -> Request:
    return {"tag": tag, "type": "image", "image_urls": list(urls or ("https://example.com/a.jpg",)), **fields}


# --- round trips ----------------------------------------------------------------------------------------------------


def test_each_accepted_request_survives_alone(
    accepted: dict[str, Request], compile_text: Compile, normal: Normal
) -> None:
    assert len(accepted) > 50
    changed = {
        name
        for name, request in accepted.items()
        if [normal(body) for body in compile_text(import_text(request))] != [normal(request)]
    }
    assert changed == set()


def test_all_accepted_requests_survive_in_one_file(
    accepted: dict[str, Request], compile_text: Compile, normal: Normal
) -> None:
    bodies = compile_text(import_text(*accepted.values()))
    assert list(map(normal, bodies)) == list(map(normal, accepted.values()))


ODD_PROMPTS = (
    'She says "no" and leaves. Behind her: """quotes""" and ""two"" of them, and one last one"',
    "a\\b \\n is no line break, \\u{41} no letter, and \\\\ no escape; it ends in a backslash \\",
    "{{ city }} and {{{ and }} and {% if %} and {# no comment #} and {#1} and { and } and {",
    "  two spaces before,  two between and two behind  ",
    "one\ntwo\n\nthree\n\n\nfour",
    "\n\n  starts low\n \n\t\n and ends low \n",
    "tab\there, carriage\r\nreturn, \u00a0no-break\u00a0 \u3000wide\u3000",
    "\u200bzero\u200d \ufeff \u202eright to left\u202c \x00\x1b[31m\x7f\x85\u2028\u2029",
    "mail a@b.com, @ alone, @@ twice, @nobody, @@nobody, @@@ and @",
    "# no comment // neither, ＠ ＝ “ ” ＃ and é, e\u0301, 👨‍👩‍👧, 🇯🇵",
    "雨夜，小雨推开茶馆的门，收起红伞。" * 12,
    "夜 晚 夜 晚 " * 30,
    "word " * 60,
    "x" * 400,
    'shot x {\n  prompt = """\n}\n"""',
    "}\n}\n}",
    "<dialogue>Hello</dialogue> <sfx> & <b>",
)


@pytest.mark.parametrize("prompt", ODD_PROMPTS)
def test_odd_prompts_survive(prompt: str, compile_text: Compile) -> None:
    assert compile_text(import_text(shot(prompt))) == [shot(prompt)]


def test_all_odd_prompts_survive_in_one_file(compile_text: Compile) -> None:
    requests = [shot(prompt) for prompt in ODD_PROMPTS]
    assert compile_text(import_text(*requests, title='"Odd" {{ ones }} \\')) == requests


# Tags that begin like one another, so that declaring one changes what another prompt mentions.
TAGS = st.sampled_from(
    ["@a", "@ab", "@a-b", "@a-", "@a_b", "@小美", "@小美丽", "@小", "@image1", "@image10", "@-", "@é", "@हिन्दी", "@हि"]
)
URLS = st.sampled_from([f"https://example.com/{name}" for name in ("a.jpg", "b.png?x={{1}}", "c", 'd"e.png', "@a.bmp")])
CLIPS = st.sampled_from(["https://example.com/m.mp4", "http://example.com/n.MOV", "https://example.com/o"])
BITS = st.sampled_from(
    [" ", "  ", "\n", "\n\n", ". ", "@", "@@", '"', '"""', "\\", "{{", "}}", "{%", "{#", "#}", "a", "rain", "夜", "，", "\t", "\r", "\u00a0",
     "35mm film grain.", " A quiet, slow shot.", "\u3000", "@nobody", "a@ab", "'", "`", "//", "#", "\u200b", "-", "_"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(BITS, TAGS, st.characters(exclude_categories=["Cs"])), max_size=12).map("".join)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """An accepted request of any mode."""
    request: Request = {"model": draw(st.sampled_from(["skyreels-v4-fast", "skyreels-v4-std"]))}
    for name, values in (
        ("duration", st.integers(4, 15)),
        ("resolution", st.sampled_from(["480p", "720p"])),
        ("aspect_ratio", st.sampled_from(["16:9", "9:16"])),
        ("prompt_optimizer", st.booleans()),
    ):
        given_, value = draw(st.tuples(st.sampled_from(["given", "absent", "null"]), values))
        if given_ != "absent":
            request[name] = value if given_ == "given" else None
    tags = draw(st.lists(TAGS, unique=True, max_size=4))
    mode = draw(st.sampled_from(["T2V", "I2V", "Omni"]))
    if mode == "I2V":
        add_frames(draw, request, tags)
    elif mode == "Omni" and tags:
        add_references(draw, request, tags)
    else:
        tags = []
    pieces = [draw(TEXTS), *(f"{tag}{draw(st.sampled_from([' ', '，', '.', '- ', '@']))}{draw(TEXTS)}" for tag in tags)]
    request["prompt"] = draw(st.sampled_from(["", " ", "夜"])).join(pieces) + draw(
        st.sampled_from(["", ".", " 35mm film grain. A quiet, slow shot."])
    )
    return request


def add_frames(draw: st.DrawFn, request: Request, tags: list[str]) -> None:
    for name in ("first_frame_image", "end_frame_image"):
        request[name] = draw(st.none() | URLS)
    request["mid_frame_images"] = [
        {"tag": tag, "image_url": draw(URLS), "time_stamp": draw(st.sampled_from([None, -1, 1, 3]))} for tag in tags
    ]


def add_references(draw: st.DrawFn, request: Request, tags: list[str]) -> None:
    kind = draw(st.sampled_from(["images", "grid", "reference", "extend"]))
    if kind == "extend" or (kind == "reference" and draw(st.booleans())):
        del tags[1:]
    if kind == "grid":
        del tags[1:]
        request["ref_images"] = [{"tag": tags[0], "type": "grid", "image_urls": [draw(URLS)], "audio_url": None}]
        return
    if kind in ("reference", "extend"):
        request["ref_videos"] = [{"tag": tags[0], "type": kind, "video_url": draw(CLIPS)}]
    images = tags[1:] if kind in ("reference", "extend") else tags
    request["ref_images"] = [
        image(tag, *draw(st.lists(URLS, min_size=1, max_size=2)), audio_url=draw(st.sampled_from([None, "https://example.com/v.mp3"])))
        for tag in images
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=4))
def test_generated_requests_survive(compile_text: Compile, normal: Normal, found: list[Request]) -> None:
    kept = [request for request in found if all(wrong.severity != "error" for wrong in check_request(request))]
    assume(kept)
    assert list(map(normal, compile_text(import_text(*kept)))) == list(map(normal, kept))


# --- what a reader sees ---------------------------------------------------------------------------------------------


def test_a_film_reads_like_one() -> None:
    mika, tom = image("@Mika", audio_url="https://example.com/mika.mp3"), image("@Tom", "https://example.com/tom.jpg")
    look = " 35mm film grain, warm light."
    common = {"resolution": "720p", "duration": 8}
    assert import_text(
        shot(f"@Mika opens the door of the bar.{look}", ref_images=[mika], **common),
        shot(f"@Tom and @Mika raise their glasses. Rain falls on the street outside, and nobody hears the telephone ring.{look}",
             ref_images=[tom, mika], **common),
        shot(f"The camera leaves through the window.{look}", resolution="720p", first_frame_image="https://example.com/bar.png"),
        shot(f"The bar at dawn.{look}", first_frame_image="https://example.com/bar.png", **common),
        shot(f"The bar at dawn.{look}", first_frame_image="https://example.com/bar.png", **common),
        title="Last Call",
    ) == '''\
storyboard "Last Call"

defaults {
  model = fast
  duration = 8s
  resolution = 720p
  look = "35mm film grain, warm light."
}

image @Mika = "https://example.com/a.jpg"
voice @Mika = "https://example.com/mika.mp3"
image @Tom = "https://example.com/tom.jpg"
image @bar = "https://example.com/bar.png"

shot mika-opens-door {
  prompt = "@Mika opens the door of the bar."
}

shot tom-mika-raise {
  prompt = """
    @Tom and @Mika raise their glasses. Rain falls on the street outside, and nobody hears the
    telephone ring.
  """
}

shot leaves-window {
  duration = none
  first_frame = @bar
  prompt = "The camera leaves through the window."
}

shot bar-dawn {
  takes = 2
  first_frame = @bar
  prompt = "The bar at dawn."
}
'''  # fmt: skip


def test_a_tag_that_means_different_things_stays_in_its_shots() -> None:
    text = import_text(
        shot("@image1 walks.", ref_images=[image("@image1", "https://example.com/a.jpg")]),
        shot("@image1 runs.", ref_images=[image("@image1", "https://example.com/b.jpg")]),
    )
    assert text.index("shot walks") < text.index("a.jpg") < text.index("shot runs") < text.index("b.jpg")


def test_a_tag_that_hides_another_in_a_prompt_stays_in_its_shots(compile_text: Compile) -> None:
    long, short = image("@小美丽"), image("@小美")
    requests = [shot("@小美丽 walks.", ref_images=[long]), shot("@小美丽走进来。", ref_images=[short])]
    text = import_text(*requests)
    assert text.index("shot") < text.index("image @小美丽")
    assert compile_text(text) == requests


def test_a_voice_is_shared_only_where_every_use_has_it(compile_text: Compile) -> None:
    spoken = image("@Mika", audio_url="https://example.com/v.mp3")
    requests = [shot("@Mika speaks.", ref_images=[spoken]), shot("@Mika is silent.", ref_images=[image("@Mika")])]
    text = import_text(*requests)
    assert text.index("shot mika-speaks") < text.index("voice @Mika")
    assert compile_text(text) == requests


def test_what_the_mode_ignores_is_said_in_the_shot(compile_text: Compile) -> None:
    wide = [shot(f"Rain {number}.", aspect_ratio="9:16") for number in range(3)]
    frame = shot("A door.", aspect_ratio="9:16", first_frame_image="https://example.com/door.png")
    plain_frame = {name: value for name, value in frame.items() if name != "aspect_ratio"}
    assert compile_text(import_text(*wide, frame, plain_frame)) == [*wide, frame, plain_frame]


@pytest.mark.parametrize(
    "prompts",
    [
        ("Rain falls. The end is near.", "Rain falls. The end is near."),  # one prompt twice says nothing about a look
        ("Rain. So it ends.", "Snow! And so it ends."),  # not the same sentence
        ("Rain. Fade out.", "Snow. Fade out."),  # two words may be chance
        (
            "Rain. <sfx>thunder over the sea</sfx>.",
            "Snow. <sfx>thunder over the sea</sfx>.",
        ),  # a sound belongs to its shot
        ("Warm light on the film.", "Rain. Warm light on the film."),  # nothing is left of the first
    ],
)
def test_a_look_is_taken_only_where_it_is_certain(prompts: tuple[str, str]) -> None:
    assert "look" not in import_text(*map(shot, prompts))


def test_shots_get_telling_names_that_differ() -> None:
    text = import_text(
        shot("The camera slowly shows a quiet harbour at dawn."),
        shot("A quiet harbour, dawn."),
        shot("雨夜，小雨推开茶馆的门。"),
        shot("4711 @image1!", mid_frame_images=[{"tag": "@image1", "image_url": "https://example.com/a.png"}]),
        shot("Previous"),
        shot("हिन्दी में बारिश"),
        shot("\u0301 ¼ e\u0301t\u00e9 2nd"),
    )
    names = [line.split()[1] for line in text.splitlines() if line.startswith("shot ")]
    assert names == [
        "quiet-harbour-dawn",
        "quiet-harbour-dawn-2",
        "雨夜",
        "shot-1",
        "previous-2",
        "हिन्दी-में-बारिश",
        "été",
    ]


# --- files ----------------------------------------------------------------------------------------------------------


def test_lines_of_a_jsonl_file_and_clips_that_were_compiled() -> None:
    clip = {
        "variant": "city=Tokyo",
        "shot": "den.talk",
        "take": 1,
        "mode": "T2V",
        "key": "k",
        "needs": [],
        "request": shot("Talk."),
    }
    text = "\n".join(["", json.dumps(clip), "  ", json.dumps(shot("Rain."))]) + "\n"
    imported = import_requests(SourceFile("clips.JSONL", text))
    assert [line for line in imported.text.splitlines() if line.startswith("shot")] == [
        "shot city-Tokyo-den-talk {",
        "shot rain {",
    ]


def refusals(text: str, path: str = "requests.json") -> list[str]:
    imported = import_requests(SourceFile(path, text))
    assert imported.text == ""
    return list(map(str, imported.refusals))


def test_a_request_that_the_api_would_refuse_is_refused_with_its_place() -> None:
    found = refusals(json.dumps([shot("Rain."), shot("Rain.", duration=99), {"prompt": "Snow."}, 5]))
    assert [line.split(":")[0] for line in found] == ["request 2, /duration", "request 3, /model", "request 4"]
    assert "[duration-range]" in found[0]


@pytest.mark.parametrize("text", ["", "  \n", "[]"])
def test_a_file_without_a_request_is_refused(text: str) -> None:
    assert refusals(text) == ["requests.json: there is no request in it; write one JSON object, or one on each line"]


@pytest.mark.parametrize("text", ["{", "NaN", '{"prompt": Infinity}', "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    (found,) = refusals(text)
    assert found.startswith("requests.json: this is no JSON: ")


def test_half_a_character_is_refused() -> None:
    (found,) = refusals('{"model": "skyreels-v4-fast", "prompt": "half \\ud83d"}')
    assert found.startswith("requests.json, /prompt: the prompt holds half a character")


def test_a_name_that_stands_twice_is_refused() -> None:
    (found,) = refusals('{"model": "skyreels-v4-fast", "prompt": "x", "prompt": "y"}')
    assert found.startswith("requests.json: this is no JSON: `prompt` stands twice in one object")


def test_addresses_that_only_a_run_can_fill_in_are_refused() -> None:
    (found,) = refusals(json.dumps(shot("Rain.", first_frame_image="skyflow:upload/00.png")))
    assert found.startswith("requests.json, /first_frame_image: ")
