"""The calls of the API: their answers, their errors, the life of a task."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from skyflow.sandbox import ALLOWABLE
from skyflow.storyboard.allowances import ALLOWED_ERRORS

CONFORMANCE = Path(__file__).parent.parent / "contract" / "conformance"
FOREST = {"model": "skyreels-v4-fast", "prompt": "A serene forest at sunset."}
SUBMIT = "/v1/videos/generations"


def error(answer: httpx.Response) -> dict[str, object]:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "type"}
    assert body["error"]["code"] == answer.status_code
    return body["error"]


def test_a_request_is_answered_with_a_task(sandbox) -> None:
    answer = sandbox.http.post(SUBMIT, json=FOREST)

    assert answer.status_code == 200
    assert answer.json()["code"] == 200
    [submitted] = answer.json()["data"]
    assert submitted["status"] == "submitted"
    assert re.fullmatch(r"task_[0-9A-HJKMNP-TV-Z]{26}", submitted["task_id"])


def test_a_rule_that_is_allowed_is_not_kept_and_the_others_are(start) -> None:
    sandbox = start(allow=("prompt-too-long",))
    too_long = FOREST | {"prompt": "A serene forest at sunset, " * 400}

    assert sandbox.http.post(SUBMIT, json=too_long).status_code == 200
    refused = error(sandbox.http.post(SUBMIT, json=too_long | {"duration": 99}))
    assert refused["code"] == 422
    assert "duration-range" in str(refused["message"])
    assert "prompt-too-long" not in str(refused["message"])


def test_what_can_be_allowed_is_what_a_storyboard_may_allow() -> None:
    assert set(ALLOWABLE) == ALLOWED_ERRORS


def test_a_task_waits_then_runs_then_is_completed(start) -> None:
    sandbox = start(latency=100)
    task_id = sandbox.submit()
    told = []
    for seconds in (0, 20, 50, 99, 100):
        sandbox.clock.now = 1_800_000_000.0 + seconds
        told.append(sandbox.task(task_id))

    assert [(task["status"], task["progress"]) for task in told] == [
        ("pending", 0),
        ("processing", 20),
        ("processing", 50),
        ("processing", 99),
        ("completed", 100),
    ]
    assert [task["estimated_time"] for task in told] == [100] * 5
    assert "result" not in told[3]
    assert told[4]["created"] == 1_800_000_000
    assert told[4]["completed"] == 1_800_000_100
    assert told[4]["actual_time"] == 100
    [video] = told[4]["result"]["videos"]
    assert video["expires_at"] == 1_800_000_100 + 24 * 3600
    assert httpx.get(video["url"][0]).content[4:8] == b"ftyp"


def test_the_charge_is_told_by_the_finished_task(sandbox) -> None:
    request = FOREST | {"duration": 7, "resolution": "720p"}
    task = sandbox.finished(sandbox.submit(request))

    assert json.loads(json.dumps(task["cost"]), parse_float=Decimal) == Decimal("0.77")
    assert task["credits_cost"] == 77


@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret-of-the-test"}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", SUBMIT), ("GET", "/v1/tasks/x"), ("POST", "/v1/uploads/images"), ("GET", "/_sandbox/journal")],
)
def test_without_the_key_there_is_401(sandbox, method: str, path: str, headers: dict[str, str]) -> None:
    answer = sandbox.http.request(method, path, headers=headers)

    assert answer.status_code == 401
    assert error(answer)["type"] == "authentication_error"


def test_an_unknown_task_is_404(sandbox) -> None:
    assert "no task" in error(sandbox.http.get("/v1/tasks/task_01KPEY5H3NQ2W8D7T6VB3F9GR4"))["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [("GET", "/v1/nothing", 404, ""), ("GET", SUBMIT, 405, "POST"), ("DELETE", "/v1/tasks/x", 405, "GET")],
)
def test_other_calls_have_the_same_error_body(sandbox, method: str, path: str, status: int, allowed: str) -> None:
    answer = sandbox.http.request(method, path)

    assert answer.status_code == status
    assert error(answer)["message"]
    assert allowed in answer.headers.get("allow", "")


def test_a_broken_constraint_is_422_with_id_and_field_path(sandbox) -> None:
    request = FOREST | {
        "duration": 99,
        "mid_frame_images": [{"tag": "@image1", "image_url": "https://example.com/a.png"}],
    }
    answer = sandbox.http.post(SUBMIT, json=request)

    assert answer.status_code == 422
    message = str(error(answer)["message"])
    assert "duration-range at /duration:" in message
    assert "tag-not-in-prompt at /mid_frame_images/0/tag:" in message
    assert sandbox.journal()["billed"] == "0"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "line 1"),
        (b'{"prompt": "\xff"}', "UTF-8"),
        (b"[1, 2]", "object"),
        (b"null", "object"),
        (b'{"duration": NaN}', "NaN"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"duration": ' + b"9" * 5000 + b"}", "a number in it is too long"),
    ],
)
def test_a_body_that_is_no_request_is_422(sandbox, body: bytes, said: str) -> None:
    answer = sandbox.http.post(SUBMIT, content=body)

    assert answer.status_code == 422
    assert said in str(error(answer)["message"])


def test_a_huge_body_is_413_announced_or_not(sandbox) -> None:
    def chunks():
        for _ in range(300):
            yield b" " * 10_000

    for content in (b" " * 3_000_000, chunks()):
        answer = sandbox.http.post(SUBMIT, content=content)
        assert answer.status_code == 413
        assert "1048576" in str(error(answer)["message"])


def test_a_name_that_stands_twice_is_refused(sandbox) -> None:
    answer = sandbox.http.post(SUBMIT, content=b'{"model": "skyreels-v4-fast", "prompt": "x", "prompt": "y"}')

    assert answer.status_code == 422
    assert str(error(answer)["message"]).endswith("`prompt` stands twice in one object")


def test_a_lone_surrogate_is_refused_and_remembered(sandbox) -> None:
    answer = sandbox.http.post(SUBMIT, content=b'{"model": "skyreels-v4-fast", "prompt": "A \\ud800 forest"}')

    assert answer.status_code == 422
    assert "half a character" in str(error(answer)["message"])
    assert b"\\ud800" in sandbox.http.get("/_sandbox/journal").content
    assert sandbox.http.get("/").status_code == 200


def conformance() -> list[dict[str, object]]:
    return [json.loads(line) for line in (CONFORMANCE / "requests.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_conformance_requests_are_met(sandbox) -> None:
    for case in conformance():
        answer = sandbox.http.post(SUBMIT, json=case["request"])
        if not case["errors"]:
            assert answer.status_code == 200, case["id"]
            continue
        assert answer.status_code == 422, case["id"]
        found = set(re.findall(r"(?:^|; )([a-z-]+) at (?:/|the request)", str(error(answer)["message"])))
        assert set(case["errors"]) <= found <= set(case["errors"]) | set(case["also"]), case["id"]


def test_the_examples_of_the_page_are_accepted(sandbox) -> None:
    for case in json.loads((CONFORMANCE / "page-examples.json").read_text(encoding="utf-8")):
        assert sandbox.finished(sandbox.submit(case["request"]))["status"] == "completed"


def test_when_the_balance_is_spent_there_is_402_and_nothing_is_billed(start) -> None:
    sandbox = start(balance=Decimal("3.00"))
    sandbox.submit()
    sandbox.submit()
    answer = sandbox.http.post(SUBMIT, json=FOREST)

    assert answer.status_code == 402
    assert "0.25" in str(error(answer)["message"])
    assert sandbox.journal() | {"entries": None} == {
        "entries": None,
        "tasks": 2,
        "billed": "2.750",
        "balance": "0.250",
        "currency": "USD",
    }


def test_an_idempotency_key_is_ignored_unless_told_otherwise(start) -> None:
    plain = start()
    honest = start(dir=plain.settings.dir / "other", idempotent=True)
    key = {"Idempotency-Key": "one"}

    assert plain.submit(**key) != plain.submit(**key)
    assert honest.submit(**key) == honest.submit(**key)
    assert honest.journal()["billed"] == "1.375"
    assert [entry["billed"] for entry in honest.journal()["entries"]] == ["1.375", "0"]


def test_the_journal_tells_what_was_received_and_billed(sandbox) -> None:
    task_id = sandbox.submit(FOREST | {"resolution": "480p"}, **{"Idempotency-Key": "k-1"})
    sandbox.http.post(SUBMIT, json={"model": "x"})
    [taken, refused] = sandbox.journal()["entries"]

    assert (taken["task_id"], taken["status"], taken["billed"], taken["idempotency_key"]) == (
        task_id,
        200,
        "0.40",
        "k-1",
    )
    assert taken["request"] == FOREST | {"resolution": "480p"}
    assert taken["answered"] is True
    assert (refused["task_id"], refused["status"], refused["billed"], refused["request"]) == (
        None,
        422,
        "0",
        {"model": "x"},
    )


def test_the_journal_can_be_read_in_parts(sandbox) -> None:
    for _ in range(4):
        sandbox.submit()

    part = sandbox.http.get("/_sandbox/journal", params={"after": 1, "limit": 2}).json()

    assert [entry["number"] for entry in part["entries"]] == [2, 3]
    assert sandbox.http.get("/_sandbox/journal", params={"after": "-1"}).status_code == 422


def test_a_reference_clip_is_billed_by_its_own_length(sandbox, clip) -> None:
    url = sandbox.local(clip(seconds=4.0))
    request = {
        "model": "skyreels-v4-fast",
        "prompt": "She copies @move.",
        "resolution": "480p",
        "ref_videos": [{"tag": "@move", "type": "reference", "video_url": url}],
    }

    assert sandbox.finished(sandbox.submit(request))["cost"] == 0.6
    request["ref_videos"][0]["video_url"] = "https://example.com/unknown.mp4"
    assert sandbox.finished(sandbox.submit(request))["cost"] == 1.5


def test_files_that_last_too_long_are_refused(sandbox, clip, voice) -> None:
    video, sound = sandbox.local(clip(seconds=15.5)), sandbox.local(voice(seconds=16))
    asked = {
        "video-too-long at /ref_videos/0/video_url": {
            "prompt": "Go on from @a.",
            "ref_videos": [{"tag": "@a", "type": "extend", "video_url": video}],
        },
        "audio-too-long at /ref_images/0/audio_url": {
            "prompt": "@b speaks.",
            "ref_images": [
                {"tag": "@b", "type": "image", "image_urls": ["https://example.com/b.png"], "audio_url": sound}
            ],
        },
    }
    for said, fields in asked.items():
        answer = sandbox.http.post(SUBMIT, json={"model": "skyreels-v4-fast"} | fields)
        assert answer.status_code == 422
        assert said in answer.json()["error"]["message"]


def test_the_page_shows_clips_here_and_escapes_prompts(sandbox) -> None:
    sandbox.finished(sandbox.submit(FOREST | {"prompt": "<script>alert(1)</script> & a forest"}))
    page = httpx.get(sandbox.url).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; a forest" in page
    assert "<script>" not in page
    assert '<video controls loop muted preload="metadata" src="http://127.0.0.1' in page
    assert sandbox.settings.key not in page


def test_the_page_shows_no_prompt_under_a_foreign_name(sandbox) -> None:
    sandbox.submit()

    assert "serene" not in httpx.get(sandbox.url, headers={"Host": "evil.example"}).text
