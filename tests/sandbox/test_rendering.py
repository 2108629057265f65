"""What comes of an accepted task: a real clip, of the length and shape that the request says."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import av
import pytest
from PIL import Image

from skyflow.media import check_playable, save_frame
from skyflow.sandbox import rendering

MODEL = {"model": "skyreels-v4-fast"}


def facts(path: Path) -> dict[str, object]:
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        return {
            "size": (video.width, video.height),
            "rate": video.average_rate,
            "video": (video.codec_context.name, video.codec_context.pix_fmt),
            "audio": audio.codec_context.name,
            "frames": video.frames,
            "sound": float(audio.duration * audio.time_base),
        }


def colour_at(path: Path, at: object, place: tuple[float, float] = (0.5, 0.4)) -> tuple[int, int, int]:
    frame = path.with_suffix(".png")
    save_frame(path, at, frame)
    with Image.open(frame) as image:
        return image.convert("RGB").getpixel((int(image.width * place[0]), int(image.height * place[1])))


def loudness(path: Path) -> float:
    """Mean distance of the sound from silence."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=8000)
        samples = [
            sample
            for frame in container.decode(audio=0)
            for plain in resampler.resample(frame)
            for sample in memoryview(bytes(plain.planes[0])[: plain.samples * 2]).cast("h")
        ]
    return sum(abs(sample) for sample in samples) / len(samples)


def test_a_draft_is_h264_and_aac_at_24_frames_and_as_long_as_asked(studio, tmp_path: Path) -> None:
    path = studio.clip(studio.submit(MODEL | {"prompt": "A forest.", "duration": 3}), tmp_path / "a.mp4")

    assert facts(path) | {"sound": 3.0} == {
        "size": (640, 360),
        "rate": 24,
        "video": ("h264", "yuv420p"),
        "audio": "aac",
        "frames": 72,
        "sound": 3.0,
    }
    assert facts(path)["sound"] == pytest.approx(3.0, abs=0.05)
    assert check_playable(path) == pytest.approx(3.0)
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat"), "it must play while it loads"
    assert loudness(path) < 1


@pytest.mark.parametrize(
    ("ratio", "size"), [("4:3", (480, 360)), ("1:1", (360, 360)), ("9:16", (360, 640)), ("3:4", (360, 480))]
)
def test_the_shape_is_the_one_asked_for(studio, tmp_path: Path, ratio: str, size: tuple[int, int]) -> None:
    task_id = studio.submit(MODEL | {"prompt": "A forest.", "duration": 3, "aspect_ratio": ratio})

    assert facts(studio.clip(task_id, tmp_path / "a.mp4"))["size"] == size


def test_full_has_the_resolution_asked_for(start, tmp_path: Path) -> None:
    studio = start(render="full")
    task_id = studio.submit(MODEL | {"prompt": "A forest.", "duration": 3, "resolution": "480p"})

    assert facts(studio.clip(task_id, tmp_path / "a.mp4"))["size"] == (854, 480)


def test_frames_stand_at_their_times_and_their_picture_rules_the_shape(studio, picture, tmp_path: Path) -> None:
    request = MODEL | {
        "prompt": "From red over @mid to blue.",
        "duration": 4,
        "aspect_ratio": "16:9",
        "first_frame_image": studio.upload(picture("first.png", (300, 300), "red")),
        "mid_frame_images": [
            {"tag": "@mid", "image_url": studio.upload(picture("mid.png", (300, 300), "lime")), "time_stamp": 2}
        ],
        "end_frame_image": studio.upload(picture("end.png", (300, 300), "blue")),
    }
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    assert facts(path)["size"] == (360, 360)
    for at, colour in (("first", (255, 0, 0)), (2.0, (0, 255, 0)), ("last", (0, 0, 255))):
        assert colour_at(path, at) == pytest.approx(colour, abs=12)


def shown_frame(path: Path, at: float) -> Image.Image:
    """What a player shows at a time."""
    with av.open(str(path)) as container:
        return next(frame for frame in container.decode(video=0) if frame.time >= at).to_image()


def greenest(image: Image.Image) -> int:
    """The most green of any pixel: on a red picture, a trace of white text."""
    return image.getchannel("G").getextrema()[1]


def test_the_caption_is_on_all_frames_but_the_first_and_the_last(studio, picture, tmp_path: Path) -> None:
    """A client that cuts those out of the file must get clean pictures: other shots begin with them."""
    url = studio.upload(picture("red.png", (640, 360), "red"))
    request = MODEL | {"prompt": "W" * 40, "duration": 3, "first_frame_image": url}
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    assert greenest(shown_frame(path, 0)) < 20
    assert greenest(shown_frame(path, 1.5)) > 200
    assert greenest(shown_frame(path, 71 / 24 - 0.001)) < 20


