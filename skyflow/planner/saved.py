"""A plan as a file: what was planned, and digests of everything that it was made from, so that it is only run while all of that is the same. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from skyflow.contract import PriceTable
from skyflow.planner.plan import TO_MAKE, Plan, PlanState
from skyflow.version import __version__

FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
TABLE_SUFFIXES = (".csv", ".json", ".jsonl")
_MOST_NAMED = 5  # differences of one kind; the others are counted


class PlanFileError(ValueError):
    """A file that is no saved plan; the message says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for: variables from outside, patterns of shots and variants, a sample, a limit, and whether failures are made again."""

    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shots: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    sample: int | None = None
    limit: int | None = None
    again: bool = False

    @property
    def is_part(self) -> bool:
        """Whether it leaves out something that the storyboard has."""
        return bool(self.shots or self.variants or self.sample)


@dataclass(frozen=True, slots=True)
class PriceStamp:
    """One price table: its currency, the day it was true, and a digest of its figures."""

    currency: str
    as_of: str
    sha256: str

    @classmethod
    def of(cls, table: PriceTable) -> Self:
        rates = sorted((*name, f"{rate.normalize():f}") for name, rate in table.rates.items())
        return cls(table.currency, table.as_of, hashlib.sha256(json.dumps(rates).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Basis:
    """What a plan stands on: `files` are the SHA-256 of every source, table, picture, clip and sound, by project path."""

    storyboard: str
    target: str
    choice: Choice
    prices: PriceStamp
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan that was read from a file. `keys` are those of all its clips, `to_make` of those that it makes, for `cost` dollars."""

    basis: Basis
    title: str
    made: str
    version: str
    keys: frozenset[str]
    to_make: frozenset[str]
    cost: Decimal
    exact: bool


def write_saved_plan(plan: Plan, basis: Basis, made: str) -> Iterator[str]:
    """The text of the file, in pieces. `made` is the time, in words of ISO 8601."""
    head = {
        "skyflow_plan": FORMAT,
        "skyflow": __version__,
        "made": made,
        "storyboard": basis.storyboard,
        "title": plan.title,
        "target": basis.target,
        "choice": asdict(basis.choice),
        "prices": asdict(basis.prices),
        "files": dict(sorted(basis.files.items())),
        "totals": {
            "clips": plan.rows.wanted,
            "to_make": plan.total.clips,
            "seconds": str(plan.seconds),
            "cost": str(plan.cost),
            "exact": plan.exact,
        },
    }
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    yield ',\n "clips": [\n'
    separator = "  "
    for shot in plan.each_shot():
        row = [shot.variant, shot.shot, shot.take, shot.key, shot.state.value, str(shot.cost), shot.exact]
        yield separator + json.dumps(row, ensure_ascii=False)
        separator = ",\n  "
    yield "\n ]\n}\n"


def read_saved_plan(text: str) -> SavedPlan:
    """The plan that a text holds. Raises PlanFileError: whatever somebody hands in is looked at before it is believed."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise PlanFileError("it is not JSON") from None
    if not isinstance(document, dict) or "skyflow_plan" not in document:
        raise PlanFileError("it is no plan that `skyflow plan -o` wrote")
    if document["skyflow_plan"] != FORMAT:
        raise PlanFileError(f"it has format {document['skyflow_plan']!r}, and this skyflow reads {FORMAT}")
    try:
        return _plan_of(document)
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError) as error:
        raise PlanFileError(f"it is damaged: {type(error).__name__} {error}"[:200]) from None


def _plan_of(document: Mapping[str, Any]) -> SavedPlan:
    choice, totals = document["choice"], document["totals"]
    keys: set[str] = set()
    to_make: set[str] = set()
    for _, _, _, key, state, *_ in document["clips"]:
        if not _SHA256.match(key):
            raise ValueError("a key is no SHA-256")
        keys.add(key)
        if PlanState(state) in TO_MAKE:
            to_make.add(key)
    basis = Basis(
        _text(document["storyboard"]),
        _text(document["target"]),
        Choice(
            {_text(name): tuple(map(_text, values)) for name, values in choice["variables"].items()},
            tuple(map(_text, choice["shots"])),
            tuple(map(_text, choice["variants"])),
            _number(choice["sample"]),
            _number(choice["limit"]),
            choice["again"] is True,
        ),
        PriceStamp(*(_text(document["prices"][name]) for name in ("currency", "as_of", "sha256"))),
        {_text(path): _text(digest) for path, digest in document["files"].items()},
    )
    title, made, version = (_text(document[name]) for name in ("title", "made", "skyflow"))
    cost = Decimal(_text(totals["cost"]))
    return SavedPlan(basis, title, made, version, frozenset(keys), frozenset(to_make), cost, totals["exact"] is True)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be text")
    return value


def _number(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise TypeError(f"{value!r} should be a whole number")
    return value


def differences(saved: SavedPlan, now: Basis) -> list[str]:
    """What is not as it was when the plan was made, each in a few words; empty where the plan still holds."""
    before = saved.basis
    found: list[str] = []
    if before.storyboard != now.storyboard:
        found.append(f"it is a plan of {before.storyboard}, not of {now.storyboard}")
    if before.target != now.target:
        found.append(f"it is a plan for {before.target}, not for {now.target}")
    if before.choice != now.choice:
        found.append("other clips, variables or variants are asked for")
    found += _file_differences(before.files, now.files)
    if before.prices.currency != now.prices.currency or before.prices.sha256 != now.prices.sha256:
        dates = f": they were those of {before.prices.as_of}, and are those of {now.prices.as_of}"
        found.append("the prices changed" + (dates if before.prices.as_of != now.prices.as_of else ""))
    return found


def _file_differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    changed = [path for path, digest in before.items() if path in now and now[path] != digest]
    found = [f"{_kind(path)} {path} changed" for path in changed[:_MOST_NAMED]]
    if len(changed) > _MOST_NAMED:
        found.append(f"{len(changed) - _MOST_NAMED:,} more files changed")
    # What a changed storyboard or table does not name any more follows from that, and need not be told.
    if not any(path.endswith((".sky", *TABLE_SUFFIXES)) for path in changed):
        gone = [path for path in before if path not in now]
        found += [f"{_kind(path)} {path} is gone" for path in gone[:_MOST_NAMED]]
        added = [path for path in now if path not in before]
        found += [f"{_kind(path)} {path} is read, and was not" for path in added[:_MOST_NAMED]]
    return found


def _kind(path: str) -> str:
    if path.endswith(".sky"):
        return "the storyboard"
    return "the table" if path.lower().endswith(TABLE_SUFFIXES) else "the file"
