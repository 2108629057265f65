"""The whole way, from a file to its clips: choosing shots and variants, files that are odd, folders of variants, and the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import skyflow
from skyflow.assets import DiskFiles
from skyflow.pipeline import open_storyboard
from skyflow.requests.compiled import on_lines

FILM = """
storyboard "Neon Night"
var city = "Tokyo" | "Osaka"
shot street { takes = 2
  pick = 2
  prompt = "A street in {{ city }}." }
scene den {
  shot talk { prompt = "An old man in {{ city }}." }
  shot later { first_frame = last_frame(talk)
    prompt = "Later." }
}
shot poster for colour in ["red", "blue"] { prompt = "{{ colour }} {{ city }}" }
shot goodbye { first_frame = last_frame(street)
  last_frame = first_frame(den.later)
  prompt = "Goodbye." }
"""


def names(project: Any, **options: Any) -> list[str]:
    return [f"{clip.variant}/{clip.shot}/{clip.take}" for clip in project.clips(FILM, **options)]


# --- choosing -----------------------------------------------------------------------------------------------------------


def test_everything_in_storyboard_order_variants_outermost(project: Any) -> None:
    one = ["street/1", "street/2", "den.talk/1", "den.later/1", "poster.1/1", "poster.2/1", "goodbye/1"]
    assert names(project) == [f"city={city}/{name}" for city in ("Tokyo", "Osaka") for name in one]


def test_a_chosen_shot_brings_the_picked_takes_it_needs(project: Any) -> None:
    assert names(project, shots=["goodbye"], variants=["city=Osaka"]) == [
        "city=Osaka/street/2",
        "city=Osaka/den.talk/1",
        "city=Osaka/den.later/1",
        "city=Osaka/goodbye/1",
    ]


@pytest.mark.parametrize(
    ("shots", "chosen"),
    [
        (["street"], ["street/1", "street/2"]),
        (["den"], ["den.talk/1", "den.later/1"]),
        (["den.talk"], ["den.talk/1"]),
        (["poster"], ["poster.1/1", "poster.2/1"]),
        (["poster.2"], ["poster.2/1"]),
        (["*.later"], ["den.talk/1", "den.later/1"]),
        (["p*", "street"], ["street/1", "street/2", "poster.1/1", "poster.2/1"]),
    ],
)
def test_shots_are_chosen_by_name_scene_loop_or_pattern(project: Any, shots: list[str], chosen: list[str]) -> None:
    assert names(project, shots=shots, variants=["city=Tokyo"]) == [f"city=Tokyo/{name}" for name in chosen]


@pytest.mark.parametrize("pattern", ["city=Osaka", "city=O*", "*saka"])
def test_variants_are_chosen_by_name_or_pattern(project: Any, pattern: str) -> None:
    assert {name.split("/")[0] for name in names(project, variants=[pattern])} == {"city=Osaka"}


def test_what_is_chosen_and_does_not_exist(project: Any) -> None:
    shot, variant = project.check(FILM, shots=["godbye", "den"], variants=["city=Paris", "city=Tokyo"])
    assert (shot.rule.id, shot.message, shot.help) == (
        "name-unknown",
        "--shot godbye: there is no such shot",
        "did you mean `goodbye`?",
    )
    assert (variant.rule.id, variant.message) == ("name-unknown", "--variant city=Paris: there is no such variant")


@pytest.mark.parametrize("sought", ["Osaka", "osaka", "CITY=osaka"])
def test_an_alternative_alone_is_told_with_its_axis(project: Any, sought: str) -> None:
    (found,) = project.check(FILM, variants=[sought])
    assert (found.message, found.help) == (f"--variant {sought}: there is no such variant", "one is city=Osaka")


def test_everything_is_checked_whatever_is_chosen(project: Any) -> None:
    text = 'shot a { prompt = "a" }\nshot b { duration = 99s\n prompt = "b" }'
    assert project.ids(text, shots=["a"]) == ["duration-range"]


def test_choosing_changes_no_key(project: Any) -> None:
    every = {(clip.variant, clip.shot, clip.take): clip.key for clip in project.clips(FILM)}
    some = project.clips(FILM, shots=["goodbye"])
    assert some
    assert all(every[clip.variant, clip.shot, clip.take] == clip.key for clip in some)


def test_bodies_and_lines_are_those_of_the_clips(project: Any) -> None:
    storyboarding = project.open(FILM)
    clips = list(storyboarding.clips())
    assert b"".join(storyboarding.body_lines()) == on_lines(clip.body for clip in clips)
    assert b"".join(storyboarding.clip_lines()) == on_lines(clip.as_json() for clip in clips)


def test_it_is_deterministic(project: Any) -> None:
    assert [clip.as_json() for clip in project.clips(FILM)] == [clip.as_json() for clip in project.clips(FILM)]


# --- odd files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "shot-none"),
        (b"\xef\xbb\xbf", "shot-none"),
        (b"   \t\r\n\r\n", "shot-none"),
        (b"# only a comment", "shot-none"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "file-type"),
        (b'shot a { prompt = "caf\xe9" }', "file-type"),
        ("shot a {}".encode("utf-16"), "file-type"),
    ],
)
def test_files_that_are_no_storyboards(project: Any, content: bytes, said: str) -> None:
    project.write({"odd.sky": content})
    (found,) = open_storyboard("odd.sky", DiskFiles(project.folder)).check()
    assert found.rule.id == said
    assert found.help


def test_a_large_file_is_refused_or_read(project: Any) -> None:
    shot = 'shot s{} {{ prompt = "Rain number {}." }}\n'
    project.write({"large.sky": "".join(shot.format(n, n) for n in range(3_000)), "huge.sky": "#" * 5_000_000})
    assert len(list(open_storyboard("large.sky", DiskFiles(project.folder)).clips())) == 3_000
    (found,) = open_storyboard("huge.sky", DiskFiles(project.folder)).check()
    assert found.rule.id == "file-missing"
    assert "is too large" in found.message


def test_a_file_that_is_not_there_or_outside(project: Any) -> None:
    project.write({"film.sky": FILM})
    (missing,) = open_storyboard("flim.sky", DiskFiles(project.folder)).check()
    assert (missing.rule.id, missing.help) == ("file-missing", "did you mean `film.sky`?")
    assert list(open_storyboard("flim.sky", DiskFiles(project.folder)).clips()) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n\t", " \n"])
def test_line_ends_and_white_space_mean_nothing(project: Any, end: str) -> None:
    text = FILM.replace("\n", end)
    assert [clip.as_json() for clip in project.clips(text)] == [clip.as_json() for clip in project.clips(FILM)]


# --- folders of variants ------------------------------------------------------------------------------------------------


def folders(project: Any, alternatives: str) -> list[str]:
    storyboarding = project.open(f'var x = {alternatives}\nshot a {{ prompt = "Rain {{{{ x | plain }}}}" }}')
    return [storyboarding.variant_folder(clip.variant) for clip in storyboarding.clips()]


def test_a_readable_name_is_its_folder(project: Any) -> None:
    assert folders(project, '"Tokyo" | "东京" | "16:9"')[:2] == ["x=Tokyo", "x=东京"]


@pytest.mark.parametrize(
    "alternatives",
    [
        '"a/b" | "a:b" | "a\\\\b" | "a?b"',
        '"Tokyo" | "tokyo" | "TOKYO"',
        '"é" | "e\u0301"',
        '"a" | "a." | "a "',
        '"' + "long " * 40 + 'a" | "' + "long " * 40 + 'b"',
        '"..\\n" | "../.." | "/etc" | "\\u{202E}"',
    ],
)
def test_folders_are_safe_and_differ(project: Any, alternatives: str) -> None:
    found = folders(project, alternatives)
    assert len({folder.casefold() for folder in found}) == len(found)
    for folder in found:
        assert len(folder.encode()) <= 80
        assert not set(folder) & set('<>:"/\\|?*\n')
        assert folder == folder.strip(" .")
        assert folder not in ("", ".", "..")


def test_a_folder_does_not_depend_on_what_is_chosen(project: Any) -> None:
    text = 'var x = "Tokyo" | "tokyo"\nshot a { prompt = "Rain {{ x }}" }'
    every = project.open(text)
    all_folders = {clip.variant: every.variant_folder(clip.variant) for clip in every.clips()}
    for variant, folder in all_folders.items():
        assert project.open(text, variants=[variant]).variant_folder(variant) == folder
    assert [every.variant_folder(variant) for variant in reversed(all_folders)] == list(reversed(all_folders.values()))


# --- the library --------------------------------------------------------------------------------------------------------


def test_check_and_compile(project: Any) -> None:
    project.write({"films/film.sky": FILM + "defaults { model = fast }\n"})
    path = project.folder / "films" / "film.sky"
    assert skyflow.check(path) == ()
    clips = list(skyflow.compile(str(path), variables={"city": "Kyoto"}, shots=["street"]))
    assert [(clip.variant, clip.request["prompt"]) for clip in clips] == [("city=Kyoto", "A street in Kyoto.")] * 2
    assert len(list(skyflow.compile(path, variables={"city": ["Kyoto", "Nara"]}))) == 14


def test_compile_raises_before_the_first_clip(project: Any) -> None:
    project.write({"film.sky": 'shot a { model = fast\n duration = 99s\n prompt = "a" }\nshot b { prompt = "b" }'})
    with pytest.raises(skyflow.StoryboardError) as caught:
        skyflow.compile(project.folder / "film.sky")
    assert [diagnostic.rule.id for diagnostic in caught.value.diagnostics] == ["duration-range", "model-required"]
    assert "film.sky:2:13" in str(caught.value)
    assert "and 1 more" in str(caught.value)


def test_a_warning_stops_nothing(project: Any) -> None:
    project.write({"film.sky": 'var x = "1"\nshot a { model = fast\n prompt = "a" }'})
    assert [diagnostic.severity for diagnostic in skyflow.check(project.folder / "film.sky")] == ["warning"]
    assert len(list(skyflow.compile(project.folder / "film.sky"))) == 1


def test_the_project_is_the_nearest_folder_with_a_mark(
    project: Any, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        {
            "pictures/a.png": png,
            "deep/er/film.sky": 'shot a { model = fast\n first_frame = "../../pictures/a.png"\n prompt = "a" }',
        }
    )
    monkeypatch.chdir("/")  # the current folder means nothing
    (clip,) = skyflow.compile(project.folder / "deep" / "er" / "film.sky")
    assert list(clip.files.values()) == ["pictures/a.png"]


def test_a_path_through_a_link_or_with_dots(project: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    project.write({"films/film.sky": FILM + "defaults { model = fast }\n"})
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(project.folder)
    wanted = [clip.key for clip in skyflow.compile(project.folder / "films" / "film.sky")]
    assert [clip.key for clip in skyflow.compile(link / "films" / "film.sky")] == wanted
    assert [clip.key for clip in skyflow.compile(project.folder / "films" / ".." / "films" / "film.sky")] == wanted


def test_raw_requests_are_checked_too(project: Any, tmp_path: Path) -> None:
    project.write(
        {"a.json": '{"model": "skyreels-v4-fast"}', "b.jsonl": '{"model": "skyreels-v4-fast", "prompt": "a"}\n'}
    )
    assert [diagnostic.rule.id for diagnostic in skyflow.check(tmp_path / "a.json")] == ["prompt-required"]
    assert skyflow.check(tmp_path / "b.jsonl") == ()
