"""The file itself: what is found in its place, who may write it, which schema it has. Nothing that was there is ever lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import pytest

from skyflow.ledger import (
    LedgerBusyError,
    LedgerCorruptError,
    LedgerError,
    LedgerFullError,
    LedgerReadOnlyError,
    LedgerVersionError,
    Queued,
    SeenShot,
    ledger_path,
    open_ledger,
    read_ledger,
)
from skyflow.ledger import database as database_module
from skyflow.ledger.database import Database, open_database, read_database
from skyflow.ledger.schema import MIGRATIONS

LATER = (
    *MIGRATIONS,
    "CREATE TABLE further (name TEXT PRIMARY KEY); -- a later skyflow\nINSERT INTO further VALUES ('x');\n",
)
SEEN = [SeenShot("", "street", 1, "a" * 64, "{}")]


def test_an_older_file_is_brought_up_to_date_and_a_copy_is_kept(tmp_path, target) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.shots.see(target, "film.sky", SEEN)
    path = ledger_path(tmp_path)
    later = open_database(path, LATER)
    assert later.row("SELECT count(*) FROM shot")[0] == 1
    assert later.row("SELECT name FROM further")[0] == "x"
    later.close()
    copy = sqlite3.connect(path.with_name(f"ledger.db.before-schema-{len(LATER)}"))
    assert copy.execute("SELECT count(*) FROM shot").fetchone()[0] == 1
    copy.close()


def test_a_file_of_the_first_schema_becomes_one_of_today(tmp_path, target, order) -> None:
    path = ledger_path(tmp_path)
    first = open_database(path, MIGRATIONS[:1])
    with first.transaction():
        first.write(
            "INSERT INTO run (id, target, storyboard, pid, process_start, host, started_at, heartbeat_at)"
            " VALUES ('old', ?, 'film.sky', 1, '', 'elsewhere', 1, 1)",
            (target.name,),
        )
    first.close()
    with open_ledger(tmp_path) as ledger:
        assert not ledger.live.is_stop_asked("old")
        run = ledger.runs.start(target, "film.sky")
        ledger.live.enqueue(run, [Queued(run, target, "a" * 64, order().label, order().estimate)])
        assert [clip.key for clip in ledger.live.queued()] == ["a" * 64]


def test_an_older_file_can_be_read_without_being_changed(tmp_path, target) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.shots.see(target, "film.sky", SEEN)
    later = read_database(ledger_path(tmp_path), LATER)
    assert later.row("SELECT name FROM further")[0] == "x"
    assert later.row("SELECT count(*) FROM shot")[0] == 1
    later.close()
    with open_ledger(tmp_path) as ledger:
        assert ledger.shots.known(target, "film.sky")


def test_a_migration_that_fails_changes_nothing(tmp_path, target) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.shots.see(target, "film.sky", SEEN)
    broken = (*MIGRATIONS, "CREATE TABLE further (name TEXT);\nCREATE TABLE further (name TEXT);\n")
    with pytest.raises(LedgerError):
        open_database(ledger_path(tmp_path), broken)
    with open_ledger(tmp_path) as ledger:
        assert ledger.shots.known(target, "film.sky")


@pytest.mark.parametrize("opener", [open_ledger, read_ledger])
def test_a_file_of_a_newer_skyflow_is_left_alone(tmp_path, opener) -> None:
    open_database(ledger_path(tmp_path), LATER).close()
    before = ledger_path(tmp_path).read_bytes()
    with pytest.raises(
        LedgerVersionError, match=rf"schema {len(LATER)}; this one knows {len(MIGRATIONS)}.*Update skyflow"
    ):
        opener(tmp_path)
    assert ledger_path(tmp_path).read_bytes() == before


@pytest.mark.parametrize("opener", [open_ledger, read_ledger])
@pytest.mark.parametrize(
    "content", [b"this is no database at all, but a text file" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_left_alone(tmp_path, opener, content) -> None:
    path = ledger_path(tmp_path)
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(LedgerCorruptError, match="Do not delete it"):
        opener(tmp_path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("opener", [open_ledger, read_ledger])
def test_another_programs_database_is_left_alone(tmp_path, opener) -> None:
    path = ledger_path(tmp_path)
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photos (name TEXT)")
    other.commit()
    other.close()
    with pytest.raises(LedgerCorruptError, match="no ledger of skyflow"):
        opener(tmp_path)


def test_a_full_disk_keeps_what_was_written(tmp_path, target) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.shots.see(target, "film.sky", SEEN)
        pages = ledger._database.row("PRAGMA page_count")[0]
        ledger._database.rows(f"PRAGMA max_page_count = {pages}")
        many = [SeenShot("", f"shot {number}", 1, "a" * 64, "{}") for number in range(5000)]
        with pytest.raises(LedgerFullError, match="Make room"):
            ledger.shots.see(target, "film.sky", many)
        assert ledger.shots.known(target, "film.sky") == {("", "street", 1): "a" * 64}


def test_a_ledger_that_may_not_be_written_says_so(tmp_path, target) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.shots.see(target, "film.sky", SEEN)
    path = ledger_path(tmp_path)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    reader = Database(path, connection)
    with pytest.raises(LedgerReadOnlyError, match="may not be written"), reader.transaction():
        reader.write("DELETE FROM shot")
    reader.close()


def test_a_folder_that_cannot_be_made_says_so(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LedgerReadOnlyError, match="cannot be made"):
        open_ledger(tmp_path / "file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("opener", [open_ledger, read_ledger])
def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(tmp_path, opener) -> None:
    ledger_path(tmp_path).parent.mkdir()
    os.mkfifo(ledger_path(tmp_path))
    with pytest.raises(LedgerError, match="is no file"):
        opener(tmp_path)


def test_a_folder_in_the_place_of_the_file_says_so(tmp_path) -> None:
    ledger_path(tmp_path).mkdir(parents=True)
    with pytest.raises(LedgerError, match="is no file"):
        open_ledger(tmp_path)


def test_a_file_that_somebody_keeps_locked_says_so(tmp_path, monkeypatch) -> None:
    with open_ledger(tmp_path):
        pass
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.0)
    other = sqlite3.connect(ledger_path(tmp_path), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerBusyError, match="locked by another program"):
        open_ledger(tmp_path)
    other.close()


_OPEN = "import sys; from pathlib import Path; from skyflow.ledger import open_ledger; open_ledger(Path(sys.argv[1])).close()"


def test_many_processes_may_make_the_ledger_at_once(tmp_path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", _OPEN, str(tmp_path)]) for _ in range(6)]
    assert [process.wait() for process in started] == [0] * 6
    with read_ledger(tmp_path) as ledger:
        assert ledger._database.row("SELECT count(*) FROM meta")[0] == 1
