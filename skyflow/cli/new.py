"""`skyflow new`: a folder with a storyboard to start from."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser, one_of

TEMPLATES_FOLDER = Path(__file__).with_name("templates")
STORYBOARD = "film.sky"  # the main file of every template


@dataclass(frozen=True, slots=True)
class Template:
    """A folder below `templates` of the template's name; what is in `templates/common` comes with each."""

    name: str
    summary: str


TEMPLATES = (
    Template("story", "a short film: two scenes, an actor, shots that begin where others end"),
    Template("advert", "one advert for several products and cities, from a table"),
    Template("blank", "a single shot from words alone"),
)


def make_parser() -> Parser:
    offered = "\n".join(f"  {template.name:<8} {template.summary}" for template in TEMPLATES)
    parser = Parser(
        "new",
        "DIR [--template NAME]",
        f"Make a folder with a storyboard to start from, ready to run.\n\ntemplates:\n{offered}",
        "  skyflow new my-film\n  skyflow new autumn-campaign --template advert",
    )
    parser.add_argument("folder", metavar="DIR", help="the folder to make; it may be there already if it is empty")
    parser.add_argument(
        "--template", type=one_of(*(template.name for template in TEMPLATES)), default=TEMPLATES[0].name,
        metavar="NAME", help=f"what to start from, by default {TEMPLATES[0].name}",
    )  # fmt: skip
    return parser


def run(arguments: Namespace) -> int:
    folder = Path(arguments.folder)
    _require_empty(folder)
    written = [_write(folder / name, content) for name, content in _contents(arguments.template)]
    print(f"Made {folder} from the template `{arguments.template}`:")
    print("\n".join(f"  {path.relative_to(folder)}" for path in written))
    steps = [] if folder.resolve() == Path.cwd() else [f"  cd {shlex.quote(str(folder))}"]
    steps += [
        f"  skyflow check {STORYBOARD}    finds mistakes",
        f"  skyflow run {STORYBOARD}      makes preview clips, free",
    ]
    print("\nNext:\n" + "\n".join(steps))
    return Exit.FINE


def _require_empty(folder: Path) -> None:
    """A fresh repository counts as empty."""
    try:
        there = sorted(path.name for path in folder.iterdir() if path.name != ".git")
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise UsageError(f"`{folder}` is a file", "choose another name for the new folder") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"`{folder}` can be no folder: {getattr(error, 'strerror', None) or error}") from None
    if there:
        raise Stop(
            f"`{folder}` is not empty: {', '.join(there[:3])}{', …' if len(there) > 3 else ''} "
            f"{'is' if len(there) == 1 else 'are'} there",
            "nothing was written; choose another folder",
        )


def _contents(template: str) -> Iterator[tuple[str, bytes]]:
    """Path in the new folder and content of each file, the storyboard first."""
    own, common = TEMPLATES_FOLDER / template, TEMPLATES_FOLDER / "common"
    files = sorted(path for path in own.rglob("*") if path.is_file())
    for path in sorted(files, key=lambda path: path.name != STORYBOARD):
        yield path.relative_to(own).as_posix(), path.read_bytes()
    yield "skyflow.toml", (common / "skyflow.toml").read_bytes()
    yield ".gitignore", (common / "gitignore").read_bytes()


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise Stop(f"`{path}` cannot be written: {error.strerror}") from None
    return path
