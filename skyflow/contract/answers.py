"""What the service answers, as types: the client reads answers into them, tolerant of what gateways do; the sandbox writes them.

Reading never guesses about money: a submit answer without a task id is unreadable, whatever else it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from skyflow.contract.violation import Violation, is_list, is_object, printable

TaskLife = Literal["running", "completed", "failed", "cancelled"]
# Contract, "Endpoints" (gateway): besides these, `pending`, `processing` and `submitted` are promised, and others are met in the
# field. A word that nobody knows means that the task still runs.
_STATES: Final[dict[str, TaskLife]] = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}

UPLOAD_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")  # gateway's page about uploads
MAX_UPLOAD_BYTES: Final = 20 * 1024 * 1024  # gateway's page about uploads: "20 MB"
UPLOAD_LIVES_SECONDS: Final = 72 * 3600  # gateway's page about uploads: "72 h"

_LONGEST_QUOTE = 300  # characters of an error text that are kept
_MOST_TOLD = 20  # broken constraints in one refusal
_MOST_DIGITS = 20  # of a number that can mean anything here; 1e999999999 would fill the memory


class AnswerUnreadable(ValueError):
    """An answer that is not what the service promises; the message says what is wrong with it."""


# --- lenient values ---------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _percent(value: object) -> int:
    """0–100; a text such as `80%` counts, anything that is no number is 0."""
    number = _number(value.strip().rstrip("%") if isinstance(value, str) else value)
    return 0 if number is None else int(max(Decimal(0), min(Decimal(100), number)))


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else None


def _charge(value: object) -> Decimal | None:
    """Money that was taken. A service that says less than nothing has not said how much it was."""
    number = _number(value)
    return None if number is None or number < 0 else number


def _json_number(number: Decimal | None) -> int | float | None:
    return None if number is None else int(number) if number == int(number) else float(number)


def _texts(value: object) -> list[str]:
    """Clients in the field meet a list and a plain text."""
    return (
        [value]
        if isinstance(value, str)
        else [text for text in value if isinstance(text, str)]
        if is_list(value)
        else []
    )


def _only_element(value: object) -> object:
    return value[0] if is_list(value) and len(value) == 1 else value


def _error(value: object) -> object:
    """An error is an object or a text."""
    if not value:
        return None
    return value if is_object(value) else {"message": _text(value)}


Text = Annotated[str, BeforeValidator(_text)]
Code = Annotated[int | str | None, BeforeValidator(lambda value: value if isinstance(value, int | str) else None)]
Number = Annotated[Decimal | None, BeforeValidator(_number), PlainSerializer(_json_number, when_used="json")]

Charge = Annotated[Decimal | None, BeforeValidator(_charge), PlainSerializer(_json_number, when_used="json")]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    def as_json(self) -> dict[str, Any]:
        """The JSON object as the service writes it."""
        return self.model_dump(mode="json")


# --- answers ----------------------------------------------------------------------------------------------------------


class ApiError(_Answer):
    """Why the service refused a request or failed a task."""

    code: Annotated[
        int | str | None, BeforeValidator(lambda value: value if isinstance(value, int | str) else None)
    ] = None
    message: Text = ""
    type: Text = ""


class ErrorAnswer(_Answer):
    """The body of every answer that is not 200."""

    error: ApiError

    @classmethod
    def of(cls, code: int, message: str, error_type: str) -> Self:
        return cls(error=ApiError(code=code, message=message, type=error_type))


class SubmittedTask(_Answer):
    task_id: Annotated[str, Field(min_length=1)]
    status: Text = "submitted"


class SubmitAnswer(_Answer):
    """`POST /v1/videos/generations`."""

    code: Code = 200
    data: Annotated[
        list[SubmittedTask], BeforeValidator(lambda value: [value] if is_object(value) else value), Field(min_length=1)
    ]

    @property
    def task_ids(self) -> tuple[str, ...]:
        """The tasks that it names, each once. One request makes one task; more than one may all be billed."""
        return tuple(dict.fromkeys(task.task_id for task in self.data))

    @classmethod
    def of(cls, task_id: str) -> Self:
        return cls(data=[SubmittedTask(task_id=task_id)])


class ResultVideo(_Answer):
    """`expires_at` is in seconds since 1970; None where the service does not say."""

    url: Annotated[list[str], BeforeValidator(_texts)]
    expires_at: Number = None


class TaskResult(_Answer):
    videos: list[ResultVideo] = []


class Task(_Answer):
    """One task as the service tells it. Times are seconds, `created` and `completed` since 1970.

    `cost` is what was charged in the gateway's currency, `credits_cost` in its credits, None where it does not say.
    """

    id: Text = ""
    status: Text = ""
    progress: Annotated[int, BeforeValidator(_percent)] = 0
    result: Annotated[TaskResult | None, BeforeValidator(lambda value: value or None)] = None
    created: Number = None
    completed: Number = None
    estimated_time: Number = None
    actual_time: Number = None
    error: Annotated[ApiError | None, BeforeValidator(_error)] = None
    cost: Charge = None
    credits_cost: Charge = None

    @property
    def state(self) -> TaskLife:
        """The status as one of four."""
        return _STATES.get(self.status.strip().lower(), "running")

    @property
    def video_urls(self) -> tuple[str, ...]:
        """Where the finished clip lies; one address is the usual case."""
        return tuple(url for video in (self.result.videos if self.result else ()) for url in video.url if url)


class TaskAnswer(_Answer):
    """`GET /v1/tasks/{task_id}`."""

    code: Code = 200
    data: Annotated[Task, BeforeValidator(_only_element)]


class UploadAnswer(_Answer):
    """`POST /v1/uploads/images`."""

    url: Annotated[str, BeforeValidator(_only_element), Field(min_length=1)]
    filename: Text = ""
    content_type: Text = ""
    bytes: Number = None
    created_at: Number = None


# --- reading and writing ----------------------------------------------------------------------------------------------

AnswerType = TypeVar("AnswerType", bound=_Answer)


def read_answer(kind: type[AnswerType], body: object) -> AnswerType:
    """The answer that a decoded JSON body is. Raises AnswerUnreadable."""
    try:
        return kind.model_validate(body)
    except ValidationError as problems:
        loc = problems.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
        lack = f"`{'.'.join(str(part) for part in loc)}` is missing or no good" if loc else "it is no JSON object"
        said = read_error(body).message
        raise AnswerUnreadable(
            f"the answer is not what the service promises: {lack}" + (f" (it says: {said})" if said else "")
        ) from None


def read_error(body: object) -> ApiError:
    """The error that a body tells, however it does: as an object, a text, beside other fields, or not at all. Never raises."""
    if isinstance(body, str):
        return ApiError(message=_quoted(body))
    if not is_object(body):
        return ApiError()
    error = body.get("error") or body
    if not is_object(error):
        return ApiError(message=_quoted(_text(error)))
    message = error.get("message") or error.get("msg") or error.get("detail") or ""
    code = error.get("code")
    return ApiError(code=code, message=_quoted(_text(message)), type=_text(error.get("type")))


def _quoted(text: str) -> str:
    return printable(" ".join(text.split()), _LONGEST_QUOTE)


def refusal(violations: Iterable[Violation]) -> ErrorAnswer:
    """The 422 answer to a request that breaks constraints: each id with its field path and what was found."""
    told = [
        f"{found.rule.id} at {found.pointer or 'the request'}: {found.message}"
        for found in violations
        if found.severity == "error"
    ]
    more = len(told) - _MOST_TOLD
    told[_MOST_TOLD:] = [f"and {more} more"] if more > 0 else []
    return ErrorAnswer.of(422, "; ".join(told), "invalid_request_error")
