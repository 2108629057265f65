"""skyflow: storyboards for paid video models, checked before a cent is spent, previewed for free, run without paying twice.

The library is the command line without the printing:

    import skyflow

    for diagnostic in skyflow.check("film.sky"):
        print(diagnostic.span, diagnostic.message)
    for clip in skyflow.compile("film.sky", variables={"city": "Osaka"}):
        print(clip.shot, clip.request)
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
    from skyflow.requests import CompiledClip

__all__ = ["StoryboardError", "__version__", "check", "compile", "run"]


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
    diagnostics = storyboarding.check()
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        raise StoryboardError(diagnostics)
    return storyboarding.clips()


def _open(
    path: str | PathLike[str],
    variables: Mapping[str, str | Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
) -> Storyboarding:
    from pathlib import Path

    from skyflow.assets import DiskFiles
    from skyflow.config import find_project
    from skyflow.pipeline import open_storyboard

    file = Path(path).absolute()
    root = find_project(file)
    given = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in (variables or {}).items()}
    return open_storyboard(
        file.relative_to(root).as_posix(), DiskFiles(root), variables=given, shots=shots, variants=variants
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
