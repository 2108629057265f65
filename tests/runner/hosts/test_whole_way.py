"""The command line from check to run, with a local voice and a local clip, a sandbox as the API and a real bucket as its host."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import skyflow
from skyflow.cli.main import main
from skyflow.config import BucketHost

MEDIA = Path(__file__).parents[2] / "rules" / "upload-impossible"
FILM = """\
defaults {
  model = fast
  resolution = 480p
}
image @Mika = "cast/mika.png"
voice @Mika = "cast/mika.wav"
video @move = "cast/move.mp4"

shot street { prompt = "@Mika moves like @move." }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "cast").mkdir(parents=True)
    for name in ("mika.png", "mika.wav", "move.mp4"):
        shutil.copy(MEDIA / name, root / "cast")
    (root / "film.sky").write_text(FILM, encoding="utf-8")
    (root / "skyflow.toml").touch()
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def service(start_sandbox: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    sandbox = start_sandbox()
    monkeypatch.setenv("SKYFLOW_BASE_URL", sandbox.url)
    monkeypatch.setenv("SKYFLOW_API_KEY", sandbox.key)
    return sandbox


def name_bucket(project: Path, host: BucketHost) -> None:
    text = f'[host]\nkind = "s3"\nbucket = "{host.bucket}"\nendpoint = "{host.endpoint}"\n'
    (project / "skyflow.toml").write_text(text, encoding="utf-8")


def requests_of(service: Any) -> list[dict[str, Any]]:
    return [entry["request"] for entry in service.journal()["entries"] if "prompt" in (entry["request"] or ())]


def test_a_film_with_a_voice_and_a_clip(project, service, store, keys, capsys) -> None:
    host = store.bucket()
    name_bucket(project, host)
    keys(host)
    for words in (["check", "--live", "film.sky"], ["plan", "--live", "film.sky"]):
        assert main(words) == 0, capsys.readouterr()
    assert main(["run", "--live", "--yes", "film.sky"]) == 0
    [request] = requests_of(service)
    urls = {"mika.wav": request["ref_images"][0]["audio_url"], "move.mp4": request["ref_videos"][0]["video_url"]}
    for name, url in urls.items():
        assert httpx.get(url, trust_env=False).content == (MEDIA / name).read_bytes()
    assert sorted(store.objects(host).values()) == sorted((MEDIA / name).read_bytes() for name in urls)
    assert main(["log", *keys_of(project)]) == 0
    assert main(["status"]) == 0
    said = capsys.readouterr()
    written = [
        path.read_bytes() for path in project.rglob("*") if path.is_file() and path.suffix not in (".mp4", ".wav")
    ]
    everything = b"".join((said.out.encode(), said.err.encode(), *written))
    assert b"X-Amz-Signature=***" in everything
    secrets = [re.search(r"X-Amz-Signature=(\w+)", url)[1] for url in urls.values()]
    for secret in (*secrets, "AKFILM0815", "a-very-secret-secret-key"):
        assert secret.encode() not in everything


def keys_of(project: Path) -> list[str]:
    with_ledger = skyflow.plan(project / "film.sky", live=True)
    return [shot.key for shot in with_ledger.shots][:1]


def test_a_bucket_in_trouble_is_told_and_nothing_is_sent(project, service, store, keys, capsys) -> None:
    host = store.bucket()
    name_bucket(project, host)
    keys(host, secret="another-secret")
    assert main(["run", "--live", "--yes", "film.sky"]) == 4
    said = capsys.readouterr().err
    assert "the secret key that the environment gives is not that of the bucket" in said
    assert "Nothing was billed." in said
    assert "another-secret" not in said
    assert requests_of(service) == []


def test_a_bucket_that_only_the_project_names_is_refused(project, service, store, keys, monkeypatch, capsys) -> None:
    host = store.bucket()
    name_bucket(project, host)
    keys(host)
    monkeypatch.delenv("SKYFLOW_BUCKET")
    assert main(["run", "--live", "--yes", "film.sky"]) == 4
    assert f"export SKYFLOW_BUCKET={host.endpoint}/{host.bucket}" in capsys.readouterr().err
    assert requests_of(service) == []
    assert store.objects(host) == {}


def test_without_a_host_all_ways_say_the_same(project, service, capsys) -> None:
    for words in (["check", "--live"], ["plan", "--live"], ["run", "--live", "--yes"]):
        assert main([*words, "film.sky"]) == 1
        said = "".join(capsys.readouterr())
        assert said.count("error[upload-impossible]") == 2
        assert "[host] in skyflow.toml" in said
    for call in (skyflow.plan, skyflow.run):
        with pytest.raises(skyflow.StoryboardError, match="upload-impossible"):
            call("film.sky", live=True)
    assert main(["check", "film.sky"]) == 0
    assert requests_of(service) == []


def test_a_folder_that_is_published(project, service, start_site, capsys) -> None:
    site = start_site(project / "cast")
    settings = f'[host]\nkind = "static"\nurl = "{site.url}"\nfolder = "cast"\n'
    (project / "skyflow.toml").write_text(settings, encoding="utf-8")
    assert main(["run", "--live", "--yes", "film.sky"]) == 0, capsys.readouterr().err
    [request] = requests_of(service)
    assert request["ref_images"][0]["audio_url"] == f"{site.url}mika.wav"
    assert request["ref_videos"][0]["video_url"] == f"{site.url}move.mp4"


def test_what_is_not_published_yet_is_told(project, service, start_site, tmp_path, capsys) -> None:
    (tmp_path / "site").mkdir()
    site = start_site(tmp_path / "site")
    settings = f'[host]\nkind = "static"\nurl = "{site.url}"\nfolder = "cast"\n'
    (project / "skyflow.toml").write_text(settings, encoding="utf-8")
    shutil.copy(MEDIA / "mika.wav", tmp_path / "site")
    assert main(["run", "--live", "--yes", "film.sky"]) == 4
    said = " ".join(capsys.readouterr().err.split())
    assert f"there is nothing at {site.url}move.mp4 (status 404)" in said
    assert f"[host] in skyflow.toml maps `cast/` to {site.url}" in said
    assert requests_of(service) == []


def test_a_file_outside_of_the_published_folder_is_a_mistake(project, service, capsys) -> None:
    settings = '[host]\nkind = "static"\nurl = "https://cdn.example.com/film/"\nfolder = "public"\n'
    (project / "skyflow.toml").write_text(settings, encoding="utf-8")
    (project / "public").mkdir()
    (project / "cast" / "mika.wav").rename(project / "public" / "mika.wav")
    text = FILM.replace("cast/mika.wav", "public/mika.wav")
    (project / "film.sky").write_text(text, encoding="utf-8")
    assert main(["check", "--live", "film.sky"]) == 1
    said = "".join(capsys.readouterr())
    assert said.count("error[upload-impossible]") == 1
    assert "`cast/move.mp4` is a local clip, and it lies outside of `public`, the folder that the host" in said
    assert "publish it below https://cdn.example.com/film/" in said


def test_each_variant_is_asked_for_its_own_file(project, service, capsys) -> None:
    """Variants are cast from a mould: a path that only one of them has must not slip through."""
    settings = '[host]\nkind = "static"\nurl = "https://cdn.example.com/film/"\nfolder = "cast"\n'
    (project / "skyflow.toml").write_text(settings, encoding="utf-8")
    shutil.copy(MEDIA / "mika.wav", project / "elsewhere.wav")
    shutil.copy(MEDIA / "mika.wav", project / "cast" / "other.wav")
    axis = 'var sound = "cast/mika.wav" | "cast/other.wav" | "elsewhere.wav"\n'
    text = axis + FILM.replace('"cast/mika.wav"', '"{{ sound }}"')
    (project / "film.sky").write_text(text, encoding="utf-8")
    assert main(["check", "--live", "film.sky"]) == 1
    said = "".join(capsys.readouterr())
    assert said.count("error[upload-impossible]") == 1
    assert "`elsewhere.wav` is a local sound" in said