def test_a_shot_that_goes_on_from_another_is_not_captioned_twice(studio, picture, tmp_path: Path) -> None:
    url = studio.upload(picture("red.png", (640, 360), "red"))
    request = MODEL | {"prompt": "W" * 40, "duration": 3, "first_frame_image": url}
    first = studio.finished(studio.submit(request))["result"]["videos"][0]["url"][0]
    save_frame(studio.clip(studio.submit(request), tmp_path / "a.mp4"), 1.5, tmp_path / "middle.png")
    video = {"tag": "@before", "type": "extend", "video_url": first}
    extended = MODEL | {"prompt": "@before", "duration": 4, "ref_videos": [video]}
    path = studio.clip(studio.submit(extended), tmp_path / "b.mp4")

    with Image.open(tmp_path / "middle.png") as image:
        assert greenest(image) < 20
    # The caption of forty letters stood where now, right of the short one, nothing does.
    assert greenest(shown_frame(path, 0.5).crop((320, 240, 640, 340))) < 20


def test_a_reference_clip_rules_length_and_shape_and_is_shown(studio, clip, tmp_path: Path) -> None:
    url = studio.local(clip(seconds=3.5, size=(90, 160), colour=(0, 120, 255)))
    request = MODEL | {
        "prompt": "She copies @move.",
        "duration": 12,
        "aspect_ratio": "1:1",
        "ref_videos": [{"tag": "@move", "type": "reference", "video_url": url}],
    }
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    assert facts(path) | {"sound": 0} == facts(path) | {"size": (360, 640), "frames": 84, "sound": 0}
    assert colour_at(path, 1.0) == pytest.approx((0, 120, 255), abs=12)


def test_an_extended_clip_keeps_the_asked_length(studio, clip, tmp_path: Path) -> None:
    url = studio.local(clip(seconds=2, colour=(200, 60, 0)))
    request = MODEL | {
        "prompt": "@before goes on.",
        "duration": 5,
        "ref_videos": [{"tag": "@before", "type": "extend", "video_url": url}],
    }
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    assert facts(path)["frames"] == 120
    for at in ("first", 0.8, 4.0, "last"):
        assert colour_at(path, at) == pytest.approx((200, 60, 0), abs=12)


def test_a_result_of_the_sandbox_can_be_extended(studio, tmp_path: Path) -> None:
    first = studio.finished(studio.submit(MODEL | {"prompt": "A forest.", "duration": 3, "aspect_ratio": "1:1"}))
    request = MODEL | {
        "prompt": "@before goes on.",
        "duration": 3,
        "ref_videos": [{"tag": "@before", "type": "extend", "video_url": first["result"]["videos"][0]["url"][0]}],
    }

    assert facts(studio.clip(studio.submit(request), tmp_path / "a.mp4"))["size"] == (360, 360)


