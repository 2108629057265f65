"""`skyflow cancel`: takes back what a run has not sent yet, and says honestly what cannot be taken back."""

from __future__ import annotations

from argparse import Namespace

from skyflow.cli.ledger_input import CLIP_HELP, add_folder, as_stop, find_clip, find_queued, split_place
from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.resolve import how_it_stands
from skyflow.cli.run_words import SHORT_KEY, label_name, money
from skyflow.ledger import Ledger, LedgerError, State, open_ledger


def make_parser() -> Parser:
    parser = Parser(
        "cancel",
        "[FILE] CLIP… | --all",
        "Take back clips that a run has queued and not sent yet; nothing is billed for\n"
        "them. With --all every run of the project sends nothing further; what is under\n"
        "way is still brought home. What was sent cannot be taken back: the API has no\n"
        "call for it, so it is made and billed.",
        "  skyflow cancel street\n  skyflow cancel 3fa9c1\n  skyflow cancel film.sky --all",
    )
    parser.add_argument(
        "words", nargs="*", metavar="CLIP", help=f"{CLIP_HELP}; a storyboard or folder may stand before"
    )
    parser.add_argument("--all", action="store_true", help="let all runs of this project send nothing further")
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    root, names = split_place(arguments.words, arguments.project, alone=arguments.all)
    if bool(names) == arguments.all:
        raise UsageError("name the clips, or all with --all", "skyflow status lists what is queued")
    try:
        with open_ledger(root) as ledger:
            if arguments.all:
                return _stop_runs(ledger)
            return max(_take_back(ledger, name) for name in names)
    except LedgerError as error:
        raise as_stop(error) from None


def _stop_runs(ledger: Ledger) -> int:
    runs = ledger.live.runs()
    if not runs:
        raise Stop("no run of this project is at work", "nothing was changed")
    for at_work in runs:
        ledger.live.ask_to_stop(at_work.run)
        print(f"{at_work.storyboard}: nothing further is sent; what is under way is brought home")
    return Exit.FINE


def _take_back(ledger: Ledger, written: str) -> int:
    """Says what became of it; INCOMPLETE where it could not be taken back."""
    queued = find_queued(ledger, written)
    if queued is not None and ledger.live.cancel(queued.run, queued.key):
        print(f"{label_name(queued.label)} is taken back: it was not sent and is not billed; what needs it is not made")
        return Exit.FINE
    clip = find_clip(ledger, written)
    state, cost = clip.attempt.state, money(clip.attempt.owed, exact=clip.attempt.charged is not None)
    if state in (State.RUNNING, State.POSTING, State.DOUBT):
        print(f"{clip.name} cannot be cancelled: {how_it_stands(clip)}, and the API has no call to take it back.")
        print(f"  It may cost {cost} whatever we do, so its clip is brought home.")
        print(f"  To give it up unseen: skyflow resolve {clip.key[:SHORT_KEY]} --abandon")
        return Exit.INCOMPLETE
    raise Stop(f"there is nothing to cancel of {clip.name}: {how_it_stands(clip)}", "nothing was changed")
