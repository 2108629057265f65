"""`skyflow run`: previews from a real sandbox, and what must hold before anything is paid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import skyflow.runner
from skyflow.media import check_playable
from skyflow.planner import Plan
from skyflow.runner import RunResult

KEY = "sk-Very-Secret-0815"
FILM = """\
storyboard "Night"

defaults {
  model = fast
  resolution = 480p
  duration = 3s
}

shot street { prompt = "A street at night." }

shot sea {
  first_frame = last_frame(street)
  prompt = "The sea."
}
"""


@pytest.fixture
def film(folder: Path) -> Path:
    path = folder / "film.sky"
    path.write_text(FILM, encoding="utf-8")
    return path


@pytest.fixture
def live(film: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """A key in the environment, and a runner that only notes what it was asked for."""
    asked: list[dict] = []

    def note(plan: Plan, **options) -> RunResult:
        asked.append({"plan": plan, **options})
        return RunResult(plan.target.name, plan.title, Path("out"), Path("m.json"), (), Decimal(0), Decimal(0), 1.0)

    monkeypatch.setenv("SKYFLOW_API_KEY", KEY)
    monkeypatch.setattr(skyflow.runner, "run_plan", note)
    return asked


def test_a_storyboard_becomes_clips_and_running_again_makes_nothing(run, film: Path) -> None:
    ended = run("run", "film.sky", "-o", "clips")
    assert ended.code == 0, ended.err
    made = film.parent / "clips" / "preview" / "Night"
    assert [check_playable(made / f"{name}.mp4") for name in ("street", "sea")] == pytest.approx([3, 3], abs=0.1)
    assert ended.err.startswith("Night: 2 clips to make\n")
    assert "street  " in ended.out
    assert "Night: 2 made, in " in ended.out
    assert ended.out.endswith(
        "\nthe clips are in clips/preview/Night\njoin them into the film: skyflow film film.sky -o clips\n"
    )
    manifest = json.loads((made / "manifest.json").read_text())
    assert {clip["shot"] for clip in manifest["clips"]} == {"street", "sea"}
    again = run("run", "film.sky", "-o", "clips")
    assert (again.code, again.err) == (0, "Night: 2 there already\n")
    assert "Night: 2 there already, in " in again.out
    assert run("film", "film.sky", "-o", "clips").code == 0
    assert check_playable(made / "film.mp4") == pytest.approx(6, abs=0.1)
    assert "join them" not in run("run", "film.sky", "-o", "clips", "--shot", "street").out


def test_what_happens_is_written_for_other_programs(run, film: Path) -> None:
    ended = run("run", "film.sky", "--events", "events.jsonl", "--rate", "120/min")
    assert ended.code == 0, ended.err
    events = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events[:2]] == ["SandboxStarted", "RunStarted"]
    assert [event["shot"] for event in events if event["event"] == "ClipDone"] == ["street", "sea"]
    assert events[-1] | {"at": 0, "seconds": 0} == {
        "at": 0,
        "event": "RunEnded",
        "clips": {"made": 2},
        "spent": "0.48",
        "uncertain": "0",
        "seconds": 0,
        "exit_code": 0,
        "stopped": "",
    }
    moments = [event["at"] for event in events]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere/events.jsonl", "cannot be written to `nowhere/events.jsonl`: No such file"),
        ("film.sky", "--events would overwrite the storyboard"),
        (".", "Is a directory"),
    ],
)
def test_events_that_cannot_be_written_are_refused_before_anything(run, film: Path, place: str, said: str) -> None:
    ended = run("run", "film.sky", "--events", place)
    assert ended.code == 2
    assert said in ended.err
    assert film.read_text(encoding="utf-8") == FILM
    assert not (film.parent / "out").exists()


def test_a_disk_that_fills_up_ends_the_events_and_not_the_run(run, film: Path) -> None:
    ended = run("run", "film.sky", "--shot", "street", "--events", "/dev/full")
    assert ended.code == 0
    assert ended.err.count("the events are no longer written to /dev/full: No space left") == 1


@pytest.mark.parametrize("rate", ["0", "-1", "fast", "3/hour", "nan", "inf", "2/", "1_0", "２"])
def test_a_rate_is_a_number_of_clips_a_second_or_a_minute(run, film: Path, rate: str) -> None:
    ended = run("run", "film.sky", "--rate", rate)
    assert ended.code == 2
    assert f"`{rate}` is no rate, such as 2 (a second) or 30/min" in ended.err


@pytest.mark.parametrize("budget", ["1_0", "２", "1e3", "-1", "NaN", "inf", "", ".", "1,50", "٣"])
def test_a_budget_is_written_in_plain_digits(run, film: Path, budget: str) -> None:
    ended = run("run", "film.sky", f"--budget={budget}")
    assert ended.code == 2
    assert f"`{budget}` is no sum of money, such as 20 or 12.50 (US dollars)" in ended.err


def test_errors_start_nothing(run, film: Path) -> None:
    film.write_text(FILM.replace("3s", "30s"))
    ended = run("run", "film.sky")
    assert (ended.code, ended.out) == (1, "")
    assert "error[duration-range]" in ended.err
    assert sorted(path.name for path in film.parent.iterdir()) == ["film.sky"]


def test_without_a_web_server_it_says_what_to_install(run, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skyflow.runner.sandbox_process.find_spec", lambda name: None)
    ended = run("run", "film.sky")
    assert ended.code == 4
    assert 'pip install ".[sandbox]"' in ended.err.splitlines()[-1]


def test_a_folder_that_cannot_be_written_is_told(run, film: Path) -> None:
    (film.parent / ".skyflow").write_text("a file where the folder would be")
    ended = run("run", "film.sky")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.count("\n") == 1
    assert ".skyflow" in ended.err


@pytest.mark.parametrize("count", ["0", "-1", "many", "1e3", "100001"])
def test_how_many_at_once_is_a_number_that_makes_sense(run, film: Path, count: str) -> None:
    assert run("run", "film.sky", "--concurrency", count).code == 2


class TestLive:
    def test_without_a_key_it_is_refused(self, run, film: Path) -> None:
        ended = run("run", "film.sky", "--live", "--yes")
        assert (ended.code, ended.out) == (4, "")
        assert ended.err == (
            "skyflow: there is no key: set SKYFLOW_API_KEY, or SKYFLOW_API_KEY_FILE to a file that holds it\n"
        )

    def test_shows_what_it_costs_and_wants_a_yes(self, run, live: list[dict]) -> None:
        ended = run("run", "film.sky", "--live")
        assert (ended.code, ended.out, live) == (4, "", [])
        assert ended.err.splitlines() == [
            "Night: live on https://api.apimart.ai",
            "",
            "SHOT    MODE  SECONDS      COST  STATE",
            "street  T2V         3  0.24 USD  new",
            "sea     I2V         3  0.24 USD  needs street",
            "",
            "asked for  2 clips",
            "to make    2 clips, 6 seconds, 0.48 USD",
            "in a row   2 clips, each waits for the one before: street → sea",
            "prices     of 2026-04-29, exact",
            "skyflow: --live asks before it pays, and nobody is there to answer; add --yes to agree beforehand",
        ]

    def test_yes_beforehand_runs_it(self, run, live: list[dict]) -> None:
        ended = run("run", "film.sky", "--live", "--yes", "--concurrency", "3", "--shot", "street")
        assert ended.code == 0
        [asked] = live
        assert [shot.shot for shot in asked["plan"].shots] == ["street"]
        assert asked["plan"].partial
        assert asked["service"].base_url == "https://api.apimart.ai"
        assert asked["service"].api_key.reveal() == KEY
        assert asked["options"].concurrency == 3
        assert asked["out"] == Path.cwd() / "out"
        assert KEY not in ended.out + ended.err

    def test_the_key_and_its_address_come_from_the_environment(
        self, run, live: list[dict], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SKYFLOW_BASE_URL", "http://gateway.example")
        ended = run("run", "film.sky", "--live", "--yes")
        assert (ended.code, live) == (4, [])
        assert "must begin with https://" in ended.err

    def test_a_budget_is_kept(self, run, live: list[dict]) -> None:
        Path("skyflow.toml").write_text('[budget]\nrun = "0.40"\n')
        ended = run("run", "film.sky", "--live", "--yes")
        assert (ended.code, live) == (4, [])
        assert "the budget of a run is 0.40 USD, and this would cost 0.48 USD" in ended.err
        assert run("run", "film.sky", "--live", "--yes", "--shot", "street").code == 0

    def test_own_prices_and_settings(self, run, live: list[dict]) -> None:
        from importlib.resources import files

        table = files("skyflow.contract").joinpath("prices.toml").read_text(encoding="utf-8")
        Path("prices.toml").write_text(table.replace("480p = 0.08", "480p = 1.00"))
        Path("skyflow.toml").write_text('[project]\nprices = "prices.toml"\nout = "clips"\n[budget]\nday = 99\n')
        ended = run("run", "film.sky", "--live", "--yes")
        assert "to make    2 clips, 6 seconds, 6.00 USD" in ended.err
        assert live[0]["out"] == Path.cwd() / "clips"
        assert live[0]["options"].budget.day == 99

    @pytest.mark.parametrize(
        ("table", "said"), [("currency = 3", "cannot be used"), (None, "prices.toml does not exist")]
    )
    def test_prices_that_cannot_be_read(self, run, live: list[dict], table: str | None, said: str) -> None:
        Path("skyflow.toml").write_text('[project]\nprices = "prices.toml"\n')
        if table is not None:
            Path("prices.toml").write_text(table)
        ended = run("run", "film.sky", "--live", "--yes")
        assert (ended.code, live) == (2, [])
        assert said in ended.err

    def test_what_cannot_be_uploaded_is_said_before_anything(self, run, live: list[dict], film: Path) -> None:
        import wave

        with wave.open("mika.wav", "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(16_000))
        film.write_text(
            'image @Mika = "https://example.com/mika.jpg"\nvoice @Mika = "mika.wav"\n'
            'shot a { model = fast\n prompt = "@Mika speaks." }\n'
        )
        ended = run("run", "film.sky", "--live", "--yes")
        assert (ended.code, live) == (1, [])
        assert "upload-impossible" in ended.err


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a terminal: ours, and the one that a program is started on."""
    ours, theirs = pytest.importorskip("pty").openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("answer", ["n", "", "maybe", "nö"])
def test_whoever_does_not_say_yes_pays_nothing(film: Path, terminal: tuple[int, int], answer: str) -> None:
    ours, theirs = terminal
    with subprocess.Popen(
        [sys.executable, "-m", "skyflow", "run", "film.sky", "--live"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "SKYFLOW_API_KEY": KEY},
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        out, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert out == b""
    assert b"Send 2 clips for 0.48 USD to https://api.apimart.ai? [y/N] " in err
    assert err.endswith(b"skyflow: nothing was started\n")