def test_a_grid_is_walked_cell_by_cell(studio, tmp_path: Path) -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    collage = Image.new("RGB", (640, 360), "white")
    for index, colour in enumerate(colours):
        collage.paste(Image.new("RGB", (316, 176), colour), (2 + index % 2 * 320, 2 + index // 2 * 180))
    collage.save(tmp_path / "grid.png")
    request = MODEL | {
        "prompt": "Cook as in @steps.",
        "duration": 4,
        "ref_images": [{"tag": "@steps", "type": "grid", "image_urls": [studio.upload(tmp_path / "grid.png")]}],
    }
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    for index, colour in enumerate(colours):
        assert colour_at(path, index + 0.5) == pytest.approx(colour, abs=25)


def test_subjects_are_shown_as_cards(studio, picture, tmp_path: Path) -> None:
    urls = [studio.upload(picture(f"{name}.png", (300, 300), name)) for name in ("red", "blue")]
    request = MODEL | {
        "prompt": "@Mika meets @Ken.",
        "duration": 3,
        "ref_images": [
            {"tag": tag, "type": "image", "image_urls": [url]} for tag, url in zip(("@Mika", "@Ken"), urls, strict=True)
        ],
    }
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    shown = shown_frame(path, 1.5)
    assert shown.getpixel((192, 126)) == pytest.approx((255, 0, 0), abs=12)
    assert shown.getpixel((448, 126)) == pytest.approx((0, 0, 255), abs=12)
    # Who is in a shot is no picture of how it ends: a shot that goes on from it does not begin with cards.
    assert colour_at(path, "last", (0.7, 0.35))[2] < 40


def test_a_voice_is_heard_for_as_long_as_it_lasts(studio, picture, voice, tmp_path: Path) -> None:
    request = MODEL | {
        "prompt": "@Mika speaks.",
        "duration": 3,
        "ref_images": [
            {
                "tag": "@Mika",
                "type": "image",
                "image_urls": [studio.upload(picture())],
                "audio_url": studio.local(voice(seconds=1.5)),
            }
        ],
    }
    path = studio.clip(studio.submit(request), tmp_path / "a.mp4")

    assert facts(path)["sound"] == pytest.approx(3.0, abs=0.05)
    assert 0.3 * 24576 < loudness(path) < 0.7 * 24576


def test_takes_of_one_request_look_different(studio, tmp_path: Path) -> None:
    paths = [
        studio.clip(studio.submit(MODEL | {"prompt": "A forest.", "duration": 3}), tmp_path / f"{take}.mp4")
        for take in (1, 2)
    ]

    assert len({colour_at(path, 1.0, (0.9, 0.9)) for path in paths}) == 2


def test_what_cannot_be_fetched_becomes_a_placeholder(studio, tmp_path: Path) -> None:
    asked = [
        {"prompt": "Go.", "first_frame_image": "http://127.0.0.1:9/a.png", "aspect_ratio": "1:1"},
        {"prompt": "Go.", "first_frame_image": f"{studio.url}/uploads/{'0' * 32}.png"},
        {
            "prompt": "@a and @b.",
            "ref_images": [{"tag": "@a", "type": "image", "image_urls": ["https://example.com/a.png"]}],
            "ref_videos": [{"tag": "@b", "type": "reference", "video_url": "https://example.com/b.mp4"}],
        },
        {
            "prompt": "As @g.",
            "ref_images": [{"tag": "@g", "type": "grid", "image_urls": ["https://example.com/g.png"]}],
        },
    ]
    frames = [72, 72, 240, 72]
    for request, count in zip(asked, frames, strict=True):
        path = studio.clip(studio.submit(MODEL | {"duration": 3} | request), tmp_path / "a.mp4")
        assert facts(path)["frames"] == count


def test_damaged_media_become_placeholders_too(studio, picture, clip, tmp_path: Path) -> None:
    noise = tmp_path / "noise.png"
    Image.effect_noise((400, 300), 80).save(noise)
    url = studio.upload(noise)
    request = MODEL | {"prompt": "Go.", "duration": 3, "first_frame_image": url}
    taken = studio.settings.dir / "uploads" / url.rsplit("/", 1)[-1]
    taken.write_bytes(taken.read_bytes()[:2000])
    whole = clip("whole.mp4", seconds=3, size=(320, 180)).read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole[: len(whole) * 2 // 3] + bytes(range(256)) * 8)

    assert facts(studio.clip(studio.submit(request), tmp_path / "a.mp4"))["frames"] == 72
    answer = studio.http.post("/_sandbox/files", files={"file": ("broken.mp4", broken.read_bytes())})
    assert answer.status_code in (200, 422)
    with pytest.raises(AssertionError, match="the content of the file is not one of those that are taken"):
        studio.upload(taken)


def test_missing_glyphs_are_said_once(studio, caplog) -> None:
    for prompt in ("\U000f0000", "\U000f0001 and \U000f0002"):
        studio.finished(studio.submit(MODEL | {"prompt": prompt, "duration": 3}))

    assert [record.message for record in caplog.records if "in no installed font" in record.message][1:] == []


def test_many_tasks_are_rendered_in_turn(studio, tmp_path: Path) -> None:
    names = [studio.submit(MODEL | {"prompt": f"Forest {number}.", "duration": 3}) for number in range(5)]

    assert [studio.finished(name)["status"] for name in names] == ["completed"] * 5


@pytest.mark.parametrize(
    "first", ["import sys; sys.stdin.readline()", "import sys; sys.stdin.read()"], ids=["dies", "hangs"]
)
def test_a_render_process_that_is_lost_costs_its_task_only_the_media(
    start, tmp_path: Path, monkeypatch, first: str
) -> None:
    """Hostile media can do that to a decoder: the second attempt goes without them."""
    real, limits = rendering._start_process, rendering._LONGEST_RENDER

    async def start_process() -> asyncio.subprocess.Process:
        monkeypatch.setattr(rendering, "_start_process", real)
        monkeypatch.setitem(limits, "draft", 120.0)  # for the second attempt
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(sys.executable, "-c", first, stdin=pipe, stdout=pipe)

    monkeypatch.setitem(limits, "draft", 0.5)
    monkeypatch.setattr(rendering, "_start_process", start_process)
    studio = start(render="draft")
    task_id = studio.submit(MODEL | {"prompt": "A forest.", "duration": 3})

    assert facts(studio.clip(task_id, tmp_path / "a.mp4"))["frames"] == 72
