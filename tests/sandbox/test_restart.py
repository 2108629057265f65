"""What a folder remembers, and what happens to tasks that were under way."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from skyflow.media import check_playable
from skyflow.sandbox import SandboxRefused, SandboxSettings, create_app
from skyflow.sandbox.store import DATABASE, Store

FOREST = {"model": "skyreels-v4-fast", "prompt": "A serene forest at sunset."}


def test_tasks_uploads_journal_and_balance_survive(start, picture) -> None:
    first = start(balance=Decimal(10))
    task_id, upload = first.submit(), first.upload(picture())
    told, journal = first.finished(task_id), first.journal()
    first.stop()
    second = start(balance=Decimal(10), clock=first.clock)

    assert second.journal() == journal
    assert {**second.task(task_id), "result": None} == {**told, "result": None}
    old, new = told["result"]["videos"][0]["url"][0], second.task(task_id)["result"]["videos"][0]["url"][0]
    assert old.split("/results/")[1] == new.split("/results/")[1]
    assert httpx.get(new).status_code == 200
    assert second.http.get(upload.split(first.url)[1]).content == picture().read_bytes()


def test_a_task_that_was_under_way_goes_on(start, tmp_path: Path) -> None:
    first = start(latency=1000)
    task_id = first.submit()
    assert first.task(task_id)["status"] == "pending"
    first.stop()
    second = start(clock=first.clock, latency=1000)
    first.clock.now += 1000

    assert second.task(task_id)["status"] == "completed"
    assert second.journal()["billed"] == "1.375"


def test_a_task_that_was_not_rendered_yet_is_rendered_after_the_restart(start, tmp_path: Path) -> None:
    first = start(latency=1000)
    task_id = first.submit(FOREST | {"duration": 3})
    first.stop()
    second = start(render="draft", clock=first.clock)

    assert check_playable(second.clip(task_id, tmp_path / "a.mp4")) == pytest.approx(3.0)


def test_references_are_found_under_the_old_address(start, picture, tmp_path: Path) -> None:
    first = start()
    url = first.upload(picture("square.png", (100, 100)))
    first.stop()
    second = start(render="draft", clock=first.clock)
    path = second.clip(second.submit(FOREST | {"first_frame_image": url, "duration": 3}), tmp_path / "a.mp4")

    from skyflow.media import probe_media

    assert (probe_media(path).width, probe_media(path).height) == (360, 360)


def test_two_sandboxes_never_share_a_folder(start) -> None:
    running = start()

    with pytest.raises(SandboxRefused, match="another sandbox is using"):
        start(dir=running.settings.dir)
    assert running.submit()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(SandboxRefused, match=r"cannot write to .*--dir"):
        create_app(SandboxSettings(tmp_path / "file", key="k"))


def test_a_damaged_memory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"this is no database at all" * 100)

    with pytest.raises(SandboxRefused, match="no sandbox's memory"):
        create_app(SandboxSettings(tmp_path, key="k"))
    assert (tmp_path / DATABASE).read_bytes().startswith(b"this is")


def test_the_memory_of_a_newer_skyflow_is_refused(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store._db.execute("PRAGMA user_version = 99")
    store.close()

    with pytest.raises(SandboxRefused, match="newer skyflow"):
        Store.open(tmp_path)


def test_a_sandbox_without_a_key_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without a key"):
        create_app(SandboxSettings(tmp_path))
