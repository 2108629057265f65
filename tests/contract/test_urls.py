"""What counts as a URL, which extension it has, and what `skyflow:` URLs may stand for."""

from __future__ import annotations

import pytest

from skyflow.contract import check_url, url_extension

PICTURE, CLIP, SOUND = "picture", "clip", "sound"


@pytest.fixture
def said(ids):
    """The ids about one URL, as a picture, a clip or a sound."""

    def of(url, kind=PICTURE, **options):
        request = {"model": "skyreels-v4-fast", "prompt": "@a moves."}
        if kind == CLIP:
            request["ref_videos"] = [{"tag": "@a", "type": "reference", "video_url": url}]
        elif kind == SOUND:
            picture = {"tag": "@a", "type": "image", "image_urls": ["https://example.com/a.png"], "audio_url": url}
            request["ref_images"] = [picture]
        else:
            request["mid_frame_images"] = [{"tag": "@a", "image_url": url}]
        return ids(request, **options)

    return of


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://example.com/a",
        "HTTPS://EXAMPLE.COM/A.PNG",
        "https://user:secret@example.com:8443/a.png",
        "http://localhost:8000/files/a.png",
        "http://127.0.0.1/a.png",
        "http://[::1]:8000/a.png",
        "https://example.com:/a.png",
        "https://例え.jp/絵.png",
        "https://example.com/a%20b.png?sig=a.b/c#x.webp",
        "https://example.com?file=a.webp",
        "https://example.com/a.webp/",
        "https://example.com/v1.2/picture",
        "https://example.com/.webp",
        "https://example.com/a.",
        "https://example.com/a.jpeg",
        "https://example.com/a.b.GIF",
        "https://example.com/a.Bmp#a.webp",
    ],
)
def test_good_pictures(url, said):
    assert said(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "picture.png",
        "/srv/picture.png",
        "//example.com/a.png",
        "ftp://example.com/a.png",
        "file:///a.png",
        "data:image/png;base64,AAAA",
        "https:/example.com/a.png",
        "https:example.com/a.png",
        "https://",
        "https:///a.png",
        "https://?a.png",
        "https://#a",
        "https://.../a.png",
        "https://user@/a.png",
        "https://:80/a.png",
        "https://example.com:port/a.png",
        "https://example.com:65536/a.png",
        "https://{{ host }}/a.png",
        "https://{host}/a.png",
        "https://[::1/a.png",
        "https://example.com/a b.png",
        "https://example.com/a.png ",
        "\thttps://example.com/a.png",
        "https://example.com/a\n.png",
        "https://example.com/a\u3000b.png",
        "https://example.com/a\x00.png",
        "xhttps://example.com/a.png",
        "skyflow:upload/0a.png",
        5,
        True,
        [],
        {},
        ["https://example.com/a.png"],
    ],
)
@pytest.mark.parametrize("kind", [PICTURE, CLIP, SOUND])
def test_no_urls(url, kind, said):
    assert said(url, kind) == ["url-invalid"]


@pytest.mark.parametrize("name", ["a.webp", "a.tiff", "a.mp4", "a.svg", "a.b.WEBP", "a.png.heic"])
def test_formats_of_pictures(name, said):
    assert said(f"https://example.com/x/{name}?as=a.png") == ["image-format"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.mp4", []), ("a.MOV", []), ("a", []), ("a.mkv", ["video-format"]), ("a.gif", ["video-format"])],
)
def test_formats_of_clips(name, found, said):
    assert said(f"https://example.com/{name}", CLIP) == found


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        ("skyflow:upload/0a1b.jpg", (PICTURE, SOUND)),
        ("skyflow:upload/0a1b.webp", (PICTURE, SOUND)),
        ("skyflow:upload/0a1b.mov", (CLIP, SOUND)),
        ("skyflow:upload/0a1b.mp3", (SOUND,)),
        ("skyflow:upload/0a1b", (PICTURE, CLIP, SOUND)),
        ("skyflow:shot/0a1b/first_frame", (PICTURE, SOUND)),
        ("skyflow:shot/0a1b/last_frame", (PICTURE, SOUND)),
        ("skyflow:shot/0a1b/frame@2.0", (PICTURE, SOUND)),
        ("skyflow:shot/0a1b/clip", (CLIP, SOUND)),
    ],
)
def test_placeholders(url, kinds, said):
    format_of = {PICTURE: "image-format", CLIP: "video-format"}
    for kind in (PICTURE, CLIP, SOUND):
        assert said(url, kind, placeholders=True) == ([] if kind in kinds else [format_of[kind]])
        assert said(url, kind) == ["url-invalid"]


@pytest.mark.parametrize(
    "url",
    [
        "skyflow:",
        "skyflow:upload/",
        "skyflow:upload/a b.png",
        "skyflow:shot/k/end",
        "skyflow:shot/k/frame@x",
        "skyflow://upload/a.png",
    ],
)
def test_placeholders_that_stand_for_nothing(url, said):
    assert said(url, placeholders=True) == ["url-invalid"]


def test_a_very_long_url_is_judged_like_any_other(said):
    assert said("https://example.com/" + "a" * 100_000 + ".webp") == ["image-format"]
    assert said("https://example.com/" + "a." * 100_000 + "png") == []
    assert said("https://" + "@" * 100_000) == ["url-invalid"]


def test_extensions():
    assert url_extension("https://example.com/a/b.JPG?c=d.png#e.gif") == "jpg"
    assert url_extension("https://example.com/archive.tar.gz") == "gz"
    assert url_extension("https://example.com/a") == ""
    assert url_extension("https://example.com") == ""
    assert url_extension("a.png") == ""


def test_one_url_by_value():
    assert check_url("https://example.com/a.png", (), "picture") == ()
    (found,) = check_url("https://example.com/a.png", ("ref_videos", 0, "video_url"), "clip")
    assert (found.rule.id, found.pointer) == ("video-format", "/ref_videos/0/video_url")
