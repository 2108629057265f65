"""Everything that a service can do wrong, and what may never follow from it: a second bill, a lost clip."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from skyflow.ledger import Retried, State
from skyflow.runner import Outcome, RunOptions


def once(method, start, answer):
    """A script that answers the first matching request only."""
    left = [answer]

    def script(_service, request):
        if left and request.method == method and request.url.path.startswith(start):
            return left.pop()
        return None

    return script


def always(method, start, answer):
    def script(_service, request):
        return answer() if request.method == method and request.url.path.startswith(start) else None

    return script


def error(status, message="no", **headers):
    return httpx.Response(status, json={"error": {"code": status, "message": message, "type": "t"}}, headers=headers)


POST = ("POST", "/v1/videos")
POLL = ("GET", "/v1/tasks")
RESULT = ("GET", "/results")
UPLOAD = ("POST", "/v1/uploads")


def state_of(studio, clip):
    with studio.ledger() as ledger:
        return ledger.latest(studio.target, [clip.key])[clip.key].state


def lost_answer(service, request):
    """Accept the task and break the connection before the answer."""
    if request.method == "POST" and request.url.path == "/v1/videos/generations":
        service.answer(request)
        return httpx.ReadTimeout("silence")
    return None


# --- the paid request -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        error(500),
        error(502),
        error(503),
        error(408),
        error(409),
        httpx.Response(200, json={"code": 200, "data": []}),
        httpx.Response(200, text="<html>"),
    ],
)
def test_a_request_without_a_clear_answer_is_never_sent_again(studio, make_clip, fault) -> None:
    studio.service.scripts.append(once(*POST, fault))
    clip, other = make_clip("a"), make_clip("b")
    result = studio.run([clip, other])
    assert [outcome.outcome for outcome in result.clips] == [Outcome.IN_DOUBT, Outcome.MADE]
    assert result.exit_code == 3
    assert result.uncertain == Decimal("0.40")
    assert studio.service.count(*POST) == 2
    result = studio.run([clip, other])
    assert [outcome.outcome for outcome in result.clips] == [Outcome.IN_DOUBT, Outcome.HAD]
    assert studio.service.count(*POST) == 2
    assert state_of(studio, clip) is State.DOUBT


@pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.ConnectTimeout("x"), error(429)])
def test_a_request_that_surely_was_not_taken_is_sent_again(studio, make_clip, fault) -> None:
    studio.service.scripts.append(once(*POST, fault))
    result = studio.run([make_clip("a")])
    assert result.complete
    assert len(studio.service.journal) == 1
    keys = {request.headers["Idempotency-Key"] for request in studio.service.requests if request.method == "POST"}
    assert len(keys) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refused_request_fails_alone_and_unbilled(studio, make_clip, status) -> None:
    studio.service.scripts.append(once(*POST, error(status, "the prompt is too long")))
    first = make_clip("a")
    result = studio.run([first, make_clip("b"), make_clip("c", needs=(first,))])
    outcomes = {clip.shot: clip for clip in result.clips}
    assert outcomes["a"].outcome is Outcome.FAILED
    assert outcomes["a"].billed is False
    assert outcomes["a"].cost == 0
    assert "the prompt is too long" in outcomes["a"].message
    assert outcomes["b"].outcome is Outcome.MADE
    assert outcomes["c"].outcome is Outcome.BLOCKED
    assert "a" in outcomes["c"].message
    assert studio.run([first]).complete


def test_retry_after_is_honoured_by_the_whole_run(studio, make_clip) -> None:
    studio.service.scripts.append(once(*POST, error(429, "slow down", **{"Retry-After": "120"})))
    result = studio.run([make_clip(name) for name in "abcdefghijkl"])
    assert result.complete
    assert studio.clock.elapsed > 120
    waits = [event.seconds for event in studio.events if type(event).__name__ == "Waiting"]
    assert waits == [120.0]


def test_a_bad_key_ends_the_run_with_a_clear_word(studio, make_clip) -> None:
    studio.service.scripts.append(always(*POST, lambda: error(401, "key sk-a-very-secret-key is wrong")))
    result = studio.run([make_clip("a"), make_clip("b")])
    assert {clip.outcome for clip in result.clips} == {Outcome.NOT_STARTED}
    assert "SKYFLOW_API_KEY" in result.stopped
    assert "secret" not in result.stopped
    assert result.spent == result.uncertain == 0


def test_an_empty_balance_stops_new_submissions_and_finishes_the_rest(studio, make_clip) -> None:
    def two_then_nothing(service, request):
        if request.method == "POST" and request.url.path == "/v1/videos/generations" and len(service.tasks) >= 2:
            return error(402, "insufficient balance")
        return None

    studio.service.scripts.append(two_then_nothing)
    result = studio.run([make_clip(name) for name in "abcde"], options=RunOptions(concurrency=2))
    assert result.counts == {Outcome.MADE: 2, Outcome.NOT_STARTED: 3}
    assert "balance" in result.stopped
    studio.service.scripts.clear()
    assert studio.run([make_clip(name) for name in "abcde"]).complete
    assert len(studio.service.journal) == 5


def test_a_redirect_is_not_followed_with_the_key(studio, make_clip) -> None:
    def redirect(_service, request):
        assert request.url.host == "api.example.com"
        return httpx.Response(307, headers={"Location": "https://elsewhere.example.net/v1/videos/generations"})

    studio.service.scripts.append(redirect)
    result = studio.run([make_clip("a")])
    assert result.clips[0].outcome is Outcome.NOT_STARTED
    assert "elsewhere.example.net" in result.stopped


def test_doubt_in_all_places_ends_the_run(studio, make_clip) -> None:
    studio.service.scripts.append(lost_answer)
    clips = [make_clip(name) for name in "abcdef"]
    result = studio.run(clips, options=RunOptions(concurrency=3))
    assert result.counts == {Outcome.IN_DOUBT: 3, Outcome.NOT_STARTED: 3}
    assert "doubt" in result.stopped
    studio.service.scripts.clear()
    result = studio.run(clips, options=RunOptions(concurrency=3))
    assert result.counts == {Outcome.IN_DOUBT: 3, Outcome.NOT_STARTED: 3}
    assert len(studio.service.journal) == 3


def test_on_the_own_sandbox_doubt_sends_itself_again(preview, make_clip) -> None:
    preview.service.scripts.append(once(*POST, httpx.ReadTimeout("x")))
    result = preview.run([make_clip("a")])
    assert result.complete


def test_a_sandbox_that_loses_every_answer_ends_in_doubt(preview, make_clip) -> None:
    preview.service.scripts.append(lost_answer)
    result = preview.run([make_clip("a")])
    assert result.counts == {Outcome.IN_DOUBT: 1}
    assert preview.service.count(*POST) == 10


# --- the task ---------------------------------------------------------------------------------------------------------


def told(data):
    return httpx.Response(200, json={"code": 200, "data": data})


def test_unknown_words_and_broken_answers_mean_still_running(studio, make_clip) -> None:
    answers = [
        told({"status": "hibernating", "progress": "40%"}),
        told({"status": "", "progress": None}),
        httpx.Response(200, text="<html>busy</html>"),
        error(500),
        error(429, **{"Retry-After": "7"}),
        httpx.ReadTimeout("x"),
        httpx.ConnectError("x"),
        error(404),
    ]
    studio.service.scripts.append(
        lambda _s, request: answers.pop() if answers and request.url.path.startswith("/v1/tasks") else None
    )
    assert studio.run([make_clip("a")]).complete
    assert not answers


def test_a_failure_is_believed_when_it_is_said_twice(studio, make_clip) -> None:
    failed = {"status": "failed", "error": {"code": 500, "message": "out of memory", "type": "t"}}
    studio.service.scripts.append(once(*POLL, told(failed)))
    assert studio.run([make_clip("a")]).complete


@pytest.mark.parametrize("told_error", [{"code": 5, "message": "out of memory"}, "out of memory"])
def test_a_failed_task_is_reported_and_not_sent_again_by_itself(studio, make_clip, told_error) -> None:
    studio.service.scripts.append(always(*POLL, lambda: told({"status": "failed", "error": told_error, "cost": 0.25})))
    clip = make_clip("a")
    result = studio.run([clip])
    assert result.clips[0].outcome is Outcome.FAILED
    assert "out of memory" in result.clips[0].message
    assert (result.clips[0].cost, result.clips[0].billed) == (Decimal("0.25"), True)
    studio.service.scripts.clear()
    assert studio.run([clip]).clips[0].outcome is Outcome.FAILED
    assert len(studio.service.journal) == 1
    assert studio.run([clip], again=True).complete
    assert len(studio.service.journal) == 2
    with studio.ledger() as ledger:
        assert ledger.books(studio.target).spent == Decimal("0.75")


def test_a_failed_preview_is_made_again_by_the_next_run(preview, make_clip) -> None:
    preview.service.scripts.append(always(*POLL, lambda: told({"status": "failed", "error": "x"})))
    assert preview.run([make_clip("a")]).clips[0].outcome is Outcome.FAILED
    assert len(preview.service.journal) == 1
    preview.service.scripts.clear()
    assert preview.run([make_clip("a")]).complete


def test_a_moderation_refusal_names_prompt_and_references(studio, make_clip) -> None:
    moderated = {"status": "failed", "error": {"code": "content_policy", "message": "violates policy"}}
    studio.service.scripts.append(always(*POLL, lambda: told(moderated)))
    result = studio.run([make_clip("a", prompt="a wild brawl")])
    assert "refused what it was to make" in result.clips[0].message
    assert "a wild brawl" in result.clips[0].help


def test_a_task_that_the_service_forgot_is_lost_with_its_sum(studio, make_clip) -> None:
    studio.service.scripts.append(always(*POLL, lambda: error(404)))
    clip = make_clip("a")
    result = studio.run([clip])
    assert result.clips[0].outcome is Outcome.LOST
    assert "0.4" in result.clips[0].help
    assert state_of(studio, clip) is State.LOST


def test_a_silent_service_ends_the_run_and_keeps_the_tasks(studio, make_clip) -> None:
    def down(service, request):
        return httpx.ConnectError("refused") if service.tasks else None

    studio.service.scripts.append(down)
    clips = [make_clip("a"), make_clip("b")]
    result = studio.run(clips, options=RunOptions(concurrency=1, patience=100))
    assert result.counts == {Outcome.UNFINISHED: 1, Outcome.NOT_STARTED: 1}
    assert "not answered" in result.stopped
    assert len(studio.service.requests) < 60
    studio.service.scripts.clear()
    assert studio.run(clips).complete
    assert len(studio.service.journal) == 2


# --- the clip ---------------------------------------------------------------------------------------------------------


def test_a_broken_download_is_tried_again(studio, make_clip) -> None:
    video = studio.service.video
    answers = [
        error(503),
        error(404),
        error(403),
        httpx.Response(200, content=video[:200]),
        httpx.Response(200, content=b""),
        httpx.ReadError("x"),
    ]
    studio.service.scripts.append(
        lambda _s, request: answers.pop() if answers and request.url.path.startswith("/results") else None
    )
    result = studio.run([make_clip("a")])
    assert result.complete
    assert not answers
    assert not list(studio.store.folder.glob(".*"))
    assert len(studio.service.journal) == 1


def test_an_expired_address_is_asked_for_again(studio, make_clip) -> None:
    gone = {"urls": []}

    def expire_first(service, request):
        if request.url.path.startswith("/results") and not request.url.query:
            gone["urls"].append(str(request.url))
            return error(403, "expired")
        if request.url.path.startswith("/v1/tasks") and gone["urls"]:
            url = f"{service.base}/results/fresh.mp4?signature=2"
            return told({"status": "completed", "result": {"videos": [{"url": url, "expires_at": 1_790_090_000}]}})
        return None

    studio.service.scripts.append(expire_first)
    assert studio.run([make_clip("a")]).complete


@pytest.mark.parametrize("expires_in", [-10.0, 7 * 86400.0])
def test_an_address_that_expired_for_good_is_told_with_what_it_cost(studio, make_clip, expires_in) -> None:
    def gone(service, request):
        if request.url.path.startswith("/results"):
            return error(403, "expired")
        if request.url.path.startswith("/v1/tasks"):
            video = {"url": f"{service.base}/results/x.mp4", "expires_at": service.clock.now() + expires_in}
            return told({"status": "completed", "cost": 0.5, "result": {"videos": [video]}})
        return None

    studio.service.scripts.append(gone)
    clip = make_clip("a")
    ended = studio.run([clip]).clips[0]
    if expires_in > 0:  # it should still be there: nothing is given up
        assert (ended.outcome, state_of(studio, clip)) == (Outcome.UNFINISHED, State.MADE)
        return
    assert (ended.outcome, state_of(studio, clip)) == (Outcome.LOST, State.LOST)
    assert "expired" in ended.message
    assert "0.50 USD" in ended.help
    assert f"skyflow retry {clip.key[:12]}" in ended.help
    studio.service.scripts.clear()
    with studio.ledger() as ledger:
        ledger.record(studio.target, clip.key, Retried())
    assert studio.run([clip]).complete
    assert len(studio.service.journal) == 2


def test_a_clip_that_cannot_be_fetched_now_is_fetched_by_the_next_run(studio, make_clip) -> None:
    studio.service.scripts.append(always(*RESULT, lambda: error(503)))
    clip = make_clip("a")
    result = studio.run([clip])
    assert result.clips[0].outcome is Outcome.UNFINISHED
    assert result.clips[0].billed is True
    assert state_of(studio, clip) is State.MADE
    studio.service.scripts.clear()
    assert studio.run([clip]).complete
    assert len(studio.service.journal) == 1


def test_the_key_is_not_sent_for_a_result_nor_to_another_host(studio, make_clip) -> None:
    def elsewhere(service, request):
        if request.url.path.startswith("/v1/tasks"):
            url = "https://cdn.example.net/results/x.mp4"
            return told({"status": "completed", "result": {"videos": [{"url": url}]}})
        return None

    studio.service.scripts.append(elsewhere)
    assert studio.run([make_clip("a")]).complete
    for request in studio.service.requests:
        assert ("Authorization" in request.headers) == (request.url.path.startswith("/v1/"))
        assert request.url.host == "api.example.com" or "Authorization" not in request.headers


def test_a_deleted_clip_is_fetched_again_and_not_paid_again(studio, make_clip) -> None:
    clip = make_clip("a")
    studio.run([clip])
    studio.store.path(clip.key).unlink()
    result = studio.run([clip])
    assert result.clips[0].outcome is Outcome.MADE
    assert len(studio.service.journal) == 1


def test_a_damaged_clip_is_kept_aside_and_fetched_again(studio, make_clip) -> None:
    clip = make_clip("a")
    studio.run([clip])
    path = studio.store.path(clip.key)
    path.chmod(0o644)
    path.write_bytes(b"ruined")
    result = studio.run([clip])
    assert result.complete
    assert path.read_bytes() == studio.service.video
    assert path.with_name(f"{clip.key}.damaged-1.mp4").read_bytes() == b"ruined"
    assert result.clips[0].path.read_bytes() == studio.service.video


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_uploads_are_tried_again_and_then_given_up_unbilled(studio, make_clip, picture) -> None:
    studio.service.scripts.append(once(*UPLOAD, error(500)))
    clip = make_clip("a", **picture("hero.png"))
    assert studio.run([clip]).complete
    studio.service.scripts.append(always(*UPLOAD, lambda: error(413, "too large")))
    result = studio.run([make_clip("b", **picture("other.png", shade=9))])
    assert result.clips[0].outcome is Outcome.FAILED
    assert "too large" in result.clips[0].message
    assert result.clips[0].billed is False


def test_a_picture_is_uploaded_once_and_renewed_before_it_expires(studio, make_clip, picture) -> None:
    studio.run([make_clip(name, **picture("hero.png")) for name in "abc"])
    assert len(studio.service.uploads) == 1
    studio.run([make_clip("d", **picture("hero.png"))])
    assert len(studio.service.uploads) == 1
    studio.clock.elapsed += 71 * 3600
    studio.run([make_clip("e", **picture("hero.png"))])
    assert len(studio.service.uploads) == 2


@pytest.mark.parametrize("name", ["hero.bmp", "hero.webp"])
def test_what_the_upload_or_the_request_does_not_take_becomes_png(studio, make_clip, picture, name) -> None:
    assert studio.run([make_clip("a", **picture(name))]).complete
    assert b"\x89PNG" in studio.service.uploads[0]
    assert b"image/png" in studio.service.uploads[0]


def test_a_picture_that_is_too_large_is_scaled_down_with_a_word_about_it(
    studio, make_clip, picture, monkeypatch
) -> None:
    monkeypatch.setattr("skyflow.runner.uploads.MAX_UPLOAD_BYTES", 80)
    clip = make_clip("a", **picture("hero.jpg"))
    original = (studio.root / "hero.jpg").read_bytes()
    assert len(original) > 80
    assert studio.run([clip]).complete
    assert b"\x89PNG" in studio.service.uploads[0]
    assert (studio.root / "hero.jpg").read_bytes() == original
    assert any("hero.jpg is larger than 20 MB" in getattr(event, "message", "") for event in studio.events)


def test_a_picture_that_changed_since_the_check_is_not_sent(studio, make_clip, picture) -> None:
    clip = make_clip("a", **picture("hero.png"))
    (studio.root / "hero.png").write_bytes(b"something else")
    result = studio.run([clip])
    assert "hero.png changed" in result.clips[0].message
    assert not studio.service.requests


def test_a_charge_below_nothing_widens_no_budget(studio, make_clip) -> None:
    from skyflow.config import Budget

    studio.service.cost = -5
    options = RunOptions(budget=Budget(day=Decimal("0.80")))
    clips = [make_clip(f"shot{number}") for number in range(4)]
    result = studio.run(clips, options=options)
    assert result.spent == Decimal("0.80")
    assert studio.run(clips, options=options).counts[Outcome.NOT_STARTED] == 2
    assert len(studio.service.journal) == 2


@pytest.mark.parametrize(
    ("tasks", "said"),
    [(["task_1"], "task task_1, which is that of another clip"), (["x", "y"], "the answer names 2 tasks: x, y")],
)
def test_an_answer_that_names_no_task_of_its_own_is_doubt(studio, make_clip, tasks, said) -> None:
    assert studio.run([make_clip("a")]).complete
    data = [{"status": "submitted", "task_id": task} for task in tasks]
    studio.service.scripts.append(
        lambda _s, request: httpx.Response(200, json={"code": 200, "data": data}) if request.method == "POST" else None
    )
    ended = studio.run([make_clip("b")]).clips[0]
    assert ended.outcome is Outcome.IN_DOUBT
    assert said in ended.message


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_an_answer_without_end_is_not_read_to_its_end(studio, make_clip, method) -> None:
    read = []

    async def endless():
        for _ in range(10_000):
            read.append(1)
            yield b"x" * 65_536

    def flood(_service, request):
        if request.method == method and not read:
            return httpx.Response(200, content=endless())
        return None

    studio.service.scripts.append(flood)
    ended = studio.run([make_clip("a")]).clips[0]
    assert len(read) < 50
    if method == "POST":
        assert ended.outcome is Outcome.IN_DOUBT
        assert "more than 1,000,000 bytes" in ended.message
    else:
        assert ended.outcome is Outcome.MADE  # asked again


@pytest.mark.parametrize("length", ["3000000000", "999999999999999999"])
def test_a_clip_that_no_disk_should_hold_is_not_fetched(studio, make_clip, length) -> None:
    read = []

    async def endless():
        read.append(1)
        yield b"\0" * 65_536

    studio.service.scripts.append(
        lambda _s, request: (
            httpx.Response(200, content=endless(), headers={"Content-Length": length})
            if request.url.path.startswith("/results")
            else None
        )
    )
    ended = studio.run([make_clip("a")]).clips[0]
    assert ended.outcome is Outcome.UNFINISHED
    assert "more than 2,000,000,000 bytes, which no clip has" in ended.message
    assert not read


def test_nobody_waits_for_a_year(studio, make_clip) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": "99999999"})]
    studio.service.scripts.append(lambda _s, request: answers.pop() if answers and request.method == "POST" else None)
    assert studio.run([make_clip("a")]).complete
    assert 900 <= studio.clock.elapsed < 1000


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [("ALL_PROXY", "ftp://secret@x", "cannot be used"), ("HTTPS_PROXY", "http://a:secret:c", "cannot be used")],
)
def test_a_proxy_that_cannot_be_used_is_told_without_what_it_holds(monkeypatch, variable, value, said) -> None:
    from skyflow.config import ApiKey
    from skyflow.ledger import live_target
    from skyflow.runner import RunRefused, Service
    from skyflow.runner.client import Client

    monkeypatch.setenv(variable, value)
    with pytest.raises(RunRefused, match=said) as caught:
        Client(Service("https://api.example.com", ApiKey("a-key-of-mine"), live_target("https://api.example.com")))
    assert "secret" not in str(caught.value)


def test_a_ledger_that_cannot_be_closed_does_not_hide_what_was_done(studio, make_clip, monkeypatch) -> None:
    from skyflow.ledger import Ledger, LedgerFullError

    def full(self, run):
        raise LedgerFullError("The ledger could not be written: disk full.", "Make room.")

    monkeypatch.setattr(Ledger, "end_run", full)
    result = studio.run([make_clip("a")])
    assert result.complete
    assert result.spent == Decimal("0.5")
    assert "disk full" in result.stopped
