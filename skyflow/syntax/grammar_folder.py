"""Where the grammar is: beside the package in a checkout or an editable install, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path

GRAMMAR_NAME = "storyboard.lark"


def grammar_folder() -> Path:
    """The folder that holds `storyboard.lark`. Raises FileNotFoundError where the installation is incomplete."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "grammar", package / "grammar"):
        if (folder / GRAMMAR_NAME).is_file():
            return folder
    raise FileNotFoundError(f"{GRAMMAR_NAME} is missing from this installation of skyflow; install skyflow again")


def grammar_text() -> str:
    """The grammar as it was written."""
    return (grammar_folder() / GRAMMAR_NAME).read_text(encoding="utf-8")
