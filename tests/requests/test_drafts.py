"""Shots → requests: settings, prompt and look, frames, keyframes, extend, references, voices, and what is left out or warned about."""

from __future__ import annotations

from typing import Any

import pytest

PNG = "https://example.com/{}.png"
MP4 = "https://example.com/{}.mp4"
MIKA = f'image @Mika = "{PNG.format("mika")}"\n'


def request(project: Any, text: str, files: Any = None, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = project.clip(text, files, **options).request
    return found


# --- settings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("duration = 5s", {"duration": 5}),
        ("duration = 5", {"duration": 5}),
        ('duration = "5"', {"duration": 5}),
        ('duration = " 5s "', {"duration": 5}),
        ("duration = {{ 10 / 2 }}", {"duration": 5}),
        ("duration = {{ '5s' }}", {"duration": 5}),
        ("resolution = 720p", {"resolution": "720p"}),
        ('resolution = "720p"', {"resolution": "720p"}),
        ("aspect_ratio = 9:16", {"aspect_ratio": "9:16"}),
        ('aspect_ratio = "9:16"', {"aspect_ratio": "9:16"}),
        ("prompt_optimizer = false", {"prompt_optimizer": False}),
        ('prompt_optimizer = "true"', {"prompt_optimizer": True}),
        ("prompt_optimizer = {{ 1 == 2 }}", {"prompt_optimizer": False}),
        ('note = "@nobody <sfx>"', {}),
        ("duration = none", {}),
        ("look = none", {}),
        ("first_frame = none", {}),
    ],
)
def test_a_setting_is_read_as_its_kind(project: Any, written: str, sent: dict[str, Any]) -> None:
    assert request(project, f'shot a {{ prompt = "Rain."\n {written} }}') == {
        "model": "skyreels-v4-fast",
        "prompt": "Rain.",
        **sent,
    }


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("fast", "skyreels-v4-fast"),
        ("std", "skyreels-v4-std"),
        ("skyreels-v4-std", "skyreels-v4-std"),
        ('"std"', "skyreels-v4-std"),
    ],
)
def test_models(project: Any, written: str, sent: str) -> None:
    assert request(project, f'shot a {{ model = {written}\n prompt = "Rain." }}')["model"] == sent


@pytest.mark.parametrize(
    ("written", "said", "help"),
    [
        ("duration = long", "value-type", "lengths are in seconds: 5s"),
        ("duration = 5 sec", "value-type", "write 5s"),
        ("duration = 5min", "value-type", "lengths are in seconds: 5s"),
        ("duration = true", "value-type", "lengths are in seconds: 5s"),
        ("duration = [5]", "value-type", "lengths are in seconds: 5s"),
        ("duration = last_frame(a)", "value-type", "lengths are in seconds: 5s"),
        ("duration = 5.5s", "duration-type", "write a whole number from 3 to 15, or leave it out for 5 s"),
        ("duration = 5.0", "duration-type", "write a whole number from 3 to 15, or leave it out for 5 s"),
        ("duration = 2s", "duration-range", "write a whole number from 3 to 15, or leave it out for 5 s"),
        ("duration = -5s", "duration-range", "write a whole number from 3 to 15, or leave it out for 5 s"),
        ("duration = 0:05", "value-type", "write 5s"),
        ("duration = five", "value-type", "write 5s"),
        ("duration = 1:30", "value-type", "lengths are in seconds: 5s"),
        (
            "resolution = 4k",
            "resolution-unknown",
            "1080p is the largest that the model makes; enlarge the clip afterwards",
        ),
        ("resolution = 720", "resolution-unknown", "the resolution is `480p`, `720p` or `1080p`"),
        ("resolution = true", "value-type", "write 480p, 720p or 1080p"),
        (
            "aspect_ratio = 21:9",
            "aspect-ratio-unknown",
            "make 16:9 and crop it afterwards; the model makes no wider shape",
        ),
        ("aspect_ratio = 5:7", "aspect-ratio-unknown", "the aspect ratio is `16:9`, `4:3`, `1:1`, `9:16` or `3:4`"),
        ("aspect_ratio = 1.78", "value-type", "write 16:9, 4:3, 1:1, 9:16 or 3:4"),
        ("prompt_optimizer = no", "value-type", "write false"),
        ("prompt_optimizer = 1", "value-type", "write true"),
        ("prompt_optimizer = maybe", "value-type", "write true or false"),
        ("takes = 0", "value-type", "write a whole number from 1 to 100"),
        ("takes = 2.5", "value-type", "write a whole number from 1 to 100"),
        ("takes = many", "value-type", "write a whole number from 1 to 100"),
        ("takes = 101", "value-type", "write a whole number from 1 to 100"),
        ("look = last_frame(a)", "value-type", 'write text in quotes: look = "last_frame(a)"'),
    ],
)
def test_a_value_that_cannot_be_read_or_is_not_allowed(project: Any, written: str, said: str, help: str) -> None:
    found = project.only(f'shot a {{ prompt = "Rain."\n {written} }}')
    assert (found.rule.id, found.help) == (said, help)
    assert found.span.text == written.partition(" = ")[2]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("duration = 5 sec", "duration = 5s"),
        ("duration = 0:05", "duration = 5s"),
        ("duration = seven", "duration = 7s"),
        ('resolution = "1080P"', "resolution = 1080p"),
        ("resolution = FullHD", "resolution = 1080p"),
        ("aspect_ratio = 16x9", "aspect_ratio = 16:9"),
        ('aspect_ratio = "9-16"', "aspect_ratio = 9:16"),
        ("aspect_ratio = portrait", "aspect_ratio = 9:16"),
        ("model = Fast", "model = fast"),
        ("prompt_optimizer = yes", "prompt_optimizer = true"),
        ("first_frame = intro.last_frame", "first_frame = last_frame(intro)"),
        ("end_frame = last_frame(intro)", "last_frame = last_frame(intro)"),
    ],
)
def test_a_value_that_was_plainly_meant_is_put_there(project: Any, written: str, meant: str) -> None:
    text = 'defaults { model = fast }\nshot intro { prompt = "Snow." }\nshot a { prompt = "Rain."\n %s }\n'
    found = project.only(text % written)
    assert found.fix is not None
    assert found.fix.certain
    (edit,) = found.fix.edits
    old = edit.span.source.text
    assert old[: edit.span.start] + edit.text + old[edit.span.end :] == text % meant
    assert project.ids(text % meant) == []


