"""The service's answers: as it promises them, as gateways send them, and as the sandbox writes them."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.contract import (
    AnswerUnreadable,
    ApiError,
    ErrorAnswer,
    SubmitAnswer,
    TaskAnswer,
    UploadAnswer,
    check_request,
    read_answer,
    read_error,
    refusal,
)
from skyflow.contract.answers import ResultVideo, Task, TaskResult

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def task(**fields):
    return read_answer(TaskAnswer, {"code": 200, "data": {"id": "task_1", "status": "processing", **fields}}).data


def test_submit_as_promised():
    body = {"code": 200, "data": [{"status": "submitted", "task_id": "task_01KPEY5H3NQ2W8D7T6VB3F9GR4"}]}
    assert read_answer(SubmitAnswer, body).task_ids == ("task_01KPEY5H3NQ2W8D7T6VB3F9GR4",)
    assert SubmitAnswer.of("task_1").as_json() == {"code": 200, "data": [{"task_id": "task_1", "status": "submitted"}]}


def test_submit_with_one_object_instead_of_a_list():
    assert read_answer(SubmitAnswer, {"data": {"task_id": "task_1", "extra": 1}}).task_ids == ("task_1",)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "<html>Bad gateway</html>",
        {},
        {"data": []},
        {"data": None},
        {"data": [{}]},
        {"data": [{"task_id": ""}]},
        {"data": [{"task_id": 7}]},
    ],
)
def test_a_submit_answer_without_a_task_id_is_unreadable(body):
    with pytest.raises(AnswerUnreadable, match="not what the service promises"):
        read_answer(SubmitAnswer, body)


def test_unreadable_answers_say_what_the_service_said():
    with pytest.raises(AnswerUnreadable) as refused:
        read_answer(SubmitAnswer, {"code": 402, "message": "no\n credit"})
    assert (
        str(refused.value)
        == "the answer is not what the service promises: `data` is missing or no good (it says: no credit)"
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("submitted", "running"),
        ("pending", "running"),
        ("processing", "running"),
        ("queued", "running"),
        ("", "running"),
        (None, "running"),
        (3, "running"),
        ("completed", "completed"),
        ("COMPLETED ", "completed"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
def test_the_state_of_a_task(status, state):
    assert task(status=status).state == state


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (0, 0),
        (100, 100),
        (-1, 0),
        (250, 100),
        ("80", 80),
        ("80%", 80),
        (33.6, 33),
        (None, 0),
        ("?", 0),
        (True, 0),
        ([], 0),
    ],
)
def test_progress(said, read):
    assert task(progress=said).progress == read


@pytest.mark.parametrize(
    "url", ["https://cdn.example.com/a.mp4", ["https://cdn.example.com/a.mp4"]], ids=["text", "list"]
)
def test_the_address_of_the_clip(url):
    result = {"videos": [{"url": url, "expires_at": 1_700_000_000}]}
    assert task(status="completed", result=result).video_urls == ("https://cdn.example.com/a.mp4",)


@pytest.mark.parametrize(
    "result", [None, {}, {"videos": []}, {"videos": [{"url": ""}]}, {"videos": [{"url": [None]}]}, ""]
)
def test_no_address(result):
    assert task(status="completed", result=result).video_urls == ()


def test_an_odd_expiry_costs_no_clip():
    result = {"videos": [{"url": "https://cdn.example.com/a.mp4", "expires_at": "soon"}]}
    assert task(result=result).result.videos[0].expires_at is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (None, None),
        ("", None),
        ({}, None),
        ("moderation", ApiError(message="moderation")),
        ({"code": 1001, "message": "m", "type": "t"}, ApiError(code=1001, message="m", type="t")),
        ({"code": "E1", "message": None}, ApiError(code="E1")),
        ([1], ApiError(message="[1]")),
    ],
)
def test_the_error_of_a_task(said, read):
    assert task(error=said).error == read


def test_charges_are_decimal():
    charged = task(cost=0.55, credits_cost="55.0")
    assert (charged.cost, charged.credits_cost) == (Decimal("0.55"), Decimal("55.0"))
    assert (task(cost="free").cost, task(cost="1e999999999").cost, task().cost) == (None, None, None)


def test_a_task_as_the_sandbox_writes_it():
    done = Task(
        id="task_1",
        status="completed",
        progress=100,
        result=TaskResult(videos=[ResultVideo(url=["https://a.example/x.mp4"], expires_at=Decimal(1_700_000_000))]),
        created=Decimal("1.5"),
        cost=Decimal("0.55"),
    )
    body = TaskAnswer(data=done).as_json()
    assert body == {
        "code": 200,
        "data": {
            "id": "task_1",
            "status": "completed",
            "progress": 100,
            "result": {"videos": [{"url": ["https://a.example/x.mp4"], "expires_at": 1_700_000_000}]},
            "created": 1.5,
            "completed": None,
            "estimated_time": None,
            "actual_time": None,
            "error": None,
            "cost": 0.55,
            "credits_cost": None,
        },
    }
    assert read_answer(TaskAnswer, body).data == done


def test_uploads():
    body = {
        "url": "https://a.example/x.png",
        "filename": "x.png",
        "content_type": "image/png",
        "bytes": 12,
        "created_at": 1_700_000_000,
    }
    assert read_answer(UploadAnswer, body).as_json() == body
    assert read_answer(UploadAnswer, {"url": ["https://a.example/x.png"]}).url == "https://a.example/x.png"
    with pytest.raises(AnswerUnreadable, match="`url` is missing or no good"):
        read_answer(UploadAnswer, {"filename": "x.png"})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {"error": {"code": 401, "message": "bad key", "type": "auth"}},
            ApiError(code=401, message="bad key", type="auth"),
        ),
        ({"error": "bad key"}, ApiError(message="bad key")),
        ({"code": 402, "msg": "no credit"}, ApiError(code=402, message="no credit")),
        ({"detail": [{"loc": 1}]}, ApiError(message='[{"loc": 1}]')),
        ("<h1>Bad\ngateway</h1>\x1b[31m", ApiError(message="<h1>Bad gateway</h1>\\x1b[31m")),
        (None, ApiError()),
        ([], ApiError()),
        ({}, ApiError()),
    ],
)
def test_errors(body, error):
    assert read_error(body) == error


def test_long_errors_are_cut():
    assert len(read_error("x" * 10_000).message) == 300


def test_a_refusal_names_ids_and_places():
    request = {"model": "skyreels-v4-fast", "prompt": "@nobody", "duration": 99, "ref_images": [{"tag": "@a"}]}
    body = refusal(check_request(request)).as_json()
    assert body["error"]["code"] == 422
    assert body["error"]["message"] == (
        "duration-range at /duration: the length is 99 s, but a clip lasts 3 to 15 s; "
        "field-missing at /ref_images/0/type: this reference picture has no `type`; "
        "field-missing at /ref_images/0/image_urls: this reference picture has no `image_urls`; "
        "tag-not-in-prompt at /ref_images/0/tag: the prompt never mentions @a"
    )
    assert read_answer(ErrorAnswer, body).error.code == 422


def test_a_refusal_of_very_much_stays_short():
    request = {"model": "skyreels-v4-fast", "prompt": "Rain.", "mid_frame_images": [None] * 1000}
    message = refusal(check_request(request)).error.message
    assert message.count("; ") == 20
    assert message.endswith("; and 981 more")


@given(JSON)
def test_reading_raises_one_exception_only(body):
    read_error(body)
    for kind in (SubmitAnswer, TaskAnswer, UploadAnswer, ErrorAnswer):
        for wrapped in (
            body,
            {"data": body},
            {"data": {"id": "t", "result": body, "error": body, "progress": body}},
            {"url": body},
            {"error": body},
        ):
            with suppress(AnswerUnreadable):
                read_answer(kind, wrapped).as_json()


@pytest.mark.parametrize("cost", [-5, "-0.01", -1e18, True, [], "much", "1e99"])
def test_a_charge_that_can_be_none_was_not_told(cost) -> None:
    task = read_answer(
        TaskAnswer, {"data": {"id": "t", "status": "completed", "cost": cost, "credits_cost": cost}}
    ).data
    assert (task.cost, task.credits_cost) == (None, None)


def test_several_tasks_of_one_request_are_all_told() -> None:
    body = {"data": [{"task_id": "a"}, {"task_id": "b"}, {"task_id": "a"}]}
    assert read_answer(SubmitAnswer, body).task_ids == ("a", "b")
