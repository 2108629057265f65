"""Questions about a whole project: where a thing is named, and what a new name for it would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skyflow.lsp.analysis import Analysis
from skyflow.lsp.names import (
    IndexedFile,
    Occurrence,
    RenameRefused,
    Renaming,
    Symbol,
    TooMany,
    check_new_name,
    find_everywhere,
    plan_renaming,
    renamed,
    try_renaming,
)
from skyflow.lsp.workspace import Workspace
from skyflow.source import SourceFile


def find_all(workspace: Workspace, analysis: Analysis, symbol: Symbol) -> Mapping[SourceFile, Sequence[Occurrence]]:
    """All places that name a symbol, in all storyboards of the project; in the file alone where the project is too large."""
    try:
        return find_everywhere(symbol, _concerned(workspace, analysis, symbol))
    except TooMany:
        return {analysis.source: list(analysis.names.of({symbol}))}


def plan(
    workspace: Workspace,
    analysis: Analysis,
    occurrence: Occurrence,
    written: str,
    variables: Mapping[str, Sequence[str]],
) -> Renaming:
    """The new name everywhere. Raises RenameRefused with the reason where that cannot be done, or would change the film."""
    symbol = occurrence.symbol
    name = check_new_name(symbol, written)
    if occurrence.implied:
        raise RenameRefused("this is no name, but stands for one")
    try:
        concerned = _concerned(workspace, analysis, symbol)
    except TooMany:
        raise RenameRefused("this project has more storyboards than can be looked through") from None
    renaming = plan_renaming(symbol, name, find_everywhere(symbol, concerned), concerned)
    if name != symbol.name:
        before, _ = workspace.files(analysis.buffer.root)
        edited = {source.path: renamed(source, renaming) for source in renaming.places}
        try_renaming(symbol, renaming, concerned, before, before.with_texts(edited), variables)
    return renaming


def _concerned(workspace: Workspace, analysis: Analysis, symbol: Symbol) -> list[IndexedFile]:
    """The storyboards in whose text the name stands, with their indexes as they are open now."""
    root = analysis.buffer.root
    files, _ = workspace.files(root)
    opened = (buffer.path for buffer in workspace.of_project(root) if buffer.is_storyboard)
    return workspace.project(root).names.mentioning(symbol.name.removeprefix("@"), files, opened)
