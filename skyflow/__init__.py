"""skyflow: storyboards for paid video models, checked before a cent is spent, previewed for free, run without paying twice.

The library is the command line without the printing:

    import skyflow

    for diagnostic in skyflow.check("film.sky"):
        print(diagnostic.span, diagnostic.message)
    for clip in skyflow.compile("film.sky", variables={"city": "Osaka"}):
        print(clip.shot, clip.request)
    print(skyflow.plan("film.sky", live=True).cost)
    result = skyflow.run("film.sky")

Everything is imported on use: `import skyflow` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyflow.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from os import PathLike
    from pathlib import Path

    from skyflow.config import Budget, ConfigError, CredentialsError
    from skyflow.contract import PriceTable, PriceTableError
    from skyflow.diagnostics import Diagnostic
    from skyflow.ledger import Ledger, LedgerError
    from skyflow.pipeline import Storyboarding
    from skyflow.planner import Plan, PlanRefused
    from skyflow.requests import CompiledClip
    from skyflow.runner import RunEvent, RunOptions, RunRefused, RunResult, Service

__all__ = [
    "ConfigError",
    "CredentialsError",
    "LedgerError",
    "PlanRefused",
    "PriceTableError",
    "RunRefused",
    "StoryboardError",
    "__version__",
    "check",
    "compile",
    "plan",
    "run",
]
_ERRORS = {
    "ConfigError": "config",
    "CredentialsError": "config",
    "LedgerError": "ledger",
    "PlanRefused": "planner",
    "PriceTableError": "contract",
    "RunRefused": "runner",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """The errors of the rooms, by the name that a program catches; only a program that names one imports its room."""
        if name in _ERRORS:
            from importlib import import_module

            return getattr(import_module(f"skyflow.{_ERRORS[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class StoryboardError(Exception):
    """A storyboard with errors cannot be compiled. `diagnostics` tells all of them, warnings too."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
        first = errors[0] if errors else None
        where = f"{first.span}: " if first is not None and first.span is not None else ""
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{where}error[{first.rule.id}]: {first.message}{more}" if first is not None else "errors")
        self.diagnostics = tuple(diagnostics)


