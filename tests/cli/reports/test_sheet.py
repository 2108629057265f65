"""`skyflow sheet`: what the page shows, that it needs nothing but itself, and that nothing of a storyboard becomes markup."""

from __future__ import annotations

import base64
import csv
import re
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

FILM = """\
storyboard "Night"
defaults { model = fast
  resolution = 480p }
image @Mika = "mika.png"
image @door = "https://example.com/door.png?a=1&b=2"
scene den {
  shot talk {
    takes = 2
    pick = 2
    note = "Softer."
    prompt = "@Mika talks at @door."
  }
  shot close { first_frame = last_frame(talk)
    prompt = "Closer." }
}
shot sea { prompt = "The sea." }
"""
EVIL = "<script>alert(1)</script>\"'>&"


class Page(HTMLParser):
    """The page, read as a browser would: its tags with their attributes, and the text of each article."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.articles: list[str] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "article":
            self.articles.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "article"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.articles[-1] += f"{data.strip()} " if data.strip() else ""

    def all(self, tag: str, attribute: str) -> list[str]:
        return [attributes[attribute] for name, attributes in self.tags if name == tag and attribute in attributes]


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def night(folder: Path, make_picture) -> Path:
    (folder / "film.sky").write_text(FILM)
    (folder / "mika.png").write_bytes(make_picture("PNG", 300, 200, "red"))
    return folder


def test_a_row_for_each_shot_with_all_that_is_known(run, night: Path, make_clips) -> None:
    make_clips(wanted=lambda shot: shot.shot != "sea")
    ended = run("sheet", "film.sky")
    assert (ended.code, ended.err, ended.out) == (0, "", "out/preview/Night/contact-sheet.html: 3 shots\n")
    page = read(night / "out/preview/Night/contact-sheet.html")
    assert page.articles == [
        "take 1 made 0.40 USD picked take 2 made 0.40 USD "
        "1 talk Omni 2 s fast 480p @Mika talks at @door . Softer. @Mika reference mika.png image @door reference example.com ",
        "take 1 made 0.40 USD 2 close I2V 2 s fast 480p Closer. first frame last frame of den.talk ",
        "no clip take 1 not made yet 0.40 USD 3 sea T2V 5 s fast 480p The sea. ",
    ]
    assert "3 shots · 2 made · 9 s" in (night / "out/preview/Night/contact-sheet.html").read_text()


def test_the_page_links_to_clips_relative_to_itself(run, night: Path, make_clips) -> None:
    make_clips()
    (night / "pages").mkdir()
    run("sheet", "film.sky", "-o", "pages/sheet.html")
    links = [link for link in read(night / "pages/sheet.html").all("a", "href") if link.endswith(".mp4")]
    assert links
    assert all((night / "pages" / unquote(link)).resolve().is_file() and link.startswith("../") for link in links)


def test_every_take_that_is_there_is_shown_and_can_be_played(run, night: Path, make_clips) -> None:
    make_clips()
    (night / "pages").mkdir()
    run("sheet", "film.sky", "-o", "pages/sheet.html")
    page = read(night / "pages/sheet.html")
    videos = [attributes for tag, attributes in page.tags if tag == "video"]
    names = ["den.talk.mp4", "den.talk-take2.mp4", "den.close.mp4", "sea.mp4"]
    assert [video["src"] for video in videos] == [f"../out/preview/Night/{name}" for name in names]
    assert all((night / "pages" / video["src"]).resolve().is_file() for video in videos)
    assert all(video["preload"] == "none" and "controls" in video and "autoplay" not in video for video in videos)
    assert "media-src 'self' file:;" in (night / "pages/sheet.html").read_text()
    assert [attributes.get("class", "") for tag, attributes in page.tags if tag == "figure"] == ["", "picked", "", ""]


def test_where_the_picked_take_is_not_there_the_others_are_shown(run, night: Path, make_clips) -> None:
    make_clips(wanted=lambda shot: shot.shot == "den.talk" and not shot.picked)
    run("sheet", "film.sky", "-o", "sheet.html")
    page = read(night / "sheet.html")
    assert page.articles[0].startswith("take 1 made 0.40 USD no clip picked take 2 not made yet 0.40 USD 1 talk Omni ")
    assert "take 2 is picked and is not there; take 1 is: write pick = 1 @Mika" in page.articles[0]
    assert "waits for den.talk" in page.articles[1]
    assert len(page.all("video", "src")) == 1


def test_the_modes_are_explained(run, night: Path) -> None:
    run("sheet", "film.sky", "-o", "sheet.html")
    text = (night / "sheet.html").read_text()
    assert (
        "<b>T2V</b> text to video, from words alone · <b>I2V</b> image to video, through given frames · <b>Omni</b>"
        in text
    )
    assert '<b title="text to video, from words alone">T2V</b>' in text


def pictures_of(sources: list[str]) -> list[Image.Image]:
    return [Image.open(BytesIO(base64.b64decode(source.removeprefix("data:image/jpeg;base64,")))) for source in sources]


def test_pictures_are_small_and_inside_the_page(run, night: Path, make_clips) -> None:
    make_clips(size=(960, 540))
    run("sheet", "film.sky", "-o", "sheet.html")
    page = read(night / "sheet.html")
    posters, pictures = pictures_of(page.all("video", "poster")), pictures_of(page.all("img", "src"))
    assert [poster.size for poster in posters] == [(320, 180), (320, 180), (400, 225), (400, 225)]
    assert [picture.size for picture in pictures] == [(160, 107), (160, 90)]
    red, _, blue = pictures[0].getpixel((80, 50))
    assert red > 200 > blue
    assert not {"script", "link", "iframe", "object", "audio", "base", "form"} & {tag for tag, _ in page.tags}
    assert "default-src 'none'" in (night / "sheet.html").read_text()
    assert "url(" not in (night / "sheet.html").read_text()


def test_what_a_storyboard_says_is_text_and_never_markup(run, folder: Path) -> None:
    quoted = EVIL.replace('"', '\\"')
    (folder / "rows.csv").write_text('name,copy\n"<img src=x onerror=alert(2)>","</p><b onmouseover=alert(3)>"\n')
    (folder / "film.sky").write_text(
        f'storyboard "{quoted}"\ndefaults {{ model = fast }}\nvar p from "rows.csv"\n'
        f'image @a = "https://example.com/<script>.png"\n'
        f'shot s {{ note = "{quoted}"\n prompt = "@a {quoted} {{{{ p.copy }}}} <dialogue>hi</dialogue>" }}\n'
    )
    assert run("sheet", "film.sky", "-o", "sheet.html").code == 0
    page = read(folder / "sheet.html")
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h4", "p", "section", "article", "div", "small", "b",
        "span", "mark", "ul", "li", "br", "i", "a", "figure", "figcaption",
    }  # fmt: skip
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert f"{EVIL} </p><b onmouseover=alert(3)> <dialogue>hi</dialogue>" in page.articles[0]


def test_addresses_that_are_no_web_pages_are_not_links(run, night: Path) -> None:
    run("sheet", "film.sky", "-o", "sheet.html")
    links = read(night / "sheet.html").all("a", "href")
    assert "https://example.com/door.png?a=1&b=2" in links
    assert all(link.startswith(("https://", "#")) for link in links)


def test_live_costs_are_what_was_charged(run, night: Path, make_clips) -> None:
    make_clips(live=True, wanted=lambda shot: shot.shot == "sea", charged="0.123")
    run("sheet", "film.sky", "--live", "-o", "sheet.html")
    page = read(night / "sheet.html")
    assert page.articles[2].startswith("take 1 made 0.123 USD 3 sea ")
    assert page.articles[0].startswith(
        "no clip take 1 not made yet 0.40 USD no clip picked take 2 not made yet 0.40 USD 1 "
    )
    assert page.articles[1].startswith("no clip take 1 waits for den.talk 0.40 USD 2 close I2V 5 s fast 480p Closer")
    assert "clips from https://api.apimart.ai" in (night / "sheet.html").read_text()


def test_variants_are_sections_and_of_many_a_sample_is_shown(run, folder: Path, monkeypatch) -> None:
    (folder / "film.sky").write_text(
        "defaults { model = fast }\nvar n = " + " | ".join(map(str, range(40))) + '\nvar m = "a" | "b"\n'
        'shot s { prompt = "{{ n }} {{ m }}" }\nshot t { prompt = "x {{ n }} {{ m }}" }\n'
    )
    assert run("sheet", "film.sky", "-o", "all.html").out == "all.html: 160 shots in 80 variants\n"
    page = read(folder / "all.html")
    assert len(page.all("section", "id")) == 80
    assert set(page.all("section", "id")) == {link[1:] for link in page.all("a", "href")}
    assert run("sheet", "film.sky", "--sample", "3", "-o", "few.html").out == "few.html: 6 shots of 3 of 80 variants\n"
    monkeypatch.setattr("skyflow.cli.sheet.MOST_SHOTS", 20)
    assert run("sheet", "film.sky", "-o", "some.html").out == "some.html: 20 shots of 10 of 80 variants\n"
    assert "Shown are 10 of 80 variants" in (folder / "some.html").read_text()
    assert run("sheet", "film.sky", "--variant", "n=7", "-o", "one.html").out == "one.html: 4 shots in 2 variants\n"


def test_a_clip_or_a_picture_that_cannot_be_shown_does_not_hide_the_rest(run, night: Path, make_clips) -> None:
    made = make_clips()
    sea = night / f".skyflow/clips/sandbox/{made[-1].key}.mp4"
    sea.write_bytes(bytes(sea.stat().st_size))
    assert run("sheet", "film.sky", "-o", "sheet.html").code == 0
    assert read(night / "sheet.html").articles[2].startswith("cannot be shown take 1 made 0.40 USD 3 sea T2V")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("film.pdf", "`film.pdf` is no name for a page; one ends in .html"),
        ("nowhere/sheet.html", "there is no folder `nowhere` to write to"),
        ("film.sky", "`film.sky` is a file; name a folder, or a file that ends in .html"),
    ],
)
def test_outputs_that_cannot_be(run, night: Path, output: str, said: str) -> None:
    ended = run("sheet", "film.sky", "-o", output)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_states_are_those_that_plan_shows(run, night: Path, make_clips) -> None:
    make_clips(live=True, wanted=lambda shot: shot.shot == "den.close")
    planned = run("plan", "film.sky", "--live", "--format", "csv").out
    run("sheet", "film.sky", "--live", "-o", "sheet.html")
    shown = re.findall(r'class="state \w+">([\w ]+)', (night / "sheet.html").read_text())
    words = [{"have": "made", "new": "not made yet"}[row["state"]] for row in csv.DictReader(StringIO(planned))]
    assert shown == words == ["not made yet", "not made yet", "made", "not made yet"]


def test_warnings_are_told_once(run, folder: Path) -> None:
    (folder / "film.sky").write_text('defaults { model = fast }\nvar idle = 1\nshot a { prompt = "A." }\n')
    ended = run("sheet", "film.sky")
    assert (ended.code, ended.err.count("warning[name-unused]")) == (0, 1)