VIDEO = 'defaults { model = fast }\nvideo @dance = "https://example.com/d.mp4"\n'


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (
            'shot a {\n  duration = 5s\n  prompt = "Like @dance."\n}\n',
            'shot a {\n  prompt = "Like @dance."\n}\n',
        ),
        (
            'shot a {\r\n  aspect_ratio = 9:16\r\n  prompt = "Rain. @dance"\r\n}\r\n',
            'shot a {\r\n  prompt = "Rain. @dance"\r\n}\r\n',
        ),
        (
            'shot a { duration = 5s  # five\n  prompt = "Like @dance." }\n',
            'shot a {   # five\n  prompt = "Like @dance." }\n',
        ),
        (
            'shot a {\n  keyframe @k = "https://example.com/k.png"\n  prompt = "Rain."\n}\n# @dance\n',
            'shot a {\n  keyframe @k = "https://example.com/k.png"\n  prompt = "Rain. @k"\n}\n# @dance\n',
        ),
    ],
)
def test_what_the_api_ignores_is_left_out_and_a_missing_mention_written(project: Any, text: str, mended: str) -> None:
    (found,) = [one for one in project.check(VIDEO + text) if one.rule.id != "name-unused"]
    assert found.fix.certain
    written = VIDEO + text
    for edit in found.fix.edits:
        written = written[: edit.span.start] + edit.text + written[edit.span.end :]
    assert written == VIDEO + mended


def test_where_an_expression_may_mention_something_else_leaving_out_is_a_guess(project: Any) -> None:
    text = 'var what = "Like @dance." | "A cat."\nshot a {\n  duration = 5s\n  prompt = "{{ what }}"\n}\n'
    assert project.only(VIDEO + text).fix.certain is False


def test_a_value_that_an_expression_makes_is_not_mended(project: Any) -> None:
    found = project.only('var shape = "16x9"\nshot a { prompt = "Rain."\n aspect_ratio = {{ shape }} }')
    assert (found.rule.id, found.fix) == ("aspect-ratio-unknown", None)


@pytest.mark.parametrize(
    ("model", "help"),
    [
        ("fats", "did you mean `fast`?"),
        ('"skyreels-v4-fats"', "did you mean `skyreels-v4-fast`?"),
        ("gpt", "write model = fast or model = std"),
        ("FAST", "did you mean `fast`?"),
    ],
)
def test_a_model_that_is_none(project: Any, model: str, help: str) -> None:
    found = project.only(f'shot a {{ model = {model}\n prompt = "Rain." }}')
    assert (found.rule.id, found.help) == ("model-unknown", help)


def test_a_shot_needs_a_model_and_a_prompt(project: Any) -> None:
    assert project.said('# model =\nshot a { prompt = "Rain." }\nshot b { model = fast\n}') == [
        "model-required at 2:6: a",
        "prompt-required at 3:6: b",
    ]
    assert project.said('shot a { prompt = "  " }') == ['prompt-required at 1:19: "  "']


def test_the_fields_stand_in_the_order_of_the_contract(project: Any) -> None:
    text = f"""{MIKA}
      shot a {{
        prompt_optimizer = true
        aspect_ratio = 1:1
        resolution = 480p
        duration = 5s
        prompt = "@Mika"
      }}
    """
    assert list(request(project, text)) == [
        "model",
        "prompt",
        "duration",
        "resolution",
        "aspect_ratio",
        "prompt_optimizer",
        "ref_images",
    ]


# --- prompt and look ----------------------------------------------------------------------------------------------------


def test_the_look_stands_behind_the_prompt_after_a_space(project: Any) -> None:
    text = 'defaults {\n model = fast\n look = "Far."\n}\nshot a { prompt = "Rain." }\nshot b { look = "Near."\n prompt = "Rain." }'
    assert project.prompts(text) == ["Rain. Far.", "Rain. Near."]


def test_a_blank_look_is_none(project: Any) -> None:
    assert project.prompt('var x = ""\nshot a { look = "{{ x }} "\n prompt = "Rain." }') == "Rain."


def test_a_look_alone_is_no_prompt(project: Any) -> None:
    assert project.ids('shot a { look = "Grain." }') == ["prompt-required"]


