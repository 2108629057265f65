"""The import table of the house, kept: which room may import which, which library lives where, and that documents name real paths."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
PACKAGE = HOUSE / "skyflow"

# What a room may import besides itself and the standard library. The order is that of the rooms' README.
ROOMS: dict[str, frozenset[str]] = {
    room: frozenset(may.split())
    for room, may in {
        "source": "",
        "media": "",
        "diagnostics": "source",
        "contract": "diagnostics.rule",
        "syntax": "source diagnostics",
        "formatter": "source syntax",
        "storyboard": "source diagnostics syntax",
        "variants": "source diagnostics storyboard",
        "requests": "source diagnostics variants contract",
        "assets": "source diagnostics contract media",
        "config": "source diagnostics contract",
        "ledger": "contract",
        "planner": "requests ledger contract config",
        "runner": "planner ledger contract config assets media",
        "report": "planner ledger contract config media",
        "sandbox": "contract media",
        "importers": "source diagnostics syntax formatter contract",
        "pipeline": "source diagnostics syntax storyboard variants requests contract assets config ledger planner",
        "lsp": "pipeline formatter syntax storyboard variants requests planner diagnostics source assets contract config",
    }.items()
}
# Departures from the table of the architecture, each with its reason; `test_departures_are_still_needed` keeps the list short.
DEPARTURES: dict[str, frozenset[str]] = {
    "variants": frozenset({"syntax.tree"}),  # values keep the types of the tree until they are evaluated
    "requests": frozenset(
        {"syntax.tree", "syntax.rule", "storyboard"}
    ),  # shots point at what was meant, for the places of mistakes
}
EVERYWHERE = "version"  # one constant
# Who may import each library from outside.
LIBRARIES = {
    "lark": {"syntax"},
    "jinja2": {"variants"},
    "markupsafe": {"variants"},
    "pydantic": {"contract"},
    "pydantic_core": {"contract"},
    "splintr": {"contract"},
    "httpx": {"runner", "sandbox"},
    "boto3": {"runner"},
    "botocore": {"runner"},
    "av": {"media"},
    "PIL": {"media"},
    "starlette": {"sandbox"},
    "uvicorn": {"sandbox"},
    "python_multipart": {"sandbox"},
    "rich": {"cli"},
    "pygments": {"syntax"},
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "opentimelineio": {"report"},
}
# Only these touch files, the clock, the network or other processes.
WORLDLY_ROOMS = {"assets", "config", "media", "ledger", "runner", "report", "sandbox", "lsp", "cli"}
WORLDLY_NAMES = (
    "asyncio", "http", "os", "pathlib.Path", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile",
    "time", "urllib.request",
)  # fmt: skip
HARMLESS_NAMES = {"os.PathLike"}
# A grammar and a price list that lie in the package are read by the rooms they belong to.
PACKAGED_READERS = {"syntax/grammar_folder.py", "syntax/make_tables.py", "syntax/tables.py", "contract/prices.py"}


def room_of(path: Path) -> str:
    """The room of a module: its folder in the package, or for `pipeline.py` and the like the file's own name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0] if parts[0] != "__init__" else "skyflow"


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a module imports, also late and for types only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; say where from"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


MODULES = sorted(PACKAGE.rglob("*.py"))
"""All modules of the package."""


def allowed(room: str, imported: str) -> bool:
    """Whether a room may import `imported`, a dotted name behind `skyflow.`."""
    target = imported.split(".")[0]
    if room in ("cli", "__main__") or target in (room, EVERYWHERE):
        return target != "cli" or room in ("cli", "__main__")
    if room == "skyflow":
        return target in ("pipeline", "runner", *ROOMS["pipeline"])
    may = ROOMS[room] | DEPARTURES.get(room, frozenset())
    return target in may or ".".join(imported.split(".")[:2]) in may


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_rooms_that_the_table_allows(path: Path) -> None:
    room = room_of(path)
    assert room in ROOMS or room in ("cli", "skyflow", "__main__", EVERYWHERE), f"the table has no room {room}"
    wrong = [
        f"{path.name}:{line} imports {name}"
        for line, name in imports(path)
        if name.startswith("skyflow.") and not allowed(room, name.removeprefix("skyflow."))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_library_is_imported_only_where_it_lives(path: Path) -> None:
    room = room_of(path)
    own = {*sys.stdlib_module_names, "skyflow"}
    wrong = [
        f"{path.name}:{line} imports {name}"
        for line, name in imports(path)
        if (top := name.split(".")[0]) not in own and room not in LIBRARIES.get(top, set())
    ]
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_pure_rooms_do_not_touch_the_world(path: Path) -> None:
    own = path.relative_to(PACKAGE).as_posix()
    # The library's own functions take a path on disk, as the command line does.
    if room_of(path) in WORLDLY_ROOMS | {"skyflow", "__main__"} or own in PACKAGED_READERS:
        return
    wrong = [
        f"{path.name}:{line} imports {name}"
        for line, name in imports(path)
        if name not in HARMLESS_NAMES and any(f"{name}.".startswith(f"{world}.") for world in WORLDLY_NAMES)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("room", "name"), [(room, name) for room, names in DEPARTURES.items() for name in sorted(names)]
)
def test_departures_are_still_needed(room: str, name: str) -> None:
    used = {imported for path in MODULES if room_of(path) == room for _, imported in imports(path)}
    assert any(f"{imported}.".startswith(f"skyflow.{name}.") for imported in used)


def named_paths(document: Path) -> Iterator[str]:
    """Paths of the house that a document names: in code, in links, and in commands."""
    text = document.read_text(encoding="utf-8")
    tops = r"(?:skyflow|grammar|examples|tests|\.ci)"
    for found in re.finditer(rf"(?<![\w/.@-])({tops}/[\w./-]*[\w/]|pyproject\.toml|requirements[\w.-]*\.lock)", text):
        yield found[1].split("::")[0]
    for found in re.finditer(r"\]\((?!https?:|#|mailto:)([^)\s#]+)", text):
        yield (document.parent / found[1]).resolve().relative_to(HOUSE).as_posix()


@pytest.mark.parametrize("name", ["README.md", "grammar/README.md", "skyflow/README.md"])
def test_every_path_that_a_document_names_is_there(name: str) -> None:
    missing = [path for path in named_paths(HOUSE / name) if not (HOUSE / path).exists()]
    assert missing == []


def test_the_rooms_readme_names_every_dependency() -> None:
    import tomllib

    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(one for name in extras if name not in ("all", "dev", "lsp") for one in extras[name]),
    ]
    names = {re.split(r"[\[>=<]", requirement)[0] for requirement in wanted} - {"skyflow"}
    text = (HOUSE / "skyflow" / "README.md").read_text(encoding="utf-8")
    assert {name for name in names if not re.search(rf"^\|.*\b{re.escape(name)}\b.*\|", text, re.MULTILINE)} == set()
