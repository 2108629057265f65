"""Misbehaviour on purpose, each fault by its name."""

from __future__ import annotations

import httpx
import pytest

from skyflow.sandbox import FAULTS, FaultUnknown, parse_fault
from skyflow.sandbox.faults import Fault, FaultPlan

FOREST = {"model": "skyreels-v4-fast", "prompt": "A serene forest at sunset."}
SUBMIT = "/v1/videos/generations"


def test_every_fault_of_the_issue_is_there() -> None:
    assert set(FAULTS) == {
        "lost-answer",
        "error-500",
        "rate-limit",
        "slow",
        "task-fails",
        "moderation",
        "truncated-download",
        "expired-url",
        "odd-answer",
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("slow=0.25", Fault("slow", rate=0.25)),
        ("slow=1", Fault("slow", rate=1.0)),
        ("slow=.5", Fault("slow", rate=0.5)),
        ("lost-answer=@3", Fault("lost-answer", nth=3)),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    "text", ["", "slow", "slow=", "slow=2", "slow=-1", "slow=nan", "slow=@0", "slow=@x", "x=1", "slow=1e9"]
)
def test_what_is_no_fault_says_what_would_be_right(text: str) -> None:
    with pytest.raises(FaultUnknown, match=r"there are: lost-answer|write"):
        parse_fault(text)


@pytest.mark.parametrize(
    ("text", "meant"), [("error500=1", "error-500"), ("slo=1", "slow"), ("Rate_Limit=@2", "rate-limit")]
)
def test_a_misspelt_fault_is_told_the_right_one(text: str, meant: str) -> None:
    with pytest.raises(FaultUnknown, match=f"did you mean `{meant}`"):
        parse_fault(text)


def test_faults_strike_alike_with_the_same_seed_and_about_as_often_as_told() -> None:
    def strikes(seed: int) -> list[bool]:
        passed = iter(range(1, 1001))
        plan = FaultPlan([Fault("slow", rate=0.3)], seed, lambda name: next(passed))
        return [plan.strikes("slow") for _ in range(1000)]

    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)
    assert 240 < sum(strikes(1)) < 360


def test_a_lost_answer_is_billed_all_the_same(start) -> None:
    sandbox = start(faults=["lost-answer=@2"])
    sandbox.submit()
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.http.post(SUBMIT, json=FOREST, headers={"Idempotency-Key": "lost"})
    entries = sandbox.journal()["entries"]

    assert [(entry["status"], entry["answered"], entry["fault"]) for entry in entries] == [
        (200, True, None),
        (None, False, "lost-answer"),
    ]
    assert entries[1]["idempotency_key"] == "lost"
    assert sandbox.journal()["billed"] == "2.750"
    assert sandbox.finished(entries[1]["task_id"])["status"] == "completed"


def test_rate_limit_and_error_500_bill_nothing(start) -> None:
    sandbox = start(faults=["rate-limit=@1", "error-500=@1"])
    first, second = sandbox.http.post(SUBMIT, json=FOREST), sandbox.http.post(SUBMIT, json=FOREST)

    assert (first.status_code, first.headers["Retry-After"], first.json()["error"]["type"]) == (
        429,
        "1",
        "rate_limit_error",
    )
    assert (second.status_code, second.json()["error"]["type"]) == (500, "server_error")
    assert sandbox.journal()["billed"] == "0"
    assert [entry["fault"] for entry in sandbox.journal()["entries"]] == ["rate-limit", "error-500"]
    assert sandbox.submit()


def test_slow_holds_an_answer_back(start) -> None:
    sandbox = start(faults=["slow=@1"], slow_seconds=0.5)

    with pytest.raises(httpx.ReadTimeout):
        sandbox.http.post(SUBMIT, json=FOREST, timeout=0.1)
    assert sandbox.submit()


def test_a_task_that_fails_gives_its_charge_back(start) -> None:
    sandbox = start(faults=["task-fails=@1"])
    task = sandbox.finished(sandbox.submit())
    entries = sandbox.journal()["entries"]

    assert (task["status"], task["cost"]) == ("failed", 0)
    assert set(task["error"]) == {"code", "message", "type"}
    assert "result" not in task
    assert [(entry["call"], entry["billed"]) for entry in entries] == [
        (f"POST {SUBMIT}", "1.375"),
        ("refund", "-1.375"),
    ]
    assert sandbox.journal()["billed"] == "0.000"


def test_moderation_refuses_a_task_and_keeps_its_charge(start) -> None:
    sandbox = start(faults=["moderation=@1"])
    task = sandbox.finished(sandbox.submit())

    assert (task["status"], task["cost"], task["error"]["type"]) == ("failed", 1.375, "moderation_refused")
    assert sandbox.journal()["billed"] == "1.375"


def test_a_download_breaks_off_in_its_middle(start) -> None:
    sandbox = start(faults=["truncated-download=@1"])
    url = sandbox.finished(sandbox.submit())["result"]["videos"][0]["url"][0]
    received = bytearray()

    def download() -> None:
        with httpx.stream("GET", url) as answer:
            for chunk in answer.iter_raw():
                received.extend(chunk)

    with pytest.raises(httpx.RemoteProtocolError):
        download()
    whole = httpx.get(url)

    assert len(received) == len(whole.content) // 2
    assert whole.content.startswith(bytes(received))


def test_an_expired_url_is_followed_by_a_good_one(start) -> None:
    sandbox = start(faults=["expired-url=@1"])
    task_id = sandbox.submit()
    [expired], [good] = sandbox.finished(task_id)["result"]["videos"], sandbox.finished(task_id)["result"]["videos"]

    assert expired["expires_at"] < sandbox.clock.now
    assert httpx.get(expired["url"][0]).status_code == 403
    assert httpx.get(good["url"][0]).status_code == 200


def test_odd_answers_are_odd_and_mean_the_same(start) -> None:
    sandbox = start(faults=["odd-answer=1", "task-fails=@2"], latency=10)
    good, bad = sandbox.submit(), sandbox.submit()
    running = sandbox.task(good)
    sandbox.clock.now += 10

    assert running["status"] not in ("pending", "processing", "submitted", "completed", "failed", "cancelled")
    assert isinstance(sandbox.task(good)["result"]["videos"][0]["url"], str)
    assert isinstance(sandbox.task(bad)["error"], str)


def test_the_nth_time_is_counted_across_restarts(start) -> None:
    first = start(faults=["lost-answer=@2"])
    first.submit()
    first.stop()
    second = start(faults=["lost-answer=@2"])

    with pytest.raises(httpx.RemoteProtocolError):
        second.http.post(SUBMIT, json=FOREST)
    assert second.submit()
