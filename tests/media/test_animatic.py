"""How an animatic is laid out: captions, keyframes, grids, cards, sound. Whole clips are tested with the sandbox."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from skyflow.media import check_playable, save_frame
from skyflow.media.animatic.caption import set_caption
from skyflow.media.animatic.fonts import FontSet
from skyflow.media.animatic.grid import find_cells
from skyflow.media.animatic.labels import time_code
from skyflow.media.animatic.layout import lay_out
from skyflow.media.animatic.palette import palette_for, tag_colours
from skyflow.media.animatic.rendering import Animatic, render_animatic
from skyflow.media.animatic.sound import SAMPLE_RATE, sound_frames
from skyflow.media.animatic.spec import AnimaticSpec, Keyframe, Mark, Picture, Reference, SourceClip, frame_size
from skyflow.media.animatic.stages import KeyframeStage, stage_for
from skyflow.media.animatic.workshop import Workshop

LONG = "The camera glides over a rooftop market at dawn while vendors raise their awnings one after another. "


def shop_of(spec: AnimaticSpec) -> Workshop:
    return Workshop(spec, FontSet(search_system=False), palette_for(spec.prompt, spec.seed), tag_colours(spec.tags))


def caption_of(spec: AnimaticSpec, *, is_card: bool) -> list[list[str]]:
    caption = set_caption(spec, FontSet(search_system=False), tag_colours(spec.tags), is_card=is_card)
    return [["".join(run.text for run in line.runs) for line in page] for page in caption.pages]


@pytest.mark.parametrize(
    ("ratio", "short", "size"),
    [
        (16 / 9, 360, (640, 360)),
        (9 / 16, 360, (360, 640)),
        (1, 1080, (1080, 1080)),
        (1.777, 1080, (1920, 1080)),
        (100, 360, (1080, 360)),
        (0.001, 360, (360, 1080)),
    ],
)
def test_frames_have_even_sides_and_a_ratio_that_can_be_watched(
    ratio: float, short: int, size: tuple[int, int]
) -> None:
    assert frame_size(ratio, short) == size


def test_a_short_prompt_is_one_large_page_and_a_long_one_several() -> None:
    short = AnimaticSpec("A forest at dawn.", "T2V", 5, 640, 360)
    long = AnimaticSpec(LONG * 8, "T2V", 10, 640, 360)

    assert caption_of(short, is_card=True) == [["A forest at dawn."]]
    pages = caption_of(long, is_card=True)
    assert len(pages) > 1
    assert " ".join(line for page in pages for line in page) == (LONG * 8).strip()


def test_a_prompt_that_no_setting_holds_ends_with_an_ellipsis() -> None:
    pages = caption_of(AnimaticSpec(LONG * 60, "I2V", 3, 640, 360), is_card=False)

    assert pages[-1][-1].endswith("…")


def test_the_caption_leaves_most_of_the_picture_free(tmp_path: Path) -> None:
    keyframes = (Keyframe(Picture(None, "a"), 0.0, "first frame"),)
    for size in ((640, 360), (360, 640), (360, 360)):
        layout = lay_out(shop_of(AnimaticSpec(LONG * 3, "I2V", 5, *size, keyframes=keyframes)))
        left, top, right, bottom = layout.room
        assert (right - left) * (bottom - top) > 0.4 * size[0] * size[1]


def test_tags_are_marked_in_their_own_colours() -> None:
    references = (Reference("@Mika", ()), Reference("@Ken", ()))
    marks = (Mark(0, 5, "tag", "@Mika"), Mark(12, 16, "tag", "@Ken"))
    spec = AnimaticSpec("@Mika meets @Ken.", "Omni", 5, 640, 360, marks=marks, references=references)
    colours = tag_colours(spec.tags)
    [[line]] = set_caption(spec, FontSet(), colours, is_card=False).pages

    assert {run.text: run.style.colour for run in line.runs if run.text.startswith("@")} == {
        "@Mika": colours["@Mika"],
        "@Ken": colours["@Ken"],
    }
    assert colours["@Mika"] != colours["@Ken"]


def test_the_time_code_counts_frames() -> None:
    assert [time_code(frame) for frame in (0, 23, 24, 24 * 61 + 5)] == ["00:00:00", "00:00:23", "00:01:00", "01:01:05"]


@pytest.mark.parametrize(("columns", "rows"), [(2, 2), (3, 2), (3, 3), (1, 3), (4, 1), (2, 1), (5, 5)])
@pytest.mark.parametrize("gutter", [0, 6])
def test_the_cells_of_a_collage_are_found(columns: int, rows: int, gutter: int) -> None:
    collage = Image.new("RGB", (columns * 160, rows * 120), "white")
    for index in range(columns * rows):
        cell = Image.new(
            "RGB", (160 - gutter, 120 - gutter), ((index * 97) % 256, (index * 53 + 40) % 256, (index * 151) % 200)
        )
        ImageDraw.Draw(cell).ellipse((30, 20, 120, 100), fill=((index * 31 + 90) % 256, 120, 200))
        collage.paste(cell, (index % columns * 160 + gutter // 2, index // columns * 120 + gutter // 2))

    assert len(find_cells(collage)) == columns * rows


@pytest.mark.parametrize(("size", "cells"), [((400, 400), 4), ((1200, 300), 4), ((300, 900), 3)])
def test_a_collage_without_edges_is_divided_by_its_ratio(size: tuple[int, int], cells: int) -> None:
    assert len(find_cells(Image.radial_gradient("L").resize(size).convert("RGB"))) == cells


def test_keyframes_are_whole_at_their_times(picture, tmp_path: Path) -> None:
    red, blue = picture("red.png", colour="red"), picture("blue.png", colour="blue")
    keyframes = (Keyframe(Picture(red, "r"), 0, "first frame"), Keyframe(Picture(blue, "b"), 4, "end frame"))
    stage = KeyframeStage(shop_of(AnimaticSpec("x", "I2V", 4, 64, 36, keyframes=keyframes)))
    seen = {at: stage.picture(at).getpixel((32, 18)) for at in (0, 1, 2, 3, 4)}

    assert seen[0] == seen[1] == (255, 0, 0)
    assert seen[3] == seen[4] == (0, 0, 255)
    assert seen[2] == pytest.approx((128, 0, 128), abs=2)


def test_before_the_first_known_frame_its_picture_is_out_of_focus(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((640, 360)).point(lambda value: 255 * (value > 127)).save(tmp_path / "edge.png")
    keyframes = (Keyframe(Picture(tmp_path / "edge.png", "e"), 4, "end frame"),)
    stage = KeyframeStage(shop_of(AnimaticSpec("x", "I2V", 4, 640, 360, keyframes=keyframes)))

    def steepest(at: float) -> int:
        column = stage.picture(at).convert("L").resize((1, 360)).tobytes()
        return max(abs(one - other) for one, other in pairwise(column))

    assert steepest(0) < 40 < steepest(4)


def test_colours_follow_the_mood_that_a_prompt_names() -> None:
    def warmth(prompt: str) -> int:
        light = palette_for(prompt, 0).light
        return light[0] - light[2]

    assert warmth("A street at sunset.") > 60
    assert warmth("夜晚的街道") < -60
    assert palette_for("She crosses the street in slices.", 0) != palette_for("A forest of trees.", 0)
    assert palette_for("Something", 0) == palette_for("Something", 0)


def test_the_backdrop_moves_and_takes_differ() -> None:
    def frame(seed: int, at: float) -> bytes:
        shop = shop_of(AnimaticSpec("A forest.", "T2V", 5, 160, 90, seed=seed))
        return stage_for(shop, (0, 0, 160, 90)).picture(at).tobytes()

    assert frame(1, 0) == frame(1, 0) != frame(1, 3)
    assert frame(1, 0) != frame(2, 0)


def test_sound_is_exactly_as_long_as_the_picture_and_noted_where_it_cannot_be_read(sound, tmp_path: Path) -> None:
    notes: list[str] = []
    (tmp_path / "broken.mp3").write_bytes(b"ID3" + bytes(100))
    sources = [tmp_path / "broken.mp3", sound("a.wav", codec="pcm_s16le", seconds=0.5), tmp_path / "missing.wav"]
    frames = list(sound_frames(sources, 2.0, notes))

    assert sum(frame.samples for frame in frames) >= 2.0 * SAMPLE_RATE
    assert [frame.pts for frame in frames] == [index * 1024 for index in range(len(frames))]
    assert [note.split(" ")[2] for note in notes] == ["broken.mp3", "missing.wav"]


def test_what_cannot_be_drawn_is_noted_once(tmp_path: Path) -> None:
    private = "\U000f0000\U000f0001"  # private use: no font has them
    rendering = render_animatic(AnimaticSpec(f"{private} {private}", "T2V", 0.5, 64, 36), tmp_path / "a.mp4")

    [note] = rendering.notes
    assert note.startswith(f"some characters of the prompt are in no installed font ({private[0]} {private[1]});")


def test_a_rendering_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        render_animatic(AnimaticSpec("x", "T2V", 1, 64, 36), tmp_path / "a.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_shot_that_goes_on_from_subjects_does_not_begin_with_their_cards(picture, tmp_path: Path) -> None:
    """A card says who is in a shot; its last frame is not known."""
    portrait = Picture(picture("mika.png", (300, 300), colour=(210, 210, 210)), "mika")
    spec = AnimaticSpec("@Mika waits.", "Omni", 1, 320, 180, references=(Reference("@Mika", (portrait,)),))
    render_animatic(spec, tmp_path / "a.mp4")
    save_frame(tmp_path / "a.mp4", "last", tmp_path / "last.png")

    shown, passed_on = Animatic(shop_of(spec)).picture(23), Image.open(tmp_path / "last.png")
    assert shown.getpixel((160, 60))[0] > 190  # the card
    assert passed_on.getpixel((160, 60))[0] < 150  # its light, out of focus


def test_progress_ends_with_one(tmp_path: Path) -> None:
    told: list[float] = []
    rendering = render_animatic(AnimaticSpec("x", "T2V", 0.5, 64, 36), tmp_path / "a.mp4", progress=told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0
    assert (rendering.frames, rendering.seconds) == (12, 0.5)
    assert check_playable(tmp_path / "a.mp4") == 0.5


@pytest.mark.parametrize("size", [(64, 36), (36, 64), (360, 120), (120, 360)])
@pytest.mark.parametrize("kind", ["t2v", "frames", "subjects", "grid", "clip", "extend"])
def test_no_kind_of_request_breaks_in_any_shape(picture, clip, kind: str, size: tuple[int, int]) -> None:
    odd = Picture(picture("odd.png", (3, 400)), "odd")
    missing = Picture(None, "https://example.com/" + "x" * 300)
    subjects = tuple(
        Reference(f"@{'long' * 12}{n}", (odd, missing, odd, missing, odd)[: n + 2], True) for n in range(3)
    )
    footage = Picture(clip(seconds=0.3), "clip")
    options = {
        "t2v": {},
        "frames": {
            "keyframes": tuple(Keyframe(odd if n % 2 else missing, n * 0.05, f"@k{n}", f"@k{n}") for n in range(8))
        },
        "subjects": {"references": subjects},
        "grid": {"grid": Reference("@g", (odd,))},
        "clip": {"clip": SourceClip("@v", footage, "reference"), "references": subjects},
        "extend": {"clip": SourceClip("@v", footage, "extend")},
    }
    prompt = "@k1 Wörter 小美 " * 20
    spec = AnimaticSpec(
        prompt, "Omni", 0.5, *size, marks=(Mark(0, 3, "tag", "@k1"), Mark(1, 2, "cue")), **options[kind]
    )
    animatic = Animatic(shop_of(spec))
    frames = []
    for index in range(spec.frame_count):
        frames.append(animatic.picture(index))
        animatic.write_on(frames[-1], index)

    assert len(frames) == 12
    assert {(frame.size, frame.mode) for frame in frames} == {(size, "RGB")}