def test_mentions_of_the_look_bind(project: Any) -> None:
    text = MIKA + 'defaults {\n model = fast\n look = "As @Mika would."\n}\nshot a { prompt = "Rain." }'
    assert [element["tag"] for element in request(project, text)["ref_images"]] == ["@Mika"]


def test_what_an_expression_gives_is_written_as_text(project: Any) -> None:
    text = "shot a { prompt = {{ 4 + 1 }} }\nshot b { prompt = {{ 1 == 1 }} }\nshot c { prompt = {{ 3 / 2 }} }"
    assert project.prompts(text) == ["5", "true", "1.5"]


@pytest.mark.parametrize("value", ["5", "Rain", "true", "16:9", "@Mika"])
def test_a_prompt_stands_in_quotes(project: Any, value: str) -> None:
    found = project.only(f"shot a {{ prompt = {value} }}")
    assert (found.rule.id, found.span.text) == ("value-type", value)
    assert found.help == f'write text in quotes: prompt = "{value}"'


def test_sound_cues_are_plain_text(project: Any) -> None:
    prompt = (
        'A <dialogue>Hi & \\"bye\\"</dialogue> <sfx>x</sfx><bgm>y</bgm> <voice_ref>z</voice_ref> <b>bold</b> 3 < 4 > 2'
    )
    assert project.ids(f'shot a {{ prompt = "{prompt}" }}') == []
    assert project.prompt(f'shot a {{ prompt = "{prompt}" }}') == prompt.replace("\\", "")


@pytest.mark.parametrize(
    ("prompt", "said", "help"),
    [
        ("<dialogue>Hi", "<dialogue>", "write `</dialogue>` where the sound ends"),
        ("Hi</sfx> x", "</sfx>", "write `<sfx>` where the sound begins"),
        ("<dialoge>Hi</dialogue>", "<dialoge>", "did you mean `<dialogue>`?"),
        ("<dialogue>Hi</dialouge>", "</dialouge>", "did you mean `</dialogue>`?"),
        ("<bgm><sfx>Hi</bgm>", "<sfx>", "write `</sfx>` where the sound ends"),
        ("<voice-ref>x</voice_ref>", "<voice-ref>", "did you mean `<voice_ref>`?"),
        ("<dialog>Hi</dialog>", "<dialog>", "did you mean `<dialogue>`?"),
        ("<music>sad</music>", "<music>", "did you mean `<bgm>`?"),
        ("<Song>sad</Song>", "<Song>", "did you mean `<bgm>`?"),
        ("<sound effect>rain</sound effect>", "<sound effect>", "did you mean `<sfx>`?"),
        ("<fx>rain</fx>", "<fx>", "did you mean `<sfx>`?"),
        ("<voice>Hi</voice>", "<voice>", "did you mean `<dialogue>`?"),
        ("<speech>Hi</dialogue>", "<speech>", "did you mean `<dialogue>`?"),
        ("<bgm>sad piano<bgm>", "<bgm>", "write `</bgm>` where the sound ends"),
        ("<sfx>a <sfx>b</sfx>", "<sfx>", "write `</sfx>` where the sound ends"),
    ],
)
def test_a_cue_that_is_broken_warns(project: Any, prompt: str, said: str, help: str) -> None:
    found = project.only(f'shot a {{ prompt = "{prompt}" }}')
    assert (found.rule.id, found.severity, found.span.text, found.help) == ("cue-unbalanced", "warning", said, help)


@pytest.mark.parametrize(
    ("prompt", "mended", "certain"),
    [
        ("<dialog>Hi</dialog> there", "<dialogue>Hi</dialogue> there", True),
        ("<bgm>sad piano<bgm> Rain.", "<bgm>sad piano</bgm> Rain.", False),
        ("<sfx>a</SFX>", "<sfx>a</sfx>", True),
        ("<music>sad</music>", "<bgm>sad</bgm>", False),
    ],
)
def test_a_broken_cue_is_mended(project: Any, prompt: str, mended: str, certain: bool) -> None:
    text = 'defaults { model = fast }\nshot a { prompt = "%s" }\n'
    fix = project.only(text % prompt).fix
    written = text % prompt
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        written = written[: edit.span.start] + edit.text + written[edit.span.end :]
    assert (written, fix.certain) == (text % mended, certain)


def test_a_broken_cue_that_an_expression_makes_is_not_mended(project: Any) -> None:
    found = project.only('var line = "<dialog>Hi</dialog>"\nshot a { prompt = "{{ line }}" }')
    assert (found.rule.id, found.fix) == ("cue-unbalanced", None)


def test_a_broken_cue_of_a_cell_names_the_cell(project: Any) -> None:
    found = project.only(
        'shot a for p from "t.csv" { prompt = "{{ p.line }}" }', {"t.csv": "line\n<sfx>x</sfx>\n<sfx>y\n"}
    )
    assert (found.rule.id, [related.label for related in found.related]) == ("cue-unbalanced", ["row 2, column `line`"])


# --- mentions -----------------------------------------------------------------------------------------------------------


def tags(project: Any, prompt: str, declared: str) -> list[str]:
    """The tags that a prompt binds, of images declared by these tags."""
    assets = "".join(f'image {tag} = "{PNG.format("x")}"\n' for tag in declared.split())
    found = project.open(assets + f'shot a {{ prompt = "{prompt}" }}')
    (clip,) = found.clips()
    return [element["tag"] for element in clip.request.get("ref_images", ())]


