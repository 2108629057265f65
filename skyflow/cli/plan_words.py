"""A plan for people: a table of its clips or, where they are many, of their sums; then what it comes to and what changed since the last run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from skyflow.cli.run_words import MOST_ROWS, clip_name, count, money
from skyflow.cli.table import align
from skyflow.diagnostics.cells import shown, width
from skyflow.planner import TO_MAKE, UNDER_WAY, PlannedShot, PlanState, Reason, ShotChange, Sum

if TYPE_CHECKING:
    from skyflow.planner import Change, Plan
    from skyflow.planner.budget import Overrun

_COLORS = {
    PlanState.NEW: "1",
    PlanState.STALE: "1;33",
    PlanState.NEEDS: "1",
    PlanState.HAVE: "32",
    PlanState.RUNNING: "36",
    PlanState.FETCH: "36",
}
_CHANGE_COLORS = {"new": "1", "changed": "1;33", "renamed": "32", "gone": "2", "unchanged": "32"}
_TROUBLE = "1;31"
_STRONG, _QUIET = "1", "2"
_SUMS = 12  # groups of variants and reasons that are shown; more is no overview
_CHAIN = 6  # shots of the longest chain that are named
_NOTHING = "–"
_WORDS = {
    "run": "the budget of a run",
    "day": "the budget of a day",
    "storyboard": "the budget of this storyboard",
    "variant": "the budget of a variant",
}


class Page:
    """Puts a plan into lines. `width` is in cells: tables take what they need, sentences are broken to it. `color` writes ANSI colours."""

    def __init__(self, width: int, *, color: bool) -> None:
        self._width = width
        self._color = color

    def whole_plan(self, plan: Plan, overruns: Sequence[Overrun] = ()) -> Iterator[str]:
        """All that a person wants to know of a plan."""
        yield self._paint(shown(_title(plan)), _STRONG)
        table = self._clips(plan) if plan.rows.wanted <= MOST_ROWS else self._sums(plan)
        for lines in (table, self._totals(plan), self._changes(plan), self._overruns(overruns)):
            for number, line in enumerate(lines):
                if number == 0:
                    yield ""
                yield line

    # --- the table --------------------------------------------------------------------------------------------------

    def _clips(self, plan: Plan) -> Iterator[str]:
        """One line for each clip; a variant is named where it begins."""
        shots = list(plan.each_shot())
        has_takes = any(shot.take > 1 for shot in shots)
        rows: list[Sequence[str]] = [("VARIANT", "SHOT", "TAKE", "MODE", "SECONDS", _cost_title(plan), "STATE")]
        last = None
        for shot in shots:
            take = str(shot.take) if has_takes else ""
            variant = shot.variant if shot.variant != last else ""
            last = shot.variant
            cost = _cost(shot.cost, shot.exact) if shot.cost or shot.state in TO_MAKE else _NOTHING
            rows.append((variant, shot.shot, take, shot.mode, _number(shot.seconds), cost, _state(shot)))
        if not shots:
            return
        lines = align(rows, right=(2, 4, 5))
        yield self._paint(lines[0], _QUIET)
        for line, shot in zip(lines[1:], shots, strict=True):
            yield self._with_state(line, shot)

    def _with_state(self, line: str, shot: PlannedShot) -> str:
        state = shown(_state(shot))
        return line.removesuffix(state) + self._paint(state, _COLORS.get(shot.state, _TROUBLE))

    def _sums(self, plan: Plan) -> Iterator[str]:
        """One line for each shot, then one for each kind of variant."""
        groups = plan.rows.by_shot()
        rows: list[Sequence[str]] = [("SHOT", "CLIPS", "TO MAKE", "SECONDS", _cost_title(plan))]
        rows += [(group.name, f"{group.wanted:,}", *_sum_cells(group.to_make)) for group in groups[:MOST_ROWS]]
        yield from self._table(rows, right=(1, 2, 3, 4))
        if len(groups) > MOST_ROWS:
            yield f"… and {count(len(groups) - MOST_ROWS, 'more shot')}"
        variants = plan.rows.by_variant()
        if sum(group.count for group in variants) > 1:
            rows = [("VARIANTS", "", "CLIPS EACH", "TO MAKE", "SECONDS", f"{_cost_title(plan)} EACH")]
            rows += [
                (
                    f"{group.count:,}",
                    f"{'like ' if group.count > 1 else ''}{group.name}",
                    f"{group.wanted:,}",
                    *_sum_cells(group.to_make),
                )
                for group in variants[:_SUMS]
            ]
            yield ""
            yield from self._table(rows, right=(0, 2, 3, 4, 5))
            if len(variants) > _SUMS:
                rest = sum(group.count for group in variants[_SUMS:])
                yield f"… and {count(rest, 'variant')} of other kinds"
        yield ""
        yield self._paint("every clip on a line of its own: --format csv", _QUIET)

    def _table(self, rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
        lines = align(rows, right=right)
        yield self._paint(lines[0], _QUIET)
        yield from lines[1:]

    # --- what it comes to -------------------------------------------------------------------------------------------

    def _totals(self, plan: Plan) -> Iterator[str]:
        wanted, variants, distinct = plan.rows.wanted, plan.rows.variants, sum(plan.counts.values())
        asked = count(wanted, "clip") + (f" in {count(variants, 'variant')}" if variants > 1 else "")
        if distinct < wanted:
            asked += f"; {wanted - distinct:,} of them equal another, so {count(distinct, 'request')} are enough"
        rows: list[tuple[str, str]] = [("asked for", asked)]
        there = plan.counts.get(PlanState.HAVE, 0)
        if there:
            rows.append(("there", f"{count(there, 'clip')}, nothing to pay"))
        under_way = sum(number for state, number in plan.counts.items() if state in UNDER_WAY)
        if under_way:
            rows.append(("under way", f"{count(under_way, 'clip')}, sent by an earlier run"))
        rows.append(("to make", _to_make(plan)))
        if plan.later.clips:
            rows.append(("for later", f"{count(plan.later.clips, 'clip')}, {_cost(plan.later.cost, plan.later.exact)}"))
        if len(plan.chain) > 1:
            rows.append(("in a row", _chain(plan)))
        if plan.total.clips:
            rows.append(("prices", _prices(plan)))
        for label, text in rows:
            is_sum = label == "to make"
            yield f"{self._paint(f'{label:<10}', _QUIET)} {self._paint(shown(text), _STRONG if is_sum else '')}"
        yield from self._waiting(plan)

    def _waiting(self, plan: Plan) -> Iterator[str]:
        """What a run will not do by itself."""
        words = {
            PlanState.DOUBT: "in doubt: sent, and no answer came; it is not sent again before you have settled it",
            PlanState.FAILED: "failed: may have been billed; --again makes it anew",
            PlanState.LOST: "lost: paid, and out of reach; --again makes it anew",
            PlanState.ABANDONED: "given up; --again makes it anew",
            PlanState.BLOCKED: "blocked: needs one of these",
        }
        for state, text in words.items():
            number = plan.counts.get(state, 0)
            if number:
                yield f"{self._paint('waiting   ', _TROUBLE)} {count(number, 'clip')} {text}"

    # --- what changed -----------------------------------------------------------------------------------------------

    def _changes(self, plan: Plan) -> Iterator[str]:
        """What is another than in the last run, and why; nothing where there was none or nothing changed."""
        changes, gone = plan.rows.changes(), plan.rows.gone_by_shot()
        if changes.keys() <= {ShotChange.NEW} and not gone:
            return
        if changes.keys() <= {ShotChange.SAME} and not gone:
            yield f"{self._paint('since the last run', _STRONG)} nothing changed"
            return
        yield self._paint("since the last run", _STRONG)
        told = [*_new(plan, changes), *_reasons(plan), *_gone(gone), *_unchanged(changes)]
        lines = align([("", "", "", ""), *((one.what, one.shots, one.clips, one.cost) for one in told)], right=(3,))[1:]
        for line, one in zip(lines, told, strict=True):
            yield f"  {self._paint(one.what, _CHANGE_COLORS[one.what])}{line.removeprefix(one.what)}"
            for old, new in one.details:
                yield from self._detail(shown(old), shown(new))

    def _detail(self, old: str, new: str) -> Iterator[str]:
        """What was and what is: on one line where it has room."""
        line = f"      {old} → {new}" if new else f"      {old}"
        if width(line) <= self._width or not new:
            yield line
        else:
            yield f"      {old}"
            yield f"        → {new}"

    def _overruns(self, overruns: Sequence[Overrun]) -> Iterator[str]:
        """Each limit that the plan would go over, and what of it would fit."""
        for overrun in overruns:
            yield f"{self._paint('over budget', _TROUBLE)}  {shown(overrun_message(overrun))}"
            yield f"  {shown(overrun_remedy(overrun))}"

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color and text and code else text


def overrun_message(overrun: Overrun) -> str:
    """What goes over which limit, by how much."""
    cost = money(overrun.cost, exact=overrun.exact)
    before = f", {money(overrun.before)} are spent already" if overrun.before else ""
    subject = f"`{overrun.variant}`" if overrun.variant else "this"
    more = f" ({overrun.variants - 1:,} more variants go over it)" if overrun.variants > 1 else ""
    return f"{_WORDS[overrun.what]} is {money(overrun.limit)}{before}, and {subject} would cost {cost}{more}"


def overrun_remedy(overrun: Overrun) -> str:
    """What would fit."""
    if not overrun.clips:
        return "not even the first clip would fit"
    fits = f"{count(overrun.clips, 'clip')} for {money(overrun.fitting)} would fit"
    if overrun.what == "variant":
        return f"of its shots {fits}: {' '.join(f'--shot {shot}' for shot in overrun.shots)}"
    return f"the first {fits}: --limit {overrun.clips}"


def _title(plan: Plan) -> str:
    where = "preview on the sandbox" if plan.target.is_sandbox else f"live on {plan.target.name}"
    return f"{plan.title}: {where}{', a part' if plan.partial else ''}"


def _cost_title(plan: Plan) -> str:
    """A preview is free: what stands there is what the same would cost live."""
    return "LIVE COST" if plan.target.is_sandbox else "COST"


def _state(shot: PlannedShot) -> str:
    if shot.state is PlanState.NEEDS:
        return f"needs {', '.join(shot.waits_for)}"
    if shot.state is PlanState.STALE:
        return f"stale: {', '.join(change.cause for change in shot.changes)}".removesuffix(": ")
    return shot.state.value


def _to_make(plan: Plan) -> str:
    total = plan.total
    if not total.clips:
        return "nothing"
    parts = f"{count(total.clips, 'clip')}, {_number(total.seconds)} seconds"
    price = _cost(total.cost, total.exact)
    return f"{parts}, free (live: {price})" if plan.target.is_sandbox else f"{parts}, {price}"


def _prices(plan: Plan) -> str:
    dated = f"of {plan.prices_of}" if plan.prices_of else "without a date"
    sure = "exact" if plan.exact else "estimated where a length is not known yet"
    return f"{dated}, {sure}"


def _chain(plan: Plan) -> str:
    names = [clip_name("", shot, take) for _, shot, take in plan.chain]
    if len(names) > _CHAIN:
        names = [*names[: _CHAIN - 2], "…", names[-1]]
    return f"{len(plan.chain)} clips, each waits for the one before: {' → '.join(names)}"


@dataclass(frozen=True, slots=True)
class _Told:
    """A line about the last run: what happened to which shots, how many clips, what of them is paid. `details` are what was and what is ("": said already)."""

    what: str
    shots: str
    clips: str
    cost: str = ""
    details: tuple[tuple[str, str], ...] = ()


def _new(plan: Plan, changes: Mapping[ShotChange, tuple[int, Sum]]) -> Iterator[_Told]:
    rows, paid = changes.get(ShotChange.NEW, (0, Sum()))
    if rows:
        names = [group.name for group in plan.rows.by_shot(only_new=True)]
        yield _Told("new", _some(names), count(rows, "clip"), _paid(paid))


def _reasons(plan: Plan) -> Iterator[_Told]:
    reasons = plan.rows.reasons()
    for reason in reasons[:_SUMS]:
        renamed = reason.change is ShotChange.RENAMED
        details = _renaming(reason) if renamed else tuple(map(_in_words, reason.example))
        if not reason.alike:
            details = (*details, ("… and the like in the others", ""))
        yield _Told(reason.change.value, reason.shot, count(reason.rows, "clip"), _paid(reason.to_make), details)
    left = reasons[_SUMS:]
    if left:
        paid = sum((reason.to_make for reason in left), Sum())
        yield _Told("changed", "(other reasons)", count(sum(reason.rows for reason in left), "clip"), _paid(paid))


def _gone(groups: Sequence[tuple[str, int, int]]) -> Iterator[_Told]:
    if groups:
        names = [clip_name("", shot, take) for shot, take, _ in groups]
        yield _Told("gone", _some(names), count(sum(number for *_, number in groups), "clip"), "stay on disk")


def _unchanged(changes: Mapping[ShotChange, tuple[int, Sum]]) -> Iterator[_Told]:
    rows, paid = changes.get(ShotChange.SAME, (0, Sum()))
    if rows:
        yield _Told("unchanged", "", count(rows, "clip"), f"{_paid(paid)}, not made yet" if paid.clips else "")


def _renaming(reason: Reason) -> tuple[tuple[str, str], ...]:
    return tuple((f"{one.what} {one.old}", one.new) for one in reason.example)


def _in_words(change: Change) -> tuple[str, str]:
    match change.kind:
        case "prompt":
            return f"prompt “{change.old}”", f"“{change.new}”"
        case "shot":
            return f"{change.what}, which it builds on, is another clip", ""
        case "asset" if change.old.startswith("content ") and " of " in change.new:
            return f"{change.what} is another file: {change.new.split(' of ', 1)[1]}", ""
        case _:
            return f"{change.what} {change.old or 'nothing'}", change.new or "nothing"


def _paid(found: Sum) -> str:
    return _cost(found.cost, found.exact) if found.clips else "nothing to pay"


def _sum_cells(found: Sum) -> tuple[str, str, str]:
    if not found.clips:
        return _NOTHING, _NOTHING, _NOTHING
    return f"{found.clips:,}", _number(found.seconds), _cost(found.cost, found.exact)


def _cost(amount: Decimal, exact: bool) -> str:
    return money(amount, exact=exact)


def _number(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4:,} more" if len(names) > 4 else "")
