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

from typing import TYPE_CHECKING, Any

from skyflow.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from skyflow.diagnostics import Diagnostic
    from skyflow.pipeline import Storyboarding
    from skyflow.planner import Plan
    from skyflow.requests import CompiledClip

__all__ = ["StoryboardError", "__version__", "check", "compile", "plan", "run"]


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
    return _open(path, variables).check()


def compile(
    path: str | PathLike[str],
    *,
    variables: Mapping[str, str | Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
) -> Iterator[CompiledClip]:
    """The clips of a storyboard, streamed: variants outermost, in storyboard order. `clip.request` is the body of the POST.

    `shots` and `variants` choose a part by name or pattern; shots that a chosen one needs come too.
    Raises StoryboardError, before the first clip, where the storyboard has an error.
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
    Raises StoryboardError where the storyboard has an error, PriceTableError, LedgerError, ConfigError, CredentialsError, OSError.
    """
    import os
    from pathlib import Path

    from skyflow.config import find_project, load_config, read_base_url
    from skyflow.contract import DEFAULT_PRICES, PriceTable
    from skyflow.ledger import SANDBOX, ClipStore, live_target, read_ledger
    from skyflow.planner import LedgerHistory, make_plan

    root = find_project(Path(path).absolute())
    named = load_config(root).prices
    place = Path(prices) if prices is not None else root / named if named is not None else None
    table = DEFAULT_PRICES if place is None else PriceTable.parse(place.read_text(encoding="utf-8-sig"))
    target = live_target(read_base_url(os.environ)) if live else SANDBOX
    storyboarding = _open(path, variables, shots, variants, live=live)
    _require_no_error(storyboarding)
    if sample is not None:
        storyboarding.keep_sample(sample)
    with read_ledger(root) as ledger:
        return make_plan(
            storyboarding.clips(),
            history=LedgerHistory(ledger, ClipStore(root, target), target, storyboarding.path),
            prices=table,
            target=target,
            storyboard=storyboarding.path,
            title=storyboarding.title,
            partial=bool(shots or variants or sample is not None),
            again=again,
            limit=limit,
        )


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
    from skyflow.config import find_project
    from skyflow.pipeline import open_storyboard

    file = Path(path).absolute()
    root = find_project(file)
    given = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in (variables or {}).items()}
    return open_storyboard(
        file.relative_to(root).as_posix(), DiskFiles(root), variables=given, shots=shots, variants=variants, live=live
    )


def _check_requests(path: str | PathLike[str]) -> tuple[Diagnostic, ...]:
    from pathlib import Path

    from skyflow.assets import DiskFiles
    from skyflow.diagnostics import Diagnostic
    from skyflow.requests.raw import check_raw_request
    from skyflow.source import FilesError
    from skyflow.storyboard.rules import FILE_MISSING

    file = Path(path).absolute()
    try:
        return check_raw_request(DiskFiles(file.parent).read(file.name))
    except FilesError as error:
        return (Diagnostic(FILE_MISSING, str(error), file=str(path)),)


def __getattr__(name: str) -> Any:
    if name == "run":  # the only part of the library that needs a network client
        from skyflow.runner import run

        return run
    raise AttributeError(f"module 'skyflow' has no attribute {name!r}")