@pytest.mark.parametrize(
    ("prompt", "declared", "bound"),
    [
        ("@image1走过", "@image1", ["@image1"]),
        ("@image1's hat", "@image1", ["@image1"]),
        ("@image1- and", "@image1", ["@image1"]),
        ("@image1。", "@image1", ["@image1"]),
        ("a@image1 x @image1", "@image1", ["@image1"]),
        ("看@image1和@小美走进", "@image1 @小美", ["@image1", "@小美"]),
        ("@小美丽 @小美", "@小美 @小美丽", ["@小美丽", "@小美"]),
        ("@a-b @a", "@a @a-b", ["@a-b", "@a"]),
        ("@b then @a then @b", "@a @b", ["@b", "@a"]),
        ("é@a", "@a", ["@a"]),
        ("@@@a", "@a", ["@a"]),
        ("@@a @a", "@a", ["@a"]),
        ("mail a@b.com @a", "@a @b", ["@a"]),
    ],
)
def test_whole_tags_bind_in_the_order_of_first_mention(
    project: Any, prompt: str, declared: str, bound: list[str]
) -> None:
    assert tags(project, prompt, declared) == bound


@pytest.mark.parametrize(
    ("prompt", "unknown", "help"),
    [
        ("@Mikka walks", "@Mikka", "did you mean `@Mika`?"),
        ("@mika walks", "@mika", "did you mean `@Mika`?"),
        ("@Mika2 walks", "@Mika2", "did you mean `@Mika`?"),
        ("@Mika-b walks", "@Mika-b", "did you mean `@Mika`?"),
        ("@小梅走进", "@小梅走进", "did you mean `@小美`?"),
        ("@storm rages", "@storm", 'declare it: image @storm = "picture.jpg"; a plain @ is written @@'),
        ("@door opens", "@door", "it is declared in scene den; move the declaration up to use it here too"),
        ("@Tomas speaks", "@Tomas", 'it has a voice, but no picture; declare one: image @Tomas = "picture.jpg"'),
    ],
)
def test_an_unknown_tag_is_told_what_may_be_meant(project: Any, prompt: str, unknown: str, help: str) -> None:
    text = MIKA + (
        f'image @小美 = "{PNG.format("x")}"\nvoice @Tomas = "https://example.com/t.mp3"\n'
        f'scene den {{ image @door = "{PNG.format("d")}"\n shot x {{ prompt = "@door" }} }}\n'
        f'shot a {{ prompt = "{prompt}" }}\n'
    )
    found = project.only(text)
    assert (found.rule.id, found.span.text, found.help) == ("tag-unknown", unknown, help)


@pytest.mark.parametrize(
    ("prompt", "edit", "certain"),
    [
        ("@mika walks", "@Mika", True),
        ("@Mica walks", "@Mika", False),
        ("@小梅走进", "@小美", False),
        ("@baest lands on @beast", "@beast", False),
    ],
)
def test_only_capitals_are_mended_without_asking(project: Any, prompt: str, edit: str, certain: bool) -> None:
    text = MIKA + f'image @小美 = "{PNG.format("x")}"\nshot u {{ prompt = "@小美 @Mika" }}\n'
    fix = project.only(text + f'shot a {{ keyframe @beast = "{PNG.format("b")}"\n prompt = "{prompt} @beast" }}').fix
    assert fix is not None
    assert ([one.text for one in fix.edits], fix.certain) == ([edit], certain)


def test_a_tag_of_other_characters_that_looks_the_same(project: Any) -> None:
    text = (
        f'image @Café = "{PNG.format("x")}"\nshot u {{ prompt = "@Café" }}\nshot a {{ prompt = "@Cafe\u0301 opens." }}'
    )
    assert (
        project.only(text).help
        == "it looks like @Café, but its accents are spelt with other characters; copy the tag from its declaration"
    )


def test_one_unknown_tag_is_told_once_a_shot(project: Any) -> None:
    text = 'shot a { prompt = "@x @x @y" }\nshot b { prompt = "@x" }'
    assert project.said(text) == ["tag-unknown at 1:20: @x", "tag-unknown at 1:26: @y", "tag-unknown at 2:20: @x"]


def test_a_doubled_at_is_a_plain_one_and_warns_about_nothing(project: Any) -> None:
    text = 'var x = "@neon"\nshot a { prompt = "@@Mika, {{ x | plain }}, @@@@, a@@b.com" }'
    assert project.ids(text) == []
    assert project.prompt(text) == "@Mika, @neon, @@, a@b.com"


def test_a_mention_may_come_from_a_variable(project: Any) -> None:
    text = MIKA + 'var who = "@Mika"\nshot a { prompt = "{{ who }} walks with {{ who }}." }'
    assert [element["tag"] for element in request(project, text)["ref_images"]] == ["@Mika"]


# --- references ---------------------------------------------------------------------------------------------------------


def test_references_of_all_kinds(project: Any) -> None:
    text = f"""
      image @Mika = "{PNG.format(1)}", "{PNG.format(2)}"
      voice @Mika = "https://example.com/m.mp3"
      image @Tomas = "{PNG.format(3)}"
      video @dance = "{MP4.format(1)}"
      grid @steps = "{PNG.format(4)}"
      shot a {{ prompt = "@Tomas and @Mika copy @dance." }}
      shot b {{ prompt = "As in @steps." }}
    """
    a, b = project.clips(text)
    assert a.request["ref_images"] == [
        {"tag": "@Tomas", "type": "image", "image_urls": [PNG.format(3)]},
        {
            "tag": "@Mika",
            "type": "image",
            "image_urls": [PNG.format(1), PNG.format(2)],
            "audio_url": "https://example.com/m.mp3",
        },
    ]
    assert a.request["ref_videos"] == [{"tag": "@dance", "type": "reference", "video_url": MP4.format(1)}]
    assert b.request["ref_images"] == [{"tag": "@steps", "type": "grid", "image_urls": [PNG.format(4)]}]
    assert (a.mode, b.mode) == ("Omni", "Omni")


