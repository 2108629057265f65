"""What an answer of the service means for the clip and for the run, and how long to wait. Pure: no clock, no network; chance is handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto

from skyflow.runner.replies import Answered, Reply, Unanswered, Unreachable


class Meaning(Enum):
    """What to do after a request."""

    GOOD = auto()  # read the body
    DOUBT = auto()  # it may have been accepted
    BUSY = auto()  # surely not accepted: the service wants us to wait
    AGAIN = auto()  # surely not accepted, or harmless to repeat: try again later
    BAD_KEY = auto()  # the key is not accepted: nothing will be
    NO_MONEY = auto()  # no balance: nothing further will be accepted
    WRONG_PLACE = auto()  # the base URL leads elsewhere
    REFUSED = auto()  # this request is not accepted as it is
    GONE = auto()  # not there (404, 410)


# Definite answers that a request was not accepted, so nothing was billed (contract.md, "Errors"; the rest by RFC 9110).
# 408 and 409 are not among them: the first may come late, the second may mean that the same request is being worked on.
_NOT_ACCEPTED = frozenset({400, 403, 404, 405, 406, 411, 413, 414, 415, 421, 422, 426, 428, 431})


def judge_submission(reply: Reply) -> Meaning:
    """What the answer to the paid POST means. Whatever is not surely unbilled is doubt."""
    match reply:
        case Unreachable():
            return Meaning.AGAIN
        case Unanswered():
            return Meaning.DOUBT
    if 200 <= reply.status < 300:
        return Meaning.GOOD
    if reply.status == 429:
        return Meaning.BUSY
    common = _of_the_run(reply)
    if common is not None:
        return common
    return Meaning.REFUSED if reply.status in _NOT_ACCEPTED else Meaning.DOUBT


def judge_harmless(reply: Reply) -> Meaning:
    """What the answer to a request means that may be repeated freely: a poll, an upload, a download."""
    if not isinstance(reply, Answered):
        return Meaning.AGAIN
    if 200 <= reply.status < 300:
        return Meaning.GOOD
    if reply.status == 429:
        return Meaning.BUSY
    common = _of_the_run(reply)
    if common is not None:
        return common
    if reply.status in (404, 410):
        return Meaning.GONE
    # 408, 409 and 425 ask for another try (RFC 9110 15.5.9, 15.5.10; RFC 8470).
    return Meaning.AGAIN if reply.status >= 500 or reply.status in (408, 409, 425) else Meaning.REFUSED


def _of_the_run(reply: Answered) -> Meaning | None:
    if reply.status == 401 or reply.status == 403:
        return Meaning.BAD_KEY
    if reply.status == 402:
        return Meaning.NO_MONEY
    return Meaning.WRONG_PLACE if 300 <= reply.status < 400 else None


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from `first` to `longest` seconds, each shortened by chance by up to a half so that many do not come back at once."""

    first: float
    longest: float

    def wait(self, tries: int, chance: Callable[[], float]) -> float:
        """Seconds before the next try after `tries` (from 1) failures; `chance` gives numbers from 0 to 1."""
        full = min(self.longest, self.first * 2.0 ** min(tries - 1, 30))
        return full * (1.0 - chance() / 2.0)


@dataclass(frozen=True, slots=True)
class Polling:
    """When to ask for a task: the next time near the moment when it should be done, then ever more rarely. Seconds."""

    shortest: float
    longest: float

    def wait(self, polls: int, elapsed: float, estimated: float | None, chance: Callable[[], float]) -> float:
        """Seconds until the next question, after `polls` answers, `elapsed` seconds into a task that takes about `estimated`."""
        if estimated is not None and elapsed < estimated:
            # Half of what is left, so that progress is seen on the way and the end is met closely.
            pause = (estimated - elapsed) / 2.0
        else:
            pause = self.shortest * 1.3 ** min(polls, 40)
        return max(self.shortest, min(self.longest, pause)) * (0.9 + 0.2 * chance())


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for (RFC 9110 10.2.3: seconds or a date); None where it cannot be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
