"""The rows of a plan, in a private database: a plan of a million clips takes no more memory than one of ten. What is asked of them is asked here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from skyflow.contract import Price
from skyflow.ledger import Label, Scratch, ShotName
from skyflow.planner.changes import Change
from skyflow.planner.plan import TO_MAKE, PlannedClip, PlannedShot, PlanState, ShotChange, Sum
from skyflow.requests.compiled import Mode

_SCHEMA = """
-- The variants in storyboard order.
CREATE TABLE variant (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
-- A clip that is asked for, in storyboard order. `place`: its number in an order in which each clip stands behind those that it needs.
-- `kind` is a number in PlanRows.kinds.
CREATE TABLE row (n INTEGER PRIMARY KEY, place INTEGER NOT NULL, variant INTEGER NOT NULL, key TEXT NOT NULL, kind INTEGER NOT NULL);
-- What only a run needs of a row: keys with spaces between them, JSON, JSON.
CREATE TABLE request (n INTEGER PRIMARY KEY, needs TEXT, files TEXT, body TEXT NOT NULL);
-- Rows that ask for the clip of an earlier row. All others are the distinct clips.
CREATE TABLE twin (n INTEGER PRIMARY KEY);
-- Rows that were another clip when they were last run, or had another name (then `old` is NULL).
CREATE TABLE change (n INTEGER PRIMARY KEY, old TEXT, cause TEXT NOT NULL, why TEXT NOT NULL);
-- What was run and is not asked for any more.
CREATE TABLE gone (variant TEXT NOT NULL, shot TEXT NOT NULL, take INTEGER NOT NULL, key TEXT NOT NULL);
"""


_FEW = 100_000
_IS_FIRST = "row.n NOT IN (SELECT n FROM twin)"


class Kind(NamedTuple):
    """What rows of many variants have in common. `price` is a number in the list of prices, `waits_for` are names of shots."""

    shot: str
    take: int
    picked: bool
    mode: Mode
    state: PlanState
    price: int
    change: ShotChange
    waits_for: tuple[str, ...] = ()
    again: bool = False


# number, place, number of the variant, key, number of the kind
Row = tuple[int, int, int, str, int]
# number of the row, needs, files, body
RequestRow = tuple[int, str | None, str | None, str]
# number of the row, old key, cause, changes
ChangeRow = tuple[int, str | None, str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one shot: how many, and what of them is paid in this run."""

    name: str
    wanted: int
    to_make: Sum


@dataclass(frozen=True, slots=True)
class VariantGroup:
    """Variants with the same sums: the name of the first, how many they are, the rows of each, and what of each is paid in this run."""

    name: str
    count: int
    wanted: int
    to_make: Sum


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows of one shot that changed for the same cause: how many, what of them is paid, and the changes of the first one.

    `alike` tells that the changes are the same in all of them.
    """

    shot: str
    cause: str
    change: ShotChange
    rows: int
    to_make: Sum
    example: tuple[Change, ...]
    alike: bool


class NameTaken(Exception):
    """Two clips of a plan have one name; `name` is that of the variant, "" where it is in the storyboard itself."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class PlanRows:
    """All rows of one plan. First they are put in, then `finish` is called once, then they are read."""

    def __init__(self, prices: Sequence[Price]) -> None:
        self.kinds: list[Kind] = []
        self._numbers: dict[Kind, int] = {}
        self._prices = prices
        self._scratch = Scratch(_SCHEMA)
        self._count = 0
        self._hashes: set[int] = set()

    # --- filling ----------------------------------------------------------------------------------------------------

    def number_of(self, kind: Kind) -> int:
        number = self._numbers.setdefault(kind, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        return number

    def put_variants(self, variants: Mapping[str, int]) -> None:
        """The variants of a batch, with their numbers. Raises NameTaken where a name is there already."""
        self._scratch.put(
            "INSERT OR IGNORE INTO variant VALUES (?, ?)", ((number, name) for name, number in variants.items())
        )
        first = min(variants.values(), default=0)
        if next(self._scratch.rows("SELECT count(*) FROM variant WHERE id >= ?", (first,)))[0] < len(variants):
            there = {name for (name,) in self._scratch.rows("SELECT name FROM variant WHERE id >= ?", (first,))}
            raise NameTaken(next(name for name in variants if name not in there))

    def put(self, rows: Sequence[Row]) -> None:
        self._scratch.put("INSERT INTO row VALUES (?, ?, ?, ?, ?)", rows)
        self._count += len(rows)
        if self._count <= _FEW:
            self._hashes.update([hash(row[3]) for row in rows])

    @property
    def _all_differ(self) -> bool:
        """Whether no two keys are equal for sure: no two of their hashes are. Of very many rows only the database keeps track."""
        return len(self._hashes) == self._count

    def put_requests(self, requests: Iterable[RequestRow]) -> None:
        self._scratch.put("INSERT INTO request VALUES (?, ?, ?, ?)", requests)

    def put_changes(self, changes: Iterable[ChangeRow]) -> None:
        self._scratch.put("INSERT INTO change VALUES (?, ?, ?, ?)", changes)

    def put_gone(self, names: Mapping[ShotName, str]) -> None:
        self._scratch.put("INSERT INTO gone VALUES (?, ?, ?, ?)", ((*name, key) for name, key in names.items()))

    def unknown_variants(self, names: Sequence[str]) -> list[str]:
        """Those of the names that no row has. At most 900 at once, as many as SQLite takes anywhere."""
        marks = ", ".join("?" * len(names))
        known = {name for (name,) in self._scratch.rows(f"SELECT name FROM variant WHERE name IN ({marks})", names)}  # noqa: S608
        return [name for name in names if name not in known]

    def finish(self, limit: int | None) -> Sum:
        """Merge equal keys, find what was only renamed, and leave what is beyond the limit of clips to make for later: that is returned."""
        if not self._all_differ:
            self._scratch.do(
                "INSERT INTO twin SELECT n FROM (SELECT n, row_number() OVER (PARTITION BY key ORDER BY n) AS nth FROM row) WHERE nth > 1"
            )
        self._hashes.clear()
        self._find_renamed()
        return self._keep_within(limit) if limit is not None else Sum()

    def _find_renamed(self) -> None:
        if next(self._scratch.rows("SELECT 1 FROM gone"), None) is None:
            return
        self._scratch.do("CREATE INDEX gone_by_key ON gone (key)")
        fresh = self._marks(kind.change is ShotChange.NEW for kind in self.kinds)
        found = self._scratch.rows(
            f"SELECT row.n, row.kind, gone.variant, gone.shot, gone.take, variant.name FROM row JOIN gone USING (key)"  # noqa: S608
            f" JOIN variant ON variant.id = row.variant WHERE row.kind IN ({fresh}) GROUP BY row.n"
        )
        renamed = list(found)
        self._scratch.put("UPDATE row SET kind = ? WHERE n = ?", ((self._renamed(kind), n) for n, kind, *_ in renamed))
        self.put_changes(
            (n, None, *told(_renaming(self.kinds[kind], variant, old_variant, shot, take)))
            for n, kind, old_variant, shot, take, variant in renamed
        )
        self._scratch.do("DELETE FROM gone WHERE key IN (SELECT key FROM row JOIN change USING (n) WHERE old IS NULL)")

    def _renamed(self, kind: int) -> int:
        return self.number_of(self.kinds[kind]._replace(change=ShotChange.RENAMED))

    def _keep_within(self, limit: int) -> Sum:
        """Drop what would be made behind the first `limit` clips. A clip stands behind what it needs, so whatever stays can be made."""
        make = self._make_marks()
        self._scratch.do(
            f"CREATE TABLE later AS SELECT n, key FROM row WHERE kind IN ({make}) AND {_IS_FIRST}"  # noqa: S608
            f" ORDER BY place LIMIT -1 OFFSET {limit:d}"
        )
        left = Sum()
        for kind, number in self._scratch.rows("SELECT kind, count(*) FROM later JOIN row USING (n) GROUP BY kind"):
            left += self._sum(kind, number)
        if left.clips:
            for table in ("change", "twin", "row"):
                self._scratch.do(
                    f"DELETE FROM {table} WHERE n IN (SELECT row.n FROM row WHERE key IN (SELECT key FROM later))"  # noqa: S608
                )
        return left

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def wanted(self) -> int:
        """How many clips are asked for."""
        return int(next(self._scratch.rows("SELECT count(*) FROM row"))[0])

    @property
    def variants(self) -> int:
        """How many variants they belong to."""
        return int(next(self._scratch.rows("SELECT count(DISTINCT variant) FROM row"))[0])

    def shots(self) -> Iterator[PlannedShot]:
        """The rows in storyboard order."""
        sql = (
            "SELECT row.key, row.kind, variant.name, twin.n IS NULL, change.old, change.why FROM row JOIN variant ON variant.id = row.variant"
            " LEFT JOIN twin USING (n) LEFT JOIN change USING (n) ORDER BY row.n"
        )
        for key, number, variant, is_first, old, why in self._scratch.rows(sql):
            kind = self.kinds[number]
            price = self._prices[kind.price]
            yield PlannedShot(
                variant,
                kind.shot,
                kind.take,
                kind.picked,
                key,
                kind.mode,
                _state_told(kind),
                price.amount,
                price.exact,
                price.seconds,
                price.amount if is_first and kind.state in TO_MAKE else Decimal(0),
                kind.waits_for,
                kind.change,
                old,
                _changes(why),
            )

    def clips(self, storyboard: str) -> dict[str, PlannedClip]:
        """The distinct clips with all that a run needs, each behind those it needs."""
        sql = (
            "SELECT row.key, row.kind, variant.name, request.needs, request.files, request.body FROM row"  # noqa: S608
            f" JOIN variant ON variant.id = row.variant LEFT JOIN request USING (n) WHERE {_IS_FIRST} ORDER BY row.place"
        )
        found: dict[str, PlannedClip] = {}
        for key, number, variant, needs_text, files, body in self._scratch.rows(sql):
            if body is None:
                raise RuntimeError("a plan that was made without requests cannot be run")
            kind = self.kinds[number]
            price = self._prices[kind.price]
            needs = tuple(needs_text.split()) if needs_text else ()
            found[key] = PlannedClip(
                key=key,
                label=Label(storyboard, variant, kind.shot, kind.take),
                mode=kind.mode,
                request=body,
                files=json.loads(files) if files else {},
                needs=needs,
                waits_for=tuple(need for need in needs if need in found and found[need].state is not PlanState.HAVE),
                state=kind.state,
                cost=price.amount,
                exact=price.exact,
                seconds=price.seconds,
                again=kind.again,
            )
        return found

    def sums(self) -> dict[PlanState, Sum]:
        """The distinct clips by how they stand."""
        found: defaultdict[PlanState, Sum] = defaultdict(Sum)
        for number, count in self._scratch.rows(f"SELECT kind, count(*) FROM row WHERE {_IS_FIRST} GROUP BY kind"):  # noqa: S608
            found[_state_told(self.kinds[number])] += self._sum(number, count)
        return dict(found)

    def prices_in_order(self) -> Iterator[tuple[str, str, Price]]:
        """Variant, shot and price of each clip that will be made, in an order in which they can be made."""
        sql = (
            "SELECT row.kind, variant.name FROM row JOIN variant ON variant.id = row.variant"  # noqa: S608
            f" WHERE row.kind IN ({self._make_marks()}) AND {_IS_FIRST} ORDER BY row.place"
        )
        for number, variant in self._scratch.rows(sql):
            kind = self.kinds[number]
            yield variant, kind.shot, self._prices[kind.price]

    def by_shot(self, *, only_new: bool = False) -> list[Group]:
        """The rows of each shot, in storyboard order; of those that were never run, where only they are meant."""
        chosen = self._marks(kind.change is ShotChange.NEW or not only_new for kind in self.kinds)
        sql = (
            "SELECT kind, count(*), sum(twin.n IS NULL), min(row.n) FROM row LEFT JOIN twin USING (n)"  # noqa: S608
            f" WHERE kind IN ({chosen}) GROUP BY kind ORDER BY 4"
        )
        groups: dict[str, Group] = {}
        for number, count, first, _ in self._scratch.rows(sql):
            name = self.kinds[number].shot
            known = groups.get(name, Group(name, 0, Sum()))
            paid = known.to_make + self._paid(number, first)
            groups[name] = replace(known, wanted=known.wanted + count, to_make=paid)
        return list(groups.values())

    def by_variant(self) -> list[VariantGroup]:
        """Variants of which the same is wanted and to be made, together; in storyboard order of the first of each."""
        each = (
            "SELECT row.variant AS id, count(*) AS wanted, group_concat(CASE WHEN twin.n IS NULL THEN kind END) AS firsts"
            " FROM row LEFT JOIN twin USING (n) GROUP BY row.variant"
        )
        sql = f"SELECT wanted, firsts, count(*), min(each.id), variant.name FROM ({each}) AS each JOIN variant USING (id) GROUP BY wanted, firsts"  # noqa: S608
        found: dict[tuple[int, Sum], VariantGroup] = {}
        for wanted, firsts, count, _, name in sorted(self._scratch.rows(sql), key=itemgetter(3)):
            paid = sum((self._paid(int(number), 1) for number in (firsts or "").split(",") if number), Sum())
            known = found.get((wanted, paid))
            found[wanted, paid] = (
                VariantGroup(name, count, wanted, paid) if known is None else replace(known, count=known.count + count)
            )
        return list(found.values())

    def changes(self) -> dict[ShotChange, tuple[int, Sum]]:
        """How many rows stand how to the last run, and what of them is paid now."""
        sql = "SELECT kind, count(*), sum(twin.n IS NULL) FROM row LEFT JOIN twin USING (n) GROUP BY kind"
        found: dict[ShotChange, tuple[int, Sum]] = {}
        for number, count, first in self._scratch.rows(sql):
            rows, paid = found.get(self.kinds[number].change, (0, Sum()))
            found[self.kinds[number].change] = (rows + count, paid + self._paid(number, first))
        return found

    def reasons(self) -> list[Reason]:
        """Why rows changed or were renamed, by shot and cause, in storyboard order."""
        sql = (
            "SELECT row.kind, change.cause, count(*), sum(twin.n IS NULL), min(row.n), min(why), max(why) FROM change JOIN row USING (n)"
            " LEFT JOIN twin USING (n) GROUP BY row.kind, change.cause ORDER BY 5"
        )
        found: dict[tuple[str, str], Reason] = {}
        for number, cause, count, first, n, least, most in self._scratch.rows(sql):
            shot, change = self.kinds[number].shot, self.kinds[number].change
            known = found.get((shot, cause))
            paid = self._paid(number, first)
            if known is None:
                why = (
                    least if least == most else next(self._scratch.rows("SELECT why FROM change WHERE n = ?", (n,)))[0]
                )
                found[shot, cause] = Reason(shot, cause, change, count, paid, _changes(why), least == most)
            else:
                alike = known.alike and least == most and _changes(least) == known.example
                found[shot, cause] = replace(known, rows=known.rows + count, to_make=known.to_make + paid, alike=alike)
        return list(found.values())

    def gone(self) -> Iterator[ShotName]:
        """What was run and is not asked for any more."""
        yield from self._scratch.rows("SELECT variant, shot, take FROM gone ORDER BY variant, shot, take")

    def gone_by_shot(self) -> list[tuple[str, int, int]]:
        """The same in sums: shot, take, in how many variants."""
        sql = "SELECT shot, take, count(*) FROM gone GROUP BY shot, take ORDER BY min(rowid)"
        return [(shot, take, count) for shot, take, count in self._scratch.rows(sql)]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _marks(self, chosen: Iterable[bool]) -> str:
        return ", ".join(str(number) for number, is_chosen in enumerate(chosen) if is_chosen)

    def _make_marks(self) -> str:
        return self._marks(kind.state in TO_MAKE for kind in self.kinds)

    def _sum(self, number: int, count: int) -> Sum:
        price = self._prices[self.kinds[number].price]
        return Sum(count, price.seconds * count, price.amount * count, price.exact)

    def _paid(self, number: int, count: int) -> Sum:
        return self._sum(number, count) if count and self.kinds[number].state in TO_MAKE else Sum()


def _state_told(kind: Kind) -> PlanState:
    """How a clip stands, seen from its shot: what is new of a shot that was run before is stale."""
    return PlanState.STALE if kind.state is PlanState.NEW and kind.change is ShotChange.CHANGED else kind.state


def _renaming(kind: Kind, variant: str, old_variant: str, shot: str, take: int) -> tuple[Change, ...]:
    changes = [
        Change("setting", "name", shot, kind.shot) if shot != kind.shot else None,
        Change("setting", "take", str(take), str(kind.take)) if take != kind.take else None,
        Change("setting", "variant", old_variant, variant) if variant != old_variant else None,
    ]
    return tuple(change for change in changes if change is not None)


def told(changes: tuple[Change, ...]) -> tuple[str, str]:
    """The cause and the changes of a row as the table `change` has them."""
    why = json.dumps([[change.kind, change.what, change.old, change.new] for change in changes], ensure_ascii=False)
    return ", ".join(change.cause for change in changes), why


def _changes(why: str | None) -> tuple[Change, ...]:
    return tuple(Change(*values) for values in json.loads(why)) if why else ()