def check(
    path: str | PathLike[str], *, variables: Mapping[str, str | Sequence[str]] | None = None
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a storyboard (.sky) or with raw requests (.json, .jsonl), by file and place.

    `variables` are values from outside, as `--var` gives them; several for one name are alternatives. Never raises for what a file holds.
    """
    from pathlib import Path

    if Path(path).suffix in (".json", ".jsonl"):
        return _check_requests(path)
    from skyflow.config import find_project, list_storyboards
    from skyflow.pipeline import idle_allowances

    storyboarding = _open(path, variables)
    found = storyboarding.check()
    root = find_project(Path(path).resolve())
    return (*found, *idle_allowances([storyboarding.look], lambda: list_storyboards(root)))


def compile(
    path: str | PathLike[str],
    *,
    variables: Mapping[str, str | Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
) -> Iterator[CompiledClip]:
    """The clips of a storyboard, streamed: variants outermost, in storyboard order. `clip.request` is the body of the POST.

    `shots` and `variants` choose a part by name or pattern; shots that a chosen one needs come too.
    Raises StoryboardError, before the first clip, where the storyboard has an error; ConfigError.
    """
    storyboarding = _open(path, variables, shots, variants)
    _require_no_error(storyboarding)
    return storyboarding.clips()


def plan(
    path: str | PathLike[str],
    *,
    variables: Mapping[str, str | Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
    sample: int | None = None,
    limit: int | None = None,
    live: bool = False,
    again: bool = False,
    prices: str | PathLike[str] | None = None,
) -> Plan:
    """What a run would make and what it would cost, by what the project's ledger knows; nothing is sent and nothing is written.

    `shots` and `variants` choose a part by name or pattern, `sample` that many variants spread over the axes, `limit` the most clips to make.
    `live` plans for the API (SKYFLOW_BASE_URL; no key is needed), else for the sandbox. `again` makes failed and lost clips anew. `prices`
    names a price table; else the one of `skyflow.toml` holds, else the list prices. `.cost` and its like are decimal US dollars.
    Raises StoryboardError where the storyboard has an error; PriceTableError, LedgerError, ConfigError, CredentialsError, OSError; PlanRefused
    where two clips would be one file; TypeError and ValueError for an argument that is none of what it takes.
    """
    from skyflow.ledger import read_ledger

    _require_counts(sample=sample, limit=limit)
    opened = _Opened(path, variables, shots, variants, live=live, prices=prices)
    opened.keep_sample(sample)
    with read_ledger(opened.root) as ledger:
        return opened.plan(ledger, again=again, limit=limit)


def run(
    path: str | PathLike[str],
    *,
    variables: Mapping[str, str | Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
    sample: int | None = None,
    limit: int | None = None,
    live: bool = False,
    again: bool = False,
    prices: str | PathLike[str] | None = None,
    budget: Decimal | int | None = None,
    concurrency: int | None = None,
    rate: float | None = None,
    out: str | PathLike[str] | None = None,
    on_event: Callable[[RunEvent], None] | None = None,
) -> RunResult:
    """Makes the clips that `plan` of the same arguments shows, and nothing else: free previews, or with `live` the real thing.

    Calling it with `live` is the consent to pay: nobody is asked. `budget` is the most that this run may cost in US dollars; the limits of
    `skyflow.toml` hold besides. `concurrency` clips are made at the same time, at most `rate` sent a second. The key comes from
    SKYFLOW_API_KEY. `out` is the output folder (else that of `skyflow.toml`). `on_event` hears what happens as it happens. Raises as `plan`
    does, and RunRefused where nothing could be started.
    """
    from pathlib import Path

    from skyflow.ledger import open_ledger
    from skyflow.runner import run_plan

    _require_counts(sample=sample, limit=limit)
    options = _run_options(concurrency, rate, budget)
    opened = _Opened(path, variables, shots, variants, live=live, prices=prices)
    opened.keep_sample(sample)
    service = opened.service() if live else None
    options = opened.within_limits(options)
    place = Path(out) if out is not None else opened.root / opened.config.out
    with open_ledger(opened.root) as ledger:
        opened.take_back_strays(ledger, place)
        planned = opened.plan(ledger, again=again, limit=limit, keep_requests=True)
        opened.refuse(planned, ledger, options.budget)
        return run_plan(
            planned,
            root=opened.root,
            out=place,
            ledger=ledger,
            variant_folder=opened.let_go(),
            service=service,
            options=options,
            on_event=on_event or _hear_nothing,
        )


def _require_counts(**counts: int | None) -> None:
    from skyflow.config.asked import require_count

    for name, number in counts.items():
        require_count(name, number)


def _run_options(concurrency: int | None, rate: float | None, budget: Decimal | int | None) -> RunOptions:
    """Raises TypeError or ValueError where an argument is none of its kind."""
    from skyflow.config import Budget
    from skyflow.config.asked import require_money, require_rate
    from skyflow.runner import RunOptions
    from skyflow.runner.options import DEFAULT_CONCURRENCY

    _require_counts(concurrency=concurrency)
    require_rate("rate", rate)
    most = Budget(run=require_money("budget", budget))
    return RunOptions(DEFAULT_CONCURRENCY if concurrency is None else concurrency, rate, most)


def _hear_nothing(_event: RunEvent) -> None:
    """For whoever only wants the result."""


class _Opened:
    """A storyboard without errors, with its project's settings, its prices and its target. Raises as `plan` says."""

    def __init__(
        self,
        path: str | PathLike[str],
        variables: Mapping[str, str | Sequence[str]] | None,
        shots: Sequence[str],
        variants: Sequence[str],
        *,
        live: bool,
        prices: str | PathLike[str] | None,
    ) -> None:
        import os
        from pathlib import Path

        from skyflow.config import load_config, locate_in_project, read_base_url
        from skyflow.contract import DEFAULT_PRICES
        from skyflow.ledger import SANDBOX, live_target

        self.root, _ = locate_in_project(Path(path).resolve())
        self.config = load_config(self.root)
        named = self.config.prices
        place = Path(prices) if prices is not None else self.root / named if named is not None else None
        self.prices = DEFAULT_PRICES if place is None else _read_prices(place)
        self.target = live_target(read_base_url(os.environ)) if live else SANDBOX
        self.storyboarding = _open(path, variables, shots, variants, live=live)
        self._is_part = bool(shots or variants)
        _require_no_error(self.storyboarding)

    def service(self) -> Service:
        """The live service that the environment names. Raises CredentialsError."""
        import os

        from skyflow.config import read_credentials
        from skyflow.runner import Service

        credentials = read_credentials(os.environ)
        return Service(credentials.base_url, credentials.api_key, self.target, self.config.host)

    def within_limits(self, options: RunOptions) -> RunOptions:
        """The limits of the project; for the run the lower one of its own and what was asked for."""
        from dataclasses import replace

        limits = [most for most in (self.config.budget.run, options.budget.run) if most is not None]
        return replace(options, budget=replace(self.config.budget, run=min(limits, default=None)))

    def refuse(self, planned: Plan, ledger: Ledger, spending: Budget) -> None:
        """Raise RunRefused where the plan cannot be run live, or would go over a limit."""
        import time

        from skyflow.planner.budget import find_overruns, read_spent
        from skyflow.runner import RunRefused, refuse_impossible

        refuse_impossible(planned, self.config.host)
        overruns = find_overruns(planned, spending, read_spent(ledger, planned.target, planned.storyboard, time.time()))
        if overruns:
            raise RunRefused(
                f"The plan costs {planned.cost} US dollars, which is over the limit of {overruns[0].limit} for one {overruns[0].what}.",
                "Nothing was started. Raise the limit, or choose less.",
            )

    def take_back_strays(self, ledger: Ledger, out: Path) -> None:
        """Paid clips of the output folder that the books do not know are taken back into them, so that they are not paid again."""
        from skyflow.ledger import ClipStore
        from skyflow.runner import find_strays, take_back

        name, store = self.storyboarding.path, ClipStore(self.root, self.target)
        take_back(ledger, store, find_strays(ledger, store, out, self.storyboarding.title, name), name)

    def let_go(self) -> Callable[[str], str]:
        """The folder of each variant; what was compiled is forgotten, because a run may be long."""
        folders = self.storyboarding.variant_folders()
        del self.storyboarding
        return folders

    def keep_sample(self, sample: int | None) -> None:
        if sample is not None:
            self._is_part = True
            self.storyboarding.keep_sample(sample)

    def plan(self, ledger: Ledger, *, again: bool, limit: int | None, keep_requests: bool = False) -> Plan:
        from skyflow.ledger import ClipStore
        from skyflow.planner import LedgerHistory, make_plan

        return make_plan(
            self.storyboarding.clips(),
            history=LedgerHistory(ledger, ClipStore(self.root, self.target), self.target, self.storyboarding.path),
            prices=self.prices,
            target=self.target,
            storyboard=self.storyboarding.path,
            title=self.storyboarding.title,
            partial=self._is_part,
            again=again,
            limit=limit,
            keep_requests=keep_requests,
        )


def _read_prices(place: Path) -> PriceTable:
    """The price table of a file. Raises PriceTableError, OSError."""
    from skyflow.contract import PriceTable, PriceTableError

    try:
        table = PriceTable.parse(place.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise PriceTableError(f"{place.name} is not UTF-8 text") from None
    if table.currency != "USD":
        raise PriceTableError(f"{place.name} counts in {table.currency}; budgets and the ledger count in USD")
    return table


def _require_no_error(storyboarding: Storyboarding) -> None:
    diagnostics = storyboarding.check()
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        raise StoryboardError(diagnostics)


def _open(
    path: str | PathLike[str],
    variables: Mapping[str, str | Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
    *,
    live: bool = False,
) -> Storyboarding:
    from pathlib import Path

    from skyflow.assets import DiskFiles
    from skyflow.config import load_config, locate_in_project
    from skyflow.config.asked import require_names, require_variables
    from skyflow.pipeline import open_storyboard
    from skyflow.variants import MAX_VARIANTS

    root, name = locate_in_project(Path(path).resolve())
    config = load_config(root)
    require_variables("variables", variables)
    require_names("shots", shots)
    require_names("variants", variants)
    given = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in (variables or {}).items()}
    return open_storyboard(
        name,
        DiskFiles(root),
        variables=given,
        shots=shots,
        variants=variants,
        live=live,
        limit=config.variants_limit or MAX_VARIANTS,
        host=config.host,
        allowed=config.allowed,
    )


def _check_requests(path: str | PathLike[str]) -> tuple[Diagnostic, ...]:
    from pathlib import Path

    from skyflow.assets import DiskFiles
    from skyflow.config import load_config, locate_in_project
    from skyflow.diagnostics import Diagnostic
    from skyflow.requests.raw import check_raw_request
    from skyflow.source import FilesError
    from skyflow.storyboard import file_help, file_rule
    from skyflow.storyboard.allowances import allow_in_project

    root, name = locate_in_project(Path(path).absolute())
    try:
        found = check_raw_request(DiskFiles(root).read(name))
    except FilesError as error:
        return (Diagnostic(file_rule(error), str(error), file=str(path), help=file_help(error)),)
    return allow_in_project(found, load_config(root).allowed)[0]
