"""`skyflow`: finds the command that was asked for, runs it, and turns every way of ending into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from skyflow.cli.garbage import search_seldom
from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.screen import speak_utf8, tell_stop
from skyflow.cli.slips import command_meant


@dataclass(frozen=True, slots=True)
class Command:
    """A command lives in the module of its name, which has `make_parser()` and `run(arguments) -> int`.

    A module cannot be imported by a word of Python's own, so there `module` is another one.
    """

    name: str
    summary: str
    module: str = ""


COMMANDS = (
    Command("new", "start a project from a template"),
    Command("check", "find every mistake in storyboards and requests"),
    Command("plan", "show what a run would make, what it costs and what changed"),
    Command("run", "make the clips: a free preview, or with --live the real thing"),
    Command("film", "join the clips into the film"),
    Command("timeline", "write the film as a timeline for an editing program"),
    Command("sheet", "show all shots with their clips on one page, a contact sheet"),
    Command("status", "show how the clips stand, and the money"),
    Command("resolve", "settle an order whose answer was lost"),
    Command("retry", "have clips made again that failed or were lost"),
    Command("cancel", "take back what a run has not sent yet"),
    Command("log", "show what happened to a clip"),
    Command("compile", "show the requests that a storyboard becomes"),
    Command("fmt", "write storyboards in the one style"),
    Command("import", "turn requests (JSON) or a screenplay (Fountain) into a storyboard", "import_"),
    Command("explain", "say what a rule means, with a wrong and a right example"),
    Command("lsp", "answer an editor (language server)"),
    Command("serve", "run the sandbox, a free stand-in for the API"),
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. `words` are those behind `skyflow`, by default the process's own."""
    speak_utf8()
    if words is None:
        search_seldom()
    try:
        code = _dispatch(list(sys.argv[1:] if words is None else words))
        sys.stdout.flush()
    except Stop as stop:
        tell_stop(stop)
        return stop.code
    except KeyboardInterrupt:
        print("skyflow: interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return Exit.FINE  # whoever read the output has seen enough
    except OSError as error:
        _forget_output()
        tell_stop(
            UsageError(
                f"the system says: {error.strerror or error}" + (f" ({error.filename})" if error.filename else "")
            )
        )
        return Exit.USAGE
    except Exception:
        tell_stop(Stop("this is a mistake in skyflow, not in your storyboard; please report it with what follows"))
        import traceback  # late: nothing should ever need it

        traceback.print_exc()
        return Exit.BROKEN
    return code


def _dispatch(words: list[str]) -> int:
    first = words[0] if words else "--help"
    if first in ("--help", "-h", "help"):
        if len(words) > 1:
            return _dispatch([words[1], "--help"])
        print(_overview())
        return Exit.FINE
    if first in ("--version", "-V"):
        from skyflow.version import __version__

        print(f"skyflow {__version__}")
        return Exit.FINE
    command = next((command for command in COMMANDS if command.name == first), None)
    if command is None:
        raise _unknown(first)
    module = import_module(f"skyflow.cli.{command.module or command.name}")
    code: int = module.run(module.make_parser().parse_words(words[1:]))
    return code


def _unknown(word: str) -> UsageError:
    from skyflow.diagnostics import did_you_mean

    names = [command.name for command in COMMANDS]
    if word.startswith("-"):
        return UsageError(
            f"`{word}` stands behind a command, as in: skyflow check {word}", "`skyflow --help` lists the commands"
        )
    if word.endswith(".sky"):
        return UsageError("the command is missing", f"to see clips of it: skyflow run {word}")
    meant = command_meant(word)
    better = f"did you mean `{meant}`?" if meant else did_you_mean(word, names)
    return UsageError(f"there is no command `{word}`", better or f"the commands: {', '.join(names)}")


def _overview() -> str:
    rows = "\n".join(f"  {command.name:<9} {command.summary}" for command in COMMANDS)
    return f"""\
usage: skyflow COMMAND …

Storyboards for paid video models: checked before a cent is spent, previewed for
free, run without paying twice.

commands:
{rows}

options:
  --version   show the version
  --help      show this; behind a command, show what it takes

examples:
  skyflow new my-film              a folder with a storyboard to start from
  skyflow check my-film/film.sky   what is wrong, where, and what to do
  skyflow run my-film/film.sky     clips in a folder, free, no key needed

exit codes: 0 fine, 1 the storyboard has errors, 2 wrong usage, 3 some clips
failed or are in doubt, 4 refused before anything started, 130 interrupted"""


def _forget_output() -> None:
    """Nobody reads standard output any more: what is still in its buffer must not raise again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