@pytest.mark.parametrize(
    ("assets", "prompt", "said"),
    [
        ("".join(f'image @i{n} = "{PNG.format(n)}"\n' for n in range(4)), "@i0 @i1 @i2 @i3", ["ref-images-count"]),
        (f"image @i = {', '.join([chr(34) + PNG.format(1) + chr(34)] * 6)}\n", "@i", ["ref-image-urls-count"]),
        (f'grid @g = "{PNG.format(1)}"\ngrid @h = "{PNG.format(2)}"\n', "@g @h", ["grid-count"]),
        (f'grid @g = "{PNG.format(1)}", "{PNG.format(2)}"\n', "@g", ["grid-urls-count"]),
        (f'grid @g = "{PNG.format(1)}"\n{MIKA}', "@g @Mika", ["ref-images-mixed-types"]),
        (f'grid @g = "{PNG.format(1)}"\nvideo @v = "{MP4.format(1)}"\n', "@g @v", ["reference-with-grid"]),
        (f'video @v = "{MP4.format(1)}"\nvideo @w = "{MP4.format(2)}"\n', "@v @w", ["ref-videos-count"]),
        (f'video @v = "{MP4.format(1)}", "{MP4.format(2)}"\n', "@v", ["asset-kind"]),
        (f'grid @g = "{PNG.format(1)}"\nvoice @g = "https://example.com/v.mp3"\n', "@g", ["grid-audio"]),
        (f'{MIKA}voice @Mika = "https://example.com/1.mp3", "https://example.com/2.mp3"\n', "@Mika", ["asset-kind"]),
    ],
)
def test_what_one_shot_cannot_take(project: Any, assets: str, prompt: str, said: list[str]) -> None:
    assert project.ids(assets + f'shot a {{ prompt = "{prompt}" }}') == said


def test_a_voice_of_a_video_is_heard_nowhere(project: Any) -> None:
    text = f'video @v = "{MP4.format(1)}"\nvoice @v = "https://example.com/v.mp3"\nshot a {{ prompt = "@v" }}'
    assert project.said(text) == ["asset-kind at 2:7: @v"]


# --- frames -------------------------------------------------------------------------------------------------------------


def test_frames_from_sources_and_tags(project: Any) -> None:
    text = f"""
      image @door = "{PNG.format("door")}"
      var tag = "@door"
      shot a {{ first_frame = "{PNG.format("a")}"
        last_frame = @door
        prompt = "Rain." }}
      shot b {{ first_frame = {{{{ tag }}}}
        prompt = "Rain." }}
    """
    a, b = project.clips(text)
    assert (a.request["first_frame_image"], a.request["end_frame_image"]) == (PNG.format("a"), PNG.format("door"))
    assert b.request["first_frame_image"] == PNG.format("door")
    assert (a.mode, b.mode) == ("I2V", "I2V")


def test_a_folder_may_begin_with_an_at(project: Any, png: bytes) -> None:
    clip = project.clip('shot a { first_frame = "@2x/a.png"\n prompt = "Rain." }', {"@2x/a.png": png})
    assert list(clip.files.values()) == ["@2x/a.png"]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("@nobody", "tag-unknown"),
        ("@move", "asset-kind"),
        ("@steps", "asset-kind"),
        ("@two", "asset-kind"),
        ("street", "value-type"),
        ("5", "value-type"),
        ('["a.png"]', "value-type"),
        ("{{ ['a.png'] }}", "value-type"),
        ("{{ 5 }}", "value-type"),
        ('""', "value-type"),
        ('"  "', "value-type"),
        ('"no.png"', "file-missing"),
        ('"ftp://example.com/a.png"', "url-invalid"),
        ('"https://example.com/a.webp"', "image-format"),
        ('"skyflow:shot/0/last_frame"', "file-outside"),
        ('"skyflow:upload/../../a.png"', "file-outside"),
    ],
)
def test_a_frame_that_cannot_be(project: Any, frame: str, said: str) -> None:
    assets = f'video @move = "{MP4.format(1)}"\ngrid @steps = "{PNG.format(1)}"\nimage @two = "{PNG.format(1)}", "{PNG.format(2)}"\n'
    uses = 'shot u { prompt = "@move" }\nshot v { prompt = "@steps" }\nshot w { prompt = "@two" }\n'
    found = project.only(assets + uses + f'shot a {{ first_frame = {frame}\n prompt = "Rain." }}')
    assert (found.rule.id, found.span.text) == (said, frame)


