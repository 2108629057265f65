"""DiskFiles on a real folder: what it finds, what it refuses, and what it says then."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path

import pytest

from skyflow.assets import DiskFiles, disk_files
from skyflow.source import FileProblem, FilesError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "film"
    (root / "cast").mkdir(parents=True)
    (root / "night.sky").write_text('storyboard "Night"\n')
    (root / "cast" / "Mika.jpg").write_bytes(b"\xff\xd8\xff\xe0 not really")
    (tmp_path / "secret.txt").write_text("outside")
    return root


def refusal(project: Path, action: str, *arguments: str) -> FilesError:
    with pytest.raises(FilesError) as caught:
        getattr(DiskFiles(project), action)(*arguments)
    return caught.value


class TestResolve:
    @pytest.mark.parametrize(
        ("base", "reference", "expected"),
        [
            ("night.sky", "cast/Mika.jpg", "cast/Mika.jpg"),
            ("scenes/den.sky", "../cast/Mika.jpg", "cast/Mika.jpg"),
            ("scenes/den.sky", "./bed.png", "scenes/bed.png"),
            ("night.sky", "cast//./Mika.jpg", "cast/Mika.jpg"),
            ("night.sky", r"cast\Mika.jpg", "cast/Mika.jpg"),
            ("night.sky", "~draft.png", "~draft.png"),
            ("night.sky", "演员/小美 一.jpg", "演员/小美 一.jpg"),
        ],
    )
    def test_reads_a_path_from_the_folder_of_the_file_it_stands_in(
        self, project: Path, base: str, reference: str, expected: str
    ) -> None:
        assert DiskFiles(project).resolve(base, reference) == expected

    @pytest.mark.parametrize(
        "reference",
        [
            "../secret.txt",
            "cast/../../secret.txt",
            r"..\secret.txt",
            "/etc/passwd",
            r"C:\cast\Mika.jpg",
            "c:Mika.jpg",
            r"\\server\share\Mika.jpg",
            "~/Mika.jpg",
            "~anna/Mika.jpg",
            "~",
            "file:///etc/passwd",
            "ftp://example.com/a.jpg",
        ],
    )
    def test_a_path_out_of_the_project_is_outside(self, project: Path, reference: str) -> None:
        error = refusal(project, "resolve", "night.sky", reference)
        assert (error.problem, error.path) == (FileProblem.OUTSIDE, reference)
        assert error.detail

    def test_an_absolute_path_into_the_project_is_a_project_path(self, project: Path) -> None:
        reference = (project.resolve() / "cast" / "Mika.jpg").as_posix()
        assert DiskFiles(project).resolve("scenes/den.sky", reference) == "cast/Mika.jpg"

    @pytest.mark.parametrize("reference", ["", "  ", "a\0b.jpg", "a\nb.jpg", "a\x7fb.jpg"])
    def test_what_is_no_path_is_unreadable(self, project: Path, reference: str) -> None:
        assert refusal(project, "resolve", "night.sky", reference).problem is FileProblem.UNREADABLE


class TestRead:
    def test_gives_the_same_source_for_the_same_path(self, project: Path) -> None:
        files = DiskFiles(project)
        source = files.read("night.sky")
        (project / "night.sky").write_text("changed meanwhile")
        assert (source.path, source.text) == ("night.sky", 'storyboard "Night"\n')
        assert files.read("night.sky") is source

    def test_skips_one_byte_order_mark_and_keeps_line_ends(self, project: Path) -> None:
        (project / "bom.sky").write_bytes(b"\xef\xbb\xbf\xef\xbb\xbfa\r\nb\n")
        assert DiskFiles(project).read("bom.sky").text == "\ufeffa\r\nb\n"

    def test_an_empty_file_is_an_empty_text(self, project: Path) -> None:
        (project / "empty.sky").touch()
        assert DiskFiles(project).read("empty.sky").text == ""

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"one\ntwo \xff three", "offset 8 in line 2 is 0xff"),
            (b"\xef\xbb\xbfa\n\xe9t\xe9", "offset 5 in line 2 is 0xe9, é in Latin-1"),
            ("a plain storyboard".encode("utf-16-le"), "it looks like UTF-16"),
            (b"cut \xe5\xb0", "offset 4 in line 1 is 0xe5"),
            (b"zero\n\n\0", "offset 6 in line 3 is zero"),
            ("storyboard".encode("utf-16"), "UTF-16"),
            ("storyboard".encode("utf-32"), "UTF-32"),
        ],
    )
    def test_says_where_a_file_stops_being_text(self, project: Path, content: bytes, said: str) -> None:
        (project / "bad.sky").write_bytes(content)
        error = refusal(project, "read", "bad.sky")
        assert error.problem is FileProblem.NOT_TEXT
        assert said in error.detail

    def test_limits_differ_for_storyboards_and_tables(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(disk_files, "MAX_TEXT_BYTES", 1_000_000)
        for name in ("long.sky", "long.csv"):
            (project / name).write_text("#" * 1_200_000)
        error = refusal(project, "read", "long.sky")
        assert (error.problem, error.detail) == (FileProblem.TOO_LARGE, "1.2 MB; at most 1 MB are read")
        assert len(DiskFiles(project).read("long.csv").text) == 1_200_000

    @pytest.mark.parametrize(
        ("path", "nearest"),
        [
            ("nigth.sky", "night.sky"),
            ("cast/mika.jpg", "cast/Mika.jpg"),
            ("cast/Zoo.wav", None),
            ("kast/Mika.jpg", None),
        ],
    )
    def test_a_missing_file_names_the_nearest(self, project: Path, path: str, nearest: str | None) -> None:
        error = refusal(project, "read", path)
        assert (error.problem, error.nearest) == (FileProblem.MISSING, nearest)

    def test_below_a_file_there_is_nothing(self, project: Path) -> None:
        assert refusal(project, "read", "night.sky/x.sky").problem is FileProblem.MISSING

    def test_a_folder_is_said_to_be_one(self, project: Path) -> None:
        assert refusal(project, "read", "cast").problem is FileProblem.FOLDER
        assert refusal(project, "media", "cast").problem is FileProblem.FOLDER

    def test_a_name_that_no_disk_holds_is_unreadable(self, project: Path) -> None:
        assert refusal(project, "read", "x" * 5000).problem is FileProblem.UNREADABLE
        assert refusal(project, "read", "\ud800.sky").problem is FileProblem.UNREADABLE

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_forbidden_file_is_unreadable(self, project: Path) -> None:
        (project / "night.sky").chmod(0)
        error = refusal(project, "read", "night.sky")
        assert (error.problem, error.detail) == (FileProblem.UNREADABLE, "permission denied")


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes as on POSIX")
class TestOddFiles:
    @pytest.mark.parametrize("action", ["read", "media"])
    def test_a_link_inside_the_project_is_followed_and_one_that_leaves_is_outside(
        self, project: Path, action: str
    ) -> None:
        (project / "inner.sky").symlink_to("night.sky")
        (project / "outer.sky").symlink_to("../secret.txt")
        (project / "out").symlink_to("..")
        getattr(DiskFiles(project), action)("inner.sky")
        for path in ("outer.sky", "out/secret.txt"):
            assert refusal(project, action, path).problem is FileProblem.OUTSIDE

    def test_the_names_of_a_folder_outside_are_not_told(self, project: Path) -> None:
        (project / "out").symlink_to("..")
        assert refusal(project, "read", "out/secret.tx").nearest is None

    def test_a_project_reached_through_a_link_is_whole(self, project: Path, tmp_path: Path) -> None:
        (tmp_path / "alias").symlink_to(project)
        assert DiskFiles(tmp_path / "alias").read("night.sky").text

    def test_links_in_a_circle_end(self, project: Path) -> None:
        (project / "a.sky").symlink_to("b.sky")
        (project / "b.sky").symlink_to("a.sky")
        assert refusal(project, "read", "a.sky").problem is FileProblem.UNREADABLE

    @pytest.mark.parametrize("action", ["read", "media"])
    def test_pipes_and_sockets_never_block(self, project: Path, action: str, monkeypatch: pytest.MonkeyPatch) -> None:
        os.mkfifo(project / "pipe.png")
        monkeypatch.chdir(project)  # a socket's address must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("plug.png")
            for path in ("pipe.png", "plug.png"):
                error = refusal(project, action, path)
                assert (error.problem, error.detail) == (
                    FileProblem.UNREADABLE,
                    "it is a device or a pipe, not a file",
                )


def test_a_file_that_vanishes_between_look_and_opening_is_unreadable(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.open

    def vanish(path: Path, flags: int) -> int:
        path.unlink()
        return original(path, flags)

    monkeypatch.setattr(disk_files.os, "open", vanish)
    assert refusal(project, "read", "night.sky").problem is FileProblem.UNREADABLE


def test_media_of_no_known_kind_still_has_hash_and_size(project: Path) -> None:
    facts = DiskFiles(project).media("night.sky")
    content = (project / "night.sky").read_bytes()
    assert (facts.kind, facts.format) == (None, "")
    assert (facts.sha256, facts.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_digests_are_those_of_what_was_read(project: Path) -> None:
    (project / "night.sky").write_bytes(b'\xef\xbb\xbfstoryboard "Night"\n')
    (project / "rows.csv").write_text("name\nmug\n")
    files = DiskFiles(project)
    assert files.digests() == {}
    files.read("night.sky")
    files.media("cast/Mika.jpg")
    (project / "night.sky").write_text("later")
    assert files.digests() == {
        "night.sky": hashlib.sha256(b'storyboard "Night"\n').hexdigest(),
        "cast/Mika.jpg": hashlib.sha256(b"\xff\xd8\xff\xe0 not really").hexdigest(),
    }
