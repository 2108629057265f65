"""`python -m skyflow.sandbox`: a process of its own, its one line, its end, its refusals."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

FOREST = {"model": "skyreels-v4-fast", "prompt": "A serene forest at sunset."}
Launch = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    started = []

    def start(*arguments: str, key: str = "k-e-y") -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name != "SKYFLOW_API_KEY"}
        process = subprocess.Popen(
            [sys.executable, "-m", "skyflow.sandbox", "--dir", str(tmp_path / "sandbox"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | ({"SKYFLOW_API_KEY": key} if key else {}),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        with process:  # closes its pipes and waits
            continue


def ready(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_it_says_where_it_is_and_ends_with_its_parent(launch: Launch) -> None:
    process = launch("--render", "none", "--die-with-parent")
    told = ready(process)

    assert told == {"url": told["url"], "pid": process.pid}
    with httpx.Client(base_url=str(told["url"]), headers={"Authorization": "Bearer k-e-y"}) as http:
        assert http.post("/v1/videos/generations", json=FOREST).status_code == 200
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""


def test_it_takes_a_long_prompt_where_that_is_allowed(launch: Launch) -> None:
    told = ready(launch("--render", "none", "--allow", "prompt-too-long"))
    too_long = FOREST | {"prompt": "A serene forest at sunset, " * 400}

    with httpx.Client(base_url=str(told["url"]), headers={"Authorization": "Bearer k-e-y"}) as http:
        assert http.post("/v1/videos/generations", json=too_long).status_code == 200


def test_without_a_key_it_makes_one_and_says_it(launch: Launch) -> None:
    told = ready(launch("--render", "none", key=""))
    headers = {"Authorization": f"Bearer {told['key']}"}

    assert len(str(told["key"])) >= 32
    assert httpx.get(f"{told['url']}/_sandbox/journal", headers=headers).status_code == 200


def test_a_killed_server_has_forgotten_nothing(launch: Launch) -> None:
    headers = {"Authorization": "Bearer k-e-y"}
    first = launch("--render", "none", "--latency", "3600")
    answer = httpx.post(f"{ready(first)['url']}/v1/videos/generations", json=FOREST, headers=headers).json()
    first.kill()
    first.wait()
    url = ready(launch("--render", "none"))["url"]
    task = httpx.get(f"{url}/v1/tasks/{answer['data'][0]['task_id']}", headers=headers).json()["data"]

    assert task["status"] == "completed"
    assert httpx.get(f"{url}/_sandbox/journal", headers=headers).json()["billed"] == "1.375"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "lost-anwser=1"], "`lost-anwser` is no fault; did you mean `lost-answer`?"),
        (["--fault", "slow"], "write slow=0.1"),
        (["--port", "99999"], "no port"),
        (["--latency", "-1"], "no length of time"),
        (["--balance", "much"], "no sum of money"),
        (["--balance", "NaN"], "no sum of money"),
        (["--render", "best"], "invalid choice"),
    ],
)
def test_wrong_usage_is_exit_code_2(launch: Launch, arguments: list[str], said: str) -> None:
    process = launch(*arguments)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert said in errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_exit_code_4(launch: Launch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = launch("--port", port)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 4
    assert (
        errors
        == f"skyflow sandbox: port {port} on 127.0.0.1 is in use; choose another with --port, or 0 for any that is free\n"
    )


def test_a_folder_that_cannot_be_written_is_exit_code_4(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "sandbox").write_text("a file")
    process = launch()
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 4
    assert errors.startswith("skyflow sandbox: cannot write to")
    assert errors.count("\n") == 1


def test_an_address_of_another_machine_is_exit_code_4(launch: Launch) -> None:
    process = launch("--host", "192.0.2.1")
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 4
    assert "--host" in errors
