"""Names in the output folder: readable, safe on every file system, never one for two clips."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.runner import RunRefused
from skyflow.runner.output import file_names, safe_name, storyboard_folder

SHOTS = st.text(st.characters(codec="utf-8", categories=["L", "N"], include_characters="_-."), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("clip", "name"),
    [
        (("street", 1), "street.mp4"),
        (("street", 2), "street-take2.mp4"),
        (("den.street", 1), "den.street.mp4"),
        (("item.2.spin", 12), "item.2.spin-take12.mp4"),
        (("门口.进门", 1), "门口.进门.mp4"),
        (("con", 1), "_con.mp4"),
        (("nul.street", 1), "_nul.street.mp4"),
    ],
)
def test_a_shot_lies_under_its_name(clip, name) -> None:
    assert file_names([clip]) == {clip: name}


def test_names_that_a_file_system_could_take_for_one_are_told_apart() -> None:
    names = file_names([("Street", 1), ("street", 1), ("x-take2", 1), ("x", 2), ("x", 1)])
    assert len({name.casefold() for name in names.values()}) == 5
    assert names["x", 1] == "x.mp4"


@given(st.sets(st.tuples(SHOTS, st.integers(1, 30)), max_size=12))
def test_every_clip_has_a_file_of_its_own(clips) -> None:
    names = file_names(clips)
    assert len({name.casefold() for name in names.values()}) == len(clips)
    assert all(len(name.encode()) <= 100 for name in names.values())


@given(st.text())
def test_any_title_becomes_a_folder(title) -> None:
    name = safe_name(title)
    assert name
    assert name not in (".", "..")
    assert not set('<>:"/\\|?*\0\n') & set(name)
    assert not name.endswith((" ", "."))
    assert len(name.encode()) <= 80
    assert name == safe_name(title)


def test_two_storyboards_of_one_title_do_not_share_a_folder(tmp_path) -> None:
    mine = storyboard_folder(tmp_path, "Film", "a.sky")
    assert mine == tmp_path / "Film"
    mine.mkdir()
    (mine / "manifest.json").write_text(json.dumps({"storyboard": "a.sky"}))
    assert storyboard_folder(tmp_path, "Film", "a.sky") == mine
    assert storyboard_folder(tmp_path, "Film", "b.sky") != mine


def test_a_changed_shot_takes_the_place_of_the_old_one_and_the_old_clip_is_kept(studio, make_clip) -> None:
    old, new = make_clip("a", prompt="one"), make_clip("a", prompt="two")
    studio.run([old])
    result = studio.run([new])
    assert result.clips[0].path.samefile(studio.store.path(new.key))
    assert studio.store.path(old.key).is_file()
    assert not list(result.folder.glob(".*"))


def test_where_there_are_no_hard_links_clips_are_copied(studio, make_clip, monkeypatch) -> None:
    def no_links(_source, _target) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", no_links)
    result = studio.run([make_clip("a")])
    assert result.complete
    assert result.clips[0].path.read_bytes() == studio.service.video
    assert result.clips[0].path.stat().st_nlink == 1


def test_clips_cannot_be_written_through_their_names_in_the_output(studio, make_clip) -> None:
    result = studio.run([make_clip("a")])
    assert result.clips[0].path.stat().st_mode & 0o222 == 0


def test_an_output_folder_that_cannot_be_written_is_refused_before_anything_is_sent(studio, make_clip) -> None:
    (studio.root / "out").write_text("a file in the way")
    with pytest.raises(RunRefused, match="cannot be written"):
        studio.run([make_clip("a")])
    assert studio.service.journal == []
