"""Every rule has files that break it, with what is said of them, and files that it has nothing against.

A folder `<id>/` is a project: `wrong*.sky` (`wrong*.json` where no storyboard can break the rule) with a golden `.err` beside it, and `right*.sky`, of
which nothing is said; the other files are their neighbours. A first line `# with: --live --var city=Osaka` gives options.
`SKYFLOW_UPDATE_GOLDENS=1` writes the goldens anew; read every one of them aloud afterwards. (`*-request*` belong to the tests of the contract.)
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from skyflow.assets import DiskFiles
from skyflow.diagnostics import Diagnostic, Rule
from skyflow.diagnostics.terminal import render_terminal
from skyflow.pipeline import RULES, open_storyboard
from skyflow.requests.raw import check_raw_request

HERE = Path(__file__).parent
BY_ID = {rule.id: rule for rule in RULES}
OPTIONS = re.compile(r"# with: (.*)\n")


def files_of(pattern: str) -> list[Path]:
    found = (path for ending in (".sky", ".json") for path in HERE.glob(f"*/{pattern}{ending}"))
    return sorted(path for path in found if "-request" not in path.name)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def check(path: Path) -> Sequence[Diagnostic]:
    """What is said of a file, in the project that its folder is."""
    files = DiskFiles(path.parent)
    if path.suffix == ".json":
        return check_raw_request(files.read(path.name))
    options = OPTIONS.match(path.read_text(encoding="utf-8"))
    words = iter(shlex.split(options[1]) if options else ())
    live, variables = False, dict[str, list[str]]()
    for word in words:
        if word == "--live":
            live = True
        else:
            assert word == "--var", word
            name, _, value = next(words).partition("=")
            variables.setdefault(name, []).append(value)
    return open_storyboard(path.name, files, live=live, variables=variables).check()


@pytest.fixture(autouse=True)
def no_cache_is_left() -> Iterator[None]:
    """Facts about pictures are remembered in `.skyflow/` of a project; nothing of it stays here."""
    import shutil

    yield
    for folder in HERE.glob("*/.skyflow"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("path", files_of("wrong*"), ids=name_of)
def test_wrong(path: Path) -> None:
    found = check(path)
    said = render_terminal(found)
    golden = path.with_suffix(".err")
    if os.environ.get("SKYFLOW_UPDATE_GOLDENS") == "1":
        assert not os.environ.get("CI"), "goldens are never written where tests run by themselves"
        golden.write_text(said, encoding="utf-8")
    assert path.parent.name in {diagnostic.rule.id for diagnostic in found}
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", files_of("wrong*"), ids=name_of)
def test_everything_that_is_said_says_what_to_do(path: Path) -> None:
    for diagnostic in check(path):
        assert diagnostic.message
        assert diagnostic.message == diagnostic.message.strip()
        assert not diagnostic.message.endswith(".")
        assert diagnostic.help or diagnostic.fix, diagnostic.message
        assert diagnostic.span is not None or diagnostic.file


@pytest.mark.parametrize("path", files_of("right*"), ids=name_of)
def test_right(path: Path) -> None:
    assert render_terminal(check(path)) == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_both(rule: Rule) -> None:
    names = [path.name for path in files_of("*") if path.parent.name == rule.id]
    ending = ".json" if rule.example_kind == "request" else ".sky"
    assert [name for name in names if name.startswith("wrong") and name.endswith(ending)]
    assert [name for name in names if name.startswith("right") and name.endswith(".sky")]


def test_every_folder_is_of_a_rule_and_every_golden_of_a_file() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert folders == BY_ID.keys()
    goldens = {path.with_suffix("") for path in HERE.glob("*/*.err")}
    assert goldens == {path.with_suffix("") for path in files_of("wrong*")}


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(RULES)