def test_keyframes(project: Any) -> None:
    text = f"""
      image @throne = "{PNG.format("throne")}"
      var tag = "@throne"
      shot a {{
        duration = 8s
        keyframe @beast = "{PNG.format("beast")}" at 3s
        keyframe @throne
        keyframe @again = @throne at "5"
        keyframe @more = {{{{ tag }}}} at {{{{ 12 / 2 }}}}
        prompt = "@beast lands. @throne is empty. @again @more"
      }}
    """
    assert request(project, text)["mid_frame_images"] == [
        {"tag": "@beast", "image_url": PNG.format("beast"), "time_stamp": 3},
        {"tag": "@throne", "image_url": PNG.format("throne")},
        {"tag": "@again", "image_url": PNG.format("throne"), "time_stamp": 5},
        {"tag": "@more", "image_url": PNG.format("throne"), "time_stamp": 6},
    ]


@pytest.mark.parametrize(
    ("keyframe", "prompt", "said"),
    [
        ("keyframe @k = P at 5s", "@k", ["time-stamp-range at 1:49: 5s"]),
        ("keyframe @k = P at 0s", "@k", ["time-stamp-range at 1:49: 0s"]),
        ("keyframe @k = P at 1.5s", "@k", ["time-stamp-type at 1:49: 1.5s"]),
        ("keyframe @k = P at soon", "@k", ["value-type at 1:49: soon"]),
        ("keyframe @k = P at 3s", "none", ["tag-not-in-prompt at 1:19: @k"]),
        ("keyframe @k = P at 3s", "@k1", ["tag-not-in-prompt at 1:19: @k", "tag-unknown at 1:62: @k1"]),
        ("keyframe @k", "@k", ["tag-unknown at 1:19: @k"]),
        ("keyframe @k = P\n keyframe @k = P", "@k", ["tag-duplicate at 2:11: @k"]),
    ],
)
def test_a_keyframe_that_cannot_be(project: Any, keyframe: str, prompt: str, said: list[str]) -> None:
    written = keyframe.replace("P", '"https://e.com/k.png"')
    found = project.said(f'shot a {{ {written}\n prompt = "{prompt}" }}')
    if said[-1].startswith("tag-unknown at 1:62"):
        # the tag that the prompt misspells is the one mistake
        assert found == ["tag-unknown at 2:12: @k1"]
    else:
        assert found == said


def test_seven_keyframes_are_too_many(project: Any) -> None:
    frames = "\n".join(f'keyframe @k{n} = "{PNG.format(n)}"' for n in range(7))
    prompt = " ".join(f"@k{n}" for n in range(7))
    assert project.ids(f'shot a {{ {frames}\n prompt = "{prompt}" }}') == ["mid-frames-count"]


def test_a_mention_of_a_keyframe_is_no_reference(project: Any) -> None:
    text = (
        MIKA
        + f'shot a {{ keyframe @Mika\n prompt = "@Mika" }}\nshot b {{ keyframe @x = "{PNG.format("x")}"\n prompt = "@x" }}'
    )
    assert [list(clip.request) for clip in project.clips(text)] == [["model", "prompt", "mid_frame_images"]] * 2


def test_extend(project: Any) -> None:
    text = f"""
      video @walk = "{MP4.format("walk")}"
      shot a {{ extend @walk
        duration = 8s
        prompt = "@walk goes on." }}
      shot b {{ extend @more = "{MP4.format("more")}"
        prompt = "@more goes on." }}
    """
    a, b = project.clips(text)
    assert a.request["ref_videos"] == [{"tag": "@walk", "type": "extend", "video_url": MP4.format("walk")}]
    assert a.request["duration"] == 8
    assert b.request["ref_videos"] == [{"tag": "@more", "type": "extend", "video_url": MP4.format("more")}]


@pytest.mark.parametrize(
    ("extend", "prompt", "said"),
    [
        (f'extend @v = "{MP4.format(1)}"', "none", ["tag-not-in-prompt"]),
        (f'extend @v = "{MP4.format(1)}"', "@v @Mika", ["extend-with-ref-images"]),
        (f'extend @v = "{MP4.format(1)}"\nextend @w = "{MP4.format(2)}"', "@v @w", ["ref-videos-count"]),
        ("extend @v", "@v", ["tag-unknown"]),
        ("extend @Mika", "@Mika", ["asset-kind"]),
        ('extend @v = "https://example.com/a.png"', "@v", ["video-format"]),
        (f'extend @v = "{MP4.format(1)}"\nfirst_frame = "{PNG.format(1)}"', "@v", ["modes-exclusive"]),
    ],
)
def test_an_extend_that_cannot_be(project: Any, extend: str, prompt: str, said: list[str]) -> None:
    text = MIKA + f'shot u {{ prompt = "@Mika" }}\nshot a {{ {extend}\n prompt = "{prompt}" }}'
    assert project.ids(text) == said


# --- modes --------------------------------------------------------------------------------------------------------------


def test_an_actor_in_a_shot_with_frames_shows_both_places(project: Any) -> None:
    found = project.only(MIKA + f'shot a {{ first_frame = "{PNG.format(1)}"\n prompt = "@Mika waves." }}')
    assert (found.rule.id, found.span.text) == ("modes-exclusive", "@Mika")
    assert [related.span.text for related in found.related] == [f'"{PNG.format(1)}"']
    assert "`Mika` without the @" in found.help
    assert found.fix is not None
    assert [(edit.span.text, edit.text) for edit in found.fix.edits] == [("@Mika", "Mika")]


IGNORED = "defaults {\n model = fast\n aspect_ratio = 9:16\n duration = 6s\n}\n"


