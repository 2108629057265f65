"""`skyflow film`: what is joined, where it goes, and what is said where it cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import pytest

from skyflow.media import check_playable

TAKES = """\
storyboard "Night"
defaults { model = fast }
shot street { prompt = "A street." }
scene den {
  shot talk { takes = 3
    pick = 2
    prompt = "Talk." }
}
"""
CITIES = """\
storyboard "Night"
defaults { model = fast }
var city = "Tokyo" | "Osaka"
shot street { prompt = "{{ city }} at night." }
shot sea { prompt = "The sea." }
"""


def seconds(path: Path) -> float:
    return check_playable(path)


def test_the_picked_takes_become_a_film_beside_the_clips(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(TAKES)
    make_clips(wanted=lambda shot: shot.picked)
    ended = run("film", "film.sky")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "out/preview/Night/film.mp4: 2 shots, 0:04.0, 96 × 54\n"
    assert seconds(folder / "out/preview/Night/film.mp4") == pytest.approx(4, abs=2 / 24)
    with av.open(str(folder / "out/preview/Night/film.mp4")) as container:
        assert (container.metadata["title"], len(container.streams.audio)) == ("Night", 1)
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["street", "den.talk take 2"]
        pictures = [frame.to_image().getpixel((48, 27)) for frame in container.decode(video=0)]
    assert pictures[0][2] > 100 > pictures[0][0]  # navy, the colour of the first clip
    assert pictures[-1][0] > 100 > pictures[-1][2]  # maroon, that of the second take


def test_every_variant_has_its_film(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(CITIES)
    make_clips()
    ended = run("film", "film.sky")
    assert ended.code == 0
    assert [line.split(":")[0] for line in ended.out.splitlines()] == [
        "out/preview/Night/city=Tokyo/film.mp4",
        "out/preview/Night/city=Osaka/film.mp4",
    ]
    only = run("film", "film.sky", "--variant", "city=Osaka", "-o", "osaka.mp4")
    assert only.out == "osaka.mp4: 2 shots, 0:04.0, 96 × 54\n"
    both = run("film", "film.sky", "-o", "both.mp4")
    assert (both.code, both.out) == (2, "")
    assert "-o names one file, and there are 2 variants; choose one, such as --variant city=Tokyo" in both.err


def test_live_clips_and_previews_are_two_films(run, film: Path, make_clips) -> None:
    make_clips(live=True, seconds=1)
    assert run("film", "film.sky").code == 4
    assert run("film", "film.sky", "--live").out.startswith("out/live/Night/film.mp4: 2 shots, 0:02.0")


def test_an_output_folder_is_the_one_of_run(run, film: Path, make_clips) -> None:
    make_clips()
    assert run("film", "film.sky", "-o", "clips").out.startswith("clips/preview/Night/film.mp4: ")


def test_a_slate_is_below_the_picture(run, film: Path, make_clips) -> None:
    make_clips()
    assert run("film", "film.sky", "--slate", "-o", "a.mp4").out == "a.mp4: 2 shots, 0:04.0, 96 × 66\n"


def test_a_folder_may_have_a_name_with_an_ending(run, film: Path, make_clips) -> None:
    make_clips()
    assert run("film", "film.sky", "-o", "cut.v2/").out.startswith("cut.v2/preview/Night/film.mp4: ")
    assert run("film", "film.sky", "-o", "cut.v2").out.startswith("cut.v2/preview/Night/film.mp4: ")
    assert run("film", "film.sky", "-o", "cut 1.5").out.startswith("cut 1.5/preview/Night/film.mp4: ")


def test_clips_that_differ_are_said(run, film: Path, make_clips) -> None:
    make_clips(wanted=lambda shot: shot.shot == "street")
    make_clips(wanted=lambda shot: shot.shot == "sea", size=(96, 96), seconds=1)
    ended = run("film", "film.sky")
    assert ended.out == (
        "out/preview/Night/film.mp4: 2 shots, 0:03.0, 96 × 54\n"
        "  encoded anew, because the clips differ in size (96 × 54, 96 × 96)\n"
    )


def test_a_shot_called_film_keeps_its_clip(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(TAKES.replace("street", "Film"))
    make_clips()
    assert run("film", "film.sky").out.startswith("out/preview/Night/the film.mp4: ")


def test_what_is_missing_is_named_with_the_command_that_makes_it(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(CITIES)
    make_clips(wanted=lambda shot: shot.shot == "sea")
    ended = run("film", "film.sky", "--variant", "city=*")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == (
        "skyflow: 2 clips of the film are not there:\n"
        "  street (city=Tokyo): not made yet\n"
        "  street (city=Osaka): not made yet\n"
        "make them: skyflow run film.sky --variant 'city=*'\n"
        "or do without them: skyflow film film.sky --variant 'city=*' --partial\n"
    )
    assert not (folder / "out").exists()
    partial = run("film", "film.sky", "--partial")
    assert partial.code == 0
    assert "city=Osaka/film.mp4: 1 shot, 0:02.0, 96 × 54\n  left out: street: not made yet\n" in partial.out


def test_other_takes_are_named_and_never_used_by_themselves(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(
        TAKES.replace("  shot talk", '  shot wait { first_frame = last_frame(talk)\n prompt = "W." }\n  shot talk')
    )
    make_clips(wanted=lambda shot: shot.shot == "street" or (shot.shot == "den.talk" and not shot.picked))
    others = "take 2 is picked and is not there; takes 1 and 3 are: write `pick = 1`"
    ended = run("film", "film.sky")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith(
        "skyflow: 2 clips of the film are not there:\n"
        "  den.wait: waits for den.talk\n"
        f"  den.talk take 2: not made yet; {others}\n"
        "make them: "
    )
    partial = run("film", "film.sky", "--partial")
    assert partial.out == (
        "out/preview/Night/film.mp4: 1 shot, 0:02.0, 96 × 54\n"
        "  left out: den.wait: waits for den.talk\n"
        f"  left out: den.talk take 2: not made yet; {others}\n"
    )


@pytest.mark.parametrize("words", [(), ("--partial",)])
def test_nothing_made_yet(run, film: Path, words) -> None:
    ended = run("film", "film.sky", *words)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "skyflow: none of the 2 clips of the film is there; make them: skyflow run film.sky\n"


def test_a_variant_without_clips_has_no_film_and_the_others_have(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(CITIES.replace("The sea.", "The sea of {{ city }}."))
    make_clips(wanted=lambda shot: shot.variant == "city=Tokyo")
    assert run("film", "film.sky", "--partial").out == (
        "out/preview/Night/city=Tokyo/film.mp4: 2 shots, 0:04.0, 96 × 54\n"
        "city=Osaka: no film, none of its clips is made yet\n"
    )


def test_a_clip_that_is_not_what_was_stored(run, film: Path, make_clips) -> None:
    street, _ = make_clips()
    (clip,) = film.parent.glob(f".skyflow/clips/sandbox/{street.key}.mp4")
    content = bytearray(clip.read_bytes())
    content[len(content) // 2] ^= 0xFF
    clip.write_bytes(content)
    ended = run("film", "film.sky")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(
        f"skyflow: the clip of street is damaged: {clip} is not what was stored; move that file"
    )
    assert not (film.parent / "out/preview/Night/film.mp4").exists()


def test_a_file_of_the_users_is_never_replaced(run, film: Path, make_clips) -> None:
    street, _ = make_clips()
    mine = film.parent / "mine.mp4"
    mine.write_bytes((film.parent / f".skyflow/clips/sandbox/{street.key}.mp4").read_bytes())
    before = mine.read_bytes()
    ended = run("film", "film.sky", "-o", "mine.mp4")
    assert (ended.code, ended.out) == (2, "")
    assert "is there already and is no film that skyflow made; name another file with -o" in ended.err
    assert mine.read_bytes() == before
    assert [run("film", "film.sky", "-o", "new.mp4").code for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("film.mov", "`film.mov` is no name for a film; one ends in .mp4; a folder would be `film.mov/`"),
        ("film.prproj", "`film.prproj` is no name for a film; one ends in .mp4"),
        ("nowhere/film.mp4", "there is no folder `nowhere` to write to"),
        ("folder.mp4", "`folder.mp4` is a folder; name a file in it, such as folder.mp4/film.mp4"),
        ("film.sky", "`film.sky` is a file; name a folder, or a file that ends in .mp4"),
        ("film.sky/x", "the folder film.sky/x/preview/Night cannot be made: Not a directory"),
    ],
)
def test_outputs_that_cannot_be(run, film: Path, make_clips, output: str, said: str) -> None:
    make_clips()
    (film.parent / "folder.mp4").mkdir()
    ended = run("film", "film.sky", "-o", output)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_mistakes_and_unknown_variants_are_told_as_everywhere(run, folder: Path) -> None:
    (folder / "film.sky").write_text(CITIES)
    unknown = run("film", "film.sky", "--variant", "city=Kyoto")
    assert (unknown.code, unknown.out) == (1, "")
    assert "--variant city=Kyoto: there is no such variant" in unknown.err
    (folder / "film.sky").write_text("shot a { }")
    assert run("film", "film.sky").code == 1


def test_without_the_media_package_it_says_what_to_install(run, film: Path, make_clips, monkeypatch) -> None:
    make_clips()
    monkeypatch.setitem(sys.modules, "av", None)
    ended = run("film", "film.sky")
    assert ended.code == 4
    assert 'pip install ".[media]"' in ended.err


def test_what_tables_say_does_not_reach_the_terminal_as_commands(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(
        'defaults { model = fast }\nvar p = "\\u{1b}[2J" | "mug"\nshot a { prompt = "{{ p }} 1" }\n', encoding="utf-8"
    )
    make_clips(wanted=lambda shot: shot.variant == "p=mug")
    ended = run("film", "film.sky", "--partial")
    assert ended.code == 0
    assert "p=␛[2J: no film, none of its clips is made yet\n" in ended.out
    assert "\x1b" not in ended.out + ended.err


def test_a_terminal_sees_how_far_it_is(run, film: Path, make_clips, monkeypatch) -> None:
    make_clips()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ended = run("film", "film.sky")
    assert ended.err.split("\r") == ["", "film.mp4: 1 of 2 clips joined", "film.mp4: 2 of 2 clips joined", "\x1b[K"]
