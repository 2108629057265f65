"""`skyflow serve`: its options reach the sandbox, and a client can talk to it."""

from __future__ import annotations

import re
import signal
import socket
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

import skyflow.sandbox
from skyflow.sandbox import Fault, SandboxSettings

KEY = "sk-Very-Secret-0815"


def generate(url: str, key: str) -> httpx.Response:
    body = {"model": "skyreels-v4-fast", "prompt": "A street."}
    return httpx.post(
        f"{url}/v1/videos/generations", json=body, headers={"Authorization": f"Bearer {key}"}, trust_env=False
    )


def test_what_it_prints_is_enough_for_a_client(folder: Path, serving) -> None:
    with serving("--render", "none") as (process, printed):
        url, key = re.search(r"export SKYFLOW_BASE_URL=(\S+) SKYFLOW_API_KEY=(\S+)\n", printed).groups()
        assert generate(url, key).status_code == 200
        assert generate(url, "another").status_code == 401
        assert (folder / ".skyflow" / "serve").is_dir()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_a_key_of_ones_own_is_not_repeated(folder: Path, serving) -> None:
    with serving("--render", "none", "--dir", "here", SKYFLOW_API_KEY=KEY) as (_, printed):
        assert KEY not in printed
        url = re.search(r"http://\S+", printed)[0]
        assert generate(url, KEY).status_code == 200
        assert (folder / "here").is_dir()


def test_a_port_in_use_is_told(run, folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port))
    assert (ended.code, ended.out) == (4, "")
    assert (
        ended.err
        == f"skyflow: port {port} on 127.0.0.1 is in use; choose another with --port, or 0 for any that is free\n"
    )


def test_every_option_reaches_the_sandbox(run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[SandboxSettings] = []
    monkeypatch.setattr(skyflow.sandbox, "serve", lambda settings, announce: started.append(settings), raising=False)
    words = "--host ::1 --port 9 --dir d --latency 2.5 --render full --seed 7 --balance 12.50 --idempotent --fetch"
    faults = (
        "--allow prompt-too-long --slow-seconds 3 --result-seconds 60 --fault rate-limit=0.25 --fault lost-answer=@3"
    )
    assert run("serve", *words.split(), *faults.split()).code == 0
    assert started == [
        SandboxSettings(
            dir=folder / "d",
            host="::1",
            port=9,
            latency=2.5,
            render="full",
            seed=7,
            balance=Decimal("12.50"),
            faults=(Fault("rate-limit", rate=0.25), Fault("lost-answer", nth=3)),
            idempotent=True,
            fetch=True,
            slow_seconds=3.0,
            result_seconds=60.0,
            allow=("prompt-too-long",),
        )
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--port 65536", "`65536` is no whole number from 0 to 65535"),
        ("--latency -1", "`-1` is no number of seconds"),
        ("--latency nan", "`nan` is no number of seconds"),
        ("--balance lots", "`lots` is no sum of money"),
        ("--balance 1_0", "`1_0` is no sum of money"),
        ("--latency 1_0", "`1_0` is no number of seconds"),
        ("--render hd", "`hd` is none of draft, full, none"),
        ("--fault lost=1", "`lost` is no fault; there are: lost-answer"),
        ("--allow duration-range", "`duration-range` is none of prompt-too-long"),
        ("--fault slow", "`slow` does not say how often"),
    ],
)
def test_wrong_options_are_one_clear_line(run, folder: Path, words: str, said: str) -> None:
    ended = run("serve", *words.split())
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert said in ended.err


def test_without_the_extra_it_says_what_to_install(run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skyflow.cli.serve.find_spec", lambda name: None)
    ended = run("serve")
    assert (ended.code, ended.out) == (4, "")
    assert (
        ended.err
        == 'skyflow: the sandbox is not installed; in the folder that skyflow was installed from: pip install ".[sandbox]"\n'
    )