def test_an_inherited_setting_that_the_mode_ignores_is_left_out_silently(project: Any) -> None:
    text = (
        IGNORED
        + f"""
      video @v = "{MP4.format(1)}"
      {MIKA}
      shot plain {{ prompt = "Rain." }}
      shot frames {{ first_frame = "{PNG.format(1)}"
        prompt = "Rain." }}
      shot keys {{ keyframe @k = "{PNG.format(1)}"
        prompt = "@k" }}
      shot copies {{ prompt = "@v" }}
      shot goes-on {{ extend @v
        prompt = "@v" }}
      shot actor {{ prompt = "@Mika" }}
    """
    )
    assert project.ids(text) == []
    found = {c.shot: (c.request.get("aspect_ratio"), c.request.get("duration")) for c in project.clips(text)}
    assert found == {
        "plain": ("9:16", 6),
        "frames": (None, 6),
        "keys": (None, 6),
        "copies": (None, None),
        "goes-on": (None, 6),
        "actor": ("9:16", 6),
    }


@pytest.mark.parametrize(
    ("shot", "said", "sent"),
    [
        (f'first_frame = "{PNG.format(1)}"\n aspect_ratio = 1:1\n prompt = "Rain."', ["aspect-ratio-ignored"], {"aspect_ratio": "1:1"}),
        ('aspect_ratio = 1:1\n duration = 5s\n prompt = "@v"', ["aspect-ratio-ignored", "duration-overridden"], {"aspect_ratio": "1:1", "duration": 5}),
        ('extend @v\n aspect_ratio = 1:1\n duration = 5s\n prompt = "@v"', ["aspect-ratio-ignored"], {"aspect_ratio": "1:1", "duration": 5}),
    ],
)  # fmt: skip
def test_written_in_the_shot_it_is_sent_and_warned_about(
    project: Any, shot: str, said: list[str], sent: dict[str, Any]
) -> None:
    text = IGNORED + f'video @v = "{MP4.format(1)}"\nshot u {{ prompt = "@v" }}\nshot a {{ {shot} }}'
    assert project.ids(text) == said
    assert {**project.clips(text)[1].request, **sent} == project.clips(text)[1].request


# --- local files --------------------------------------------------------------------------------------------------------


def test_a_picture_of_another_shape_than_the_film_warns(project: Any, make_picture: Any) -> None:
    files = {"square.png": make_picture("PNG", 64, 64), "wide.png": make_picture("PNG", 161, 90)}
    text = 'defaults {\n model = fast\n aspect_ratio = 16:9\n}\nshot a { first_frame = "square.png"\n prompt = "1" }\nshot b { first_frame = "wide.png"\n prompt = "2" }\n'
    found = project.only(text, files)
    assert (found.rule.id, found.severity, found.span.text) == ("picture-ratio", "warning", '"square.png"')
    assert [related.span.text for related in found.related] == ["16:9"]
    last = text.replace("first_frame", "last_frame")
    assert project.ids(last, files) == []


def test_a_shape_of_the_shots_own_is_one_warning(project: Any, make_picture: Any) -> None:
    text = 'shot a { first_frame = "square.png"\n aspect_ratio = 16:9\n prompt = "1" }'
    assert project.ids(text, {"square.png": make_picture("PNG", 64, 64)}) == ["aspect-ratio-ignored"]


@pytest.mark.parametrize(
    ("format", "name", "sent"),
    [
        ("PNG", "a.png", "png"),
        ("JPEG", "a.jpeg", "jpg"),
        ("GIF", "a.gif", "gif"),
        ("WEBP", "a.webp", "png"),
        ("BMP", "a.bmp", "png"),
        ("JPEG", "a", "jpg"),
    ],
)
def test_local_pictures_stand_as_their_digest(
    project: Any, make_picture: Any, format: str, name: str, sent: str
) -> None:
    import hashlib

    content = make_picture(format, 64, 36)
    clip = project.clip(f'shot a {{ first_frame = "{name}"\n prompt = "1" }}', {name: content})
    url = f"skyflow:upload/{hashlib.sha256(content).hexdigest()}.{sent}"
    assert clip.request["first_frame_image"] == url
    assert clip.files == {url: name}


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"these are words", "a.png", "file-type"),
        (b"", "a.png", "file-type"),
        ("JPEG", "a.png", "file-type"),
        ("PNG", "a.mp4", "file-type"),
        ("TIFF", "a.tiff", "image-format"),
    ],
)
def test_the_content_must_be_what_the_name_says(
    project: Any, make_picture: Any, content: Any, name: str, said: str
) -> None:
    data = content if isinstance(content, bytes) else make_picture(content, 64, 36)
    found = project.only(f'shot a {{ first_frame = "{name}"\n prompt = "1" }}', {name: data})
    assert (found.rule.id, found.span.text) == (said, f'"{name}"')


def test_a_picture_where_a_clip_is_needed(project: Any, png: bytes) -> None:
    assert project.ids('video @v = "a.png"\nshot a { prompt = "@v" }', {"a.png": png}) == ["video-format"]
    assert project.ids(MIKA + 'voice @Mika = "a.png"\nshot a { prompt = "@Mika" }', {"a.png": png}) == ["asset-kind"]


@pytest.mark.parametrize(
    "path", ["../a.png", "/etc/passwd", "a/../../b.png", "C:\\\\a.png", "~/a.png", "file:///etc/passwd"]
)
def test_paths_stay_inside_the_project(project: Any, path: str) -> None:
    found = project.only(f'shot a {{ first_frame = "{path}"\n prompt = "1" }}')
    assert found.rule.id in ("file-outside", "url-invalid")


