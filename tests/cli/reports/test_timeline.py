"""`skyflow timeline`: read back by OpenTimelineIO, whose adapters are what editing programs' own readers are like."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

FILM = """\
storyboard "Night & <Day>"
defaults { model = fast }
shot 夜 { prompt = "A <street> & \\"rain\\"." }
scene den {
  shot talk {
    takes = 3
    pick = 2
    note = "Softer, please."
    prompt = "They talk."
  }
  shot quiet { prompt = "Silence." }
}
"""
FORMATS = ("otio", "fcpxml", "xml", "edl")
RELATIVE = ("otio", "fcpxml")  # those that can name clips relative to themselves
TITLE = "Night & _Day_"


@pytest.fixture
def night(folder: Path) -> Path:
    (folder / "film.sky").write_text(FILM, encoding="utf-8")
    return folder


def read(path: Path) -> otio.schema.Timeline:
    found = otio.adapters.read_from_file(str(path))
    if isinstance(found, otio.schema.SerializableCollection):
        (found,) = found.find_children(descended_from_type=otio.schema.Timeline)
    return found


def tracks(timeline: otio.schema.Timeline, kind: str) -> list[list[tuple[str, int]]]:
    """The items of each track of that kind: name and frames."""
    return [
        [(item.name or "gap", round(item.duration().value)) for item in track]
        for track in timeline.tracks
        if track.kind == kind
    ]


def media(timeline: otio.schema.Timeline) -> list[Path]:
    clips = timeline.video_tracks()[0].find_clips()
    return [Path(unquote(urlsplit(clip.media_reference.target_url).path)) for clip in clips]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_reads_back_with_its_clips_in_place(run, night: Path, make_clips, form: str) -> None:
    make_clips()
    ended = run("timeline", "film.sky", "--format", form)
    path = night / "out/preview" / TITLE / f"timeline.{form}"
    assert (ended.code, ended.err) == (0, "")
    beside = "beside it: move the folder as a whole"
    whole = f"in {path.parent.relative_to(night)}, named by their whole paths: leave them there"
    assert ended.out == (
        f"{path.relative_to(night)}: 3 clips, 6.0 s at 24 frames a second\n"
        f"  its clips lie {beside if form in RELATIVE else whole}\n"
    )
    timeline = read(path)
    shots = ["夜", "den.talk", "den.quiet"]
    files = ["夜.mp4", "den.talk-take2.mp4", "den.quiet.mp4"]
    if form == "edl":  # its clips go by their files
        assert tracks(timeline, "Video") == [[(file, 48) for file in files]]
    else:
        assert timeline.name == "Night & <Day>"
        assert tracks(timeline, "Video") == [[(shot, 48) for shot in shots]]
        assert [path.parent / file for file in media(timeline)] == [path.parent / file for file in files]
        assert all((path.parent / file).is_file() for file in files)
    assert all(names for names in tracks(timeline, "Audio"))


def test_clips_are_those_of_the_output_folder_under_their_names(run, night: Path, make_clips) -> None:
    make_clips()
    view = night / "out/preview" / TITLE
    run("timeline", "film.sky", "--absolute")
    timeline = read(view / "timeline.otio")
    assert media(timeline) == [view / name for name in ("夜.mp4", "den.talk-take2.mp4", "den.quiet.mp4")]
    assert all(path.is_file() for path in media(timeline))
    (night / "edit").mkdir()
    for form in RELATIVE:
        ended = run("timeline", "film.sky", "-o", f"edit/a.{form}")
        assert f"  its clips lie in out/preview/{TITLE}, named relative to it: move both together\n" in ended.out
        assert "../out/preview/Night%20%26%20_Day_/%E5%A4%9C.mp4" in (night / f"edit/a.{form}").read_text()
        assert str(night) not in (night / f"edit/a.{form}").read_text()


def test_a_clip_that_another_one_was_shown_in_place_of_is_shown_again(run, night: Path, make_clips) -> None:
    made = make_clips()
    shown = night / "out/preview" / TITLE / "夜.mp4"
    shown.parent.mkdir(parents=True)
    shown.write_bytes(b"what the shot was before")
    run("timeline", "film.sky")
    assert shown.samefile(night / f".skyflow/clips/sandbox/{made[0].key}.mp4")


def test_otio_holds_takes_scenes_prompts_and_notes(run, night: Path, make_clips) -> None:
    make_clips(charged="0.33")
    assert run("timeline", "film.sky", "-o", "night.otio").code == 0
    timeline = read(night / "night.otio")
    talk = timeline.video_tracks()[0][1]
    assert sorted(talk.media_references()) == ["DEFAULT_MEDIA", "take 1", "take 3"]
    assert talk.active_media_reference_key == "DEFAULT_MEDIA"
    assert talk.available_range() == talk.source_range
    facts = talk.metadata["skyflow"]
    assert (facts["scene"], facts["take"], facts["takes"]) == ("den", 2, 3)
    assert (facts["note"], facts["prompt"], facts["model"]) == ("Softer, please.", "They talk.", "skyreels-v4-fast")
    (marker,) = timeline.tracks.markers
    assert (marker.name, marker.marked_range.start_time.value, marker.marked_range.duration.value) == ("den", 48, 96)


def test_fcpxml_holds_notes_markers_and_the_other_takes(run, night: Path, make_clips) -> None:
    make_clips()
    run("timeline", "film.sky", "-o", "night.fcpxml")
    document = ElementTree.parse(night / "night.fcpxml").getroot()
    spine = document.find("./library/event/project/sequence/spine")
    assert spine is not None
    assert [(clip.get("name"), clip.get("offset"), clip.get("duration")) for clip in spine] == [
        ("夜", "0s", "2s"),
        ("den.talk", "2s", "2s"),
        ("den.quiet", "4s", "2s"),
    ]
    assert [clip.findtext("note") for clip in spine] == [
        'A <street> & "rain".',
        "They talk.\nSofter, please.",
        "Silence.",
    ]
    assert [[marker.get("value") for marker in clip.iter("marker")] for clip in spine] == [[], ["den"], []]
    others = document.findall("./library/event/asset-clip")
    assert [clip.get("name") for clip in others] == ["den.talk take 1", "den.talk take 3"]
    assets = {asset.get("id"): asset for asset in document.iter("asset")}
    formats = {found.get("id") for found in document.iter("format")}
    assert {asset.get("format") for asset in assets.values()} <= formats
    assert all(clip.get("ref") in assets for clip in document.iter("asset-clip"))
    assert len({element.get("id") for element in document.iter() if element.get("id")}) == len(assets) + len(formats)


def test_final_cut_pro_7_xml_links_picture_and_sound(run, night: Path, make_clips) -> None:
    make_clips(wanted=lambda shot: shot.shot != "den.quiet")
    make_clips(wanted=lambda shot: shot.shot == "den.quiet", sound=False)
    run("timeline", "film.sky", "-o", "night.xml")
    document = ElementTree.parse(night / "night.xml").getroot()
    items = {item.get("id"): item for item in document.iter("clipitem")}
    assert len(items) == 3 + 2 + 2
    talk = next(item for item in items.values() if item.findtext("name") == "den.talk")
    linked = [
        (link.findtext("mediatype"), link.findtext("trackindex"), link.findtext("clipindex"))
        for link in talk.iter("link")
    ]
    assert linked == [("video", "1", "2"), ("audio", "1", "2"), ("audio", "2", "2")]
    assert {link.findtext("linkclipref") for link in document.iter("link")} == items.keys()
    assert talk.findtext("comments/mastercomment1") == "They talk."
    assert talk.findtext("logginginfo/shottake") == "take 2"


def test_an_edl_has_picture_and_sound_and_one_line_for_each_remark(run, night: Path, make_clips) -> None:
    make_clips()
    run("timeline", "film.sky", "-o", "night.edl")
    text = (night / "night.edl").read_text(encoding="utf-8")
    assert text.startswith(
        "TITLE: Night & <Day>\nFCM: NON-DROP FRAME\n\n001  AX       AA/V  C        00:00:00:00 00:00:02:00 "
    )
    assert "003  AX       AA/V  C        00:00:00:00 00:00:02:00 00:00:04:00 00:00:06:00\n" in text
    assert "* LOC: 00:00:02:00 GREEN   DEN\n" in text
    assert "* SHOT: den.talk\n* SCENE: den\n* PROMPT: They talk.\n* NOTE: Softer, please.\n" in text


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_not_made_keeps_its_place(run, night: Path, make_clips, form: str) -> None:
    make_clips(wanted=lambda shot: shot.shot != "den.talk")
    refused = run("timeline", "film.sky", "--format", form)
    assert refused.code == 4
    assert "skyflow: 1 clip of the film is not there:\n  den.talk take 2: not made yet\n" in refused.err
    partial = run("timeline", "film.sky", "--format", form, "--partial", "-o", f"part.{form}")
    assert partial.code == 0
    assert "\n  a gap: den.talk take 2: not made yet\n" in partial.out
    items = tracks(read(night / f"part.{form}"), "Video")[0]
    assert [frames for _, frames in items] == [48, 120, 48]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("fps", [25, 30, 16])
def test_other_rates(run, night: Path, make_clips, form: str, fps: int) -> None:
    """A rate that no editing program counts in becomes 24."""
    make_clips(fps=fps)
    ended = run("timeline", "film.sky", "--format", form, "-o", f"night.{form}")
    rate = 24 if fps == 16 else fps
    assert f"6.0 s at {rate} frames a second\n" in ended.out
    options = {"rate": rate} if form == "edl" else {}
    found = otio.adapters.read_from_file(str(night / f"night.{form}"), **options)
    clips = [clip.duration().to_seconds() for clip in found.find_clips()]
    assert clips
    assert set(clips) == {2.0}


@pytest.mark.parametrize("form", FORMATS)
def test_clips_of_several_rates_lie_in_frames_of_the_timeline(run, night: Path, make_clips, form: str) -> None:
    make_clips(wanted=lambda shot: shot.shot != "den.talk")
    make_clips(wanted=lambda shot: shot.shot == "den.talk", fps=30)
    assert run("timeline", "film.sky", "--format", form, "-o", f"night.{form}").code == 0
    if form != "fcpxml":  # the library's reader takes its times for frames of the clip
        items = tracks(read(night / f"night.{form}"), "Video")[0]
        assert [frames for _, frames in items] == [48, 48, 48]
        return
    spine = ElementTree.parse(night / "night.fcpxml").getroot().findall(".//spine/asset-clip")
    assert [(clip.get("offset"), clip.get("duration")) for clip in spine] == [("0s", "2s"), ("2s", "2s"), ("4s", "2s")]
    # In the order that Final Cut wants.
    assert [child.tag for child in spine[1]] == ["note", "conform-rate", "marker"]


def test_characters_that_no_file_can_hold_are_replaced(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(
        'defaults { model = fast }\nshot a { note = "x\\u{1}y"\n prompt = "p\\u{FFFE}q\\n* FROM CLIP: /etc" }\n'
    )
    make_clips()
    for form in FORMATS:
        assert run("timeline", "film.sky", "--format", form, "-o", f"t.{form}").code == 0
    assert "x\ufffdy" in ElementTree.parse(folder / "t.fcpxml").getroot().findtext(".//note", "")
    assert "* PROMPT: p\ufffdq * FROM CLIP: /etc\n" in (folder / "t.edl").read_text(encoding="utf-8")


def test_every_variant_has_its_timeline(run, folder: Path, make_clips) -> None:
    (folder / "film.sky").write_text(
        'defaults { model = fast }\nvar city = "Tokyo" | "Osaka"\n'
        'shot a { note = "in {{ city }}"\n prompt = "{{ city }}." }\n'
    )
    make_clips(wanted=lambda shot: shot.variant == "city=Tokyo")
    ended = run("timeline", "film.sky", "--partial")
    assert ended.out.endswith(
        "1 clip, 2.0 s at 24 frames a second\n  its clips lie beside it: move the folder as a whole\n"
        "city=Osaka: no timeline, none of its clips is made yet\n"
    )
    make_clips(wanted=lambda shot: shot.variant == "city=Osaka")
    assert run("timeline", "film.sky").code == 0
    for city in ("Tokyo", "Osaka"):
        timeline = read(folder / f"out/preview/film/city={city}/timeline.otio")
        assert timeline.name == f"film (city={city})"
        assert timeline.video_tracks()[0][0].metadata["skyflow"]["note"] == f"in {city}"
    assert run("timeline", "film.sky", "-o", "one.otio").code == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-o", "x.prproj"], 2, "`x.prproj` is no name for a timeline; one ends in .otio, .fcpxml, .xml or .edl ("),
        (["-o", "x.prproj"], 2, "; a folder would be `x.prproj/`"),
        (["--format", "edl", "-o", "x.otio"], 2, "`x.otio` is no name for a timeline in this format; one ends in .edl"),
        (["--format", "aaf"], 2, "`aaf` is none of otio, fcpxml, xml, edl"),
        ([], 4, "none of the 3 clips of the film is there; make them: skyflow run film.sky"),
        (["--partial"], 4, "none of the 3 clips of the film is there"),
    ],
)
def test_what_cannot_be(run, night: Path, words: list[str], code: int, said: str) -> None:
    ended = run("timeline", "film.sky", *words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_a_damaged_clip_is_told(run, night: Path, make_clips) -> None:
    made = make_clips()
    clip = night / f".skyflow/clips/sandbox/{made[0].key}.mp4"
    clip.write_bytes(bytes(clip.stat().st_size))
    ended = run("timeline", "film.sky")
    assert (ended.code, ended.out) == (3, "")
    assert f"a clip is damaged: {clip} is neither a clip nor a sound" in ended.err


@pytest.mark.parametrize(
    ("module", "form", "package"),
    [("opentimelineio", "otio", "opentimelineio"), ("opentimelineio", "edl", "opentimelineio")],
)
def test_without_the_extra_it_says_what_to_install(run, night, make_clips, monkeypatch, module, form, package) -> None:
    make_clips()
    monkeypatch.setitem(sys.modules, module, None)
    ended = run("timeline", "film.sky", "--format", form)
    assert ended.code == 4
    assert f'this needs the package {package}, which is not installed: pip install ".[timeline]"' in ended.err
    assert "--format fcpxml does without it" in ended.err
    assert run("timeline", "film.sky", "--format", "fcpxml").code == 0