def test_a_link_out_of_the_project(project: Any, png: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.png"
    outside.write_bytes(png)
    (project.folder / "a.png").symlink_to(outside)
    assert project.ids('shot a { first_frame = "a.png"\n prompt = "1" }') == ["file-outside"]


def test_a_link_inside_the_project_is_the_file(project: Any, png: bytes) -> None:
    project.write({"real/a.png": png})
    (project.folder / "a.png").symlink_to(project.folder / "real" / "a.png")
    assert project.ids('shot a { first_frame = "a.png"\n prompt = "1" }') == []


def test_a_folder_or_a_loop_of_links_is_no_picture(project: Any) -> None:
    (project.folder / "folder.png").mkdir()
    (project.folder / "loop.png").symlink_to(project.folder / "loop.png")
    text = 'shot a { first_frame = "folder.png"\n prompt = "1" }\nshot b { first_frame = "loop.png"\n prompt = "2" }'
    assert project.ids(text) == ["file-missing", "file-missing"]


def test_a_missing_file_is_told_once_with_the_nearest(project: Any, png: bytes) -> None:
    text = 'image @Mika = "cast/mika.pgn"\nshot a { prompt = "@Mika 1" }\nshot b { prompt = "@Mika 2" }'
    found = project.only(text, {"cast/mika.png": png})
    assert (found.rule.id, found.span.text, found.help) == (
        "file-missing",
        '"cast/mika.pgn"',
        "did you mean `cast/mika.png`?",
    )


@pytest.mark.parametrize("live", [False, True])
def test_local_sounds_and_clips_cannot_be_uploaded(
    project: Any, live: bool, clip_file: bytes, sound_file: bytes
) -> None:
    text = MIKA + 'voice @Mika = "m.wav"\nvideo @v = "v.mp4"\nshot a { prompt = "@Mika like @v" }'
    found = project.ids(text, {"m.wav": sound_file, "v.mp4": clip_file}, live=live)
    assert [said for said in found if said != "reference-truncated"] == (["upload-impossible"] * 2 if live else [])


# --- follow-ups ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # what failed is not missing
        ('shot a { prompt = "{{ 1 // 0 }}" }', ["template-error"]),
        ('shot a { keyframe @k = "no.png"\n prompt = "x" }', ["file-missing"]),
        ('shot a { keyframe @k = "https://e.com/k.png"\n prompt = "@kk" }', ["tag-unknown"]),
        ('shot a { duration = long\n keyframe @k = "https://e.com/k.png" at 9s\n prompt = "@k" }', ["value-type"]),
        ('shot a { first_frame = "no.png"\n aspect_ratio = 1:1\n prompt = "x" }', ["file-missing"]),
        # what does not follow is told too
        ('shot a { keyframe @k = "no.png"\n keyframe @l = "https://e.com/k.png" at 99s\n prompt = "@k @l" }', ["file-missing", "time-stamp-range"]),
        ('shot a { duration = 99s\n resolution = 1p\n takes = 0\n prompt = "x {{ y }}" }', ["duration-range", "resolution-unknown", "value-type", "name-unknown"]),
        # a name that is unknown is not told again when it is computed
        ('var x = "a"\nshot a { prompt = "{{ x.y }} {{ x.y ~ 1 }}" }', ["name-unknown", "name-unknown"]),
        ('var x = "a"\nvar y = {{ x.z }}\nshot a { when = {{ y }}\n prompt = "{{ y }}" }', ["name-unknown"]),
        # an asset that cannot be had is told once
        ('image @a = "no.png"\nshot a { prompt = "@a" }\nshot b { first_frame = @a\n prompt = "b" }', ["file-missing"]),
        ('image @a = {{ 1 // 0 }}\nshot a { prompt = "@a" }', ["template-error"]),
    ],
)  # fmt: skip
def test_one_mistake_is_one_diagnostic(project: Any, text: str, said: list[str]) -> None:
    assert project.ids(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('image = "x.png"\nshot a { prompt = "@Mika"\n note = "{{ y }}"\n duration = 99s }', ["syntax", "tag-unknown", "name-unknown", "duration-range"]),
        ('image @Mika = = = "x.png"\nshot a { prompt = "@Mika"\n duration = 99s }', ["syntax", "duration-range"]),
        ('var x = = "a"\nshot a { prompt = "{{ x }}"\n duration = 99s }', ["syntax", "duration-range"]),
        ('# model =\ndefaults { model = = fast }\nshot a { prompt = "x"\n duration = 99s }', ["syntax", "duration-range"]),
        ('shot a { prompt = = "x"\n duration = 99s }', ["syntax", "duration-range"]),
        ('shot a { duration = = 9s\n keyframe @k = "https://e.com/k.png" at 8s\n prompt = "@k" }', ["syntax"]),
        ('shot a { prompt = = "@k"\n keyframe @k = "https://e.com/k.png" at 3s }', ["syntax"]),
        ('shot a { prompt = "x" }\nshot b = { prompt = "y" }\nshot c { first_frame = last_frame(b)\n prompt = "z" }', ["syntax"]),
    ],
)  # fmt: skip
def test_what_a_syntax_error_dropped_is_not_missed(project: Any, text: str, said: list[str]) -> None:
    assert sorted(project.ids(text)) == sorted(said)
